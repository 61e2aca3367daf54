/* SPDX-License-Identifier: MIT */
#include "cpu.h"

#include <vcpu/device.h>
#include <vcpu/psci.h>

#include "arch.h"
#include "enable.h"
#include "exit.h"
#include "exits.h"
#include "host.h"
#include "interrupts.h"
#include "life.h"
#include "smp.h"
#include "timer.h"

#define SLICES_A_SECOND 200u

_Static_assert(ALARM_NEVER == SCHED_NEVER && ALARM_NEVER == VCPU_TIMER_NEVER, "never is one time");
_Static_assert(SCHED_MAX_CPUS >= PLATFORM_MAX_CPUS, "a CPU without a place");
_Static_assert(SCHED_MAX_VCPUS >= OPTIONS_MAX_VMS * OPTIONS_MAX_VCPUS, "a vCPU without a place");

static struct cpu cpus[PLATFORM_MAX_CPUS];
static const struct machine *machine;
static bool harden;
static struct sched sched;
static struct lock lock; /* of sched. No call that may wake a vCPU is made while it is held. */

struct cpu *this_cpu(void)
{
    return &cpus[smp_this()->index];
}

/* ---- Who runs where, from any CPU ---- */

static void poke(uint32_t cpu)
{
    if (cpu != SCHED_NOBODY)
        interrupts_poke(cpu);
}

void cpu_add(struct guest *guest)
{
    for (unsigned i = 0; i < guest->vcpu_count; i++)
        sched_add(&sched, &guest->vcpus[i].sched);
}

void cpu_start(struct guest_vcpu *vcpu)
{
    uint64_t daif = lock_acquire(&lock);

    poke(sched_start(&sched, &vcpu->sched));
    lock_release(&lock, daif);
}

/* Without the lock for most: see sched_may_wake, and vcpu_has_work for why nobody is missed. */
void cpu_wake(struct guest_vcpu *vcpu)
{
    uint64_t daif;

    if (!sched_may_wake(&vcpu->sched))
        return;
    daif = lock_acquire(&lock);
    poke(sched_wake(&sched, &vcpu->sched));
    lock_release(&lock, daif);
}

static struct guest_vcpu *vcpu_of(struct sched_vcpu *vcpu)
{
    return (struct guest_vcpu *)((uintptr_t)vcpu - offsetof(struct guest_vcpu, sched));
}

/* ---- This CPU's alarm ---- */

void cpu_set_guest_alarm(uint64_t at)
{
    struct cpu *self = this_cpu();

    self->alarm.guest = at;
    alarm_update(&self->alarm);
}

/*
 * With the lock held, whenever this CPU goes into a guest or to sleep.
 *
 * On a GICv2, which may be QEMU's (gic_look_again), a virtual timer that is due once more when the
 * guest ends its interrupt may be forgotten until another interrupt comes. While the guest runs
 * this CPU sees nothing of that: so there is one, again and again.
 */
static void set_alarm(struct cpu *self, uint64_t now)
{
    struct sched_vcpu *running = sched.cpus[self->index].running;
    uint64_t at = sched_alarm(&sched, self->index);

    if (running != NULL && machine->gic.version == 2 && at > now + sched.slice)
        at = now + sched.slice;
    self->alarm.sched = at;
    if (running != NULL && vcpu_of(running)->untaken)
        interrupts_look_in_time(self, now);
    alarm_update(&self->alarm);
}

static void wake_due(const struct cpu *self, uint64_t now)
{
    struct sched_vcpu *due;

    while ((due = sched_due(&sched, self->index, now)) != NULL)
        poke(sched_wake(&sched, due));
}

/* ---- Taking turns ---- */

/* Another vCPU takes its place: its state goes to memory, and it may run on any CPU. */
static void put(struct cpu *self)
{
    struct guest_vcpu *old = self->resident;
    uint64_t deadline, daif;

    host_demand(vcpu_put(&self->percpu, old->vcpu));
    self->resident = NULL;
    deadline = vcpu_timer_deadline(old->guest->timer, old->vcpu);
    /* What came for it on this CPU while it waited here was reported to nobody. */
    if (vcpu_has_work(old->vcpu)) {
        old->untaken = old->untaken || guest_masks_interrupts(old);
        cpu_wake(old);
    }
    /* With this the guest may end, and be gone: no look at `old` from here on. */
    daif = lock_acquire(&lock);
    poke(sched_left(&sched, &old->sched, deadline));
    /* This CPU wakes it, also if the vCPU that runs here next never exits by itself. */
    set_alarm(self, timer_now());
    lock_release(&lock, daif);
}

/*
 * There is something to do for the vCPU whose home this is. Does it go on at once? If not, it is ready
 * like others. Its devices look again before it goes on.
 */
static bool rouse(struct cpu *self)
{
    struct guest_vcpu *vcpu = self->resident;
    uint64_t daif, now;
    bool goes_on;

    vcpu_device_resync(vcpu->vcpu);
    daif = lock_acquire(&lock);
    now = timer_now();
    if (self->asked) {
        self->asked = false;
        wake_due(self, now);
    }
    goes_on = sched_rouse(&sched, &vcpu->sched, now);
    set_alarm(self, now);
    lock_release(&lock, daif);
    return goes_on;
}

/*
 * Sleeps until this CPU is asked to look who is ready; or until the vCPU that dozes here, if there is
 * one, goes on (true).
 */
static bool doze(struct cpu *self)
{
    do {
        /*
         * The timer of a vCPU that waits in this CPU may be due already, and have been forgotten.
         */
        gic_look_again();
        arch_wfi();
        irq_handle();
        if (self->resident != NULL && vcpu_has_work(self->resident->vcpu))
            return rouse(self);
    } while (!self->asked);
    return false;
}

/* Sleeps until there is a vCPU to run on this CPU. */
static struct guest_vcpu *choose(struct cpu *self)
{
    struct sched_vcpu *next;

    do {
        uint64_t daif = lock_acquire(&lock), now = timer_now();

        self->asked = false;
        wake_due(self, now);
        next = sched_pick(&sched, self->index, now);
        set_alarm(self, now);
        lock_release(&lock, daif);
        if (next != NULL)
            return vcpu_of(next);
    } while (!doze(self));
    return self->resident;
}

/* It is not resident, and off: for ever, or until a CPU_ON. */
static void stop(struct cpu *self, struct guest_vcpu *vcpu)
{
    struct guest *guest = vcpu->guest;
    uint64_t daif = lock_acquire(&lock);

    sched_stop(&sched, self->index);
    lock_release(&lock, daif);
    life_vcpu_off(guest);
}

/* ---- Running one ---- */

/* Does the vCPU that runs here go on? */
static bool look(struct cpu *self)
{
    uint64_t daif = lock_acquire(&lock), now = timer_now();
    bool stays;

    self->asked = false;
    wake_due(self, now);
    stays = sched_stays(&sched, self->index, now);
    set_alarm(self, now);
    lock_release(&lock, daif);
    return stays;
}

/* Most interrupts ask this host for no decision. Does the vCPU go on? */
static inline bool take_interrupt(struct cpu *self, const struct guest_vcpu *vcpu)
{
    interrupts_take(self, vcpu);
    return !self->asked || look(self);
}

/* From now on it waits, and may doze. */
static __attribute__((noinline)) void wait(struct cpu *self, struct guest_vcpu *vcpu)
{
    uint64_t daif = lock_acquire(&lock), now = timer_now();

    /* Its timers are in this CPU, and wake it by their interrupts; a WFIT has none. */
    if (sched_wait(&sched, self->index, vcpu_wait_deadline(vcpu->vcpu), now))
        set_alarm(self, now);
    lock_release(&lock, daif);
}

static bool is_off(const struct guest_vcpu *vcpu)
{
    uint64_t daif = lock_acquire(&lock);
    bool off = vcpu->sched.state == SCHED_OFF;

    lock_release(&lock, daif);
    return off;
}

/*
 * For the library the target is off from its CPU_OFF exit on, but that CPU may not have finished
 * with it. Then the guest makes the call again.
 */
static void cpu_up(struct vcpu *vcpu)
{
    struct guest_vcpu *target = vcpu_user(vcpu->exit.cpu_up.target);

    if (!is_off(target))
        return;
    __atomic_add_fetch(&target->guest->at_large, 1, __ATOMIC_RELAXED);
    host_demand(vcpu_complete_cpu_up(vcpu, VCPU_PSCI_SUCCESS));
    cpu_start(target);
}

/* What becomes of the vCPU after an exit. */
enum turn {
    TURN_GOES_ON,
    TURN_ENDS,  /* another one's comes, or it is off */
    TURN_WAITS, /* ends, unless there is nobody else to run here */
    TURN_WAS_LAST,
};

static enum turn turn_if(bool goes_on)
{
    return goes_on ? TURN_GOES_ON : TURN_ENDS;
}

/* An exit that is no interrupt. Who ends a guest kicks all its vCPUs after that. */
static enum turn answer(struct cpu *self, struct guest_vcpu *vcpu, uint32_t reason)
{
    switch (exits_answer(vcpu, reason)) {
    case NEXT_RUN:
        return TURN_GOES_ON;
    case NEXT_TAKE:
        if (!take_interrupt(self, vcpu))
            return TURN_ENDS;
        return life_is_over(vcpu->guest) ? TURN_WAS_LAST : TURN_GOES_ON;
    case NEXT_WAIT:
        wait(self, vcpu);
        return TURN_WAITS;
    case NEXT_UP:
        cpu_up(vcpu->vcpu);
        return TURN_GOES_ON;
    case NEXT_DOWN:
        self->resident = NULL; /* the library has put it away already */
        return TURN_ENDS;
    case NEXT_END:
        break;
    }
    life_end(vcpu->guest, vcpu->end);
    return TURN_WAS_LAST;
}

/* What was there for it already, when it began to wait, found nobody waiting. */
static enum turn after_wait(struct cpu *self, struct guest_vcpu *vcpu)
{
    bool dozes = vcpu->sched.state == SCHED_DOZING;

    if (!(vcpu_has_work(vcpu->vcpu) ? rouse(self) : dozes && doze(self)))
        return TURN_ENDS;
    return life_is_over(vcpu->guest) ? TURN_WAS_LAST : TURN_GOES_ON;
}

/* Its guest is over: it is never entered again. A call that it left open would hold the target. */
static void retire(struct cpu *self, struct guest_vcpu *vcpu)
{
    if (vcpu->vcpu->exit.reason == VCPU_EXIT_CPU_UP)
        host_demand(vcpu_complete_cpu_up(vcpu->vcpu, VCPU_PSCI_DENIED));
    if (self->resident == vcpu) {
        /* The library may have put it already: at the end of a suspend that powered it down. */
        host_demand(vcpu_percpu_put(&self->percpu));
        self->resident = NULL;
    }
    stop(self, vcpu);
}

/*
 * Until another one's turn comes, or it is off for now or for good. Not inlined, so that all registers
 * are this loop's.
 */
static __attribute__((noinline)) void run(struct cpu *self, struct guest_vcpu *vcpu)
{
    struct vcpu *const state = vcpu->vcpu;
    const bool times = vcpu->guest->options->times, hardened = harden;
    uint64_t left = 0;
    enum turn turn;

    self->resident = vcpu;
    do {
        exits_resume(state);
        do {
            int reason;

            if (hardened) /* an SError of the host's own is no guest's: VCPU_HARDEN_SERRORS */
                arch_take_serrors();
            reason = vcpu_run(&self->percpu, state);
            if (times)
                left = timer_now();
            if (reason < 0)
                exit_panic("libvcpu refuses to run a vCPU: %s", vcpu_error_string(reason));
            stats_count(&vcpu->stats, (uint32_t)reason);
            if (reason == VCPU_EXIT_IRQ)
                turn = turn_if(take_interrupt(self, vcpu));
            else
                turn = answer(self, vcpu, (uint32_t)reason);
            if (times)
                stats_time(&vcpu->stats, (uint32_t)reason, timer_now() - left);
        } while (turn == TURN_GOES_ON);
        if (turn == TURN_WAITS)
            turn = after_wait(self, vcpu);
    } while (turn == TURN_GOES_ON);
    if (turn == TURN_WAS_LAST)
        retire(self, vcpu);
    else if (self->resident == NULL)
        stop(self, vcpu);
}

/*
 * A guest that starts, anew or for the first time, does so in the turns of its vCPU 0: its memory
 * is large, and others need the CPU meanwhile. Between two pieces this CPU takes its interrupts. At
 * the end of a slice the start goes to the end of the queue, for any CPU. True: the vCPU can run.
 */
static bool start(struct cpu *self, struct guest_vcpu *vcpu)
{
    enum guest_progress progress;
    uint64_t daif;

    do {
        uint64_t begun = timer_now();

        progress = life_start(vcpu->guest, &self->percpu);
        stats_count(&vcpu->stats, STATS_START);
        stats_time(&vcpu->stats, STATS_START, timer_now() - begun);
        if (progress == GUEST_IS_STARTING)
            irq_handle();
    } while (progress == GUEST_IS_STARTING && (!self->asked || look(self)));
    if (progress == GUEST_CAN_RUN)
        return true;
    daif = lock_acquire(&lock);
    if (progress == GUEST_IS_STARTING)
        poke(sched_left(&sched, &vcpu->sched, SCHED_NEVER));
    else
        sched_stop(&sched, self->index);
    lock_release(&lock, daif);
    if (progress == GUEST_CANNOT)
        life_give_up(vcpu->guest);
    return false;
}

noreturn void cpu_run(void)
{
    struct cpu *self = this_cpu();

    for (;;) {
        struct guest_vcpu *vcpu = choose(self);

        if (self->resident != NULL && self->resident != vcpu)
            put(self);
        if (life_is_starting(vcpu->guest) && !start(self, vcpu))
            continue;
        if (life_is_over(vcpu->guest))
            retire(self, vcpu);
        else
            run(self, vcpu);
    }
}

/* ---- Set-up ---- */

void cpu_init(const struct machine *of, bool hardened)
{
    machine = of;
    harden = hardened;
    exits_init();
    sched_init(&sched, smp_count(), timer_frequency() / SLICES_A_SECOND);
    gic_init();
    interrupts_init(machine);
}

struct vcpu_percpu *cpu_enable(void)
{
    const unsigned index = smp_this()->index;
    struct cpu *self = &cpus[index];

    self->index = index;
    alarm_init(&self->alarm);
    gic_init_cpu();
    interrupts_enable(self, machine);
    enable_library(&self->percpu, index, machine->psci_smc, harden);
    return &self->percpu;
}
