/* SPDX-License-Identifier: MIT */
/* The answers to exits, in either mode, except those that are the scheduler's. */
#ifndef MINI_HOST_EXITS_H
#define MINI_HOST_EXITS_H

#include "guest.h"

/* What to do next with the vCPU that exited. */
enum next {
    NEXT_RUN,  /* enter it again */
    NEXT_LOOK, /* the same, after a look at this CPU's interrupts and at who else is ready */
    NEXT_WAIT, /* it waits for an interrupt; exits_resume before it is entered again */
    NEXT_UP,   /* its CPU_UP exit is to be completed, or made again */
    NEXT_DOWN, /* it is off */
    NEXT_END,  /* guest_end of its guest is in *end */
};

/* Once, before any vCPU runs. */
void exits_init(void);

/* vcpu_run returned this reason for the vCPU, on this CPU. */
enum next exits_answer(const struct guest_vcpu *self, uint32_t reason, enum guest_end *end);

/* Ends the wait of a vCPU with NEXT_WAIT. On the CPU where it runs next. */
void exits_resume(struct vcpu *vcpu);

#endif
