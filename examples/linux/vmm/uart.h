/* SPDX-License-Identifier: MIT */
/* The guest's UART on this process's terminal. Any thread. */
#ifndef UART_H
#define UART_H

#include <stdbool.h>
#include <stdint.h>

/* vm is the VM's file, for the line of the UART's interrupt. */
void uart_init(int vm);

/* Gives the terminal back; done at exit too. */
void uart_restore(void);

uint64_t uart_read(uint64_t offset, unsigned size);
void uart_write(uint64_t offset, unsigned size, uint64_t value);

/* Gives the guest what is typed, until Ctrl-A X is, or for ever. */
void uart_type(void);

#endif
