/* SPDX-License-Identifier: MIT */
/*
 * How long an interrupt of the host waits because interrupts are masked, in instructions, under icount
 * as in bench.c. A timer of the host is due at one moment after the other of a guest's operation, or of
 * the host's own. What counts is the time from then until the host's handler, with all of its way there.
 */
#ifndef WAITS_H
#define WAITS_H

#include "testhost.h"

/* DESIGN's, for whatever a guest or the host does. */
#define WAITS_BOUND 3000u

/* Once, when the host's interrupt controller is ready. */
void waits_init(const struct machine *machine);

/*
 * The longest wait, at any moment from the beginning of `what` to its end; `before` comes before it each
 * time. *all: what all of it takes.
 */
uint64_t waits_longest(void (*before)(void), void (*what)(void), uint64_t *all);

#endif
