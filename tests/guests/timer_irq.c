/* SPDX-License-Identifier: MIT */
/* The interrupts of a guest's two timers, through the library's interrupt controller. */
#include <stdatomic.h>

#include <vcpu/device.h>
#include <vcpu/gic.h>
#include <vcpu/timer.h>

#include "testhost.h"

#include "arch.h"
#include "exit.h"
#include "gic.h"
#include "irq.h"

extern const char set_up[], set_virtual[], set_physical[], mask_interrupts[], unmask_interrupts[];
extern const char look[], spin[], idle_until[], spin_until[];

#define ENABLE  1u
#define IMASK   2u
#define ISTATUS 4u
#define ISR_I   0x80u

#define GICD UINT64_C(0x08000000)
#define GICC UINT64_C(0x08010000) /* version 2 */
#define GICR UINT64_C(0x080a0000) /* version 3 */

#define US(n) (timer_frequency() / 1000000 * (n))

static const struct machine *machine;

/* ---- The host: interrupts, and who is in each CPU ---- */

struct vm {
    struct test_vm vm;
    struct vcpu_gic *gic;
    struct vcpu_timer *timer;
    struct vcpu *vcpu[2];
    uint64_t offset;
};

static struct {
    struct vm *vm;
    struct vcpu *vcpu;
} here[2];

static void virtual_timer(void)
{
    unsigned cpu = smp_this()->index;

    if (!here[cpu].vcpu || vcpu_timer_interrupt(here[cpu].vm->timer, here[cpu].vcpu))
        gic_deactivate(machine->virtual_timer_intid);
}

/* The host's own, which it set for the guest's physical one. */
static void hyp_timer(void)
{
    unsigned cpu = smp_this()->index;

    timer_clear();
    if (here[cpu].vcpu)
        vcpu_device_notify(here[cpu].vcpu);
}

static void maintenance(void)
{
    unsigned cpu = smp_this()->index;

    if (here[cpu].vcpu)
        MUST(vcpu_gic_maintenance(here[cpu].vm->gic, here[cpu].vcpu));
}

static void init_cpu(uint32_t flags)
{
    testhost_enable(flags);
    testhost_gic();
    gic_enable(machine->gic.maintenance_intid);
    gic_enable(machine->virtual_timer_intid);
    gic_enable(machine->hyp_timer_intid);
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

static int run(struct vm *vm, struct vcpu *vcpu)
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

static uint64_t guest(struct vm *vm, unsigned v, const char *snippet, uint64_t x1, uint64_t x2)
{
    struct vcpu *vcpu = vm->vcpu[v];

    testhost_enter_at(vcpu, snippet);
    vcpu->regs.x[1] = x1;
    vcpu->regs.x[2] = x2;
    CHECK_EQ(run(vm, vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_exit_imm(&vcpu->exit), 1);
    return vcpu->regs.x[1];
}

static void start_vm(struct vm *vm, uint64_t offset)
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

static void put(void)
{
    unsigned cpu = smp_this()->index;

    MUST(vcpu_percpu_put(testhost_percpu(cpu)));
    here[cpu].vcpu = NULL;
}

static void stop_vm(struct vm *vm)
{
    put();
    testhost_vm_free(&vm->vm);
    CHECK_EQ(vcpu_timer_destroy(vm->timer), VCPU_OK);
    CHECK_EQ(vcpu_gic_destroy(vm->gic), VCPU_OK);
}

/* ---- The other CPU ---- */

static void other_cpu(unsigned index)
{
    (void)index;
    init_cpu(VCPU_PERCPU_HOST_CNTPCT);
    testhost_serve();
}

/* ---- The two timers ---- */

static const struct kind {
    const char *set;
    unsigned count; /* the guest's register that counts the interrupts */
} kinds[] = {
    {set_virtual, 20},
    {set_physical, 21},
};

static struct vm a;

static uint64_t now(void)
{
    return timer_now() - a.offset;
}

static uint64_t *reg(unsigned v, unsigned n)
{
    return &a.vcpu[v]->regs.x[n];
}

/* What the handler does, and no interrupt counted. */
static void handler(unsigned v, uint64_t period, uint64_t before, uint64_t stop)
{
    *reg(v, 20) = *reg(v, 21) = *reg(v, 22) = 0;
    *reg(v, 26) = period;
    *reg(v, 27) = before;
    *reg(v, 28) = stop;
}

static void set(const struct kind *kind, unsigned v, uint64_t cval, uint64_t ctl)
{
    guest(&a, v, kind->set, cval, ctl);
}

/* That many since handler(), of this kind alone, and no more come. */
static void check_count(const struct kind *kind, unsigned v, uint64_t count)
{
    guest(&a, v, spin_until, count, 0);
    guest(&a, v, spin, now() + US(300), 0);
    CHECK_EQ(*reg(v, kind->count), count);
    CHECK_EQ(*reg(v, 20) + *reg(v, 21), count);
    CHECK_EQ(*reg(v, 22), 0);
}

static void late(const struct kind *kind, unsigned v)
{
    for (unsigned i = 0; i < 3; i++) {
        uint64_t cval = now() + US(500);

        handler(v, 0, 1, 0);
        set(kind, v, cval, ENABLE);
        CHECK(*reg(v, kind->count) == 0 || now() >= cval);
        check_count(kind, v, 1);
        CHECK(*reg(v, 25) >= cval);
    }
}

static void past(const struct kind *kind)
{
    handler(0, 0, 1, 0);
    set(kind, 0, 0, ENABLE);
    check_count(kind, 0, 1);
    handler(0, 0, 1, 0);
    set(kind, 0, now() - 1, ENABLE);
    check_count(kind, 0, 1);
}

static void masked(const struct kind *kind)
{
    handler(0, 0, 1, 0);
    set(kind, 0, 0, ENABLE | IMASK);
    check_count(kind, 0, 0);
    set(kind, 0, now() + US(100), ENABLE | IMASK);
    guest(&a, 0, spin, now() + US(200), 0);
    check_count(kind, 0, 0);
    set(kind, 0, now() - 5, ENABLE);
    check_count(kind, 0, 1);
    handler(0, 0, 1, 0);
    set(kind, 0, 0, 0);
    check_count(kind, 0, 0);
}

static bool is_signalled(void)
{
    return guest(&a, 0, look, 0, 0) & ISR_I;
}

static void disabled_interrupts(const struct kind *kind)
{
    handler(0, 0, 1, 0);
    guest(&a, 0, mask_interrupts, 0, 0);
    CHECK(!is_signalled());
    set(kind, 0, 0, ENABLE);
    guest(&a, 0, spin, now() + US(100), 0);
    CHECK(is_signalled());
    CHECK_EQ(*reg(0, kind->count), 0);
    guest(&a, 0, unmask_interrupts, 0, 0);
    check_count(kind, 0, 1);
}

/*
 * Nothing of the physical one is left to be taken if its condition ends before. (The virtual one's
 * interrupt is on its way once it was taken from the host.)
 */
static void withdrawn(void)
{
    const struct kind *kind = &kinds[1];

    handler(0, 0, 1, 0);
    guest(&a, 0, mask_interrupts, 0, 0);
    set(kind, 0, 0, ENABLE);
    CHECK(is_signalled());
    set(kind, 0, 0, ENABLE | IMASK);
    CHECK(!is_signalled());
    set(kind, 0, 0, ENABLE);
    CHECK(is_signalled());
    set(kind, 0, now() + US(100000000), ENABLE);
    CHECK(!is_signalled());
    set(kind, 0, 0, 0);
    guest(&a, 0, unmask_interrupts, 0, 0);
    check_count(kind, 0, 0);
}

/*
 * QEMU's GICv2 looks again at a physical interrupt that a guest has ended, and that is still
 * asserted, only at the next access to its distributor.
 */
static void comes_again(const struct kind *kind)
{
    uint64_t end = testhost_patience();

    handler(0, 0, 3, 0);
    set(kind, 0, 0, ENABLE);
    while (*reg(0, kind->count) < 3 && timer_now() < end) {
        guest(&a, 0, spin, now() + US(20), 0);
        if (machine->gic.version == 2)
            gic_enable(machine->virtual_timer_intid);
    }
    check_count(kind, 0, 3);
}

static void check_nothing_is_armed(void)
{
    CHECK_EQ(testhost_cntv_ctl() & ENABLE, 0);
    CHECK_EQ(testhost_cntp_ctl() & ENABLE, 0);
    CHECK_EQ(arch_read(cnthp_ctl_el2) & ENABLE, 0);
}

/*
 * To a WFI with the timer set for later: returns its CVAL. On a busy machine it may be later than
 * that already; then the vCPU tries once more, with more time.
 */
static uint64_t begin_to_wait(const struct kind *kind)
{
    for (uint64_t us = 5000; us < 500000000; us *= 4) {
        uint64_t cval = now() + US(us);

        handler(0, 0, 1, 0);
        set(kind, 0, cval, ENABLE);
        testhost_enter_at(a.vcpu[0], idle_until);
        *reg(0, 1) = 1;
        if (run(&a, a.vcpu[0]) == VCPU_EXIT_WFI) {
            CHECK_EQ(vcpu_complete_skip(a.vcpu[0]), VCPU_OK);
            if (now() < cval)
                return cval;
        }
        guest(&a, 0, unmask_interrupts, 0, 0);
        check_count(kind, 0, 1);
    }
    test_fail("it does not come to wait");
    test_end();
}

/* The vCPU waits; what it waits for comes after it left the CPU. */
static void waits(const struct kind *kind)
{
    uint64_t cval = begin_to_wait(kind), asked[3];

    asked[0] = vcpu_timer_deadline(a.timer, a.vcpu[0]);
    put();
    check_nothing_is_armed();
    asked[1] = vcpu_timer_deadline(a.timer, a.vcpu[0]);
    asked[2] = vcpu_has_work(a.vcpu[0]);
    if (now() < cval) {
        CHECK_EQ(asked[0], cval + a.offset);
        CHECK_EQ(asked[1], cval + a.offset);
        CHECK(!asked[2]);
    }
    while (now() < cval)
        ;
    CHECK(vcpu_has_work(a.vcpu[0]));
    CHECK_EQ(run(&a, a.vcpu[0]), VCPU_EXIT_HYPERCALL);
    check_count(kind, 0, 1);
}

/* It waits and stays in the CPU, whose own wait its timer ends. */
static void waits_resident(const struct kind *kind)
{
    begin_to_wait(kind);
    while (!vcpu_has_work(a.vcpu[0])) {
        arch_wfi();
        irq_handle();
    }
    CHECK_EQ(run(&a, a.vcpu[0]), VCPU_EXIT_HYPERCALL);
    check_count(kind, 0, 1);
}

/* Due, and not taken by the guest, when it leaves the CPU. */
static void leaves_with_it_due(const struct kind *kind)
{
    handler(0, 0, 1, 0);
    guest(&a, 0, mask_interrupts, 0, 0);
    set(kind, 0, 0, ENABLE);
    put();
    check_nothing_is_armed();
    CHECK(vcpu_has_work(a.vcpu[0]));
    guest(&a, 0, unmask_interrupts, 0, 0);
    check_count(kind, 0, 1);
}

/* Each with both timers; `name` is NULL if the test that has begun goes on. */
static void both(const char *name, void (*check)(const struct kind *kind))
{
    if (name)
        test_begin(name);
    check(&kinds[0]);
    check(&kinds[1]);
}

static void is_late(const struct kind *kind)
{
    late(kind, 0);
}

static void on_one_cpu(void)
{
    start_vm(&a, timer_now() / 3 + 12345);
    both("an interrupt comes when it is due, and not before", is_late);
    both("one that is past comes at once", past);
    both("none comes while it is masked", masked);
    both("one waits while the CPU's interrupts are masked", disabled_interrupts);
    both("one comes again after its end for as long as it is due", comes_again);
    both("a vCPU that waits is told when to come back", waits);
    both("one that waits in the CPU is woken by its timer", waits_resident);
    both("a vCPU may leave the CPU with the interrupt on its way", leaves_with_it_due);
    test_begin("one whose condition ends is not taken");
    withdrawn();
    stop_vm(&a);
}

static void without_a_stay(void)
{
    test_begin("all the same with vCPUs that leave the CPU at each exit");
    start_vm(&a, timer_now() / 3 + 12345);
    both(NULL, is_late);
    both(NULL, past);
    both(NULL, masked);
    both(NULL, disabled_interrupts);
    both(NULL, comes_again);
    both(NULL, waits);
    both(NULL, leaves_with_it_due);
    withdrawn();
    stop_vm(&a);
}

/* ---- Two CPUs ---- */

static const struct kind *other_kind;

static void other_goes_on(void)
{
    CHECK_EQ(run(&a, a.vcpu[0]), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_exit_imm(&a.vcpu[0]->exit), 1);
    check_count(other_kind, 0, 1);
    put();
}

/* Taken off in its handler, at each stage; it goes on elsewhere, and others have the timer here. */
static void interrupted_handler(const struct kind *kind)
{
    for (unsigned stage = 1; stage <= 3; stage++) {
        handler(0, 0, 1, stage);
        testhost_enter_at(a.vcpu[0], kind->set);
        *reg(0, 1) = now() - 1;
        *reg(0, 2) = ENABLE;
        CHECK_EQ(run(&a, a.vcpu[0]), VCPU_EXIT_HYPERCALL);
        if (vcpu_exit_imm(&a.vcpu[0]->exit) != 2)
            guest(&a, 0, spin_until, 1, 0);
        CHECK_EQ(vcpu_exit_imm(&a.vcpu[0]->exit), 2);
        CHECK_EQ(vcpu_complete_call(a.vcpu[0], a.vcpu[0]->regs.x[0]), VCPU_OK);
        *reg(0, 28) = 0;
        put();
        check_nothing_is_armed();
        late(kind, 1);
        put();
        other_kind = kind;
        testhost_begin_on_other(other_goes_on);
        testhost_wait_for_other();
        late(kind, 0);
    }
}

#define TICKS 60u

/* A vCPU on this CPU until it waits; true when it has had its ticks. */
static bool tick(unsigned v)
{
    int reason = run(&a, a.vcpu[v]);

    if (reason == VCPU_EXIT_HYPERCALL)
        return true;
    CHECK_EQ(reason, VCPU_EXIT_WFI);
    CHECK_EQ(vcpu_complete_skip(a.vcpu[v]), VCPU_OK);
    return reason != VCPU_EXIT_WFI;
}

/* Each vCPU is on one CPU until it waits, and then on the other. */
static _Atomic unsigned turn[2]; /* the CPU whose turn it is with vCPU v; 2: it has all */

static void ticks_here(void)
{
    unsigned cpu = smp_this()->index;
    uint64_t end = testhost_patience();

    while ((turn[0] < 2 || turn[1] < 2) && timer_now() < end) {
        for (unsigned v = 0; v < 2; v++) {
            bool done;

            if (turn[v] != cpu)
                continue;
            while (!vcpu_has_work(a.vcpu[v]) && timer_now() < end)
                CHECK(vcpu_timer_deadline(a.timer, a.vcpu[v]) != VCPU_TIMER_NEVER ||
                      vcpu_has_work(a.vcpu[v]));
            done = tick(v);
            put();
            turn[v] = done ? 2 : !cpu;
        }
        __asm__ volatile("yield");
    }
    CHECK(timer_now() < end);
}

static void ticks_on_two_cpus(void)
{
    for (unsigned v = 0; v < 2; v++) {
        handler(v, US(400), 1, 0);
        set(&kinds[0], v, now(), ENABLE);
        set(&kinds[1], v, now() + US(100), ENABLE);
        testhost_enter_at(a.vcpu[v], idle_until);
        *reg(v, 1) = TICKS;
        turn[v] = v;
    }
    put();
    testhost_begin_on_other(ticks_here);
    ticks_here();
    testhost_wait_for_other();
    for (unsigned v = 0; v < 2; v++) {
        /* How many of each depends on how late a busy machine handles them. */
        CHECK(*reg(v, 20) > 0);
        CHECK(*reg(v, 21) > 0);
        CHECK(*reg(v, 20) + *reg(v, 21) >= TICKS);
        CHECK_EQ(*reg(v, 22), 0);
        for (unsigned k = 0; k < 2; k++)
            set(&kinds[k], v, 0, 0);
    }
}

/* Another VM's vCPU, with another time, on the same CPU in turn. */
static void two_vms(uint64_t offset)
{
    struct vm b;

    start_vm(&b, offset);
    handler(0, 0, 1, 0);
    for (unsigned i = 0; i < 4; i++) {
        struct vcpu *vcpu = b.vcpu[i % 2];

        vcpu->regs.x[20] = vcpu->regs.x[26] = vcpu->regs.x[28] = 0;
        vcpu->regs.x[27] = 1;
        set(&kinds[0], 0, now() + US(300), ENABLE);
        guest(&b, i % 2, set_virtual, timer_now() - b.offset + US(200), ENABLE);
        guest(&b, i % 2, spin_until, 1, 0);
        CHECK_EQ(vcpu->regs.x[20], 1);
        CHECK_EQ(vcpu->regs.x[22], 0);
        guest(&a, 0, spin_until, i + 1, 0);
        CHECK_EQ(*reg(0, 20), i + 1);
        CHECK_EQ(*reg(0, 22), 0);
    }
    stop_vm(&b);
}

/*
 * Does the virtual timer's condition come to hold with this CNTVOFF_EL2? QEMU 10.0 (not 7.2, nor 11.1)
 * adds it to the compare value and takes a carry for "never": there a VM whose time is ahead of the
 * machine's has no timer. With no vCPU in the CPU.
 */
static bool has_virtual_timer(uint64_t offset)
{
    const uint64_t before = arch_read(cntvoff_el2), irqs = arch_irq_save();
    bool fires;

    arch_write(cntvoff_el2, offset);
    if (arch_is_vhe()) {
        arch_write(S3_5_C14_C3_2, timer_now() - offset + US(100));
        arch_write(S3_5_C14_C3_1, ENABLE | IMASK);
    } else {
        arch_write(cntv_cval_el0, timer_now() - offset + US(100));
        arch_write(cntv_ctl_el0, ENABLE | IMASK);
    }
    arch_isb();
    for (uint64_t end = timer_now() + US(20000); timer_now() < end;)
        arch_isb();
    fires = testhost_cntv_ctl() & ISTATUS;
    if (arch_is_vhe())
        arch_write(S3_5_C14_C3_1, 0);
    else
        arch_write(cntv_ctl_el0, 0);
    arch_write(cntvoff_el2, before);
    arch_isb();
    arch_irq_restore(irqs);
    return fires;
}

static void on_two_cpus(void)
{
    const uint64_t ahead = (uint64_t)-5000000;

    start_vm(&a, timer_now() / 3 + 12345);
    both("a vCPU taken off in its handler ends it elsewhere, once", interrupted_handler);
    test_begin("ticks of both timers, of vCPUs that change their CPUs");
    ticks_on_two_cpus();
    test_begin("two VMs with two times on one CPU");
    two_vms(timer_now() / 2);
    put();
    if (has_virtual_timer(ahead)) {
        test_begin("and one whose time is ahead of the machine's");
        two_vms(ahead);
    } else {
        console_print("this CPU has no timer for a VM whose time is ahead of the machine's\n");
    }
    stop_vm(&a);
}

void host_main(const struct machine *m)
{
    machine = m;
    gic_find(machine);
    gic_init();
    irq_register(machine->gic.maintenance_intid, maintenance);
    irq_register(machine->hyp_timer_intid, hyp_timer);
    irq_register_handover(machine->virtual_timer_intid, virtual_timer);

    /* A host that reads CNTVCT_EL0: its vCPUs leave the CPU at each exit. */
    init_cpu(0);
    without_a_stay();
    CHECK_EQ(vcpu_percpu_disable(testhost_percpu(0)), VCPU_OK);

    init_cpu(VCPU_PERCPU_HOST_CNTPCT);
    on_one_cpu();
    if (!smp_start(other_cpu))
        test_fail("the second CPU does not start");
    on_two_cpus();
    test_end();
}
