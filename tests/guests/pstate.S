/* SPDX-License-Identifier: MIT */
#include "pstate.h"
#include "snippets.inc"

#define PAN  S3_0_C4_C2_3
#define UAO  S3_0_C4_C2_4
#define DIT  S3_3_C4_C2_5
#define SSBS S3_3_C4_C2_6

/* If x20 has the bit, name is there: its value is x21's. */
.macro write name, bit
    tbz     x20, #\bit, .Lskip\@
    msr     \name, x21
.Lskip\@:
.endm

/* Likewise: its bit goes into x0. */
.macro read name, bit
    tbz     x20, #\bit, .Lskip\@
    mrs     x1, \name
    orr     x0, x0, x1
.Lskip\@:
.endm

    snippets_begin

/* Writes x21 to the bits of PSTATE that x20 has, gives way, and reads them into x0. */
    .global bits_guest
bits_guest:
    write   SSBS, PSTATE_SSBS_BIT
    write   PAN, PSTATE_PAN_BIT
    write   UAO, PSTATE_UAO_BIT
    write   DIT, PSTATE_DIT_BIT
    hvc     #SAY_WRITTEN
    mov     x0, #0
    read    SSBS, PSTATE_SSBS_BIT
    read    PAN, PSTATE_PAN_BIT
    read    UAO, PSTATE_UAO_BIT
    read    DIT, PSTATE_DIT_BIT
    hvc     #SAY_READ
    b       bits_guest

/* Writes x21 likewise, and leaves by exits of each way out of the vectors; x22 is a hole. */
    .global exits_guest
exits_guest:
    write   SSBS, PSTATE_SSBS_BIT
    write   PAN, PSTATE_PAN_BIT
    write   UAO, PSTATE_UAO_BIT
    write   DIT, PSTATE_DIT_BIT
    hvc     #SAY_WRITTEN
    ldr     w0, [x22]
    smc     #SAY_READ
    wfi
    b       exits_guest

/* Indirect branches: with BTYPE 0b11, 0b01 and 0b10, from a guarded page. */
    .global branch_br, branch_br_x16, branch_blr
branch_br:
    br      x19
branch_br_x16:
    br      x16
branch_blr:
    blr     x19

/* Where they go to, a copy each: what is allowed to be there, and something else. */
    .balign 16
    .global landing_nop, landing_bti_c, landing_bti_j, landing_bti_jc
landing_nop:
    nop
    hvc     #SAY_LANDED
    .balign 16
landing_bti_c:
    hint    #34
    hvc     #SAY_LANDED
    .balign 16
landing_bti_j:
    hint    #36
    hvc     #SAY_LANDED
    .balign 16
landing_bti_jc:
    hint    #38
    hvc     #SAY_LANDED

    .balign 0x800
    .global branch_vectors
branch_vectors:
    .org    branch_vectors + 0x200
    mrs     x0, esr_el1
    hvc     #SAY_FAULTED
    b       .

snippets_end:

    .section .note.GNU-stack, "", %progbits
