/* SPDX-License-Identifier: MIT */
/* The function identifier of the SMC Calling Convention, in W0. */
#ifndef VCPU_ARM_SMCCC_H
#define VCPU_ARM_SMCCC_H

#include "arm/field.h"

#define SMCCC_FAST  BIT(31) /* a fast call: PSCI's and SMCCC's own are */
#define SMCCC_64    BIT(30) /* arguments are of 64 bits */
#define SMCCC_OWNER GENMASK(29, 24)
#define SMCCC_FN    GENMASK(15, 0)

#endif
