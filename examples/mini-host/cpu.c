/* SPDX-License-Identifier: MIT */
#include "cpu.h"

#include <vcpu/device.h>
#include <vcpu/psci.h>

#include "alarm.h"
#include "arch.h"
#include "enable.h"
#include "exit.h"
#include "exits.h"
#include "gic.h"
#include "host.h"
#include "irq.h"
#include "life.h"
#include "smp.h"
#include "timer.h"

#define POKE_SGI        1u /* look who is ready */
#define KICK_SGI        2u /* the library's: what the resident vCPU was told is in its own state */
#define SLICES_A_SECOND 200u
#define LOOKS_A_SECOND  1000u /* after the source of an interrupt that the guest masks */

_Static_assert(ALARM_NEVER == SCHED_NEVER && ALARM_NEVER == VCPU_TIMER_NEVER, "never is one time");
_Static_assert(SCHED_MAX_CPUS >= PLATFORM_MAX_CPUS, "a CPU without a place");
_Static_assert(SCHED_MAX_VCPUS >= OPTIONS_MAX_VMS * OPTIONS_MAX_VCPUS, "a vCPU without a place");

struct cpu {
    struct vcpu_percpu percpu;
    struct guest_vcpu *resident; /* whose state is in this CPU's registers, or about to be */
    struct alarm alarm;
    bool asked;   /* to look who is ready */
    bool untaken; /* the resident vCPU masks interrupts, and one was forwarded to it */
    unsigned index;
};

static struct cpu cpus[PLATFORM_MAX_CPUS];
static const struct machine *machine;
static bool harden;
static struct sched sched;
static uint64_t look_interval; /* in ticks of the counter */
static struct lock lock; /* of sched. No call that may wake a vCPU is made while it is held. */

static struct cpu *this_cpu(void)
{
    return &cpus[smp_this()->index];
}

/* ---- Who runs where, from any CPU ---- */

void cpu_kick(unsigned cpu)
{
    gic_send_sgi(cpu, KICK_SGI);
}

static void poke(uint32_t cpu)
{
    if (cpu != SCHED_NOBODY)
        gic_send_sgi(cpu, POKE_SGI);
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

/* ---- This CPU's interrupts ---- */

/* The next interrupt of the host's comes in time for a look. */
static void limit_stay(struct cpu *self, uint64_t now)
{
    if (self->alarm.sched > now + look_interval)
        self->alarm.sched = now + look_interval;
}

/*
 * A guest that masks interrupts can stop its timer, or set it for later, after the interrupt was
 * forwarded, and nobody notices. Each WFI then ends at once: so there is a look now and then.
 */
static void look_later(void)
{
    struct cpu *self = this_cpu();

    self->untaken = true;
    limit_stay(self, timer_now());
    alarm_update(&self->alarm);
}

/*
 * The resident vCPU's virtual timer is due. From here on its interrupt is the guest's, whose end of
 * it makes the physical one inactive again.
 */
static inline void forward_timer(const struct guest_vcpu *vcpu)
{
    const struct guest *guest = vcpu->guest;

    if (vcpu_timer_forward(guest->timer, guest->gic, vcpu->vcpu) != VCPU_OK)
        gic_deactivate(machine->virtual_timer_intid);
    else if (guest_masks_interrupts(vcpu))
        look_later();
}

static void on_virtual_timer(void)
{
    const struct guest_vcpu *vcpu = this_cpu()->resident;

    if (vcpu != NULL)
        forward_timer(vcpu);
    else
        gic_deactivate(machine->virtual_timer_intid);
}

static void on_maintenance(void)
{
    struct guest_vcpu *vcpu = this_cpu()->resident;

    if (vcpu != NULL)
        vcpu_gic_maintenance(vcpu->guest->gic, vcpu->vcpu);
}

/* A counter of the resident vCPU has overflowed. The host has none of its own. */
static void on_overflow(void)
{
    struct guest_vcpu *vcpu = this_cpu()->resident;

    if (vcpu != NULL && vcpu->guest->pmu != NULL)
        vcpu_pmu_interrupt(vcpu->guest->pmu, vcpu->vcpu);
}

static void on_poke(void)
{
    this_cpu()->asked = true;
}

/* Its only purpose is to make the CPU exit its guest, or wake up. */
static void on_kick(void)
{
}

static void on_timer(void)
{
    struct cpu *self = this_cpu();

    alarm_rang(&self->alarm);
    self->asked = true;
    if (self->untaken) {
        on_maintenance();
        self->untaken = self->resident != NULL && guest_masks_interrupts(self->resident);
    }
}

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
    bool in_guest = sched.cpus[self->index].running != NULL;
    uint64_t at = sched_alarm(&sched, self->index);

    if (in_guest && machine->gic.version == 2 && at > now + sched.slice)
        at = now + sched.slice;
    self->alarm.sched = at;
    if (in_guest && self->untaken)
        limit_stay(self, now);
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
    if (vcpu_has_work(old->vcpu))
        cpu_wake(old);
    /* With this the guest may end, and be gone: no look at `old` from here on. */
    daif = lock_acquire(&lock);
    poke(sched_left(&sched, &old->sched, deadline));
    /* This CPU wakes it, also if the vCPU that runs here next never exits by itself. */
    set_alarm(self, timer_now());
    lock_release(&lock, daif);
}

/* Sleeps until there is a vCPU to run on this CPU. */
static struct guest_vcpu *choose(struct cpu *self)
{
    bool rouses = false;

    for (;;) {
        uint64_t daif = lock_acquire(&lock), now = timer_now();
        struct sched_vcpu *next;

        self->asked = false;
        if (rouses)
            (void)sched_wake(&sched, &self->resident->sched); /* this CPU need not be told */
        wake_due(self, now);
        next = sched_pick(&sched, self->index, now);
        set_alarm(self, now);
        lock_release(&lock, daif);
        if (next != NULL)
            return vcpu_of(next);
        /*
         * The timer of a vCPU that waits in this CPU may be due already, and have been forgotten.
         */
        gic_look_again();
        arch_wfi();
        irq_handle();
        /*
         * The vCPU dozes here, and something came for it. Its devices look again before it goes on.
         */
        rouses = self->resident != NULL && vcpu_has_work(self->resident->vcpu);
        if (rouses)
            vcpu_device_notify(self->resident->vcpu);
    }
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

/*
 * Takes the interrupt that brought the guest out; if there are more, they will, too. Most ask this host
 * for no decision: the resident vCPU's own, and kicks. Does the vCPU go on?
 */
static inline bool take_interrupt(struct cpu *self, const struct guest_vcpu *vcpu)
{
    uint32_t acknowledged = gic_acknowledge();

    if (acknowledged == machine->virtual_timer_intid) {
        gic_drop(acknowledged);
        forward_timer(vcpu);
    } else {
        irq_take(acknowledged);
    }
    return !self->asked || look(self);
}

/* It waits. What is there for it already found nobody waiting, and wakes it now. */
static void wait(struct cpu *self, struct guest_vcpu *vcpu)
{
    uint64_t daif = lock_acquire(&lock);

    /* Its timers are in this CPU, and wake it by their interrupts; a WFIT has none. */
    sched_wait(&sched, self->index, vcpu_wait_deadline(vcpu->vcpu));
    lock_release(&lock, daif);
    if (vcpu_has_work(vcpu->vcpu))
        vcpu_device_notify(vcpu->vcpu);
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

/* After the vCPU's exit: does this CPU go on with it? */
static bool goes_on(struct cpu *self, struct guest_vcpu *vcpu, uint32_t reason)
{
    switch (exits_answer(vcpu, reason)) {
    case NEXT_RUN:
        return true;
    case NEXT_TAKE:
        return take_interrupt(self, vcpu);
    case NEXT_WAIT:
        wait(self, vcpu);
        return false;
    case NEXT_UP:
        cpu_up(vcpu->vcpu);
        return true;
    case NEXT_DOWN:
        self->resident = NULL; /* the library has put it away already */
        return false;
    case NEXT_END:
        break;
    }
    life_end(vcpu->guest, vcpu->end);
    return true;
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

/* Until another one's turn comes, or it waits, or is off for now or for good. */
static void run(struct cpu *self, struct guest_vcpu *vcpu)
{
    const bool times = vcpu->guest->options->times;
    bool on;

    self->resident = vcpu;
    exits_resume(vcpu->vcpu);
    do {
        int reason;
        uint64_t left = 0;

        if (harden) /* an SError of the host's own is no guest's: VCPU_HARDEN_SERRORS */
            arch_take_serrors();
        reason = vcpu_run(&self->percpu, vcpu->vcpu);
        if (times)
            left = timer_now();
        if (reason < 0)
            exit_panic("libvcpu refuses to run a vCPU: %s", vcpu_error_string(reason));
        stats_count(&vcpu->stats, (uint32_t)reason);
        on = goes_on(self, vcpu, (uint32_t)reason);
        if (times)
            stats_time(&vcpu->stats, (uint32_t)reason, timer_now() - left);
    } while (on && !life_is_over(vcpu->guest));
    if (on)
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
    look_interval = timer_frequency() / LOOKS_A_SECOND;
    gic_init();
    irq_register(POKE_SGI, on_poke);
    irq_register(KICK_SGI, on_kick);
    irq_register(machine->hyp_timer_intid, on_timer);
    irq_register(machine->gic.maintenance_intid, on_maintenance);
    irq_register(VCPU_PMU_PPI, on_overflow);
    irq_register_handover(machine->virtual_timer_intid, on_virtual_timer);
}

struct vcpu_percpu *cpu_enable(void)
{
    const unsigned index = smp_this()->index;
    struct cpu *self = &cpus[index];

    self->index = index;
    alarm_init(&self->alarm);
    gic_init_cpu();
    gic_enable(POKE_SGI);
    gic_enable(KICK_SGI);
    gic_enable(machine->hyp_timer_intid);
    gic_enable(machine->gic.maintenance_intid);
    gic_enable(machine->virtual_timer_intid);
    gic_enable(VCPU_PMU_PPI);
    enable_library(&self->percpu, index, machine->psci_smc, harden);
    return &self->percpu;
}
