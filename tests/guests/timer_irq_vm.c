/* SPDX-License-Identifier: MIT */

#include "timer_irq_vm.h"

#include <stdatomic.h>

#define GICD UINT64_C(0x08000000)
#define GICC UINT64_C(0x08010000) /* version 2 */
#define GICR UINT64_C(0x080a0000) /* version 3 */

const struct machine *machine;

/* ---- The host: interrupts, and who is in each CPU ---- */

static struct {
    struct vm *vm;
    struct vcpu *vcpu;
} here[2];

/* By each of the two calls in turn: they do the same. */
static int forward(const struct vm *vm, struct vcpu *vcpu)
{
    static atomic_uint turn;

    return atomic_fetch_add(&turn, 1) % 2 ? vcpu_timer_interrupt(vm->timer, vcpu)
                                          : vcpu_timer_forward(vm->timer, vm->gic, vcpu);
}

void virtual_timer(void)
{
    unsigned cpu = smp_this()->index;

    if (!here[cpu].vcpu || forward(here[cpu].vm, here[cpu].vcpu))
        gic_deactivate(machine->virtual_timer_intid);
}

void hyp_timer(void)
{
    unsigned cpu = smp_this()->index;

    timer_clear();
    if (here[cpu].vcpu)
        vcpu_device_notify(here[cpu].vcpu);
}

void maintenance(void)
{
    unsigned cpu = smp_this()->index;

    if (here[cpu].vcpu)
        MUST(vcpu_gic_maintenance(here[cpu].vm->gic, here[cpu].vcpu));
}

void init_cpu(uint32_t flags)
{
    testhost_enable(flags);
    testhost_gic();
    gic_enable(machine->gic.maintenance_intid);
    gic_enable(machine->virtual_timer_intid);
    gic_enable(machine->hyp_timer_intid);
}

static bool is_asserted(void *ctx, uint16_t physical)
{
    (void)ctx;
    (void)physical;
    return vcpu_timer_asserts();
}

static void set_active(void *ctx, uint16_t physical, bool active)
{
    (void)ctx;
    gic_set_active(physical, active);
}

static void set_ppi(void *ctx, struct vcpu *vcpu, uint32_t intid, bool level)
{
    MUST(vcpu_gic_set_ppi(((struct vm *)ctx)->gic, vcpu, intid, level));
}

static void arm(void *ctx, struct vcpu *vcpu, uint64_t deadline)
{
    (void)ctx;
    (void)vcpu;
    if (deadline == VCPU_TIMER_NEVER)
        timer_clear();
    else
        timer_set(deadline);
}

static void must(int error, const char *what)
{
    if (error)
        exit_panic("%s: %s", what, vcpu_error_string(error));
}

int run(struct vm *vm, struct vcpu *vcpu)
{
    unsigned cpu = smp_this()->index;

    here[cpu].vm = vm;
    here[cpu].vcpu = vcpu;
    for (;;) {
        int reason = testhost_run(vcpu);

        if (reason != VCPU_EXIT_IRQ)
            return reason;
        irq_handle();
    }
}

uint64_t guest(struct vm *vm, unsigned v, const char *snippet, uint64_t x1, uint64_t x2)
{
    struct vcpu *vcpu = vm->vcpu[v];

    testhost_enter_at(vcpu, snippet);
    vcpu->regs.x[1] = x1;
    vcpu->regs.x[2] = x2;
    CHECK_EQ(run(vm, vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_exit_imm(&vcpu->exit), 1);
    return vcpu->regs.x[1];
}

void start_vm(struct vm *vm, uint64_t offset)
{
    const struct vcpu_gic_config gic = {
        .host = &testhost_hooks,
        .version = (uint8_t)machine->gic.version,
        .max_vcpus = 2,
        .distributor = vcpu_ipa(GICD),
        .redistributors = vcpu_ipa(GICR),
        .gich = (volatile void *)machine->gic.hypervisor.base,
        .set_active = set_active,
    };
    const struct vcpu_timer_config timer = {
        .host = &testhost_hooks, .ctx = vm, .set_ppi = set_ppi, .arm = arm};

    *vm = (struct vm){.offset = offset};
    testhost_vm_with(&vm->vm,
                     (struct vcpu_vm_config){.flags = VCPU_VM_VIRTUAL_GIC | VCPU_VM_TRAP_WFI,
                                             .max_vcpus = 2,
                                             .counter_offset = offset});
    must(vcpu_gic_create(vm->vm.vm, &gic, &vm->gic), "vcpu_gic_create");
    must(vcpu_gic_map_hw(vm->gic, VCPU_TIMER_VIRTUAL_PPI, (uint16_t)machine->virtual_timer_intid),
         "vcpu_gic_map_hw");
    must(vcpu_gic_follow(vm->gic, is_asserted), "vcpu_gic_follow");
    must(vcpu_timer_create(vm->vm.vm, &timer, &vm->timer), "vcpu_timer_create");
    if (machine->gic.version == 2)
        must(vcpu_stage2_map(&vm->vm.s2, vcpu_ipa(GICC),
                             vcpu_pa(machine->gic.virtual_interface.base),
                             machine->gic.virtual_interface.size, VCPU_S2_RW | VCPU_S2_DEVICE),
             "vcpu_stage2_map");
    for (unsigned v = 0; v < 2; v++) {
        vm->vcpu[v] = testhost_vcpu(&vm->vm, (uint16_t)v);
        vm->vcpu[v]->regs.x[3] = GICR + v * 0x20000 + 0x10000;
        vm->vcpu[v]->regs.x[24] = machine->gic.version == 2 ? GICC : 0;
        guest(vm, v, set_up, 0, GICD);
    }
}

void put(void)
{
    unsigned cpu = smp_this()->index;

    MUST(vcpu_percpu_put(testhost_percpu(cpu)));
    here[cpu].vcpu = NULL;
}

void stop_vm(struct vm *vm)
{
    put();
    testhost_vm_free(&vm->vm);
    CHECK_EQ(vcpu_timer_destroy(vm->timer), VCPU_OK);
    CHECK_EQ(vcpu_gic_destroy(vm->gic), VCPU_OK);
}

/* ---- The other CPU ---- */

void other_cpu(unsigned index)
{
    (void)index;
    init_cpu(VCPU_PERCPU_HOST_CNTPCT);
    testhost_serve();
}
