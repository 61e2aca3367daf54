/* SPDX-License-Identifier: MIT */
/*
 * Decides which vCPU runs where. Pure, and without a lock: the caller holds one around each call.
 *
 * Each vCPU is entitled to a slice of time since some moment. Ready vCPUs run in the order of these
 * moments, on any free CPU. One that has used up its slice is entitled to the next from then on, and
 * runs on while no other is ready. One that waits keeps what is left of its slice: if it wakes, it has
 * been entitled for longer than those that have run meanwhile, and takes the place of one of them. So
 * one that computes little runs at once, and whoever is ready waits for one slice of each other vCPU,
 * whatever those do.
 *
 * Several calls return a CPU to poke, or SCHED_NOBODY: that CPU must exit its guest, or wake up,
 * and look again (sched_stays, sched_pick).
 *
 * While a vCPU is resident on a CPU, that CPU is its home, and no other may run it. A CPU that runs
 * another vCPU instead puts it first (sched_left).
 */
#ifndef MINI_HOST_SCHED_H
#define MINI_HOST_SCHED_H

#include <stdbool.h>
#include <stdint.h>

#define SCHED_MAX_CPUS  8u
#define SCHED_MAX_VCPUS 64u
#define SCHED_NOBODY    UINT32_MAX /* no CPU */
#define SCHED_NEVER     UINT64_MAX /* no time */

enum sched_state {
    SCHED_OFF,
    SCHED_WAITING, /* for something that wakes it */
    SCHED_DOZING,  /* likewise, and its home sleeps with it: that CPU itself sees what wakes it */
    SCHED_READY,   /* in the queue */
    SCHED_RUNNING, /* on its home */
};

struct sched_vcpu {
    struct sched_vcpu *next; /* in the queue */
    enum sched_state state;
    uint32_t home;     /* the CPU that has its state, SCHED_NOBODY if none has */
    uint32_t last;     /* the CPU that had it last, and keeps its deadline */
    uint64_t deadline; /* when it is woken at the latest, while it waits */
    uint64_t since;    /* it is entitled to a slice */
    uint64_t left;     /* of that slice, when it ran last */
};

struct sched_cpu {
    struct sched_vcpu *running;
    struct sched_vcpu *waiting; /* whose home this is, or NULL */
    unsigned watched;           /* how many deadlines it keeps */
    uint64_t slice_end;
    bool idle;      /* asleep, and not poked yet */
    bool contended; /* somebody is ready, and runs here when the slice ends */
    bool yields;    /* or at once: poked for one that is entitled for longer */
};

struct sched {
    struct sched_cpu cpus[SCHED_MAX_CPUS];
    struct sched_vcpu *vcpus[SCHED_MAX_VCPUS];
    struct sched_vcpu *first; /* the queue */
    unsigned cpu_count, vcpu_count;
    uint64_t slice;
    uint64_t now; /* the latest time that any call was told */
};

/* A slice is in the ticks that all times are in. */
void sched_init(struct sched *sched, unsigned cpus, uint64_t slice);

/* Makes a vCPU known. It is off. */
void sched_add(struct sched *sched, struct sched_vcpu *vcpu);

/* Makes a vCPU ready: one that is off; one that waits or dozes, and any other is left as it is. */
uint32_t sched_start(struct sched *sched, struct sched_vcpu *vcpu);
uint32_t sched_wake(struct sched *sched, struct sched_vcpu *vcpu);

/*
 * Without the lock: may sched_wake have something to do? A vCPU that runs, or whose home sleeps with
 * it, is told by the library's kick: nobody else has to know.
 */
static inline bool sched_may_wake(const struct sched_vcpu *vcpu)
{
    return __atomic_load_n(&vcpu->state, __ATOMIC_RELAXED) == SCHED_WAITING;
}

/*
 * The next vCPU for this CPU: it is running from now on. Unless it is the one that the CPU has,
 * that one is put away before. NULL: the CPU may sleep until it is poked, or sched_alarm; if a vCPU
 * waits whose home it is, that one dozes.
 */
struct sched_vcpu *sched_pick(struct sched *sched, uint32_t cpu, uint64_t now);

/*
 * On the home of a vCPU, which found that there is something to do for it. If it dozes, and nobody is
 * ready, it runs from now on (true). If not, it is made ready, and nobody has to be told.
 */
bool sched_rouse(struct sched *sched, struct sched_vcpu *vcpu, uint64_t now);

/* Does the vCPU that runs here go on? If not, it is ready. */
bool sched_stays(struct sched *sched, uint32_t cpu, uint64_t now);

/*
 * The vCPU that runs here waits from now on, until the deadline at the latest. If there is nobody else
 * to run here, it dozes at once, as after a sched_pick that found nobody (true).
 */
bool sched_wait(struct sched *sched, uint32_t cpu, uint64_t deadline, uint64_t now);

/* The vCPU that runs here is off from now on, and has no home. */
void sched_stop(struct sched *sched, uint32_t cpu);

/*
 * The state of a vCPU whose home this CPU was is in memory. deadline: for the case that it waits,
 * instead of that of sched_wait.
 */
uint32_t sched_left(struct sched *sched, struct sched_vcpu *vcpu, uint64_t deadline);

/* One that waits, whose deadline is over, and that this CPU is to wake; NULL if there is none. */
struct sched_vcpu *sched_due(const struct sched *sched, uint32_t cpu, uint64_t now);

/* The first of the deadlines that this CPU keeps. */
uint64_t sched_first_deadline(const struct sched *sched, uint32_t cpu);

/* When this CPU has to look again: the end of a slice, or the deadline of one that waits. */
static inline uint64_t sched_alarm(const struct sched *sched, uint32_t cpu)
{
    const struct sched_cpu *self = &sched->cpus[cpu];
    uint64_t slice = self->running && self->contended ? self->slice_end : SCHED_NEVER;
    uint64_t deadline = self->watched == 0 ? SCHED_NEVER : sched_first_deadline(sched, cpu);

    return deadline < slice ? deadline : slice;
}

#endif
