/* SPDX-License-Identifier: MIT */
/* The encoding of a system register, as MRS and MSR have it: S<op0>_<op1>_C<n>_C<m>_<op2>. */
#ifndef VCPU_SYSREG_H
#define VCPU_SYSREG_H

#include <vcpu/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* op0:2 op1:3 CRn:4 CRm:4 op2:3, in 16 bits. */
#define VCPU_SYSREG(op0, op1, crn, crm, op2)                                                       \
    (((uint32_t)(op0) << 14) | ((uint32_t)(op1) << 11) | ((uint32_t)(crn) << 7) |                  \
     ((uint32_t)(crm) << 3) | (uint32_t)(op2))

#ifdef __cplusplus
}
#endif

#endif
