/* SPDX-License-Identifier: MIT */
/*
 * Pointer authentication keys: one set for all Exception levels, so a guest's keys in the CPU are
 * the host's as well. If the host has use for its own (SCTLR_EL2.EnIA and its like), they change
 * hands at each run; if not, when a vCPU comes and when it leaves. With DAIF masked.
 */
#ifndef VCPU_SWITCH_PAUTH_H
#define VCPU_SWITCH_PAUTH_H

#include "state/state.h"

/* The guest's keys into the CPU, if it has any and they are not there yet. */
void vcpu_pauth_to_guest(struct percpu_state *cpu, const struct vcpu_state *v);

/* The resident vCPU's to memory, and the host's back, if the guest's are in the CPU. */
void vcpu_pauth_to_host(struct percpu_state *cpu);

/* The registers into memory, and memory into the registers: PAUTH_KEYS of them. */
void vcpu_pauth_read(uint64_t keys[PAUTH_KEYS]);
void vcpu_pauth_write(const uint64_t keys[PAUTH_KEYS]);

#endif
