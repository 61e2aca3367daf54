/* SPDX-License-Identifier: MIT */
#include "text.h"

#include <stdbool.h>
#include <stdint.h>

#include "libc/string.h"

struct field {
    size_t width;
    bool left, zero;
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

/* One conversion's result: a sign or prefix, which zeros go behind, and the digits or the text. */
static void put_field(const struct output *out, const struct field *field, const char *prefix,
                      const char *text, size_t length)
{
    size_t used = strlen(prefix) + length;
    size_t pad = field->width > used ? field->width - used : 0;

    if (!field->left && !field->zero)
        fill(out, ' ', pad);
    for (; *prefix != '\0'; prefix++)
        out->put(out->ctx, *prefix);
    if (!field->left && field->zero)
        fill(out, '0', pad);
    for (size_t i = 0; i < length; i++)
        out->put(out->ctx, text[i]);
    if (field->left)
        fill(out, ' ', pad);
}

static void put_number(const struct output *out, const struct field *field, const char *prefix,
                       uint64_t value, unsigned base)
{
    char digits[20]; /* of 2^64 - 1 in decimal */
    size_t at = sizeof(digits);

    do {
        digits[--at] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    put_field(out, field, prefix, &digits[at], sizeof(digits) - at);
}

void text_vformat(void (*put)(void *ctx, char c), void *ctx, const char *format, va_list args)
{
    const struct output out = {.put = put, .ctx = ctx};

    for (; *format != '\0'; format++) {
        struct field field = {.width = 0};
        bool is_long = false;

        if (*format != '%') {
            put(ctx, *format);
            continue;
        }
        for (format++; *format == '0' || *format == '-'; format++) {
            field.zero |= *format == '0';
            field.left |= *format == '-';
        }
        if (*format == '*') {
            field.width = va_arg(args, unsigned);
            format++;
        }
        for (; *format >= '0' && *format <= '9'; format++)
            field.width = field.width * 10 + (size_t)(*format - '0');
        /* long, long long and size_t are all 64 bits here. */
        for (; *format == 'l' || *format == 'z'; format++)
            is_long = true;

        switch (*format) {
        case 'd':
        case 'i': {
            int64_t value = is_long ? va_arg(args, int64_t) : va_arg(args, int);
            uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

            put_number(&out, &field, value < 0 ? "-" : "", magnitude, 10);
            break;
        }
        case 'u':
        case 'x': {
            uint64_t value = is_long ? va_arg(args, uint64_t) : va_arg(args, unsigned);

            put_number(&out, &field, "", value, *format == 'u' ? 10 : 16);
            break;
        }
        case 'p':
            put_number(&out, &field, "0x", (uintptr_t)va_arg(args, void *), 16);
            break;
        case 's': {
            const char *text = va_arg(args, const char *);

            put_field(&out, &field, "", text, strlen(text));
            break;
        }
        case 'c': {
            char c = (char)va_arg(args, int);

            put_field(&out, &field, "", &c, 1);
            break;
        }
        case '\0':
            return;
        default: /* "%%", and what is not known is shown as it stands */
            put(ctx, *format);
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
        buffer->text[buffer->length++] = c;
}

void text_vformat_buffer(char *text, size_t size, const char *format, va_list args)
{
    struct buffer buffer = {.text = text, .size = size};

    text_vformat(put_in_buffer, &buffer, format, args);
    text[buffer.length] = '\0';
}

void text_format(char *text, size_t size, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    text_vformat_buffer(text, size, format, args);
    va_end(args);
}
