/* SPDX-License-Identifier: MIT */
/* The Generic Timer: fields of CNTP_CTL_EL0 and CNTV_CTL_EL0, named as in the Arm ARM. */
#ifndef VCPU_ARM_TIMER_H
#define VCPU_ARM_TIMER_H

#include "arm/field.h"

#define CNT_CTL_ENABLE  BIT(0)
#define CNT_CTL_IMASK   BIT(1)
#define CNT_CTL_ISTATUS BIT(2)
#define CNT_CTL_DEFINED GENMASK(2, 0)

/* CNTP_TVAL_EL0, CNTV_TVAL_EL0: 32 bits, signed. */
#define CNT_TVAL_VALUE GENMASK(31, 0)
#define CNT_TVAL_SIGN  BIT(31)

#endif
