/* SPDX-License-Identifier: MIT */
/* Ends the machine with a status that QEMU returns to its caller. */
#ifndef PLATFORM_EXIT_H
#define PLATFORM_EXIT_H

#include <stdnoreturn.h>

#include "machine.h"

/* Looks for the pvpanic device. Called once by the platform. */
void exit_init(const struct machine *machine);

/* PSCI SYSTEM_OFF: QEMU ends with 0. */
noreturn void exit_success(void);

/*
 * Says so through the pvpanic device: QEMU, started with `-device pvpanic-pci -action
 * panic=exit-failure`, ends with 1. Without the device a line is printed and the machine is reset,
 * which ends a QEMU started with -no-reboot.
 */
noreturn void exit_failure(void);

/* Prints one line, "host: why", and calls exit_failure. */
noreturn void exit_panic(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
