/* SPDX-License-Identifier: MIT */
#include "vm.h"

#include "arch.h"
#include "bench.h"
#include "gic.h"
#include "smp.h"

/* The guest's addresses. */
#define DISTRIBUTOR    UINT64_C(0x08000000)
#define CPU_INTERFACE  UINT64_C(0x08010000)
#define REDISTRIBUTORS UINT64_C(0x080a0000)
#define MAPPED         UINT64_C(0x8000000000) /* where no machine has anything */

struct bench_vm bench_vm;

static const struct machine *machine;
static struct vcpu_host hooks;

/* ---- The other CPU ---- */

static void (*_Atomic todo)(void); /* NULL: it has done it */

static void other_main(unsigned index)
{
    (void)index;
    testhost_gic();
    testhost_enable(0);
    for (;;) {
        if (todo) {
            todo();
            vcpu_percpu_put(testhost_percpu(1));
            todo = NULL;
            arch_sev();
        } else {
            arch_wfe();
        }
    }
}

void bench_other_begin(void (*job)(void))
{
    static bool started;

    todo = job;
    arch_sev();
    if (!started && !smp_start(other_main)) {
        test_fail("there is no second CPU");
        test_end();
    }
    started = true;
}

void bench_other_wait(void)
{
    while (todo)
        arch_wfe();
}

/* ---- Interrupts ---- */

static void set_ppi(void *ctx, struct vcpu *vcpu, uint32_t intid, bool level)
{
    (void)ctx;
    vcpu_gic_set_ppi(bench_vm.gic, vcpu, intid, level);
}

static void set_active(void *ctx, uint16_t physical, bool active)
{
    (void)ctx;
    gic_set_active(physical, active);
}

static void wake(void *ctx, struct vcpu *vcpu)
{
    (void)ctx;
    if (bench_vm.waiting == vcpu) {
        bench_vm.wakes++;
        gic_send_sgi(1, TEST_KICK_SGI);
    }
}

/* ---- The VM ---- */

void bench_vm_init(const struct machine *of)
{
    machine = of;
    hooks = testhost_hooks;
    hooks.wake = wake;
    bench_vm.v3 = machine->gic.version == 3;
    gic_find(machine);
    gic_init();
    testhost_gic();
    gic_enable(BENCH_TIMER_INTID);
}

void bench_vm_open(uint32_t flags)
{
    const uint16_t vcpus = (uint16_t)(bench_vm.vcpus ? bench_vm.vcpus : 2);
    const struct vcpu_gic_config gic = {
        .host = &hooks,
        .version = (uint8_t)machine->gic.version,
        .spis = 64,
        .max_vcpus = vcpus,
        .distributor = vcpu_ipa(DISTRIBUTOR),
        .redistributors = vcpu_ipa(REDISTRIBUTORS),
        .gich = (volatile void *)machine->gic.hypervisor.base,
        .set_active = set_active,
    };
    const struct vcpu_timer_config timer = {.host = &hooks, .set_ppi = set_ppi};
    const struct vcpu_vm_config config = {
        .host = &hooks, .flags = VCPU_VM_VIRTUAL_GIC | flags, .max_vcpus = vcpus};
    struct test_vm *t = &bench_vm.t;

    testhost_vm_with(t, config);
    CHECK_EQ(vcpu_gic_create(t->vm, &gic, &bench_vm.gic), VCPU_OK);
    CHECK_EQ(vcpu_timer_create(t->vm, &timer, &bench_vm.timer), VCPU_OK);
    CHECK_EQ(vcpu_gic_map_hw(bench_vm.gic, BENCH_TIMER_INTID, BENCH_TIMER_INTID), VCPU_OK);
    if (!bench_vm.v3)
        CHECK_EQ(vcpu_stage2_map(&t->s2, vcpu_ipa(CPU_INTERFACE),
                                 vcpu_pa(machine->gic.virtual_interface.base), 0x2000,
                                 VCPU_S2_RW | VCPU_S2_DEVICE),
                 VCPU_OK);
    if (bench_vm.mapped)
        CHECK_EQ(vcpu_stage2_map(&t->s2, vcpu_ipa(MAPPED), vcpu_pa(MAPPED + bench_vm.misfit),
                                 bench_vm.mapped, VCPU_S2_RW),
                 VCPU_OK);
    for (uint16_t v = 2; v < vcpus; v++)
        testhost_vcpu(t, v);
}

void bench_vm_close(void)
{
    for (unsigned v = 2; v < bench_vm.vcpus; v++)
        MUST(vcpu_destroy(vcpu_vm_vcpu(bench_vm.t.vm, v)));
    testhost_vm_free(&bench_vm.t);
    vcpu_timer_destroy(bench_vm.timer);
    vcpu_gic_destroy(bench_vm.gic);
}

struct vcpu *bench_vcpu(uint16_t index, const char *snippet)
{
    struct vcpu *vcpu = testhost_vcpu(&bench_vm.t, index);

    testhost_enter_at(vcpu, snippet);
    vcpu->regs.x[2] = DISTRIBUTOR;
    vcpu->regs.x[3] = bench_vm.v3
                          ? REDISTRIBUTORS + index * VCPU_GIC_V3_REDISTRIBUTOR_SIZE + 0x10000
                          : CPU_INTERFACE;
    vcpu->regs.x[12] = BENCH_WORDS;
    return vcpu;
}
