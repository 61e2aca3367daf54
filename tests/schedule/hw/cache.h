/* SPDX-License-Identifier: MIT */
/* In the place of src/hw/cache.h: the simulated CPUs have no caches. */
#ifndef VCPU_HW_CACHE_H
#define VCPU_HW_CACHE_H

static inline void ic_iallu(void)
{
}

#endif
