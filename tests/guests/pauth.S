/* SPDX-License-Identifier: MIT */
#include "pauth.h"
#include "snippets.inc"

    .arch armv8.3-a+pauth

#define LOAD_KEY(crm, op2) ldr x9, [x21], #8; msr S3_0_C2_C##crm##_##op2, x9;

    snippets_begin

/*
 * With the keys at x21 signs the pointer in x19 with the modifier in x20: x1 to x4 by keys IA, IB,
 * DA and DB, and x5 is what key GA makes of the two. Gives way, and authenticates x1 to x4 again;
 * x6 is key GA's once more.
 */
    .global pauth_guest
pauth_guest:
    mrs     x9, sctlr_el1
    orr     x9, x9, #(3 << 30) /* EnIA, EnIB */
    orr     x9, x9, #(1 << 27) /* EnDA */
    orr     x9, x9, #(1 << 13) /* EnDB */
    msr     sctlr_el1, x9
    KEYS(LOAD_KEY)
    isb
1:  .irp n, 1,2,3,4
    mov     x\n, x19
    .endr
    pacia   x1, x20
    pacib   x2, x20
    pacda   x3, x20
    pacdb   x4, x20
    pacga   x5, x19, x20
    hvc     #SAY_SIGNED
    autia   x1, x20
    autib   x2, x20
    autda   x3, x20
    autdb   x4, x20
    pacga   x6, x19, x20
    hvc     #SAY_AUTHENTICATED
    b       1b

/* PSCI's CPU_OFF. */
    .balign 64
    .global off_guest
off_guest:
    mov     w0, #0x0002
    movk    w0, #0x8400, lsl #16
    hvc     #0
    b       .

snippets_end:

    .section .note.GNU-stack, "", %progbits
