/* SPDX-License-Identifier: MIT */
/* The memory and string functions of a C library that libvcpu, libfdt, hosts and guests need. */
#ifndef BARE_METAL_STRING_H
#define BARE_METAL_STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *a, const void *b, size_t size);
void *memchr(const void *memory, int byte, size_t size);

size_t strlen(const char *text);
size_t strnlen(const char *text, size_t limit);
char *strchr(const char *text, int character);
char *strrchr(const char *text, int character);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t limit);

#endif
