/* SPDX-License-Identifier: MIT */
/* The timers' interrupts on one CPU. */
#include "timer_irq_vm.h"

/* ---- The two timers ---- */

const struct kind kinds[2] = {
    {set_virtual, 20},
    {set_physical, 21},
};

struct vm a;

uint64_t now(void)
{
    return timer_now() - a.offset;
}

uint64_t *reg(unsigned v, unsigned n)
{
    return &a.vcpu[v]->regs.x[n];
}

void handler(unsigned v, uint64_t period, uint64_t before, uint64_t stop)
{
    *reg(v, 20) = *reg(v, 21) = *reg(v, 22) = 0;
    *reg(v, 23) = UINT64_MAX;
    *reg(v, 26) = period;
    *reg(v, 27) = before;
    *reg(v, 28) = stop;
}

void set(const struct kind *kind, unsigned v, uint64_t cval, uint64_t ctl)
{
    guest(&a, v, kind->set, cval, ctl);
}

void check_count(const struct kind *kind, unsigned v, uint64_t count)
{
    guest(&a, v, spin_until, count, 0);
    guest(&a, v, spin, now() + US(300), 0);
    CHECK_EQ(*reg(v, kind->count), count);
    CHECK_EQ(*reg(v, 20) + *reg(v, 21), count);
    CHECK_EQ(*reg(v, 22), 0);
}

void late(const struct kind *kind, unsigned v)
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

/* The virtual one changes without an exit: the host looks. */
static bool is_signalled_now(void)
{
    guest(&a, 0, spin, now() + US(100), 0);
    MUST(vcpu_gic_maintenance(a.gic, a.vcpu[0]));
    return is_signalled();
}

/* Nothing is left to be taken if a timer's condition ends before. */
static void withdrawn(const struct kind *kind)
{
    handler(0, 0, 1, 0);
    guest(&a, 0, mask_interrupts, 0, 0);
    set(kind, 0, 0, ENABLE);
    CHECK(is_signalled_now());
    set(kind, 0, 0, ENABLE | IMASK);
    CHECK(!is_signalled_now());
    set(kind, 0, 0, ENABLE);
    CHECK(is_signalled_now());
    set(kind, 0, now() + US(100000000), ENABLE);
    CHECK(!is_signalled_now());
    set(kind, 0, now() + US(100000000), 0);
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

void check_nothing_is_armed(void)
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

void both(const char *name, void (*check)(const struct kind *kind))
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

void on_one_cpu(void)
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
    both("one whose condition ends is not taken", withdrawn);
    stop_vm(&a);
}

void in_another_way(const char *name)
{
    test_begin(name);
    start_vm(&a, timer_now() / 3 + 12345);
    both(NULL, is_late);
    both(NULL, past);
    both(NULL, masked);
    both(NULL, disabled_interrupts);
    both(NULL, comes_again);
    both(NULL, waits);
    both(NULL, leaves_with_it_due);
    both(NULL, withdrawn);
    stop_vm(&a);
}
