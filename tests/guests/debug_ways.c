/* SPDX-License-Identifier: MIT */
/*
 * A guest begins to use its debug registers in a run of the fast path. Whatever ends that run, the
 * host has its own debug registers behind it, and the guest's are in effect in its next run.
 */
#include "debug_ways.h"

#include <vcpu/debug.h>
#include <vcpu/device.h>

#include "bare-metal/arch.h"
#include "gic.h"
#include "irq.h"
#include "testhost.h"

extern const char way_vectors[], way_start[], way_hvc[], way_call[], way_smc[], way_load[],
    way_store[], way_post_index[], way_fetch[], way_loop[], way_second_write[], way_off_again[],
    way_target[];

#define VBAR      ((uint32_t)VCPU_REG_SYSREG + VCPU_SYSREG(3, 0, 12, 0, 0))
#define MDSCR_EL1 VCPU_SYSREG(2, 0, 0, 2, 2)

#define MDCR_EL2_TDE           UINT64_C(0x100)
#define OSLSR_EL1_OSLK         UINT64_C(2)
#define PSTATE_EL1H_AIF_MASKED UINT64_C(0x1c5) /* D clear */

/* ---- The host's own registers ---- */

static uint64_t hosts_mdcr;

/* Values that match nothing, because the OS lock is set. */
static void mark_the_hosts_own(void)
{
    hosts_mdcr = arch_read(mdcr_el2);
    arch_write(dbgbvr0_el1, 0x12340);
    arch_write(dbgbcr0_el1, 0x1e6);
    arch_write(dbgwvr0_el1, 0x9abc0);
    arch_write(dbgwcr0_el1, 0x1ffe);
    arch_write(mdscr_el1, 0);
    arch_write(oslar_el1, 1);
    arch_isb();
}

static void the_host_has_its_own(void)
{
    CHECK_EQ(arch_read(dbgbvr0_el1), 0x12340);
    CHECK_EQ(arch_read(dbgbcr0_el1), 0x1e6);
    CHECK_EQ(arch_read(dbgwvr0_el1), 0x9abc0);
    CHECK_EQ(arch_read(dbgwcr0_el1), 0x1ffe);
    CHECK_EQ(arch_read(mdscr_el1), 0);
    CHECK_EQ(arch_read(mdcr_el2) & MDCR_EL2_TDE, hosts_mdcr & MDCR_EL2_TDE);
    CHECK_EQ(arch_read(oslsr_el1) & OSLSR_EL1_OSLK, OSLSR_EL1_OSLK);
}

/* ---- The ways ---- */

/* A device that has nothing, and kicks the vCPU at the n-th write of MDSCR_EL1 from now. */
static unsigned kick_at;

static bool kicks(void *ctx, struct vcpu *v, uint32_t encoding, bool write, uint64_t *value)
{
    (void)ctx, (void)value;
    if (kick_at && write && encoding == MDSCR_EL1 && --kick_at == 0)
        MUST(vcpu_kick(v));
    return false;
}

static const struct vcpu_device_ops ops = {.sysreg = kicks};

/* What happens beside the guest's own doing. */
enum beside { NOTHING, TIMER, KICK_AT_FIRST, KICK_AT_SECOND, SERROR_PENDING };

/* What of the guest's debugging is left for its next run. */
enum after { ON, OFF, GONE };

struct way {
    const char *name, *snippet;
    uint64_t x0, address;
    int exit;
    uint8_t beside; /* enum beside */
    uint8_t after;  /* enum after */
};

#define HOLE TEST_HOLE_IPA

static const struct way ways[] = {
    {"a hypercall", way_hvc, 0, 0, VCPU_EXIT_HYPERCALL, NOTHING, ON},
    {"HVC #0 that is no fast call", way_call, 0, 0, VCPU_EXIT_HYPERCALL, NOTHING, ON},
    {"a fast call that nobody knows", way_call, 0xc6000000, 0, VCPU_EXIT_HYPERCALL, NOTHING, ON},
    {"PSCI SYSTEM_OFF", way_call, 0x84000008, 0, VCPU_EXIT_SYSTEM_OFF, NOTHING, ON},
    {"PSCI CPU_OFF", way_call, 0x84000002, 0, VCPU_EXIT_CPU_DOWN, NOTHING, GONE},
    {"a hypercall after PSCI_VERSION", way_call, 0x84000000, 0, VCPU_EXIT_HYPERCALL, NOTHING, ON},
    {"SMC", way_smc, 0, 0, VCPU_EXIT_HYPERCALL, NOTHING, ON},
    {"a load", way_load, 0, HOLE, VCPU_EXIT_MMIO_READ, NOTHING, ON},
    {"a store", way_store, 0, HOLE, VCPU_EXIT_MMIO_WRITE, NOTHING, ON},
    {"a load without a syndrome", way_post_index, 0, HOLE, VCPU_EXIT_STAGE2_FAULT, NOTHING, ON},
    {"an instruction fetch", way_fetch, 0, HOLE, VCPU_EXIT_STAGE2_FAULT, NOTHING, ON},
    {"an interrupt", way_loop, 0, 0, VCPU_EXIT_IRQ, TIMER, ON},
    {"a kick where it turns it on", way_hvc, 0, 0, VCPU_EXIT_KICK, KICK_AT_FIRST, ON},
    {"a kick in a second write", way_second_write, 0, 0, VCPU_EXIT_KICK, KICK_AT_SECOND, ON},
    {"a hypercall when it is off again", way_off_again, 0, 0, VCPU_EXIT_HYPERCALL, NOTHING, OFF},
    {"a hypercall with an SError pending", way_hvc, 0, 0, VCPU_EXIT_HYPERCALL, SERROR_PENDING,
     GONE},
    {"a load with an SError pending", way_load, 0, HOLE, VCPU_EXIT_MMIO_READ, SERROR_PENDING, GONE},
};

static void says(struct vcpu *v, unsigned what)
{
    CHECK_EQ(testhost_run(v), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_exit_imm(&v->exit), what);
    MUST(vcpu_complete_call(v, 0));
}

static void begin(enum beside beside, struct vcpu *v, uint64_t delay)
{
    switch (beside) {
    case TIMER:
        timer_set(timer_now() + delay);
        break;
    case KICK_AT_FIRST:
        kick_at = 1;
        break;
    case KICK_AT_SECOND:
        kick_at = 2;
        break;
    case SERROR_PENDING:
        MUST(vcpu_inject_serror(v, 0)); /* which the guest keeps masked */
        break;
    case NOTHING:
        break;
    }
}

static struct vcpu *ready(struct test_vm *t, const struct way *way)
{
    struct vcpu *v = testhost_vcpu(t, 0);

    testhost_enter_at(v, way_start);
    testhost_set_reg(v, VBAR, testhost_ipa(way_vectors));
    v->regs.x[20] = testhost_ipa(way->snippet);
    v->regs.x[21] = way->address;
    v->regs.x[22] = way->x0;
    says(v, SAY_READY); /* resident: the next run is one of the fast path */
    the_host_has_its_own();
    return v;
}

static void done_with(struct vcpu *v)
{
    MUST(vcpu_percpu_put(testhost_percpu(0)));
    the_host_has_its_own();
    MUST(vcpu_destroy(v));
}

/* On a busy machine the timer may come before the guest is where it waits: once more, and later. */
static struct vcpu *run_to_the_exit(struct test_vm *t, const struct way *way)
{
    struct vcpu *v = ready(t, way);

    for (uint64_t delay = timer_frequency() / 20;; delay *= 2) {
        begin((enum beside)way->beside, v, delay);
        CHECK_EQ(testhost_run(v), way->exit);
        the_host_has_its_own();
        timer_clear();
        if (way->beside != TIMER || v->regs.pc == testhost_ipa(way->snippet))
            return v;
        done_with(v);
        v = ready(t, way);
    }
}

static void leaves(struct test_vm *t, const struct way *way)
{
    struct vcpu *v = run_to_the_exit(t, way);

    if (way->after != GONE) {
        testhost_set_reg(v, VCPU_REG_PC, testhost_ipa(way_target));
        testhost_set_reg(v, VCPU_REG_PSTATE, PSTATE_EL1H_AIF_MASKED);
        says(v, way->after == ON ? SAY_HIT : SAY_DONE);
        the_host_has_its_own();
    }
    done_with(v);
}

static void each_way(struct test_vm *t, bool has_device)
{
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        const struct way *way = &ways[i];

        if (!has_device && (way->beside == KICK_AT_FIRST || way->beside == KICK_AT_SECOND))
            continue;
        test_begin(way->name);
        leaves(t, way);
    }
}

void host_main(const struct machine *machine)
{
    static struct test_vm with_device, bare;

    gic_find(machine);
    gic_init();
    testhost_gic();
    testhost_enable(VCPU_PERCPU_HOST_CNTPCT);
    irq_register(machine->hyp_timer_intid, timer_clear);
    gic_enable(machine->hyp_timer_intid);
    testhost_vm(&with_device, 0);
    MUST(vcpu_vm_attach(with_device.vm, &ops, NULL));
    testhost_vm(&bare, 0);

    mark_the_hosts_own();
    each_way(&with_device, true);
    each_way(&bare, false);
    test_end();
}
