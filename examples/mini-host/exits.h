/* SPDX-License-Identifier: MIT */
/* The answers to exits, in either mode, except those that are the scheduler's. */
#ifndef MINI_HOST_EXITS_H
#define MINI_HOST_EXITS_H

#include "guest.h"

/* What to do next with the vCPU that exited. */
enum next {
    NEXT_RUN,  /* enter it again */
    NEXT_TAKE, /* the same, after this CPU has taken its interrupt */
    NEXT_WAIT, /* it waits for an interrupt; exits_resume before it is entered again */
    NEXT_UP,   /* its CPU_UP exit is to be completed, or made again */
    NEXT_DOWN, /* it is off */
    NEXT_END,  /* its guest ends as its `end` says */
};

/* Once, before any vCPU runs. */
void exits_init(void);

/* vcpu_run returned this reason for the vCPU, on this CPU. */
enum next exits_answer(struct guest_vcpu *self, uint32_t reason);

/* Ends the wait of a vCPU with NEXT_WAIT. On the CPU where it runs next. */
void exits_resume(struct vcpu *vcpu);

#endif
