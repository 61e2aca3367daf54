/* SPDX-License-Identifier: MIT */
/* Formatting text. */
#ifndef PLATFORM_TEXT_H
#define PLATFORM_TEXT_H

#include <stdarg.h>
#include <stddef.h>

/*
 * Of printf: %d %i %u %x %c %s %p %%, the lengths l, ll and z, a width (or *), and the flags 0
 * and -. Each character goes to put.
 */
void text_vformat(void (*put)(void *ctx, char c), void *ctx, const char *format, va_list args);

/* The same into a buffer, cut to its size (at least 1) and always ended with a NUL. */
void text_vformat_buffer(char *buffer, size_t size, const char *format, va_list args);
void text_format(char *buffer, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
