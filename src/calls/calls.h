/* SPDX-License-Identifier: MIT */
/* A VM's calls by its filter, and the services that the host has asked for. Pure. */
#ifndef VCPU_CALLS_CALLS_H
#define VCPU_CALLS_CALLS_H

#include <vcpu/calls.h>

#include "state/state.h"

/* A fast call with immediate 0, by x0 to x3 of the vCPU. CALL_ANSWERED: x0 to x3 have the answer. */
enum call_verdict vcpu_calls_decide(struct vcpu_state *v);

/* The calls of SMCCC TRNG; false: it is another. */
bool vcpu_calls_trng(const struct vcpu_calls *calls, struct vcpu *vcpu);

/* What the filter says of a function. */
enum vcpu_call_action vcpu_calls_action(const struct vcpu_calls *calls, uint32_t function);

/* 0: ARCH_WORKAROUND_1, and so on; below 0: the function is none of them. */
int vcpu_calls_workaround(uint32_t function);

/*
 * What SMCCC_ARCH_FEATURES says of workaround n on these CPUs: 0 (required and there), 1 or, of
 * number 2, NOT_REQUIRED, or NOT_SUPPORTED. Of no CPU, and of these and one more.
 */
int8_t vcpu_calls_offer_none(unsigned n);
int8_t vcpu_calls_offer(int8_t offer, const struct firmware_answers *cpu, unsigned n);

#endif
