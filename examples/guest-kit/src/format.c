/* SPDX-License-Identifier: MIT */
#include "format.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kit/console.h>
#include <kit/string.h>

/* 64 bits in the smallest base, 8 of which none is used; "0x" comes on top. */
#define MAX_DIGITS 24

/* One conversion: %[flags][width][length]letter. */
struct conversion {
    size_t width;
    bool left, zero;
    char length; /* 'l' for long and longer, 'h' for short, 'H' for char, 0 for int */
    char letter;
};

static void repeat(struct kit_sink *sink, char c, size_t count)
{
    while (count-- > 0)
        sink->put(sink, c);
}

/* prefix and body, filled up to the width: zeros go between the two, blanks around both. */
static void put_field(struct kit_sink *sink, const struct conversion *c, const char *prefix,
                      const char *body, size_t length)
{
    size_t taken = strlen(prefix) + length;
    size_t fill = c->width > taken ? c->width - taken : 0;
    bool zeros = c->zero && !c->left;

    if (!c->left && !zeros)
        repeat(sink, ' ', fill);
    while (*prefix != '\0')
        sink->put(sink, *prefix++);
    if (zeros)
        repeat(sink, '0', fill);
    for (size_t i = 0; i < length; i++)
        sink->put(sink, body[i]);
    if (c->left)
        repeat(sink, ' ', fill);
}

static void put_number(struct kit_sink *sink, const struct conversion *c, const char *prefix,
                       uint64_t value, unsigned int base)
{
    const char *digits = c->letter == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    char text[MAX_DIGITS];
    size_t first = MAX_DIGITS;

    do {
        text[--first] = digits[value % base];
        value /= base;
    } while (value != 0);
    put_field(sink, c, prefix, &text[first], MAX_DIGITS - first);
}

static void put_signed(struct kit_sink *sink, const struct conversion *c, int64_t value)
{
    put_number(sink, c, value < 0 ? "-" : "", value < 0 ? -(uint64_t)value : (uint64_t)value, 10);
}

static const char *parse(const char *format, struct conversion *c)
{
    *c = (struct conversion){0};
    for (;; format++) {
        if (*format == '-')
            c->left = true;
        else if (*format == '0')
            c->zero = true;
        else
            break;
    }
    for (; *format >= '0' && *format <= '9'; format++)
        c->width = c->width * 10 + (size_t)(*format - '0');
    for (;; format++) {
        if (*format == 'l' || *format == 'z')
            c->length = 'l';
        else if (*format == 'h')
            c->length = c->length == 'h' ? 'H' : 'h';
        else
            break;
    }
    c->letter = *format;
    return format;
}

/* What an argument of type int or unsigned int means after "h" or "hh" is its low part. */
static int64_t narrow_signed(const struct conversion *c, int value)
{
    return c->length == 'h' ? (int16_t)value : c->length == 'H' ? (int8_t)value : value;
}

static uint64_t narrow_unsigned(const struct conversion *c, unsigned int value)
{
    return c->length == 'h' ? (uint16_t)value : c->length == 'H' ? (uint8_t)value : value;
}

void kit_format(struct kit_sink *sink, const char *format, va_list arguments)
{
    struct conversion c;
    uint64_t number;
    const char *text;
    char one;

    for (; *format != '\0'; format++) {
        if (*format != '%') {
            sink->put(sink, *format);
            continue;
        }
        format = parse(format + 1, &c);
        switch (c.letter) {
        case 'd':
        case 'i':
            put_signed(sink, &c,
                       c.length == 'l' ? va_arg(arguments, long)
                                       : narrow_signed(&c, va_arg(arguments, int)));
            break;
        case 'u':
        case 'x':
        case 'X':
            number = c.length == 'l' ? va_arg(arguments, unsigned long)
                                     : narrow_unsigned(&c, va_arg(arguments, unsigned int));
            put_number(sink, &c, "", number, c.letter == 'u' ? 10 : 16);
            break;
        case 'p':
            put_number(sink, &c, "0x", (uint64_t)va_arg(arguments, void *), 16);
            break;
        case 's':
            text = va_arg(arguments, const char *);
            if (text == NULL)
                text = "(null)";
            c.zero = false;
            put_field(sink, &c, "", text, strlen(text));
            break;
        case 'c':
            one = (char)va_arg(arguments, int);
            c.zero = false;
            put_field(sink, &c, "", &one, 1);
            break;
        case '\0':
            return;
        default:
            /* "%%", and what is no conversion, as it stands. */
            if (c.letter != '%')
                sink->put(sink, '%');
            sink->put(sink, c.letter);
            break;
        }
    }
}

struct buffer_sink {
    struct kit_sink sink;
    char *buffer;
    size_t size, length;
};

static void put_in_buffer(struct kit_sink *sink, char c)
{
    struct buffer_sink *b = (struct buffer_sink *)sink;

    if (b->length + 1 < b->size)
        b->buffer[b->length] = c;
    b->length++;
}

int kit_vsnprintf(char *buffer, size_t size, const char *format, va_list arguments)
{
    struct buffer_sink b = {{put_in_buffer}, buffer, size, 0};

    kit_format(&b.sink, format, arguments);
    if (size > 0)
        buffer[b.length < size ? b.length : size - 1] = '\0';
    return b.length <= INT_MAX ? (int)b.length : -1;
}

int kit_snprintf(char *buffer, size_t size, const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = kit_vsnprintf(buffer, size, format, arguments);
    va_end(arguments);
    return length;
}
