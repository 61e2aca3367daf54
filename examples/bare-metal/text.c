/* SPDX-License-Identifier: MIT */
#include "text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* One conversion: %[flags][width][length]letter. */
struct conversion {
    size_t width;
    bool left, zero;
    enum { CHAR, SHORT, INT, LONG } length; /* long, long long and size_t are all 64 bits here */
    char letter;
};

struct output {
    void (*put)(void *ctx, char c);
    void *ctx;
};

static void fill(const struct output *out, char c, size_t count)
{
    while (count-- > 0)
        out->put(out->ctx, c);
}

/* The result of one conversion: a sign or prefix, then zeros, then the digits or the text. */
static void put_field(const struct output *out, const struct conversion *c, const char *prefix,
                      const char *text, size_t length)
{
    size_t used = strlen(prefix) + length;
    size_t pad = c->width > used ? c->width - used : 0;
    bool zeros = c->zero && !c->left;

    if (!c->left && !zeros)
        fill(out, ' ', pad);
    for (; *prefix != '\0'; prefix++)
        out->put(out->ctx, *prefix);
    if (zeros)
        fill(out, '0', pad);
    for (size_t i = 0; i < length; i++)
        out->put(out->ctx, text[i]);
    if (c->left)
        fill(out, ' ', pad);
}

static void put_number(const struct output *out, const struct conversion *c, const char *prefix,
                       uint64_t value, unsigned base)
{
    const char *digits = c->letter == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    char text[20]; /* of 2^64 - 1 in decimal */
    size_t at = sizeof(text);

    do {
        text[--at] = digits[value % base];
        value /= base;
    } while (value != 0);
    put_field(out, c, prefix, &text[at], sizeof(text) - at);
}

static void put_signed(const struct output *out, const struct conversion *c, int64_t value)
{
    put_number(out, c, value < 0 ? "-" : "", value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 10);
}

/* Zeros in front are for numbers. */
static void put_text(const struct output *out, struct conversion *c, const char *text,
                     size_t length)
{
    c->zero = false;
    put_field(out, c, "", text, length);
}

static void parse_flags(const char **format, struct conversion *c)
{
    *c = (struct conversion){.length = INT};
    for (; **format == '0' || **format == '-'; (*format)++) {
        c->zero |= **format == '0';
        c->left |= **format == '-';
    }
}

/* Reads what follows the width; *format is then at the letter. */
static void parse_length(const char **format, struct conversion *c)
{
    for (;; (*format)++) {
        if (**format == 'l' || **format == 'z')
            c->length = LONG;
        else if (**format == 'h')
            c->length = c->length == SHORT ? CHAR : SHORT;
        else
            break;
    }
    c->letter = **format;
}

/* After "h" or "hh" only the low part of an int or unsigned argument counts. */
static int64_t narrow_signed(const struct conversion *c, int value)
{
    return c->length == SHORT ? (int16_t)value : c->length == CHAR ? (int8_t)value : value;
}

static uint64_t narrow_unsigned(const struct conversion *c, unsigned value)
{
    return c->length == SHORT ? (uint16_t)value : c->length == CHAR ? (uint8_t)value : value;
}

void text_vformat(void (*put)(void *ctx, char c), void *ctx, const char *format, va_list args)
{
    const struct output out = {.put = put, .ctx = ctx};

    for (; *format != '\0'; format++) {
        struct conversion c;

        if (*format != '%') {
            put(ctx, *format);
            continue;
        }
        format++;
        parse_flags(&format, &c);
        if (*format == '*') {
            c.width = va_arg(args, unsigned);
            format++;
        }
        for (; *format >= '0' && *format <= '9'; format++)
            c.width = c.width * 10 + (size_t)(*format - '0');
        parse_length(&format, &c);

        switch (c.letter) {
        case 'd':
        case 'i':
            put_signed(&out, &c,
                       c.length == LONG ? va_arg(args, int64_t)
                                        : narrow_signed(&c, va_arg(args, int)));
            break;
        case 'u':
        case 'x':
        case 'X': {
            uint64_t value = c.length == LONG ? va_arg(args, uint64_t)
                                              : narrow_unsigned(&c, va_arg(args, unsigned));

            put_number(&out, &c, "", value, c.letter == 'u' ? 10 : 16);
            break;
        }
        case 'p':
            put_number(&out, &c, "0x", (uintptr_t)va_arg(args, void *), 16);
            break;
        case 's': {
            const char *text = va_arg(args, const char *);

            if (text == NULL)
                text = "(null)";
            put_text(&out, &c, text, strlen(text));
            break;
        }
        case 'c': {
            char one = (char)va_arg(args, int);

            put_text(&out, &c, &one, 1);
            break;
        }
        case '\0':
            return;
        default: /* "%%", and what is not known is shown as it stands */
            if (c.letter != '%')
                put(ctx, '%');
            put(ctx, c.letter);
            break;
        }
    }
}

struct buffer {
    char *text;
    size_t size, length;
};

static void put_in_buffer(void *ctx, char c)
{
    struct buffer *buffer = ctx;

    if (buffer->length + 1 < buffer->size)
        buffer->text[buffer->length] = c;
    buffer->length++;
}

size_t text_vformat_buffer(char *text, size_t size, const char *format, va_list args)
{
    struct buffer buffer = {.text = text, .size = size};

    text_vformat(put_in_buffer, &buffer, format, args);
    if (size > 0)
        text[buffer.length < size ? buffer.length : size - 1] = '\0';
    return buffer.length;
}

size_t text_format(char *text, size_t size, const char *format, ...)
{
    va_list args;
    size_t length;

    va_start(args, format);
    length = text_vformat_buffer(text, size, format, args);
    va_end(args);
    return length;
}
