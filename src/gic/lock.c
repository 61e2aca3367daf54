/* SPDX-License-Identifier: MIT */
#include "gic/lock.h"

__attribute__((noinline)) void vcpu_gic_lock(struct gic_lock *lock)
{
    gic_lock(lock);
}

void vcpu_gic_let_in(struct gic_lock *lock)
{
    gic_unlock(lock);
    vcpu_gic_lock(lock);
}
