/* SPDX-License-Identifier: MIT */
/* Guests of one thing each, at EL1 with the MMU off. A label is where the host enters. */
#include "snippets.inc"

    snippets_begin

    /* Where exceptions go when VBAR_EL1 is 0: nowhere. The vectors that tests set: */
    .balign 2048
    .global guest_vectors
guest_vectors:
    .rept 16
    .balign 128
    mrs     x10, esr_el1
    mrs     x11, elr_el1
    mrs     x12, far_el1
    mrs     x13, spsr_el1
    hvc     #0xe
    .endr
    .balign 128

    /* Calls. Each is followed by another that shows where it went on. */
snippet call_hvc
    hvc     #0x1234
    hvc     #0xd
snippet call_smc
    smc     #0xabcd
    hvc     #0xd
snippet call_smccc
    hvc     #0
    hvc     #0xd
snippet call_smccc_smc
    smc     #0
    hvc     #0xd

    /* Device accesses: x0 is the address. */
snippet load_b
    ldrb    w1, [x0]
    hvc     #0xd
snippet load_h
    ldrh    w1, [x0]
    hvc     #0xd
snippet load_w
    ldr     w1, [x0]
    hvc     #0xd
snippet load_x
    ldr     x1, [x0]
    hvc     #0xd
snippet load_sb_w
    ldrsb   w1, [x0]
    hvc     #0xd
snippet load_sb_x
    ldrsb   x1, [x0]
    hvc     #0xd
snippet load_sh_w
    ldrsh   w1, [x0]
    hvc     #0xd
snippet load_sh_x
    ldrsh   x1, [x0]
    hvc     #0xd
snippet load_sw_x
    ldrsw   x1, [x0]
    hvc     #0xd
snippet load_w_zr
    ldr     wzr, [x0]
    hvc     #0xd
snippet load_x30
    ldr     x30, [x0]
    hvc     #0xd
snippet load_acquire
    ldar    w1, [x0]
    hvc     #0xd
snippet store_b
    strb    w1, [x0]
    hvc     #0xd
snippet store_h
    strh    w1, [x0]
    hvc     #0xd
snippet store_w
    str     w1, [x0]
    hvc     #0xd
snippet store_x
    str     x1, [x0]
    hvc     #0xd
snippet store_zr
    str     xzr, [x0]
    hvc     #0xd
snippet store_offset
    str     w1, [x0, #0x24]
    hvc     #0xd

    /* Accesses without a valid syndrome. */
snippet load_post
    ldr     w1, [x0], #4
    hvc     #0xd
snippet store_pre
    str     w1, [x0, #4]!
    hvc     #0xd
snippet load_pair
    ldp     x1, x2, [x0]
    hvc     #0xd
snippet load_vector
    ldr     q0, [x0]
    hvc     #0xd
snippet cache_op
    dc      civac, x0
    hvc     #0xd

snippet jump
    br      x0

    /* MMU on with the tables at x0 (TTBR0), then a load from x1. */
snippet mmu_load
    msr     ttbr0_el1, x0
    ldr     x9, =0x80803519 /* T0SZ 25, 4 KiB, Inner Shareable, Write-Back, EPD1 */
    msr     tcr_el1, x9
    mov     x9, #0xff
    msr     mair_el1, x9
    isb
    mrs     x9, sctlr_el1
    orr     x9, x9, #1
    msr     sctlr_el1, x9
    isb
    ldr     x2, [x1]
    hvc     #0xd
    .ltorg
snippet mmu_store
    msr     ttbr0_el1, x0
    ldr     x9, =0x80803519
    msr     tcr_el1, x9
    mov     x9, #0xff
    msr     mair_el1, x9
    isb
    mrs     x9, sctlr_el1
    orr     x9, x9, #1
    msr     sctlr_el1, x9
    isb
    str     x2, [x1]
    hvc     #0xd
    .ltorg

snippet wait_wfi
    wfi
    hvc     #0xd
snippet wait_wfe
    sevl
    wfe /* takes the event */
    wfe
    hvc     #0xd
snippet debug_brk
    brk     #0x77
    hvc     #0xd

snippet sysreg_read
    mrs     x3, cntp_cval_el0 /* CNTHCTL_EL2.EL1PCEN traps it */
    hvc     #0xd
snippet sysreg_write
    msr     cntp_cval_el0, x3
    hvc     #0xd
snippet sysreg_write_zr
    msr     cntp_cval_el0, xzr
    hvc     #0xd
snippet timer_read
    mrs     x3, cntp_ctl_el0
    hvc     #0xd
snippet id_read
    mrs     x3, id_aa64pfr0_el1
    mrs     x4, mpidr_el1
    mrs     x5, midr_el1
    hvc     #0xd

snippet spin
1:  yield
    b       1b

snippet counter_loop
1:  add     x0, x0, #1
    yield
    b       1b

snippets_end:
