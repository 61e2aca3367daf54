/* SPDX-License-Identifier: MIT */
#include "snippets.inc"

    snippets_begin

/* An exit of each kind. No register but the one that is loaded changes, and X2 is the address. */
    .global harden_guest
harden_guest:
    hvc     #1
    ldr     w3, [x2]
    hvc     #2
    mrs     x4, midr_el1
    hvc     #3
    mrs     x5, actlr_el1 /* trapped: 0 */
    hvc     #4
    b       .

    .global harden_spin
harden_spin:
    b       .

snippets_end:
