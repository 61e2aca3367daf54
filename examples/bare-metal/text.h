/* SPDX-License-Identifier: MIT */
/*
 * Formatted text. It uses only the stack, so it also works with the MMU off. It has these of
 * printf: %d %i %u %x %X %c %s %p %%, the lengths h, hh, l, ll and z, a width (or *), and the flags
 * 0 and -.
 */
#ifndef BARE_METAL_TEXT_H
#define BARE_METAL_TEXT_H

#include <stdarg.h>
#include <stddef.h>

/* Each character goes to put. */
void text_vformat(void (*put)(void *ctx, char c), void *ctx, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

/*
 * The same into a buffer of `size` bytes, cut to that size and ended with a NUL. With size 0
 * nothing is written. Returns the length that the whole text has, without the NUL.
 */
size_t text_vformat_buffer(char *buffer, size_t size, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));
size_t text_format(char *buffer, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
