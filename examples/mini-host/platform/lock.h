/* SPDX-License-Identifier: MIT */
/* A spin lock. It waits with WFE: under QEMU's -icount a plain loop starves the other CPUs. */
#ifndef PLATFORM_LOCK_H
#define PLATFORM_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "arch.h"

struct lock {
    uint32_t taken;
};

static inline bool lock_try(struct lock *lock)
{
    return __atomic_exchange_n(&lock->taken, 1, __ATOMIC_ACQUIRE) == 0;
}

/*
 * Takes it with IRQs masked, so that an IRQ handler on this CPU cannot wait for it. Returns what
 * lock_release needs.
 */
static inline uint64_t lock_acquire(struct lock *lock)
{
    uint64_t daif = arch_irq_save();

    while (!lock_try(lock))
        arch_wfe();
    return daif;
}

static inline void lock_release(struct lock *lock, uint64_t daif)
{
    __atomic_store_n(&lock->taken, 0, __ATOMIC_RELEASE);
    arch_sev();
    arch_irq_restore(daif);
}

#endif
