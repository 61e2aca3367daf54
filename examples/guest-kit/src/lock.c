/* SPDX-License-Identifier: MIT */
#include <kit/arch.h>
#include <kit/cpu.h>

void kit_lock(struct kit_lock *lock)
{
    while (__atomic_exchange_n(&lock->taken, 1, __ATOMIC_ACQUIRE) != 0) {
        while (__atomic_load_n(&lock->taken, __ATOMIC_RELAXED) != 0)
            kit_yield();
    }
}

void kit_unlock(struct kit_lock *lock)
{
    __atomic_store_n(&lock->taken, 0, __ATOMIC_RELEASE);
}
