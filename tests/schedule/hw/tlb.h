/* SPDX-License-Identifier: MIT */
/* In the place of src/hw/tlb.h: the simulated CPUs have no TLB, and access memory in order. */
#ifndef VCPU_HW_TLB_H
#define VCPU_HW_TLB_H

#define NOTHING(name)                                                                              \
    static inline void name(void)                                                                  \
    {                                                                                              \
    }
NOTHING(dsb_ish)
NOTHING(dsb_nsh)
NOTHING(tlbi_vmalle1)
NOTHING(tlbi_vmalle1is_twice)
NOTHING(tlbi_vmalls12e1is_twice)
#undef NOTHING

#endif
