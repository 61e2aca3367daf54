/* SPDX-License-Identifier: MIT */
#ifndef VCPU_DECODE_OUTCOME_H
#define VCPU_DECODE_OUTCOME_H

/*
 * What is to become of an exit. Whoever knows about the subject decides; run/exit_long.c carries it
 * out, and nothing else does.
 */
enum outcome {
    OUTCOME_DONE,      /* the instruction is emulated: the guest goes on behind it */
    OUTCOME_UNDEFINED, /* the guest takes an UNDEFINED exception */
    OUTCOME_HOST,      /* the host's: exit.reason says what it is */
    OUTCOME_AGAIN,     /* the guest goes on where its PC is */
    OUTCOME_REFLECT,   /* the guest's EL1 takes the very exception that came to EL2 */
    OUTCOME_OFF,       /* the vCPU powers off; then as OUTCOME_HOST */
};

#endif
