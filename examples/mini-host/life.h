/* SPDX-License-Identifier: MIT */
/* Starts and ends guests, and ends the machine with the last one. */
#ifndef MINI_HOST_LIFE_H
#define MINI_HOST_LIFE_H

#include <stdnoreturn.h>

#include "guest.h"
#include "guest_start.h"

/* So many guests are about to run. Before they do. */
void life_begin(unsigned guests);

/* Is the guest on its way to its first instruction? Then no vCPU of it is entered. */
static inline bool life_is_starting(const struct guest *guest)
{
    return __atomic_load_n(&guest->end, __ATOMIC_ACQUIRE) == GUEST_STARTS;
}

/*
 * The next piece of that. One CPU at a time does so; each can. No vCPU is resident on it. If the
 * guest cannot start, a line says why, and life_give_up removes it: others go on.
 */
enum guest_progress life_start(struct guest *guest, const struct vcpu_percpu *cpu);
void life_give_up(struct guest *guest);

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
 * of a guest that has ended, the guest is removed, or starts again with the next turn of its vCPU
 * 0. With the last guest QEMU ends.
 */
void life_vcpu_off(struct guest *guest);

/* Direct mode, where the other vCPUs cannot be made to exit: they end with the machine. */
noreturn void life_end_machine(struct guest *guest, enum guest_end end);

#endif
