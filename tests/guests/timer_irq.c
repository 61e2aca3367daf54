/* SPDX-License-Identifier: MIT */
/* The interrupts of a guest's two timers, through the library's interrupt controller. */
#include "timer_irq_vm.h"

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

#define TICKS 30u /* of each timer */

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

/*
 * Then it only has to say so. On a busy machine a vCPU may have had all of them before its first turn,
 * because the next tick was due whenever its handler ended.
 */
static bool has_its_ticks(unsigned v)
{
    return *reg(v, 20) + *reg(v, 21) >= 2 * TICKS;
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
            while (!has_its_ticks(v) && !vcpu_has_work(a.vcpu[v]) && timer_now() < end)
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
        /* A busy machine may never come to the next compare value before its time. */
        *reg(v, 23) = TICKS;
        set(&kinds[0], v, now(), ENABLE);
        set(&kinds[1], v, now() + US(100), ENABLE);
        testhost_enter_at(a.vcpu[v], idle_until);
        *reg(v, 1) = 2 * TICKS;
        turn[v] = v;
    }
    put();
    testhost_begin_on_other(ticks_here);
    ticks_here();
    testhost_wait_for_other();
    for (unsigned v = 0; v < 2; v++) {
        CHECK_EQ(*reg(v, 20), TICKS);
        CHECK_EQ(*reg(v, 21), TICKS);
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

/* The CPU's virtual timer of EL1. */
static void set_cntv(uint64_t cval, uint64_t ctl)
{
    if (arch_is_vhe()) {
        arch_write(S3_5_C14_C3_2, cval);
        arch_write(S3_5_C14_C3_1, ctl);
    } else {
        arch_write(cntv_cval_el0, cval);
        arch_write(cntv_ctl_el0, ctl);
    }
}

/*
 * Does the virtual timer's condition come to hold with this CNTVOFF_EL2? QEMU 10.0 (not 7.2, nor 11.1)
 * adds it to the compare value and takes a carry for "never": there a VM whose time is ahead of the
 * machine's has no timer. With no vCPU in the CPU.
 */
static bool has_virtual_timer(uint64_t offset)
{
    const uint64_t before = arch_read(cntvoff_el2), irqs = arch_irq_save();
    uint64_t due, delay = US(100);
    bool fires;

    arch_write(cntvoff_el2, offset);
    /* It must come to hold later: one that holds when it is written is always seen. */
    do {
        due = timer_now() + delay;
        delay *= 4;
        set_cntv(due - offset, ENABLE | IMASK);
        arch_isb();
    } while (testhost_cntv_ctl() & ISTATUS);
    while (timer_now() < due + US(20000))
        arch_isb();
    fires = testhost_cntv_ctl() & ISTATUS;
    set_cntv(0, 0);
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
    in_another_way("all the same with vCPUs that leave the CPU at each exit");
    CHECK_EQ(vcpu_percpu_disable(testhost_percpu(0)), VCPU_OK);

    init_cpu(VCPU_PERCPU_HOST_CNTPCT);
    usual_mistakes();
    take_interrupts(WAY_AT_ONCE);
    in_another_way("all the same in a host whose end of an interrupt deactivates it");
    take_interrupts(WAY_BY_LOOKING);
    in_another_way("all the same in a host that acknowledges no interrupt");
    take_interrupts(WAY_IN_TWO_HALVES);
    on_one_cpu();
    if (!smp_start(other_cpu))
        test_fail("the second CPU does not start");
    on_two_cpus();
    test_end();
}
