/* SPDX-License-Identifier: MIT */
/* A ticket lock: first come, first served. The caller has masked interrupts on its CPU. */
#ifndef VCPU_GIC_LOCK_H
#define VCPU_GIC_LOCK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "hw/cpu.h"

struct gic_lock {
    _Atomic uint32_t next, served;
};

static inline void gic_lock(struct gic_lock *lock)
{
    uint32_t ticket = atomic_fetch_add_explicit(&lock->next, 1, memory_order_relaxed);

    while (atomic_load_explicit(&lock->served, memory_order_acquire) != ticket)
        vcpu_cpu_relax();
}

/* Takes it if it is free: nobody has, or waits for, the next ticket. Makes no call. */
static inline bool gic_try_lock(struct gic_lock *lock)
{
    uint32_t served = atomic_load_explicit(&lock->served, memory_order_acquire);

    return atomic_compare_exchange_strong_explicit(&lock->next, &served, served + 1,
                                                   memory_order_relaxed, memory_order_relaxed);
}

static inline void gic_unlock(struct gic_lock *lock)
{
    uint32_t served = atomic_load_explicit(&lock->served, memory_order_relaxed);

    atomic_store_explicit(&lock->served, served + 1, memory_order_release);
}

/* Not inlined. */
void vcpu_gic_lock(struct gic_lock *lock);

/* Lets those have it who wait for it now: in the middle of a job that would hold it for long. */
void vcpu_gic_let_in(struct gic_lock *lock);

#endif
