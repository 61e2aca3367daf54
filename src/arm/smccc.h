/* SPDX-License-Identifier: MIT */
/* The function identifier of the SMC Calling Convention, in W0. */
#ifndef VCPU_ARM_SMCCC_H
#define VCPU_ARM_SMCCC_H

#include "arm/field.h"

#define SMCCC_FAST  BIT(31) /* a fast call, as those of PSCI and SMCCC are */
#define SMCCC_64    BIT(30) /* 64-bit arguments */
#define SMCCC_OWNER GENMASK(29, 24)
#define SMCCC_FN    GENMASK(15, 0)

#endif
