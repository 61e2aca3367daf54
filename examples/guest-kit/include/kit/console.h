/* SPDX-License-Identifier: MIT */
/*
 * Text output and input on the PL011. "\n" is sent as "\r\n". Formats: %c %s %d %i %u %x %X %p %%,
 * with the flags 0 and -, a width, and the lengths h, hh, l, ll and z.
 */
#ifndef KIT_CONSOLE_H
#define KIT_CONSOLE_H

#include <stdarg.h>
#include <stddef.h>

/*
 * Each call goes out in one piece, whichever CPUs print at the same time. Needs the MMU (the lock
 * is made of exclusives), and keeps IRQ and FIQ masked meanwhile so that a handler may print too.
 */
void kit_putc(char c);
void kit_puts(const char *text); /* adds a newline */
void kit_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * For the worst moments: no lock, nothing in memory but the text and the stack, and good with the
 * MMU off, in any handler, with another CPU in the middle of a line.
 */
void kit_emergency_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The next character that was typed, or -1 if there is none. */
int kit_getc(void);

/* As in C: at most size bytes with the zero at the end; returns the length that it all needs. */
int kit_snprintf(char *buffer, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int kit_vsnprintf(char *buffer, size_t size, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

#endif
