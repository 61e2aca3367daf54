/* SPDX-License-Identifier: MIT */
/*
 * The guest's vectors, which touch no register: what the host reads is what the exception left. The
 * host writes the instructions that raise one.
 */
#include "inject.h"
#include "snippets.inc"

    snippets_begin

    vectors_that_say inject_vectors, SAY_VECTOR

snippets_end:
