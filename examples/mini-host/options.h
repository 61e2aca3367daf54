/* SPDX-License-Identifier: MIT */
/* The mini-host's own command line: /chosen/bootargs of the machine. Pure. */
#ifndef MINI_HOST_OPTIONS_H
#define MINI_HOST_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#define OPTIONS_MAX_CPUS   8u
#define OPTIONS_MIN_MEMORY 8u
#define OPTIONS_MAX_MEMORY 65536u

enum options_mode {
    /* The guest has the physical interrupts, timers and UART to itself. */
    OPTIONS_DIRECT,
};

struct options {
    unsigned cpus;   /* cpus=N, 1 if not given */
    unsigned memory; /* memory=MIB, 256 if not given */
    enum options_mode mode;
};

/*
 * Reads words that are separated by spaces; the last of two that say the same thing counts. On an
 * error returns false with one line about it, without a newline, in error (size bytes).
 */
bool options_parse(const char *text, struct options *options, char *error, size_t size);

#endif
