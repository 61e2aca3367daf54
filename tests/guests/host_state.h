/* SPDX-License-Identifier: MIT */
/* struct world for assembly and C; host_state_run.c checks the offsets. */
#ifndef HOST_STATE_H
#define HOST_STATE_H

/* Of x18 to x29; registers.inc counts from where x0 would be. */
#define WORLD_X(n)      (8 * (-18 + (n)))
#define WORLD_SP_BEFORE 96
#define WORLD_SP        104
#define WORLD_SP_EL0    112
#define WORLD_TPIDR_EL0 120
#define WORLD_TPIDR_EL2 128
#define WORLD_DAIF      136
#define WORLD_SPSEL     144
#define WORLD_D(n)      (152 + 8 * (-8 + (n))) /* d8 to d15 */
#define WORLD_FPCR      216
#define WORLD_FPSR      224
#define WORLD_FP        232
#define WORLD_RESULT    240

/* A guest's general register n; what its system registers get is made of it, too. */
#define GUEST_PATTERN 0x9e37

/* TEST_HOLE_IPA */
#define GUEST_HOLE 0x0a000000

/* The guests' hypercalls. */
#define GUEST_CALL     0x123
#define GUEST_FP_READY 1
#define GUEST_FP_DONE  2

/* What the host sets in x0 before a run. */
#define GUEST_HAS_CNTP 1

#endif
