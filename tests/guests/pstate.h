/* SPDX-License-Identifier: MIT */
/* Shared by the host and the guests of `pstate`. */
#ifndef PSTATE_H
#define PSTATE_H

/* Bits of PSTATE that a guest keeps, by their number in SPSR. */
#define PSTATE_SSBS_BIT 12
#define PSTATE_PAN_BIT  22
#define PSTATE_UAO_BIT  23
#define PSTATE_DIT_BIT  24

/* The immediates of what the guests say. */
#define SAY_WRITTEN 1
#define SAY_READ    2
#define SAY_LANDED  3
#define SAY_FAULTED 4

#endif
