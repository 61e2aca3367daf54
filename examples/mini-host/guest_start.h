/* SPDX-License-Identifier: MIT */
/* What a guest gets at its start, and again at each reset. */
#ifndef MINI_HOST_GUEST_START_H
#define MINI_HOST_GUEST_START_H

#include "guest.h"

enum guest_progress { GUEST_IS_STARTING, GUEST_CAN_RUN, GUEST_CANNOT };

/*
 * One piece of the start: its memory (load.h), its devices out of reset, the VM with interrupt
 * controller and timers, vCPU 0 at the entry, and the others off. At a reset the VM of the former
 * life goes first. A piece has interrupts masked for less than 10,000 instructions. Between two the
 * CPU can do something else, or another CPU can go on.
 *
 * `cpu` is this CPU's block, enabled. None of the guest's vCPUs is in any CPU. With GUEST_CANNOT
 * there is one line about it in error (size bytes).
 */
enum guest_progress guest_start(struct guest *guest, const struct vcpu_percpu *cpu, char *error,
                                size_t size);

#endif
