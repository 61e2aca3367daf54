/* SPDX-License-Identifier: MIT */
/*
 * The offsets in C structs that the assembly uses. They are plain numbers, so that every build
 * system and every editor can use them; src/state/layout.c asserts each one against the structs,
 * with every compiler.
 */
#ifndef VCPU_ASM_LAYOUT_H
#define VCPU_ASM_LAYOUT_H

/* struct vcpu */
#define LAYOUT_X(n)         (8 * (n))
#define LAYOUT_PC           248
#define LAYOUT_PSTATE       256
#define LAYOUT_SP_EL0       264
#define LAYOUT_HCR_EL2      272
#define LAYOUT_TPIDR_EL0    280 /* and exit.esr_el2 after it */
#define LAYOUT_EXIT_FAR_EL2 296 /* and ipa after it */
#define LAYOUT_EXIT_REASON  312 /* and smc after it */
#define LAYOUT_EXIT_OF_HVC  1   /* VCPU_EXIT_HYPERCALL */
#define LAYOUT_EXIT_OF_IRQ  11  /* VCPU_EXIT_IRQ; VCPU_EXIT_FIQ follows */
#define LAYOUT_TOKEN_CALLS  3   /* TOKEN_CALLS */

/* struct vcpu_state, after struct vcpu */
#define LAYOUT_TOKEN    352
#define LAYOUT_HOST_HCR 360 /* and short_exits after it */
#define LAYOUT_VECTORS  376
/* struct guard in it */
#define LAYOUT_GUARD_CALL    384
#define LAYOUT_GUARD_LOOP    388
#define LAYOUT_GUARD_SERRORS 389
#define GUARD_ISR_BIT        1 /* of serrors */

/* vcpu_state.short_exits: an exception class in the low word, PSTATE above it, and flags. */
#define SHORT_PSTATE_SHIFT 32
#define SHORT_NO_MMIO_BIT  62
#define SHORT_LONG_BIT     63

/* struct simd_state */
#define LAYOUT_SIMD_FPSR 0
#define LAYOUT_SIMD_FPCR 8
#define LAYOUT_SIMD_Q(n) (16 + 16 * (n))

/*
 * The host's frame on its own stack, from an entry to the exit. SP stays at it while a guest is
 * entered.
 */
#define FRAME_X29_X30          0
#define FRAME_X27_X28          16
#define FRAME_X25_X26          32
#define FRAME_X23_X24          48
#define FRAME_X21_X22          64
#define FRAME_X19_X20          80
#define FRAME_VCPU_VBAR        96
#define FRAME_X18_DAIF         112
#define FRAME_DAIF_BITS        0x3c0
#define FRAME_SP_EL0_TPIDR_EL0 128
#define FRAME_SCRATCH          144 /* the guest's x0 and x1 */
#define FRAME_REFAULT          160
#define FRAME_SIZE             176

/* As in src/arm/: esr.h, pstate.h, debug.h, el2.h and smccc.h. */
#define ESR_EC_SHIFT   26
#define ESR_EC_HVC64   0x16
#define ESR_EC_DABT    0x24
#define ESR_OF_SERROR  0xbe000000 /* EC, and IL */
#define ESR_ISS_BITS   0x1ffffff
#define SPSR_A_BIT     8
#define SPSR_D_BIT     9
#define SPSR_SS        0x200000
#define MDSCR_SS_BIT   0
#define MDSCR_KDE_BIT  13
#define MDCR_TDE_BIT   8
#define HCR_AMO_BIT    5
#define SMCCC_FAST_BIT 31

/* struct vcpu_host_fault */
#define LAYOUT_FAULT_SP     248
#define LAYOUT_FAULT_PC     256
#define LAYOUT_FAULT_SPSR   264
#define LAYOUT_FAULT_ESR    272
#define LAYOUT_FAULT_FAR    280
#define LAYOUT_FAULT_VECTOR 288
#define LAYOUT_FAULT_SIZE   304 /* rounded up to the stack's alignment */

#endif
