/* SPDX-License-Identifier: MIT */
/*
 * The guests' UARTs and the machine's own between them and the terminal. Not for direct mode. It has
 * one lock of its own, taken with IRQs masked: any CPU may call, also from an IRQ handler, but not
 * from set_line. Under that lock it takes the platform console's and calls set_line.
 */
#ifndef MINI_HOST_TERMINAL_H
#define MINI_HOST_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>

#include "machine.h"

/*
 * Before guests run, and before other CPUs are there: a UART for each VM, in the order of their
 * numbers. names are kept by address. set_line is the interrupt of a VM's UART, called when it
 * changes, as vcpu_gic_set_line is: with IRQs masked, on the CPU that changed it.
 */
void terminal_init(const char *const *names, unsigned count,
                   void (*set_line)(unsigned vm, bool level));

/*
 * Keys come by interrupt from now on, to the CPU that calls this. After gic_init_cpu there; what it
 * registers with irq.h is of no use before IRQs are unmasked, or taken by a guest's exit.
 */
void terminal_listen(const struct machine_uart *uart);

/* An access of a guest to its UART, at an offset below PL011_SIZE. Read: *data is set. */
void terminal_access(unsigned vm, uint64_t offset, unsigned size, bool write, uint64_t *data);

/* Prints one line of the host's, given without its newline, between the guests' lines. */
void terminal_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The VM is off for good: its console is closed. Puts the UART out of reset for a VM that resets. */
void terminal_close(unsigned vm);
void terminal_reset(unsigned vm);

#endif
