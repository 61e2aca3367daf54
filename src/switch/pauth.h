/* SPDX-License-Identifier: MIT */
/*
 * Pointer authentication keys. All Exception levels share one set, so a guest's keys in the CPU are
 * also the host's. If the host uses its own (SCTLR_EL2.EnIA and similar), they change hands at each
 * run; otherwise at the load and the put. With DAIF masked.
 */
#ifndef VCPU_SWITCH_PAUTH_H
#define VCPU_SWITCH_PAUTH_H

#include "state/state.h"

/* Writes the guest's keys to the CPU, if it has any and they are not there yet. */
void vcpu_pauth_to_guest(struct percpu_state *cpu, const struct vcpu_state *v);

/* If the CPU has the guest's keys: saves the resident vCPU's, and restores the host's. */
void vcpu_pauth_to_host(struct percpu_state *cpu);

/* Copies the registers to memory, and memory to the registers: PAUTH_KEYS of them. */
void vcpu_pauth_read(uint64_t keys[PAUTH_KEYS]);
void vcpu_pauth_write(const uint64_t keys[PAUTH_KEYS]);

#endif
