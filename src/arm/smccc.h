/* SPDX-License-Identifier: MIT */
/* The SMC Calling Convention: the function identifier in W0, and functions of the architecture. */
#ifndef VCPU_ARM_SMCCC_H
#define VCPU_ARM_SMCCC_H

#include "arm/field.h"

#define SMCCC_FAST  BIT(31) /* a fast call, as those of PSCI and SMCCC are */
#define SMCCC_64    BIT(30) /* 64-bit arguments */
#define SMCCC_OWNER GENMASK(29, 24)
/* From SMCCC 1.3 on: the caller keeps nothing in SVE registers. Not part of the function's number. */
#define SMCCC_SVE_HINT BIT(16)
#define SMCCC_FN       GENMASK(15, 0)
/* All ones: a general query (count, UID, revision), which each owner has. */
#define SMCCC_FN_QUERY GENMASK(15, 8)

#define SMCCC_OWNER_ARCH     0u
#define SMCCC_OWNER_STANDARD 4u
/* The others, as bits: of their calls the library has general queries at most. */
#define SMCCC_OTHER_OWNERS (~(BIT(SMCCC_OWNER_ARCH) | BIT(SMCCC_OWNER_STANDARD)))

/* What the guest or host asks with SMCCC_ARCH_FEATURES, from SMCCC 1.1 on. */
#define SMCCC_1_1               0x10001 /* the answer of SMCCC_VERSION: major in bits 31:16 */
#define SMCCC_ARCH_WORKAROUND_1 UINT32_C(0x80008000) /* branch predictor: CVE-2017-5715 */
#define SMCCC_ARCH_WORKAROUND_2 UINT32_C(0x80007fff) /* speculative store bypass: CVE-2018-3639 */
#define SMCCC_ARCH_WORKAROUND_3 UINT32_C(0x80003fff) /* 1, and branch history: CVE-2022-23960 */
#define SMCCC_WORKAROUND_SSB    1u                   /* the index of number 2 */
/* Answers about them: 0 is that the call is there and this CPU requires it. */
#define SMCCC_UNAFFECTED   1
#define SMCCC_NOT_REQUIRED (-2)    /* of number 2 */
#define PSCI_1_0           0x10000 /* the answer of PSCI_VERSION */

#endif
