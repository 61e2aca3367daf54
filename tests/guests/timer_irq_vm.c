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

static unsigned next_turn(void)
{
    static atomic_uint turn;

    return atomic_fetch_add(&turn, 1);
}

/* What vcpu_percpu_interrupt says of this one. */
static int owner_of(uint32_t intid)
{
    return vcpu_percpu_interrupt(testhost_percpu(smp_this()->index), intid);
}

/* By each of the three calls in turn: they do the same. */
static bool forward(const struct vm *vm, struct vcpu *vcpu)
{
    unsigned turn = next_turn() % 3;

    if (turn == 0)
        return vcpu_timer_interrupt(vm->timer, vcpu) == VCPU_OK;
    if (turn == 1)
        return vcpu_timer_forward(vm->timer, vm->gic, vcpu) == VCPU_OK;
    return owner_of(VCPU_TIMER_VIRTUAL_PPI) == VCPU_INTERRUPT_GUESTS;
}

static enum way way;

#define ICC_CTLR_EOIMODE  2u
#define GICC_CTLR_EOIMODE 0x200u

void take_interrupts(enum way new_way)
{
    bool two = new_way != WAY_AT_ONCE;
    uint64_t gicc = machine->gic.cpu_interface.base; /* GICC_CTLR */

    way = new_way;
    if (machine->gic.version == 3) {
        uint64_t ctlr = arch_read(icc_ctlr_el1) & ~(uint64_t)ICC_CTLR_EOIMODE;

        arch_write(icc_ctlr_el1, two ? ctlr | ICC_CTLR_EOIMODE : ctlr);
        arch_isb();
    } else {
        uint32_t ctlr = mmio_read32(gicc) & ~GICC_CTLR_EOIMODE;

        mmio_write32(gicc, two ? ctlr | GICC_CTLR_EOIMODE : ctlr);
    }
}

void virtual_timer(void)
{
    unsigned cpu = smp_this()->index;
    bool guests = here[cpu].vcpu && forward(here[cpu].vm, here[cpu].vcpu);

    if (guests && way != WAY_IN_TWO_HALVES)
        gic_set_active(machine->virtual_timer_intid, true);
    else if (!guests && way == WAY_IN_TWO_HALVES)
        gic_deactivate(machine->virtual_timer_intid);
}

void hyp_timer(void)
{
    unsigned cpu = smp_this()->index;

    timer_clear();
    if (!here[cpu].vcpu)
        return;
    if (next_turn() % 2)
        vcpu_device_notify(here[cpu].vcpu);
    else
        CHECK_EQ(owner_of(26), VCPU_INTERRUPT_HOSTS);
}

void maintenance(void)
{
    unsigned cpu = smp_this()->index;

    if (!here[cpu].vcpu)
        return;
    if (next_turn() % 2)
        MUST(vcpu_gic_maintenance(here[cpu].vm->gic, here[cpu].vcpu));
    else
        CHECK_EQ(owner_of(25), VCPU_INTERRUPT_DONE);
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

static void look_at_interrupts(void)
{
    if (gic_is_pending(machine->virtual_timer_intid))
        virtual_timer();
    if (gic_is_pending(machine->hyp_timer_intid))
        hyp_timer();
    if (gic_is_pending(machine->gic.maintenance_intid))
        maintenance();
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
        if (way == WAY_BY_LOOKING)
            look_at_interrupts();
        else
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
    if (next_turn() % 2) {
        const struct vcpu_interrupts_config both = {.gic = gic, .arm = arm};

        must(vcpu_interrupts_create(vm->vm.vm, &both, &vm->interrupts), "vcpu_interrupts_create");
        vm->gic = vm->interrupts.gic;
        vm->timer = vm->interrupts.timer;
    } else {
        must(vcpu_gic_create(vm->vm.vm, &gic, &vm->gic), "vcpu_gic_create");
        must(vcpu_gic_map_hw(vm->gic, VCPU_TIMER_VIRTUAL_PPI,
                             (uint16_t)machine->virtual_timer_intid),
             "vcpu_gic_map_hw");
        must(vcpu_gic_follow(vm->gic, is_asserted), "vcpu_gic_follow");
        must(vcpu_timer_create(vm->vm.vm, &timer, &vm->timer), "vcpu_timer_create");
    }
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
    if (vm->interrupts.gic) {
        CHECK_EQ(vcpu_interrupts_destroy(&vm->interrupts), VCPU_OK);
        CHECK_EQ(vcpu_interrupts_destroy(&vm->interrupts), VCPU_ERR_INVALID);
    } else {
        CHECK_EQ(vcpu_timer_destroy(vm->timer), VCPU_OK);
        CHECK_EQ(vcpu_gic_destroy(vm->gic), VCPU_OK);
    }
}

void usual_mistakes(void)
{
    struct vcpu_percpu *cpu = testhost_percpu(0);
    struct vcpu_interrupts_config config = {.gic = {.host = &testhost_hooks}};
    struct vcpu_interrupts made;
    struct test_vm t;
    struct vcpu *vcpu;

    test_begin("without a resident vCPU all interrupts are the host's");
    CHECK(!vcpu_percpu_resident(cpu));
    CHECK(!vcpu_percpu_resident(NULL));
    for (uint32_t intid = 0; intid < 40; intid++)
        CHECK_EQ(owner_of(intid), VCPU_INTERRUPT_HOSTS);
    CHECK_EQ(vcpu_percpu_interrupt(NULL, 27), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_percpu_interrupt(testhost_percpu(1), 27), VCPU_ERR_INVALID);

    test_begin("so they are with one whose VM has other devices");
    testhost_vm(&t, 0);
    vcpu = testhost_vcpu(&t, 0);
    testhost_enter_at(vcpu, look);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK(vcpu_percpu_resident(cpu) == vcpu);
    for (uint32_t intid = 0; intid < 40; intid++)
        CHECK_EQ(owner_of(intid), VCPU_INTERRUPT_HOSTS);
    MUST(vcpu_percpu_put(cpu));
    CHECK(!vcpu_percpu_resident(cpu));

    test_begin("wiring that cannot work is refused");
    CHECK_EQ(vcpu_interrupts_create(t.vm, &config, &made), VCPU_ERR_INVALID);
    config.gic.set_active = set_active;
    CHECK_EQ(vcpu_interrupts_create(t.vm, &config, &made), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_interrupts_create(NULL, &config, &made), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_interrupts_create(t.vm, NULL, &made), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_interrupts_create(t.vm, &config, NULL), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_interrupts_destroy(NULL), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_vm_stage2_create(NULL, &t.s2), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_vm_stage2_create(t.vm, NULL), VCPU_ERR_INVALID);
    testhost_vm_free(&t);
}

/* ---- The other CPU ---- */

void other_cpu(unsigned index)
{
    (void)index;
    init_cpu(VCPU_PERCPU_HOST_CNTPCT);
    testhost_serve();
}
