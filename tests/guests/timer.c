/* SPDX-License-Identifier: MIT */
/* A guest's timers and counters, register by register, and the VM's counter offset. */
#include <stdatomic.h>

#include <vcpu/device.h>
#include <vcpu/timer.h>

#include "testhost.h"

#include "arch.h"

extern const char get_ptval[], set_ptval[], get_pctl[], set_pctl[], get_pcval[], set_pcval[];
extern const char set_vctl[], get_vctl[], set_vcval[], counters[], set_pctl_zero[];
extern const char watch[], turn_off[], turn_on[];
extern const char el0_pct[], el0_vct[], el0_pctl[], el0_pcval[], el0_ptval[];

#define ENABLE  1u
#define IMASK   2u
#define ISTATUS 4u

#define CLASS_SVC     0x15u
#define CLASS_MSR_MRS 0x18u

#define MS(n) (timer_frequency() / 1000 * (n))

/* ---- The host's interrupt controller is a note of what it was told ---- */

static struct {
    bool level[32];
    unsigned told[32];
    uint64_t armed;
} notes;

static void note_ppi(void *ctx, struct vcpu *vcpu, uint32_t intid, bool level)
{
    (void)ctx;
    (void)vcpu;
    notes.level[intid % 32] = level;
    notes.told[intid % 32]++;
}

static void note_deadline(void *ctx, struct vcpu *vcpu, uint64_t deadline)
{
    (void)ctx;
    (void)vcpu;
    notes.armed = deadline;
}

struct machine_with_timer {
    struct test_vm vm;
    struct vcpu_timer *timer;
    struct vcpu *vcpu[2];
};

static void start_vm(struct machine_with_timer *m, uint64_t offset)
{
    const struct vcpu_timer_config config = {
        .host = &testhost_hooks, .set_ppi = note_ppi, .arm = note_deadline};

    testhost_vm_with(&m->vm, (struct vcpu_vm_config){.counter_offset = offset});
    CHECK_EQ(vcpu_timer_create(m->vm.vm, &config, &m->timer), VCPU_OK);
    for (uint16_t i = 0; i < 2; i++)
        m->vcpu[i] = testhost_vcpu(&m->vm, i);
    notes.armed = VCPU_TIMER_NEVER;
    for (unsigned i = 0; i < 32; i++)
        notes.told[i] = notes.level[i] = 0;
}

static void stop_vm(struct machine_with_timer *m)
{
    testhost_vm_free(&m->vm);
    CHECK_EQ(vcpu_timer_destroy(m->timer), VCPU_OK);
}

static uint64_t guest(struct vcpu *vcpu, const char *snippet, uint64_t x1)
{
    testhost_enter_at(vcpu, snippet);
    vcpu->regs.x[1] = x1;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    return vcpu->regs.x[1];
}

static void put(void)
{
    MUST(vcpu_percpu_put(testhost_percpu(smp_this()->index)));
}

/* ---- The other CPU ---- */

static void other_cpu(unsigned index)
{
    (void)index;
    testhost_enable(VCPU_PERCPU_HOST_CNTPCT);
    testhost_serve();
}

/* ---- Tests ---- */

static struct machine_with_timer m;

static void registers(void)
{
    struct vcpu *v;
    uint64_t before, count;

    start_vm(&m, timer_now() - 1000);
    v = m.vcpu[0];

    test_begin("the physical timer is off, and keeps what is written");
    CHECK_EQ(guest(v, get_pctl, 9), 0);
    CHECK_EQ(guest(v, get_pcval, 9), 0);
    guest(v, set_pcval, UINT64_C(0xfedcba9876543210));
    CHECK_EQ(guest(v, get_pcval, 9), UINT64_C(0xfedcba9876543210));
    guest(v, set_pctl, UINT64_MAX);
    CHECK_EQ(guest(v, get_pctl, 9), ENABLE | IMASK);
    guest(v, set_pctl_zero, 9);
    CHECK_EQ(guest(v, get_pctl, 9), 0);

    test_begin("the timer value is a signed distance from the count");
    before = timer_now();
    guest(v, set_ptval, 0x7fffffff);
    count = guest(v, get_pcval, 0) + vcpu_vm_counter_offset(m.vm.vm);
    CHECK(count - before >= 0x7fffffff && count - timer_now() <= 0x7fffffff);
    before = timer_now();
    guest(v, set_ptval, 0xffffffff - 999);
    count = guest(v, get_pcval, 0) + vcpu_vm_counter_offset(m.vm.vm);
    CHECK(count + 1000 >= before && count + 1000 <= timer_now());
    count = guest(v, get_ptval, 0);
    CHECK(count >> 32 == 0 && (int32_t)(uint32_t)count < -1000);

    test_begin("status tells that it is due, and the output follows");
    CHECK_EQ(guest(v, get_pctl, 0), 0);
    CHECK_EQ(notes.told[VCPU_TIMER_PHYSICAL_PPI], 0);
    guest(v, set_pctl, ENABLE | IMASK);
    CHECK_EQ(guest(v, get_pctl, 0), ENABLE | IMASK | ISTATUS);
    CHECK_EQ(notes.told[VCPU_TIMER_PHYSICAL_PPI], 0);
    guest(v, set_pctl, ENABLE);
    CHECK_EQ(guest(v, get_pctl, 0), ENABLE | ISTATUS);
    CHECK(notes.level[VCPU_TIMER_PHYSICAL_PPI]);
    guest(v, set_ptval, 0x7fffffff);
    CHECK_EQ(guest(v, get_pctl, 0), ENABLE);
    CHECK(!notes.level[VCPU_TIMER_PHYSICAL_PPI]);

    test_begin("its deadline is told, and taken back");
    count = guest(v, get_pcval, 0) + vcpu_vm_counter_offset(m.vm.vm);
    CHECK_EQ(notes.armed, count);
    CHECK_EQ(vcpu_timer_deadline(m.timer, v), count);
    put();
    CHECK_EQ(notes.armed, VCPU_TIMER_NEVER);
    CHECK_EQ(vcpu_timer_deadline(m.timer, v), count);
    guest(v, get_pctl, 0);
    CHECK_EQ(notes.armed, count);
    guest(v, set_pctl, 0);
    CHECK_EQ(notes.armed, VCPU_TIMER_NEVER);
    CHECK_EQ(vcpu_timer_deadline(m.timer, v), VCPU_TIMER_NEVER);
    CHECK_EQ(notes.told[VCPU_TIMER_VIRTUAL_PPI], 0);
    stop_vm(&m);
}

/* On a busy machine it may be due before that: then once more, with more time. Returns when it is. */
static void leaves_before_it_is_due(struct vcpu *v, uint64_t offset)
{
    for (uint64_t ms = 10;; ms *= 2) {
        uint64_t due = timer_now() + MS(ms);

        guest(v, set_vcval, due - offset);
        put();
        if (timer_now() >= due)
            continue;
        while (timer_now() < due)
            ;
        return;
    }
}

static void virtual_timer(void)
{
    struct vcpu *v;
    uint64_t offset, count;
    unsigned told;

    test_begin("whose the virtual timer's interrupt is");
    start_vm(&m, 12345);
    v = m.vcpu[0];
    offset = vcpu_vm_counter_offset(m.vm.vm);
    CHECK_EQ(offset, 12345);
    CHECK_EQ(vcpu_timer_interrupt(NULL, v), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_timer_interrupt(m.timer, NULL), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_timer_interrupt(m.timer, v), VCPU_ERR_STATE);
    guest(v, set_vcval, 0);
    guest(v, set_vctl, ENABLE | IMASK);
    CHECK_EQ(vcpu_timer_interrupt(m.timer, v), VCPU_ERR_STATE);
    guest(v, set_vctl, ENABLE);
    CHECK_EQ(vcpu_timer_interrupt(m.timer, v), VCPU_OK);
    CHECK_EQ(vcpu_timer_interrupt(m.timer, m.vcpu[1]), VCPU_ERR_STATE);
    guest(v, set_vctl, 0);
    CHECK_EQ(vcpu_timer_interrupt(m.timer, v), VCPU_ERR_STATE);
    CHECK_EQ(notes.told[VCPU_TIMER_VIRTUAL_PPI], 1);
    put();
    CHECK_EQ(vcpu_timer_interrupt(m.timer, v), VCPU_ERR_STATE);

    test_begin("when a vCPU that left the CPU must come back");
    CHECK_EQ(vcpu_timer_deadline(m.timer, v), VCPU_TIMER_NEVER);
    count = timer_now() + MS(100000);
    guest(v, set_vcval, count - offset);
    guest(v, set_vctl, ENABLE | IMASK);
    CHECK_EQ(vcpu_timer_deadline(m.timer, v), VCPU_TIMER_NEVER);
    guest(v, set_vctl, ENABLE);
    CHECK_EQ(vcpu_timer_deadline(m.timer, v), count);
    put();
    CHECK_EQ(testhost_cntv_ctl() & ENABLE, 0);
    CHECK_EQ(testhost_cntp_ctl() & ENABLE, 0);
    CHECK_EQ(vcpu_timer_deadline(m.timer, v), count);
    CHECK(!vcpu_has_work(v));
    leaves_before_it_is_due(v, offset);
    CHECK_EQ(vcpu_timer_deadline(m.timer, v), 0);
    CHECK(vcpu_has_work(v));

    test_begin("one that is due when it leaves is the interrupt controller's matter");
    CHECK_EQ(guest(v, get_vctl, 0), ENABLE | ISTATUS);
    CHECK_EQ(vcpu_timer_deadline(m.timer, v), 0);
    CHECK(vcpu_has_work(v));
    told = notes.told[VCPU_TIMER_VIRTUAL_PPI];
    put();
    CHECK_EQ(notes.told[VCPU_TIMER_VIRTUAL_PPI], told + 1);
    CHECK_EQ(vcpu_timer_deadline(m.timer, v), VCPU_TIMER_NEVER);

    test_begin("so is one whose interrupt was handed on: a guest that masks it there may wait");
    CHECK_EQ(guest(v, get_vctl, 0), ENABLE | ISTATUS);
    CHECK_EQ(vcpu_timer_interrupt(m.timer, v), VCPU_OK);
    CHECK_EQ(vcpu_timer_deadline(m.timer, v), VCPU_TIMER_NEVER);
    CHECK(!vcpu_has_work(v));
    count = timer_now() + MS(100000);
    guest(v, set_vcval, count - offset);
    CHECK_EQ(vcpu_timer_deadline(m.timer, v), count);
    guest(v, set_vcval, 0);
    put();
    guest(v, get_vctl, 0);
    CHECK(vcpu_has_work(v));
    stop_vm(&m);
}

/* Whether EL0 gets at the register, by what CNTKCTL_EL1 has set. */
static void el0_register(const char *snippet, uint64_t bit)
{
    struct vcpu *v = m.vcpu[0];

    for (unsigned allowed = 0; allowed < 2; allowed++) {
        guest(v, snippet, allowed ? bit : 0x303 & ~bit);
        CHECK_EQ(v->regs.x[3] >> 26, allowed ? CLASS_SVC : CLASS_MSR_MRS);
        if (!allowed)
            CHECK_EQ(v->regs.x[2], UINT64_MAX);
        else
            CHECK(v->regs.x[2] != UINT64_MAX);
        /* It comes back at EL1. */
        CHECK_EQ(v->regs.pstate & 0xf, 5);
    }
}

static void el0(void)
{
    test_begin("programs at EL0 get what the guest's CNTKCTL_EL1 lets them");
    start_vm(&m, 77);
    guest(m.vcpu[0], set_pcval, 1000);
    el0_register(el0_pct, 1);
    CHECK(m.vcpu[0]->regs.x[2] <= timer_now() - 77);
    el0_register(el0_vct, 2);
    el0_register(el0_pcval, 0x200);
    CHECK_EQ(m.vcpu[0]->regs.x[2], 1000);
    el0_register(el0_pctl, 0x200);
    CHECK_EQ(m.vcpu[0]->regs.x[2], 0);
    el0_register(el0_ptval, 0x200);
    stop_vm(&m);
}

/* The count that the vCPU sees in both its counters is the machine's less the offset. */
static void check_time(struct vcpu *v, uint64_t offset)
{
    uint64_t before = timer_now() - offset, after;

    guest(v, counters, 0);
    after = timer_now() - offset;
    CHECK(before <= v->regs.x[1]);
    CHECK(v->regs.x[1] <= v->regs.x[2]);
    CHECK(v->regs.x[2] <= v->regs.x[3]);
    CHECK(v->regs.x[3] <= v->regs.x[4]);
    CHECK(v->regs.x[4] <= after);
}

static void check_time_here(void)
{
    check_time(m.vcpu[0], vcpu_vm_counter_offset(m.vm.vm));
    check_time(m.vcpu[1], vcpu_vm_counter_offset(m.vm.vm));
    put();
}

static void is_busy_here(void)
{
    CHECK_EQ(vcpu_vm_set_counter_offset(m.vm.vm, 5), VCPU_ERR_BUSY);
}

static void one_time(void)
{
    struct machine_with_timer other;
    uint64_t offset = timer_now() / 2, stopped;

    test_begin("a VM's vCPUs see one time, in both counters, on each CPU");
    start_vm(&m, offset);
    check_time_here();
    testhost_on_other(check_time_here);
    check_time_here();

    test_begin("two VMs on one CPU see each its own time");
    start_vm(&other, (uint64_t)-1000000);
    for (unsigned i = 0; i < 3; i++) {
        check_time(m.vcpu[i % 2], offset);
        check_time(other.vcpu[i % 2], (uint64_t)-1000000);
    }
    stop_vm(&other);

    test_begin("the offset is changed while no vCPU has the old one in a CPU");
    CHECK_EQ(vcpu_vm_set_counter_offset(NULL, 5), VCPU_ERR_INVALID);
    check_time(m.vcpu[1], offset);
    CHECK_EQ(vcpu_vm_set_counter_offset(m.vm.vm, 5), VCPU_ERR_BUSY);
    testhost_on_other(is_busy_here);
    CHECK_EQ(vcpu_vm_counter_offset(m.vm.vm), offset);
    check_time(m.vcpu[1], offset);
    put();
    CHECK_EQ(vcpu_vm_set_counter_offset(m.vm.vm, 5), VCPU_OK);
    check_time_here();
    CHECK_EQ(vcpu_vm_set_counter_offset(m.vm.vm, offset), VCPU_OK);

    test_begin("time stands still for a VM whose offset grows by it");
    guest(m.vcpu[0], set_vcval, timer_now() - offset + MS(100000));
    guest(m.vcpu[0], set_vctl, ENABLE);
    check_time(m.vcpu[0], offset);
    put();
    CHECK(vcpu_timer_deadline(m.timer, m.vcpu[0]) != VCPU_TIMER_NEVER);
    CHECK(!vcpu_has_work(m.vcpu[0]));
    /* It is due if time leaps on, and not if the time until then is taken out again. */
    stopped = timer_now();
    CHECK_EQ(vcpu_vm_set_counter_offset(m.vm.vm, offset - MS(200000)), VCPU_OK);
    CHECK(vcpu_has_work(m.vcpu[0]));
    CHECK_EQ(vcpu_vm_set_counter_offset(m.vm.vm, offset + (timer_now() - stopped)), VCPU_OK);
    CHECK(!vcpu_has_work(m.vcpu[0]));
    CHECK(vcpu_timer_deadline(m.timer, m.vcpu[0]) > timer_now());
    CHECK_EQ(guest(m.vcpu[0], get_vctl, 0), ENABLE);
    guest(m.vcpu[0], counters, 0);
    CHECK(m.vcpu[0]->regs.x[1] >= stopped - offset);
    CHECK(m.vcpu[0]->regs.x[1] < stopped - offset + MS(100000));
    stop_vm(&m);
}

/* Both at the same moment: none sees time go back, nor the two counters differ. */
static void watch_here(void)
{
    struct vcpu *v = m.vcpu[smp_this()->index];

    testhost_enter_at(v, watch);
    v->regs.x[3] = 3000;
    CHECK_EQ(testhost_run(v), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(v->regs.x[4], 0);
    CHECK_EQ(v->regs.x[2], 3000);
    put();
}

static void at_once(void)
{
    test_begin("two vCPUs look at the time at once, and it does not go back");
    start_vm(&m, timer_now() - 5);
    testhost_begin_on_other(watch_here);
    watch_here();
    testhost_wait_for_other();
    stop_vm(&m);
}

static void off_and_on(void)
{
    struct vcpu *v;

    test_begin("a vCPU that was turned off and on has its timers off");
    start_vm(&m, 0);
    v = m.vcpu[1];
    guest(v, set_pcval, 1);
    guest(v, set_pctl, ENABLE);
    guest(v, set_vcval, 1);
    guest(v, set_vctl, ENABLE);
    CHECK(notes.level[VCPU_TIMER_PHYSICAL_PPI]);
    testhost_enter_at(v, turn_off);
    CHECK_EQ(testhost_run(v), VCPU_EXIT_CPU_DOWN);
    CHECK_EQ(testhost_cntv_ctl() & ENABLE, 0);
    testhost_enter_at(m.vcpu[0], turn_on);
    m.vcpu[0]->regs.x[1] = 1;
    m.vcpu[0]->regs.x[2] = testhost_ipa(get_pctl);
    CHECK_EQ(testhost_run(m.vcpu[0]), VCPU_EXIT_CPU_UP);
    CHECK_EQ(vcpu_complete_cpu_up(m.vcpu[0], VCPU_PSCI_SUCCESS), VCPU_OK);
    CHECK(!notes.level[VCPU_TIMER_PHYSICAL_PPI]);
    CHECK(!notes.level[VCPU_TIMER_VIRTUAL_PPI]);
    CHECK_EQ(vcpu_timer_deadline(m.timer, v), VCPU_TIMER_NEVER);
    CHECK_EQ(guest(v, get_pctl, 9), 0);
    CHECK_EQ(guest(v, get_pcval, 9), 0);
    CHECK_EQ(guest(v, get_vctl, 9), 0);
    stop_vm(&m);
}

/* A host that reads its own virtual counter, and one that does not. */
static void the_hosts_time(uint32_t flags)
{
    uint64_t before, after;

    testhost_enable(flags);
    start_vm(&m, UINT64_C(1) << 40);
    before = arch_read(cntvct_el0);
    for (unsigned i = 0; i < 4; i++) {
        check_time(m.vcpu[i % 2], UINT64_C(1) << 40);
        if (flags & VCPU_PERCPU_HOST_CNTPCT)
            put();
        after = arch_read(cntvct_el0);
        CHECK(after >= before && after - before < UINT64_C(1) << 39); /* half of the offset */
        before = after;
    }
    stop_vm(&m);
    CHECK_EQ(vcpu_percpu_disable(testhost_percpu(0)), VCPU_OK);
}

void host_main(const struct machine *machine)
{
    (void)machine;
    test_begin("the host's own virtual count goes on as if there were no guests");
    the_hosts_time(0);
    the_hosts_time(VCPU_PERCPU_HOST_CNTPCT);
    testhost_enable(VCPU_PERCPU_HOST_CNTPCT);
    if (!smp_start(other_cpu))
        test_fail("the second CPU does not start");
    registers();
    virtual_timer();
    el0();
    one_time();
    at_once();
    off_and_on();
    test_end();
}
