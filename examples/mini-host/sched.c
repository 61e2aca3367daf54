/* SPDX-License-Identifier: MIT */
#include "sched.h"

#include <stddef.h>

void sched_init(struct sched *sched, unsigned cpus, uint64_t slice)
{
    *sched = (struct sched){.cpu_count = cpus, .slice = slice};
}

void sched_add(struct sched *sched, struct sched_vcpu *vcpu)
{
    *vcpu = (struct sched_vcpu){.state = SCHED_OFF, .home = SCHED_NOBODY, .deadline = SCHED_NEVER};
    vcpu->left = sched->slice;
    sched->vcpus[sched->vcpu_count++] = vcpu;
}

/* ---- Its state ---- */

static bool waits(const struct sched_vcpu *vcpu)
{
    return vcpu->state == SCHED_WAITING || vcpu->state == SCHED_DOZING;
}

static bool is_watched(const struct sched_vcpu *vcpu)
{
    return waits(vcpu) && vcpu->deadline != SCHED_NEVER;
}

/* Others read it without the lock: sched_may_wake. */
static void store_state(struct sched_vcpu *vcpu, enum sched_state state)
{
    __atomic_store_n(&vcpu->state, state, __ATOMIC_RELAXED);
}

/* deadline: for the case that it waits. */
static void set_state(struct sched *sched, struct sched_vcpu *vcpu, enum sched_state state,
                      uint64_t deadline)
{
    struct sched_cpu *keeper = &sched->cpus[vcpu->last];

    if (is_watched(vcpu))
        keeper->watched--;
    store_state(vcpu, state);
    vcpu->deadline = deadline;
    if (is_watched(vcpu))
        keeper->watched++;
}

/* ---- The queue ---- */

static void enqueue(struct sched *sched, struct sched_vcpu *vcpu)
{
    struct sched_vcpu **link = &sched->first;

    set_state(sched, vcpu, SCHED_READY, SCHED_NEVER);
    while (*link != NULL && (*link)->since <= vcpu->since)
        link = &(*link)->next;
    vcpu->next = *link;
    *link = vcpu;
}

/* The link to the first that may run on this CPU; one that holds NULL if there is none. */
static struct sched_vcpu **first_for(struct sched *sched, uint32_t cpu)
{
    struct sched_vcpu **link = &sched->first;

    while (*link != NULL && (*link)->home != SCHED_NOBODY && (*link)->home != cpu)
        link = &(*link)->next;
    return link;
}

/* From now on it is entitled to a slice. */
static void entitle(struct sched *sched, struct sched_vcpu *vcpu)
{
    vcpu->since = sched->now;
    vcpu->left = sched->slice;
}

/* ---- Which CPU to poke ---- */

static uint32_t find_idle(const struct sched *sched, uint32_t favourite)
{
    if (sched->cpus[favourite].idle)
        return favourite;
    for (uint32_t cpu = 0; cpu < sched->cpu_count; cpu++) {
        if (sched->cpus[cpu].idle)
            return cpu;
    }
    return SCHED_NOBODY;
}

/* The CPU whose slice ends first, of those where nobody waits for that yet. */
static uint32_t find_uncontended(const struct sched *sched)
{
    uint32_t best = SCHED_NOBODY;

    for (uint32_t i = 0; i < sched->cpu_count; i++) {
        const struct sched_cpu *cpu = &sched->cpus[i];

        if (!cpu->contended &&
            (best == SCHED_NOBODY || cpu->slice_end < sched->cpus[best].slice_end))
            best = i;
    }
    return best;
}

/* The CPU that runs the one that is entitled since last, if that is later than the vCPU is. */
static uint32_t find_later(const struct sched *sched, const struct sched_vcpu *vcpu)
{
    uint32_t best = SCHED_NOBODY;
    uint64_t since = vcpu->since;

    for (uint32_t i = 0; i < sched->cpu_count; i++) {
        const struct sched_cpu *cpu = &sched->cpus[i];

        if (!cpu->yields && cpu->running != NULL && cpu->running->since > since) {
            best = i;
            since = cpu->running->since;
        }
    }
    return best;
}

/*
 * Finds a CPU for a ready vCPU. Each CPU is asked for one vCPU at a time. If all are busy and
 * already asked, this vCPU gets its turn too, because CPUs look at the queue at the end of each
 * slice.
 */
static uint32_t summon(struct sched *sched, const struct sched_vcpu *vcpu)
{
    uint32_t cpu = vcpu->home;

    if (cpu == SCHED_NOBODY)
        cpu = find_idle(sched, vcpu->last);
    if (cpu == SCHED_NOBODY) {
        cpu = find_later(sched, vcpu);
        if (cpu != SCHED_NOBODY)
            sched->cpus[cpu].yields = true;
    }
    if (cpu == SCHED_NOBODY) {
        cpu = find_uncontended(sched);
        if (cpu != SCHED_NOBODY)
            sched->cpus[cpu].contended = true;
    }
    if (cpu != SCHED_NOBODY)
        sched->cpus[cpu].idle = false;
    return cpu;
}

/* ---- The life of a vCPU ---- */

/* Of the slice of the vCPU that runs on this CPU, or did. */
static uint64_t rest_of(const struct sched_cpu *self, uint64_t now)
{
    return now < self->slice_end ? self->slice_end - now : 0;
}

static uint32_t make_ready(struct sched *sched, struct sched_vcpu *vcpu)
{
    if (vcpu->left == 0)
        entitle(sched, vcpu);
    enqueue(sched, vcpu);
    return summon(sched, vcpu);
}

uint32_t sched_start(struct sched *sched, struct sched_vcpu *vcpu)
{
    if (vcpu->state != SCHED_OFF)
        return SCHED_NOBODY;
    entitle(sched, vcpu);
    return make_ready(sched, vcpu);
}

uint32_t sched_wake(struct sched *sched, struct sched_vcpu *vcpu)
{
    return waits(vcpu) ? make_ready(sched, vcpu) : SCHED_NOBODY;
}

/* Its home is this CPU from now on. */
static void run_here(struct sched *sched, uint32_t cpu, struct sched_vcpu *vcpu)
{
    struct sched_cpu *self = &sched->cpus[cpu];

    set_state(sched, vcpu, SCHED_RUNNING, SCHED_NEVER);
    vcpu->home = vcpu->last = cpu;
    self->waiting = NULL;
    self->running = vcpu;
    self->slice_end = sched->now + vcpu->left;
}

struct sched_vcpu *sched_pick(struct sched *sched, uint32_t cpu, uint64_t now)
{
    struct sched_cpu *self = &sched->cpus[cpu];
    struct sched_vcpu **link = first_for(sched, cpu), *vcpu = self->waiting;

    sched->now = now;
    self->idle = *link == NULL;
    self->contended = self->yields = false;
    if (vcpu != NULL && vcpu->home == cpu && waits(vcpu))
        store_state(vcpu, self->idle ? SCHED_DOZING : SCHED_WAITING); /* its deadline stays */
    if (self->idle)
        return NULL;
    vcpu = *link;
    *link = vcpu->next;
    run_here(sched, cpu, vcpu);
    self->contended = *first_for(sched, cpu) != NULL;
    return vcpu;
}

bool sched_rouse(struct sched *sched, struct sched_vcpu *vcpu, uint64_t now)
{
    struct sched_cpu *self;

    if (sched->first != NULL || vcpu->state != SCHED_DOZING) {
        (void)sched_wake(sched, vcpu);
        return false;
    }
    self = &sched->cpus[vcpu->home];
    sched->now = now;
    if (vcpu->left == 0)
        entitle(sched, vcpu);
    run_here(sched, vcpu->home, vcpu);
    self->idle = self->contended = self->yields = false;
    return true;
}

bool sched_stays(struct sched *sched, uint32_t cpu, uint64_t now)
{
    struct sched_cpu *self = &sched->cpus[cpu];
    const struct sched_vcpu *next = *first_for(sched, cpu);

    sched->now = now;
    self->contended = next != NULL;
    self->yields = false;
    if (next == NULL || (now < self->slice_end && next->since >= self->running->since))
        return true;
    self->running->left = rest_of(self, now);
    if (self->running->left == 0)
        entitle(sched, self->running);
    enqueue(sched, self->running);
    self->running = NULL;
    return false;
}

bool sched_wait(struct sched *sched, uint32_t cpu, uint64_t deadline, uint64_t now)
{
    struct sched_cpu *self = &sched->cpus[cpu];
    struct sched_vcpu *vcpu = self->running;

    sched->now = now;
    self->idle = *first_for(sched, cpu) == NULL;
    set_state(sched, vcpu, self->idle ? SCHED_DOZING : SCHED_WAITING, deadline);
    vcpu->left = rest_of(self, now);
    self->waiting = vcpu;
    self->running = NULL;
    return self->idle;
}

void sched_stop(struct sched *sched, uint32_t cpu)
{
    struct sched_cpu *self = &sched->cpus[cpu];

    set_state(sched, self->running, SCHED_OFF, SCHED_NEVER);
    self->running->home = SCHED_NOBODY;
    self->running = NULL;
}

uint32_t sched_left(struct sched *sched, struct sched_vcpu *vcpu, uint64_t deadline)
{
    vcpu->home = SCHED_NOBODY;
    set_state(sched, vcpu, vcpu->state, deadline);
    return vcpu->state == SCHED_READY ? summon(sched, vcpu) : SCHED_NOBODY;
}

/* ---- Time ---- */

struct sched_vcpu *sched_due(const struct sched *sched, uint32_t cpu, uint64_t now)
{
    if (sched->cpus[cpu].watched == 0)
        return NULL;
    for (unsigned i = 0; i < sched->vcpu_count; i++) {
        struct sched_vcpu *vcpu = sched->vcpus[i];

        if (is_watched(vcpu) && vcpu->last == cpu && vcpu->deadline <= now)
            return vcpu;
    }
    return NULL;
}

uint64_t sched_first_deadline(const struct sched *sched, uint32_t cpu)
{
    uint64_t first = SCHED_NEVER;

    for (unsigned i = 0; i < sched->vcpu_count; i++) {
        const struct sched_vcpu *vcpu = sched->vcpus[i];

        if (is_watched(vcpu) && vcpu->last == cpu && vcpu->deadline < first)
            first = vcpu->deadline;
    }
    return first;
}
