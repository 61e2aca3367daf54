/* SPDX-License-Identifier: MIT */
/* Starts and ends guests, and ends the machine with the last one. */
#ifndef MINI_HOST_LIFE_H
#define MINI_HOST_LIFE_H

#include <stdnoreturn.h>

#include "guest.h"

/* So many guests are about to run. Before they do. */
void life_begin(unsigned guests);

static inline bool life_is_over(const struct guest *guest)
{
    return __atomic_load_n(&guest->end, __ATOMIC_ACQUIRE) != GUEST_RUNS;
}

/*
 * Virtual mode: one of the guest's vCPUs, which runs on this CPU, ended the guest; the first one
 * decides how. The other vCPUs exit, and are not entered any more.
 */
void life_end(struct guest *guest, enum guest_end end);

/*
 * Virtual mode: a vCPU is off, for ever or until a CPU_ON, and not resident. If it is the last one
 * of a guest that has ended, this CPU restarts the guest or removes it; with the last guest QEMU
 * ends. No vCPU is resident on this CPU.
 */
void life_vcpu_off(struct guest *guest, const struct vcpu_percpu *cpu);

/* Direct mode, where the other vCPUs cannot be made to exit: they end with the machine. */
noreturn void life_end_machine(struct guest *guest, enum guest_end end);

#endif
