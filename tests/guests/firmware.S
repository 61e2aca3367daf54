/* SPDX-License-Identifier: MIT */
#include "snippets.inc"

    snippets_begin

/* One call, and word that it is over. */
    .global smc_guest
smc_guest:
    smc     #0
    hvc     #1
    b       .

    .global hvc_guest
hvc_guest:
    hvc     #0
    hvc     #1
    b       .

snippets_end:

/* uint64_t firmware_psci_version(void): what the machine's own firmware says. */
    .section .text.firmware_psci_version, "ax"
    .global firmware_psci_version
    .type firmware_psci_version, %function
firmware_psci_version:
    movz    w0, #0x8400, lsl #16
    smc     #0
    ret
    .size firmware_psci_version, . - firmware_psci_version
