/* SPDX-License-Identifier: MIT */
#ifndef VCPU_DECODE_OUTCOME_H
#define VCPU_DECODE_OUTCOME_H

/* The outcome of an exit. The code of its subject decides; only run/exit_long.c carries it out. */
enum outcome {
    OUTCOME_DONE,      /* the instruction is emulated: the guest goes on after it */
    OUTCOME_UNDEFINED, /* the guest takes an UNDEFINED exception */
    OUTCOME_HOST,      /* the host answers; exit.reason says what it is */
    OUTCOME_AGAIN,     /* the guest goes on at its PC */
    OUTCOME_REFLECT,   /* the guest's EL1 takes the exception that came to EL2 */
    OUTCOME_OFF,       /* the vCPU powers off; then as OUTCOME_HOST */
};

#endif
