/* SPDX-License-Identifier: MIT */
/* The PL011 UART. Any CPU, any time after console_init. */
#ifndef PLATFORM_CONSOLE_H
#define PLATFORM_CONSOLE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* Takes the UART at base over as the boot loader left it. Called once by the platform. */
void console_init(uint64_t base);

/* Turns it on again after a guest has used it, because a guest can leave it off. */
void console_resume(void);

/* Prints without a mix with other CPUs' output. Formats: see text.h. */
void console_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Writes bytes as they are: a newline is only that. */
void console_write(const char *bytes, size_t count);

/* Without waiting for the lock: for fault handlers, whose CPU may hold it. */
void console_emergency(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The next character that came in, or -1 if there is none. */
int console_read(void);

/*
 * From now on the UART's interrupt, a level, is high while there is something to read. Until then
 * it has none.
 */
void console_listen(void);

#endif
