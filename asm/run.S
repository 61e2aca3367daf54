/* SPDX-License-Identifier: MIT */
/* vcpu_run: into the guest at once (asm/switch.S), or by the longer way (src/run/enter.c). */
#include "layout.h"
#include "object.h"

    /*
     * A section of its own: with the name of switch.S's, a partial link would pad it to the vectors'
     * alignment. The conditional branch to vcpu_enter reaches 1 MiB; a linker script that parts the
     * two further is told so by the linker.
     */
    text_section vcpu_run

/*
 * int vcpu_run(struct vcpu_percpu *cpu, struct vcpu *vcpu)
 *
 * Order:
 *  1. Mask interrupts.
 *  2. Read the token.
 * A kick after the read then finds the vCPU on this CPU. Its interrupt stays pending until the
 * guest is entered, and makes it exit at once.
 */
    function vcpu_run
    mrs     x2, daif
    msr     daifset, #15
    ldr     x3, [x1, #LAYOUT_TOKEN]
    cmp     x3, x0
    b.eq    vcpu_enter
    b       vcpu_run_slow
    end_of  vcpu_run
