/* SPDX-License-Identifier: MIT */
#include "snippets.inc"

    snippets_begin

    /* x0 is the address. The registers of the device, and one that is not its. */
snippet device_accesses
    ldrb    w1, [x0]
    ldrsb   x2, [x0]
    ldr     x3, [x0, #8]
    ldr     wzr, [x0]
    str     w4, [x0, #0x10]
    hvc     #1

snippet device_registers
    mrs     x1, cntp_cval_el0
    msr     cntp_cval_el0, x2
    mrs     x3, cntp_ctl_el0
    hvc     #1

snippet say
    hvc     #1
    b       say

    /* PSCI_VERSION, whose answer goes to x1. */
snippet say_version
    mov     w0, #0x84000000
    hvc     #0
    mov     w1, w0
1:  mov     x0, #0
    hvc     #1
    b       1b

    /* Counts in x5 until the device writes memory at x0. */
snippet wait_for_device
1:  add     x5, x5, #1
    yield
    ldr     w1, [x0]
    cbz     w1, 1b
    hvc     #1

snippets_end:
