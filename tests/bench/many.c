/* SPDX-License-Identifier: MIT */
/*
 * With the most vCPUs and SPIs that a VM can have: how long an interrupt of the host waits in a guest's
 * calls, or in the host's own.
 */
#include <vcpu/device.h>
#include <vcpu/gic.h>

#include "gic.h"
#include "gic_vm.h"
#include "waits.h"

extern const char many_call[], read_isr[], write_32[], write_sgi1r[];

#define VCPUS VCPU_VM_MAX_VCPUS
#define SPIS  VCPU_GIC_MAX_SPIS

static struct test_vm t;
static struct vcpu_gic *gic;
static struct vcpu *vcpu[VCPUS];

/* ---- What is looked at ---- */

/* From its entry to the end of vCPU 0's call, which is a hypercall or an exit of its own. */
static void run(uint64_t x0, uint64_t x1, uint64_t x2)
{
    int reason;

    vcpu[0]->regs.x[0] = x0;
    vcpu[0]->regs.x[1] = x1;
    vcpu[0]->regs.x[2] = x2;
    do {
        reason = vcpu_run(testhost_percpu(0), vcpu[0]);
    } while (reason == VCPU_EXIT_IRQ || reason == VCPU_EXIT_KICK);
    if (reason != VCPU_EXIT_HYPERCALL && reason != VCPU_EXIT_SYSTEM_SUSPEND)
        test_fail("an exit that the guest should not make");
}

static void quiet(void)
{
    testhost_enter_at(vcpu[0], read_isr);
    run(0, 0, 0);
}

static void call(uint64_t x0, uint64_t x1, uint64_t x2)
{
    testhost_enter_at(vcpu[0], many_call);
    run(x0, x1, x2);
}

static void affinity_info(void)
{
    call(0xc4000004, 0, 2); /* Aff2 and Aff3: all but the caller, all off */
}

static void cpu_on(void)
{
    call(0xc4000003, 0xffffff, 0);
}

static void system_suspend(void)
{
    call(0xc400000e, TEST_RAM_IPA, 0);
}

static void sgi(uint64_t value)
{
    testhost_enter_at(vcpu[0], write_sgi1r);
    run(0, value, 0);
}

static void sgi_to_all(void)
{
    sgi(UINT64_C(1) << 40 | 1 << 24);
}

static void sgi_to_list(void)
{
    sgi(1 << 24 | 0xffff);
}

/* Each vCPU has something pending in group 1. */
static void change_groups(void)
{
    static bool enabled;

    enabled = !enabled;
    testhost_enter_at(vcpu[0], write_32);
    run(GICD, enabled ? 2 : 0, 0);
}

/* Each time at another index, so that all SPIs, whose route at reset is affinity 0, go elsewhere. */
static void create(void)
{
    static bool other;
    const struct vcpu_config config = {.index = other ? 2 : 1, .off = true};

    other = !other;
    MUST(vcpu_create(t.vm, &config, &vcpu[1]));
}

static void reset(void)
{
    MUST(vcpu_reset(vcpu[1], true));
}

static void reset_all(void)
{
    MUST(vcpu_gic_reset(gic));
}

/* ---- What comes before it, each time ---- */

static void destroy(void)
{
    if (vcpu[1])
        MUST(vcpu_destroy(vcpu[1]));
    vcpu[1] = NULL;
}

static void put(void)
{
    MUST(vcpu_percpu_put(testhost_percpu(0)));
}

/* Their next SGI is notice again: this one is not in the mail any more. */
static void take_mail(void)
{
    uint64_t pending;

    quiet();
    for (unsigned v = 1; v < VCPUS; v++)
        CHECK(vcpu_device_access(vcpu[0], vcpu_ipa(GICR_SGI(v) + ISPENDR), 4, false, &pending));
}

static void access_word(uint64_t address, uint64_t value)
{
    MUST(vcpu_device_access(vcpu[0], vcpu_ipa(address), 4, true, &value));
}

static void make_pending(void)
{
    for (unsigned v = 1; v < VCPUS; v++) {
        access_word(GICR_SGI(v) + 0x080, UINT32_MAX); /* IGROUPR0 */
        access_word(GICR_SGI(v) + ISENABLER, 1u << 20);
        access_word(GICR_SGI(v) + ISPENDR, 1u << 20);
    }
}

/* ---- Rows ---- */

static void row(const char *name, void (*before)(void), void (*what)(void))
{
    uint64_t all, worst;

    test_begin(name);
    worst = waits_longest(before, what, &all);
    console_print("%u vCPUs: %-44s %6lu instructions, budget %u; all of it takes %lu\n", VCPUS,
                  name, worst, WAITS_BOUND, all);
    CHECK(worst <= WAITS_BOUND);
}

static void make(uint16_t index, uint64_t mpidr)
{
    const struct vcpu_config config = {.index = index, .mpidr = mpidr, .off = index != 0};

    MUST(vcpu_create(t.vm, &config, &vcpu[index]));
    MUST(vcpu_set_ept_root(vcpu[index], vcpu_stage2_root(&t.s2)));
}

void host_main(const struct machine *machine)
{
    const struct vcpu_gic_config config = {.host = &testhost_hooks,
                                           .version = 3,
                                           .spis = SPIS,
                                           .max_vcpus = VCPUS,
                                           .distributor = vcpu_ipa(GICD),
                                           .redistributors = vcpu_ipa(GICR)};

    gic_find(machine);
    gic_init();
    testhost_enable(0);
    testhost_gic();
    waits_init(machine);

    testhost_vm_with(&t,
                     (struct vcpu_vm_config){.flags = VCPU_VM_VIRTUAL_GIC | VCPU_VM_SYSTEM_SUSPEND,
                                             .max_vcpus = VCPUS});
    MUST(vcpu_gic_create(t.vm, &config, &gic));
    make(0, UINT64_C(1) << 32);
    row("vcpu_create", destroy, create);
    destroy();
    for (uint16_t v = 1; v < VCPUS; v++)
        make(v, (uint64_t)(v / 16) << 8 | v % 16);

    row("AFFINITY_INFO of all others", quiet, affinity_info);
    row("CPU_ON of one that does not exist", quiet, cpu_on);
    row("SYSTEM_SUSPEND", quiet, system_suspend);
    row("SGI to all others", take_mail, sgi_to_all);
    row("SGI to a list of 16", take_mail, sgi_to_list);
    make_pending();
    row("GICD_CTLR, pending for all others", quiet, change_groups);
    row("vcpu_reset", quiet, reset);
    row("vcpu_gic_reset", put, reset_all);

    put();
    for (unsigned v = 0; v < VCPUS; v++)
        MUST(vcpu_destroy(vcpu[v]));
    testhost_vm_free(&t);
    MUST(vcpu_gic_destroy(gic));
    test_end();
}
