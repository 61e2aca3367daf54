/* SPDX-License-Identifier: MIT */
/*
 * The guest that tries things is written by the host, an instruction at a time. Here are its
 * vectors, which touch no register: the host reads what the exception left in those of EL1; and what
 * it does before each.
 */
#include "hidden.h"
#include "snippets.inc"

    snippets_begin

    vectors_that_say guest_vectors, SAY_VECTOR

    /*
     * Opens what x1 (SCTLR_EL1) and x2 (CPACR_EL1) open. The guest's own to do: no host writes what
     * is reserved to a guest that is not shown the feature.
     */
    .global guest_opens
guest_opens:
    msr     sctlr_el1, x1
    msr     cpacr_el1, x2
    hvc     #SAY_DONE
    b       .

snippets_end:
