/* SPDX-License-Identifier: MIT */
/*
 * In the place of src/hw/sysreg.h: the system registers of the simulated CPU. Only those that the
 * code under test decides by have a value.
 */
#ifndef VCPU_HW_SYSREG_H
#define VCPU_HW_SYSREG_H

#include <stdint.h>

#include "hw/cpu.h"

uint64_t machine_sysreg(const char *name);

#define READ_SYSREG(name)                              machine_sysreg(#name)
#define WRITE_SYSREG(name, value)                      ((void)(value))
#define READ_SYSREG_S(op0, op1, crn, crm, op2)         UINT64_C(0)
#define WRITE_SYSREG_S(op0, op1, crn, crm, op2, value) ((void)(value))

static inline void isb(void)
{
}

static inline void dsb_sy(void)
{
}

static inline uint64_t daif_mask_all(void)
{
    return vcpu_cpu_mask();
}

static inline void daif_restore(uint64_t daif)
{
    vcpu_cpu_restore(daif);
}

#endif
