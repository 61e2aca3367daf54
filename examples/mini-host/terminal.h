/* SPDX-License-Identifier: MIT */
/*
 * The UARTs of the guests in virtual mode, between them and the machine's own one at the terminal.
 * One lock, taken with IRQs masked: any CPU may call these, also IRQ handlers, but not set_line.
 * Under that lock the platform console's lock is taken, and those of set_line.
 */
#ifndef MINI_HOST_TERMINAL_H
#define MINI_HOST_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>

#include "machine.h"

/*
 * Before guests run: a UART for each of `count` VMs, 1 to CONSOLES_MAX, in the order of their
 * numbers. names are kept by address. set_line is the interrupt of a VM's UART, told when it
 * changes and low in the beginning; called with IRQs masked, on any CPU.
 */
void terminal_init(const char *const *names, unsigned count,
                   void (*set_line)(unsigned vm, bool level));

/*
 * Keys come by the machine's UART's interrupt from now on, to the CPU that calls this, through
 * irq_handle. Once, after gic_init.
 */
void terminal_listen(const struct machine_uart *uart);

/* A guest's access to its UART, at an offset below PL011_SIZE. A read sets *data. */
void terminal_access(unsigned vm, uint64_t offset, unsigned size, bool write, uint64_t *data);

/* Prints one line of the host's, given without its newline, where no guest's line is cut by it. */
void terminal_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The VM restarts: its UART is reset. */
void terminal_reset(unsigned vm);

/* The VM is off for good. */
void terminal_close(unsigned vm);

#endif
