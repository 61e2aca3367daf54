/* SPDX-License-Identifier: MIT */
/*
 * Aligned accesses only: some of it runs with the MMU off, where all memory is Device. Built with
 * -fno-builtin, and with GCC -fno-tree-loop-distribute-patterns: otherwise the compiler can replace
 * memcpy's own loop by a call of memcpy.
 */
#include "libc/string.h"

#include <stdint.h>

#include "word.h"

/* Four at a time, so that counting and branching is little of the work. */
static void store4(uint8_t *to, word_t a, word_t b, word_t c, word_t d)
{
    word_t *words = (word_t *)to;

    words[0] = a;
    words[1] = b;
    words[2] = c;
    words[3] = d;
}

/* From the first byte on, so `to` may overlap a `from` behind it: not restrict, as memcpy's are. */
static void copy_up(uint8_t *t, const uint8_t *f, size_t size)
{
    if (word_aligned((uintptr_t)t | (uintptr_t)f)) {
        for (; size >= 4 * sizeof(word_t); size -= 4 * sizeof(word_t)) {
            const word_t *from4 = (const word_t *)f;
            const word_t a = from4[0], b = from4[1], c = from4[2], d = from4[3];

            store4(t, a, b, c, d);
            t += 4 * sizeof(word_t);
            f += 4 * sizeof(word_t);
        }
        for (; size >= sizeof(word_t); size -= sizeof(word_t)) {
            *(word_t *)t = *(const word_t *)f;
            t += sizeof(word_t);
            f += sizeof(word_t);
        }
    }
    while (size-- > 0)
        *t++ = *f++;
}

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
    copy_up(to, from, size);
    return to;
}

void *memmove(void *to, const void *from, size_t size)
{
    uint8_t *t = to;
    const uint8_t *f = from;
    bool words = word_aligned((uintptr_t)t | (uintptr_t)f);

    /* Safe if `to` does not begin within the source. */
    if ((uintptr_t)t - (uintptr_t)f >= size) {
        copy_up(t, f, size);
        return to;
    }
    for (; size > 0 && (!words || !word_aligned(size)); size--)
        t[size - 1] = f[size - 1];
    for (; size > 0; size -= sizeof(word_t)) {
        const word_t word = *(const word_t *)(f + size - sizeof(word_t));
        *(word_t *)(t + size - sizeof(word_t)) = word;
    }
    return to;
}

void *memset(void *to, int byte, size_t size)
{
    uint8_t *t = to;
    uint64_t word = (uint8_t)byte * UINT64_C(0x0101010101010101);

    for (; size > 0 && !word_aligned((uintptr_t)t); size--)
        *t++ = (uint8_t)byte;
    for (; size >= 4 * sizeof(word_t); size -= 4 * sizeof(word_t)) {
        store4(t, word, word, word, word);
        t += 4 * sizeof(word_t);
    }
    for (; size >= sizeof(word_t); size -= sizeof(word_t)) {
        *(word_t *)t = word;
        t += sizeof(word_t);
    }
    while (size-- > 0)
        *t++ = (uint8_t)byte;
    return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
    const uint8_t *x = a, *y = b;

    for (; size > 0; size--, x++, y++) {
        if (*x != *y)
            return *x - *y;
    }
    return 0;
}

void *memchr(const void *memory, int byte, size_t size)
{
    const uint8_t *x = memory;

    for (; size > 0; size--, x++) {
        if (*x == (uint8_t)byte)
            return (void *)(uintptr_t)x;
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
            return (char *)(uintptr_t)&text[i];
    }
    return NULL;
}

int strcmp(const char *a, const char *b)
{
    return strncmp(a, b, SIZE_MAX);
}

int strncmp(const char *a, const char *b, size_t limit)
{
    for (; limit > 0; limit--, a++, b++) {
        if (*a != *b)
            return (uint8_t)*a - (uint8_t)*b;
        if (*a == '\0')
            break;
    }
    return 0;
}
