/* SPDX-License-Identifier: MIT */
#include "snippets.inc"

    snippets_begin

    .balign 2048
    .global corner_vectors
corner_vectors:
    .rept 16
    .balign 128
    mrs     x10, esr_el1
    hvc     #0xe
    .endr
    .balign 128

snippet hvc_forever
1:  hvc     #1
    b       1b

snippet load_forever
1:  ldr     w1, [x0]
    hvc     #1
    b       1b

snippet call
    hvc     #0
    hvc     #0xd

    /* An SMC that the host's policy is asked about, with something wherever a host may look. */
snippet smc_with_patterns
    mov     x18, #0x1818
    mov     x9, #0x5150
    msr     sp_el0, x9
    msr     tpidr_el0, x9
    smc     #0
    mrs     x1, sp_el0
    mrs     x2, tpidr_el0
    hvc     #0xd

snippet store
    str     w1, [x0]
    hvc     #0xd

snippets_end:

    .text
/*
 * int run_with_patterns(struct vcpu_percpu *cpu, struct vcpu *vcpu): vcpu_run with patterns in x18,
 * SP_EL0 and TPIDR_EL0.
 */
    .global run_with_patterns
run_with_patterns:
    stp     x29, x30, [sp, #-48]!
    str     x18, [sp, #16]
    mrs     x9, sp_el0
    mrs     x10, tpidr_el0
    stp     x9, x10, [sp, #32]
    mov     x18, #0x7018
    mov     x9, #0x7000
    msr     sp_el0, x9
    mov     x9, #0x7001
    msr     tpidr_el0, x9
    bl      vcpu_run
    ldp     x9, x10, [sp, #32]
    msr     sp_el0, x9
    msr     tpidr_el0, x10
    ldr     x18, [sp, #16]
    ldp     x29, x30, [sp], #48
    ret

/* uint64_t read_x18(void) */
    .global read_x18
read_x18:
    mov     x0, x18
    ret
