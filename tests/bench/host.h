/* SPDX-License-Identifier: MIT */
/* The measured loops of the mini-host's guest. */
#ifndef BENCH_HOST_H
#define BENCH_HOST_H

#include <stdint.h>

/*
 * Each does one operation BENCH_COUNT times and returns the ticks of the virtual counter; host_nothing
 * is the loop alone. An access is to `address`, and `value` is written, or sent as an SGI.
 */
typedef uint64_t host_loop(uint64_t address, uint64_t value, uint64_t distributor,
                           uint64_t cpu_interface);
host_loop host_nothing, host_psci, host_unknown, host_read, host_read64, host_write, host_write8,
    host_toggle, host_self_v2, host_self_v3, host_timer, host_sender_v2, host_sender_v3,
    host_ping_v2, host_ping_v3;

/* How many interrupts the latest loop has taken. */
extern volatile uint64_t host_taken;

/* What the other CPU has done. */
extern struct host_received {
    volatile uint64_t count; /* of interrupts handled */
    volatile uint64_t time;  /* when the latest of those that came while it was asleep was */
} host_received;

/* Sends one SGI, and returns the virtual counter before that. */
uint64_t host_send_v2(uint64_t distributor, uint64_t value);
uint64_t host_send_v3(uint64_t distributor, uint64_t value);

/*
 * The other CPU: takes BENCH_COUNT interrupts asleep, then answers as many with the SGI that `value`
 * is, asleep again; and takes all later ones awake.
 */
_Noreturn void host_receive_v2(uint64_t unused, uint64_t value, uint64_t distributor,
                               uint64_t cpu_interface);
_Noreturn void host_receive_v3(uint64_t unused, uint64_t value, uint64_t distributor,
                               uint64_t cpu_interface);

/* Handlers, for VBAR_EL1. */
extern const char vectors_v2[], vectors_v3[];

#endif
