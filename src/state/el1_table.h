/* SPDX-License-Identifier: MIT */
/*
 * The registers of the world switch, written once: the struct's members, save, restore, reset,
 * access by id and the tests come from this table. While a vCPU is resident, they stay in the CPU.
 *
 *   X(name, op0, op1, CRn, CRm, op2, vhe, when, reset)
 *
 * `vhe` is op1 of the name that a host with HCR_EL2.E2H = 1 uses for the register: 5 for registers
 * of EL1 and EL0 whose plain name means an EL2 register there (SCTLR_EL12, CNTV_CTL_EL02), else
 * op1. `when` is the condition under which the register exists and is the guest's.
 *
 * switch/el1.c starts table walks (SCTLR_EL1, TCR_EL1) and the timers (CNTx_CTL_EL0) after all
 * others.
 */
#ifndef VCPU_STATE_EL1_TABLE_H
#define VCPU_STATE_EL1_TABLE_H

#include <stdint.h>

#include "arm/el2.h"

#define EL1_ALWAYS       0u
#define EL1_SME          (1u << 0) /* FEAT_SME: TPIDR2_EL0 has no trap without FEAT_FGT */
#define EL1_RAS          (1u << 1) /* FEAT_RAS: DISR_EL1 is VDISR_EL2 while HCR_EL2.AMO is set */
#define EL1_DIRECT_TIMER (1u << 2) /* the guest owns the physical timer */
#define EL1_PAUTH        (1u << 3) /* the guest has FEAT_PAuth: see switch/pauth.h */
#define EL1_SVE          (1u << 4) /* the guest has FEAT_SVE */
#define EL1_SCXTNUM      (1u << 5) /* the guest has FEAT_CSV2_2 or FEAT_CSV2_1p2 */

#define EL1_TABLE(X)                                                                               \
    X(CSSELR_EL1, 3, 2, 0, 0, 0, 2, EL1_ALWAYS, 0)                                                 \
    X(CPACR_EL1, 3, 0, 1, 0, 2, 5, EL1_ALWAYS, 0)                                                  \
    X(TTBR0_EL1, 3, 0, 2, 0, 0, 5, EL1_ALWAYS, 0)                                                  \
    X(TTBR1_EL1, 3, 0, 2, 0, 1, 5, EL1_ALWAYS, 0)                                                  \
    X(SPSR_EL1, 3, 0, 4, 0, 0, 5, EL1_ALWAYS, 0)                                                   \
    X(ELR_EL1, 3, 0, 4, 0, 1, 5, EL1_ALWAYS, 0)                                                    \
    X(SP_EL1, 3, 4, 4, 1, 0, 4, EL1_ALWAYS, 0)                                                     \
    X(AFSR0_EL1, 3, 0, 5, 1, 0, 5, EL1_ALWAYS, 0)                                                  \
    X(AFSR1_EL1, 3, 0, 5, 1, 1, 5, EL1_ALWAYS, 0)                                                  \
    X(ESR_EL1, 3, 0, 5, 2, 0, 5, EL1_ALWAYS, 0)                                                    \
    X(FAR_EL1, 3, 0, 6, 0, 0, 5, EL1_ALWAYS, 0)                                                    \
    X(PAR_EL1, 3, 0, 7, 4, 0, 0, EL1_ALWAYS, 0)                                                    \
    X(MAIR_EL1, 3, 0, 10, 2, 0, 5, EL1_ALWAYS, 0)                                                  \
    X(AMAIR_EL1, 3, 0, 10, 3, 0, 5, EL1_ALWAYS, 0)                                                 \
    X(VBAR_EL1, 3, 0, 12, 0, 0, 5, EL1_ALWAYS, 0)                                                  \
    X(CONTEXTIDR_EL1, 3, 0, 13, 0, 1, 5, EL1_ALWAYS, 0)                                            \
    X(TPIDR_EL1, 3, 0, 13, 0, 4, 0, EL1_ALWAYS, 0)                                                 \
    X(TPIDRRO_EL0, 3, 3, 13, 0, 3, 3, EL1_ALWAYS, 0)                                               \
    X(TPIDR2_EL0, 3, 3, 13, 0, 5, 3, EL1_SME, 0)                                                   \
    X(SCXTNUM_EL1, 3, 0, 13, 0, 7, 5, EL1_SCXTNUM, 0)                                              \
    X(SCXTNUM_EL0, 3, 3, 13, 0, 7, 3, EL1_SCXTNUM, 0)                                              \
    X(CNTKCTL_EL1, 3, 0, 14, 1, 0, 5, EL1_ALWAYS, 0)                                               \
    X(VDISR_EL2, 3, 4, 12, 1, 1, 4, EL1_RAS, 0)                                                    \
    X(VSESR_EL2, 3, 4, 5, 2, 3, 4, EL1_RAS, 0)                                                     \
    X(APIAKeyLo_EL1, 3, 0, 2, 1, 0, 0, EL1_PAUTH, 0)                                               \
    X(APIAKeyHi_EL1, 3, 0, 2, 1, 1, 0, EL1_PAUTH, 0)                                               \
    X(APIBKeyLo_EL1, 3, 0, 2, 1, 2, 0, EL1_PAUTH, 0)                                               \
    X(APIBKeyHi_EL1, 3, 0, 2, 1, 3, 0, EL1_PAUTH, 0)                                               \
    X(APDAKeyLo_EL1, 3, 0, 2, 2, 0, 0, EL1_PAUTH, 0)                                               \
    X(APDAKeyHi_EL1, 3, 0, 2, 2, 1, 0, EL1_PAUTH, 0)                                               \
    X(APDBKeyLo_EL1, 3, 0, 2, 2, 2, 0, EL1_PAUTH, 0)                                               \
    X(APDBKeyHi_EL1, 3, 0, 2, 2, 3, 0, EL1_PAUTH, 0)                                               \
    X(APGAKeyLo_EL1, 3, 0, 2, 3, 0, 0, EL1_PAUTH, 0)                                               \
    X(APGAKeyHi_EL1, 3, 0, 2, 3, 1, 0, EL1_PAUTH, 0)                                               \
    X(ZCR_EL1, 3, 0, 1, 2, 0, 5, EL1_SVE, 0)                                                       \
    X(CNTV_CVAL_EL0, 3, 3, 14, 3, 2, 5, EL1_ALWAYS, 0)                                             \
    X(CNTV_CTL_EL0, 3, 3, 14, 3, 1, 5, EL1_ALWAYS, 0)                                              \
    X(CNTP_CVAL_EL0, 3, 3, 14, 2, 2, 5, EL1_DIRECT_TIMER, 0)                                       \
    X(CNTP_CTL_EL0, 3, 3, 14, 2, 1, 5, EL1_DIRECT_TIMER, 0)                                        \
    X(TCR_EL1, 3, 0, 2, 0, 2, 5, EL1_ALWAYS, 0)                                                    \
    X(SCTLR_EL1, 3, 0, 1, 0, 0, 5, EL1_ALWAYS, SCTLR_EL1_RES1)

/* The index of each register in vcpu_state.el1. */
#define EL1_INDEX(name, op0, op1, crn, crm, op2, vhe, when, reset) EL1_##name,
enum el1_index { EL1_TABLE(EL1_INDEX) EL1_COUNT };
#undef EL1_INDEX

#endif
