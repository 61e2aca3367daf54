/* SPDX-License-Identifier: MIT */
/* Maintenance of caches. */
#ifndef VCPU_HW_CACHE_H
#define VCPU_HW_CACHE_H

/* Empties the instruction cache of this CPU. A DSB NSH and an ISB complete it. */
static inline void ic_iallu(void)
{
    __asm__ volatile("ic iallu" : : : "memory");
}

#endif
