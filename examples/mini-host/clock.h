/* SPDX-License-Identifier: MIT */
/*
 * The guests' real-time clocks, in virtual mode. They begin with the time of the machine's own
 * PL031, whose match register wakes the host for the next alarm of any guest.
 */
#ifndef MINI_HOST_CLOCK_H
#define MINI_HOST_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "machine.h"

/*
 * Call once, before the guests, on a machine that has a clock. set_line is the interrupt of a VM's
 * clock: called on any CPU, with a lock of the clocks held.
 */
void clock_init(const struct machine_rtc *rtc, unsigned vms,
                void (*set_line)(unsigned vm, bool level));

/* This CPU takes the interrupt of the machine's clock. Once. */
void clock_listen(const struct machine_rtc *rtc);

/* An access of a VM's to its clock, at an offset below PL031_SIZE. */
void clock_access(unsigned vm, uint64_t offset, unsigned size, bool write, uint64_t *data);

/* The VM's clock is as out of reset, with the machine's time. It has no interrupt controller. */
void clock_reset(unsigned vm);

#endif
