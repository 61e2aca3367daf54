/* SPDX-License-Identifier: MIT */
/* Aligned accesses only: some of it runs with the MMU off, where all memory is Device. */
#include <stdint.h>

#include "libc/string.h"

/* Words that alias the bytes of any object. */
typedef uint64_t __attribute__((may_alias)) word_t;

static int words_fit(const void *a, const void *b)
{
    return (((uintptr_t)a | (uintptr_t)b) % sizeof(word_t)) == 0;
}

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
    uint8_t *d = to;
    const uint8_t *s = from;

    if (words_fit(to, from)) {
        for (; size >= sizeof(word_t); size -= sizeof(word_t)) {
            *(word_t *)(void *)d = *(const word_t *)(const void *)s;
            d += sizeof(word_t);
            s += sizeof(word_t);
        }
    }
    while (size-- > 0)
        *d++ = *s++;
    return to;
}

void *memmove(void *to, const void *from, size_t size)
{
    uint8_t *d = to;
    const uint8_t *s = from;

    if ((uintptr_t)d - (uintptr_t)s >= size)
        return memcpy(to, from, size);
    while (size-- > 0)
        d[size] = s[size];
    return to;
}

void *memset(void *to, int byte, size_t size)
{
    uint8_t *d = to;

    if (words_fit(to, to)) {
        word_t word = (uint8_t)byte * UINT64_C(0x0101010101010101);

        for (; size >= sizeof(word_t); size -= sizeof(word_t)) {
            *(word_t *)(void *)d = word;
            d += sizeof(word_t);
        }
    }
    while (size-- > 0)
        *d++ = (uint8_t)byte;
    return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
    const uint8_t *x = a, *y = b;

    for (size_t i = 0; i < size; i++) {
        if (x[i] != y[i])
            return x[i] - y[i];
    }
    return 0;
}

/* The C library's signatures take const and give back plain pointers. */
static void *without_const(const void *pointer)
{
    return (void *)(uintptr_t)pointer;
}

void *memchr(const void *memory, int byte, size_t size)
{
    const uint8_t *m = memory;

    for (size_t i = 0; i < size; i++) {
        if (m[i] == (uint8_t)byte)
            return without_const(&m[i]);
    }
    return NULL;
}

size_t strlen(const char *text)
{
    return strnlen(text, SIZE_MAX);
}

size_t strnlen(const char *text, size_t limit)
{
    size_t length = 0;

    while (length < limit && text[length] != '\0')
        length++;
    return length;
}

char *strchr(const char *text, int character)
{
    return memchr(text, character, strlen(text) + 1);
}

char *strrchr(const char *text, int character)
{
    for (size_t i = strlen(text) + 1; i-- > 0;) {
        if (text[i] == (char)character)
            return without_const(&text[i]);
    }
    return NULL;
}

int strcmp(const char *a, const char *b)
{
    return strncmp(a, b, SIZE_MAX);
}

int strncmp(const char *a, const char *b, size_t limit)
{
    for (size_t i = 0; i < limit; i++) {
        if (a[i] != b[i] || a[i] == '\0')
            return (uint8_t)a[i] - (uint8_t)b[i];
    }
    return 0;
}
