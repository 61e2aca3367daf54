/* SPDX-License-Identifier: MIT */
/* Formatting into anything that takes characters. Uses nothing but the stack. */
#ifndef KIT_FORMAT_H
#define KIT_FORMAT_H

#include <stdarg.h>

struct kit_sink {
    void (*put)(struct kit_sink *sink, char c);
};

void kit_format(struct kit_sink *sink, const char *format, va_list arguments);

#endif
