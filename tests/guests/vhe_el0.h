/* SPDX-License-Identifier: MIT */
/* struct user for assembly and C; vhe_el0.c checks the offsets. */
#ifndef VHE_EL0_H
#define VHE_EL0_H

#define USER_X(n)     (8 * (n)) /* x0 to x7 */
#define USER_SP_PC    64
#define USER_PSTATE   80 /* and ESR_EL2 behind it */
#define USER_VECTOR   96
#define FP_STATE_FPCR 512
#define FP_STATE_SIZE 528

#endif
