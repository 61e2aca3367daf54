/* SPDX-License-Identifier: MIT */
/* System registers of this CPU, and barriers. */
#ifndef VCPU_HW_SYSREG_H
#define VCPU_HW_SYSREG_H

#include <stdint.h>

/* By the assembler's name. */
#define READ_SYSREG(name)                                                                          \
    ({                                                                                             \
        uint64_t value_;                                                                           \
        __asm__ volatile("mrs %0, " #name : "=r"(value_));                                         \
        value_;                                                                                    \
    })

#define WRITE_SYSREG(name, value)                                                                  \
    ({                                                                                             \
        uint64_t value_ = (value);                                                                 \
        __asm__ volatile("msr " #name ", %x0" : : "rZ"(value_));                                   \
    })

/* By encoding, for registers that some assemblers do not know: SYSREG_S(3, 0, 1, 0, 0). */
#define SYSREG_S(op0, op1, crn, crm, op2) S##op0##_##op1##_C##crn##_C##crm##_##op2
#define READ_SYSREG_S(op0, op1, crn, crm, op2)                                                     \
    READ_SYSREG_EXPANDED(SYSREG_S(op0, op1, crn, crm, op2))
#define WRITE_SYSREG_S(op0, op1, crn, crm, op2, value)                                             \
    WRITE_SYSREG_EXPANDED(SYSREG_S(op0, op1, crn, crm, op2), value)
#define READ_SYSREG_EXPANDED(name)         READ_SYSREG(name)
#define WRITE_SYSREG_EXPANDED(name, value) WRITE_SYSREG(name, value)

/*
 * PAR_EL1. A load of Device memory or a store-exclusive beside the read can stop a Cortex-A77
 * (erratum 1508412) for ever.
 */
static inline uint64_t read_par_el1(void)
{
    uint64_t value;

    __asm__ volatile("dmb sy\n\tmrs %0, par_el1\n\tdmb sy" : "=r"(value) : : "memory");
    return value;
}

/* Makes earlier writes of system registers visible to the instructions after it. */
static inline void isb(void)
{
    __asm__ volatile("isb" : : : "memory");
}

/* Completes all earlier loads, stores and accesses of the GIC before anything after it. */
static inline void dsb_sy(void)
{
    __asm__ volatile("dsb sy" : : : "memory");
}

/* Masks D, A, I and F; returns the old DAIF. */
static inline uint64_t daif_mask_all(void)
{
    uint64_t daif = READ_SYSREG(daif);

    __asm__ volatile("msr daifset, #15" : : : "memory");
    return daif;
}

static inline void daif_restore(uint64_t daif)
{
    __asm__ volatile("msr daif, %0" : : "r"(daif) : "memory");
}

/* For a loop that waits for another CPU: lets another hardware thread or virtual CPU run. */
static inline void yield(void)
{
    __asm__ volatile("yield" : : : "memory");
}

/* Waits for an event; for ever if none comes. */
static inline void wfe(void)
{
    __asm__ volatile("wfe" : : : "memory");
}

#endif
