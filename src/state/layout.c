/* SPDX-License-Identifier: MIT */
/* Asserts the numbers that the assembly uses against the structs. */
#include "layout.h"
#include "arm/debug.h"
#include "arm/el2.h"
#include "arm/esr.h"
#include "arm/pstate.h"
#include "arm/smccc.h"
#include "state/state.h"

#define SAME(number, type, member)                                                                 \
    _Static_assert((number) == offsetof(type, member), #number " is not the offset of " #member)

SAME(LAYOUT_X(0), struct vcpu_state, pub.regs.x[0]);
SAME(LAYOUT_X(30), struct vcpu_state, pub.regs.x[30]);
SAME(LAYOUT_PC, struct vcpu_state, pub.regs.pc);
SAME(LAYOUT_PSTATE, struct vcpu_state, pub.regs.pstate);
SAME(LAYOUT_SP_EL0, struct vcpu_state, pub.regs.sp_el0);
SAME(LAYOUT_HCR_EL2, struct vcpu_state, pub.regs.hcr_el2);
SAME(LAYOUT_TPIDR_EL0, struct vcpu_state, pub.regs.tpidr_el0);
SAME(LAYOUT_TPIDR_EL0 + 8, struct vcpu_state, pub.exit.esr_el2);
SAME(LAYOUT_EXIT_FAR_EL2, struct vcpu_state, pub.exit.far_el2);
SAME(LAYOUT_EXIT_FAR_EL2 + 8, struct vcpu_state, pub.exit.ipa);
SAME(LAYOUT_EXIT_REASON, struct vcpu_state, pub.exit.reason);
SAME(LAYOUT_EXIT_REASON + 4, struct vcpu_state, pub.exit.smc);
SAME(LAYOUT_TOKEN, struct vcpu_state, token);
_Static_assert(SHORT_EXITS_CLASS == GENMASK(SHORT_PSTATE_SHIFT - 1, 0) &&
                   SHORT_EXITS_PSTATE == GENMASK(27, 0) << SHORT_PSTATE_SHIFT &&
                   SHORT_EXITS_NO_MMIO == BIT(SHORT_NO_MMIO_BIT) &&
                   SHORT_EXITS_LONG == BIT(SHORT_LONG_BIT),
               "what short_exits says");
SAME(LAYOUT_HOST_HCR, struct vcpu_state, host_hcr);
SAME(LAYOUT_HOST_HCR + 8, struct vcpu_state, short_exits);
SAME(LAYOUT_VECTORS, struct vcpu_state, vectors);
SAME(LAYOUT_GUARD_CALL, struct vcpu_state, guard.call);
SAME(LAYOUT_GUARD_LOOP, struct vcpu_state, guard.loop);
SAME(LAYOUT_GUARD_SERRORS, struct vcpu_state, guard.serrors);

SAME(LAYOUT_SIMD_FPSR, struct simd_state, fpsr);
SAME(LAYOUT_SIMD_FPCR, struct simd_state, fpcr);
SAME(LAYOUT_SIMD_Q(31), struct simd_state, v[31]);

SAME(LAYOUT_X(30), struct vcpu_host_fault, x[30]);
SAME(LAYOUT_FAULT_SP, struct vcpu_host_fault, sp);
SAME(LAYOUT_FAULT_PC, struct vcpu_host_fault, pc);
SAME(LAYOUT_FAULT_SPSR, struct vcpu_host_fault, spsr);
SAME(LAYOUT_FAULT_ESR, struct vcpu_host_fault, esr_el2);
SAME(LAYOUT_FAULT_FAR, struct vcpu_host_fault, far_el2);
SAME(LAYOUT_FAULT_VECTOR, struct vcpu_host_fault, vector);
_Static_assert(ESR_EC == FIELD_PREP(GENMASK(31, ESR_EC_SHIFT), 0x3f) &&
                   SMCCC_FAST == BIT(SMCCC_FAST_BIT) && ESR_EC_HVC64 == EC_HVC64 &&
                   ESR_EC_DABT == EC_DATA_ABORT_LOWER,
               "what the vectors tell apart");
_Static_assert(ESR_OF_SERROR == (FIELD_PREP(ESR_EC, EC_SERROR) | ESR_IL) &&
                   ESR_ISS_BITS == ESR_ISS && GUARD_BY_ISR == BIT(GUARD_ISR_BIT) &&
                   PSTATE_A == BIT(SPSR_A_BIT) && HCR_EL2_AMO == BIT(HCR_AMO_BIT),
               "what the guard looks at");
_Static_assert(PSTATE_D == BIT(SPSR_D_BIT) && PSTATE_SS == SPSR_SS &&
                   MDSCR_EL1_SS == BIT(MDSCR_SS_BIT) && MDSCR_EL1_KDE == BIT(MDSCR_KDE_BIT) &&
                   MDCR_EL2_TDE == BIT(MDCR_TDE_BIT),
               "whether the guest is stepped");
_Static_assert(LAYOUT_EXIT_OF_HVC == VCPU_EXIT_HYPERCALL && LAYOUT_EXIT_OF_IRQ == VCPU_EXIT_IRQ &&
                   LAYOUT_EXIT_OF_IRQ + 1 == VCPU_EXIT_FIQ,
               "what they write");
_Static_assert(LAYOUT_TOKEN_CALLS == TOKEN_CALLS, "what they look for");
_Static_assert(LAYOUT_FAULT_SIZE >= sizeof(struct vcpu_host_fault) && LAYOUT_FAULT_SIZE % 16 == 0,
               "the fault frame keeps the stack aligned");
