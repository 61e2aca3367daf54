/* SPDX-License-Identifier: MIT */
/*
 * Several guests' consoles on one terminal. Pure, and without a lock: terminal.c has it.
 *
 * With one guest, bytes go through as they are, both ways. With several, one is selected: the keys
 * are its, and its output is shown as it comes. Of the others whole lines are shown, above the one
 * that the selected guest is writing. Each line begins with the name of its guest. The escape key,
 * Ctrl-T, and then
 *
 *   1 to 8    selects that guest
 *   n         selects the next that is not off
 *   t         asks for the host's time
 *   Ctrl-T    is a Ctrl-T for the guest
 */
#ifndef MINI_HOST_CONSOLES_H
#define MINI_HOST_CONSOLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONSOLES_MAX    8u
#define CONSOLES_ESCAPE 0x14 /* Ctrl-T */
#define CONSOLES_LINE   160u /* of one that is longer only so much is shown in one piece */
#define CONSOLES_KEYS   1024u

/* What they are connected to. Called from the calls below. */
struct consoles_wires {
    void (*show)(void *ctx, const char *bytes, size_t count);   /* to the terminal, as they are */
    bool (*deliver)(void *ctx, unsigned console, uint8_t byte); /* to a guest; false: not now */
    void (*ask_time)(void *ctx);                                /* the answer is a consoles_line */
};

enum consoles_sequence {
    CONSOLES_TEXT,    /* none */
    CONSOLES_ESCAPED, /* after ESC */
    CONSOLES_CONTROL, /* CSI: up to a letter */
    CONSOLES_STRING,  /* OSC: up to BEL, or an ESC that begins its end */
};

struct consoles_one {
    const char *name;
    char line[CONSOLES_LINE]; /* its line so far, without control characters */
    size_t length;
    uint8_t keys[CONSOLES_KEYS]; /* typed, and not taken by the guest yet: a ring */
    size_t first, count;
    enum consoles_sequence sequence; /* in which its output is */
    bool returned;                   /* its last byte was a carriage return */
    bool closed;
};

struct consoles {
    const struct consoles_wires *wires;
    void *ctx;
    unsigned count, selected;
    struct consoles_one one[CONSOLES_MAX];
    bool escaped; /* the last key was the escape key */
    bool inside;  /* the terminal's cursor is in a line of the selected guest */
};

/* 1 to CONSOLES_MAX of them. Names are kept by address. The first is selected. */
void consoles_init(struct consoles *consoles, const struct consoles_wires *wires, void *ctx,
                   const char *const *names, unsigned count);

/* A guest wrote a byte. */
void consoles_output(struct consoles *consoles, unsigned console, uint8_t byte);

/* A key was typed. For a guest that takes none CONSOLES_KEYS are kept, and later ones lost. */
void consoles_key(struct consoles *consoles, uint8_t byte);

/* The guest can take keys again. */
void consoles_ready(struct consoles *consoles, unsigned console);

/* Shows a line of the host's own, given without its newline. */
void consoles_line(struct consoles *consoles, const char *line);

/* The guest is off: what it left of a line is shown. If it was selected, the next one is now. */
void consoles_close(struct consoles *consoles, unsigned console);

#endif
