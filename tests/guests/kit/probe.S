/* SPDX-License-Identifier: MIT */
/* Registers with values that C cannot give them, and code for EL0. */
#include "bare-metal/registers.inc"

    .text

/*
 * probe(uint64_t registers[33]): x1-x30 are 0x1000 + n at a BRK whose handler goes on at
 * probe_change; stores x1-x30, SP and NZCV there. Returns SP as it was at the BRK.
 */
    .global probe, probe_brk, probe_change
probe:
    enter_frame 96
    .irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
    mov     x\n, #(0x1000 + \n)
    .endr
probe_brk:
    brk     #2
    .inst   0                           /* not reached: the handler changes ELR */
probe_change:
    .irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
    str     x\n, [x0, #(8 * \n)]
    .endr
    mrs     x1, nzcv
    str     x1, [x0, #(8 * 32)]
    mov     x1, sp
    str     x1, [x0, #(8 * 31)]
    add     sp, sp, #64                 /* what the handler took away */
    mov     x0, sp
    leave_frame 96
    ret

/* Copied to a page of EL0. */
    .balign 16
    .global user_code, user_svc, user_sysreg, user_load, user_spin, user_code_end
user_code:
user_svc:
    mov     x19, #0xdead                /* the caller's at EL1, which must get its own back */
    sub     sp, sp, #16
    svc     #0x99
user_sysreg:
    mrs     x0, vbar_el1
user_load:
    ldr     x0, [x0]
user_spin:
    yield
    b       user_spin
user_code_end:
