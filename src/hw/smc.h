/* SPDX-License-Identifier: MIT */
/* asm/smc.S */
#ifndef VCPU_HW_SMC_H
#define VCPU_HW_SMC_H

#include <stdint.h>

/* An SMC to the machine's firmware with x0-x17 from x, which then get the results. */
void vcpu_smc(uint64_t x[31]);

/* One without arguments, to firmware of SMCCC 1.1 or later; the result in W0. */
int32_t vcpu_smc_alone(uint32_t function);

#endif
