/* SPDX-License-Identifier: MIT */
#include "consoles.h"

#include <string.h>

#define BEL        0x07
#define BACKSPACE  '\b'
#define ESC        0x1b
#define ERASE_LINE "\r\x1b[K"

static void show(struct consoles *consoles, const char *text)
{
    consoles->wires->show(consoles->ctx, text, strlen(text));
}

/* The name, and what stands on its line. */
static void draw(struct consoles *consoles, const struct consoles_one *one)
{
    show(consoles, "[");
    show(consoles, one->name);
    show(consoles, "] ");
    consoles->wires->show(consoles->ctx, one->line, one->length);
}

/* Makes way for another line, above the one that the selected guest is writing, */
static void step_aside(struct consoles *consoles)
{
    if (consoles->inside)
        show(consoles, consoles->count == 1 ? "\r\n" : ERASE_LINE);
}

/* and shows that one again. A single guest's line is not known, so it goes on as it can. */
static void step_back(struct consoles *consoles)
{
    if (consoles->count == 1)
        consoles->inside = false;
    else if (consoles->inside)
        draw(consoles, &consoles->one[consoles->selected]);
}

/* Shows what an unselected guest has on its line, as a line. */
static void show_other(struct consoles *consoles, struct consoles_one *one)
{
    step_aside(consoles);
    draw(consoles, one);
    show(consoles, "\r\n");
    one->length = 0;
    step_back(consoles);
}

/* Is the byte part of a control sequence, to which a line that is shown later has no right? */
static bool is_control(struct consoles_one *one, uint8_t byte)
{
    enum consoles_sequence before = one->sequence;

    switch (before) {
    case CONSOLES_TEXT:
        one->sequence = byte == ESC ? CONSOLES_ESCAPED : CONSOLES_TEXT;
        break;
    case CONSOLES_ESCAPED:
        one->sequence = byte == '['   ? CONSOLES_CONTROL
                        : byte == ']' ? CONSOLES_STRING
                                      : CONSOLES_TEXT;
        break;
    case CONSOLES_CONTROL:
        one->sequence = byte >= 0x40 && byte <= 0x7e ? CONSOLES_TEXT : CONSOLES_CONTROL;
        break;
    case CONSOLES_STRING:
        one->sequence = byte == BEL   ? CONSOLES_TEXT
                        : byte == ESC ? CONSOLES_ESCAPED
                                      : CONSOLES_STRING;
        break;
    }
    return before != CONSOLES_TEXT; /* ESC itself is no text either */
}

/* Notes what a byte, not one of those that end a line, does to it. */
static void note(struct consoles_one *one, uint8_t byte)
{
    if (is_control(one, byte))
        return;
    if (byte == BACKSPACE && one->length > 0)
        one->length--;
    else if ((byte >= ' ' || byte == '\t') && one->length < CONSOLES_LINE)
        one->line[one->length++] = (char)byte;
}

static void output_selected(struct consoles *consoles, struct consoles_one *one, uint8_t byte)
{
    const char c = (char)byte;

    if (byte == '\r') {
        /* Nearly always a newline follows. If not, the name is to stand before what does. */
        one->returned = true;
        return;
    }
    if (one->returned && byte != '\n') {
        one->length = 0;
        if (consoles->inside)
            show(consoles, "\r");
        consoles->inside = false;
    }
    one->returned = false;
    if (!consoles->inside)
        draw(consoles, one);
    consoles->inside = byte != '\n';
    if (byte == '\n') {
        show(consoles, "\r\n");
        one->length = 0;
        return;
    }
    consoles->wires->show(consoles->ctx, &c, 1);
    note(one, byte);
}

static void output_other(struct consoles *consoles, struct consoles_one *one, uint8_t byte)
{
    if (byte == '\r') {
        one->returned = true;
        return;
    }
    if (one->returned && byte != '\n')
        one->length = 0;
    one->returned = false;
    if (byte != '\n')
        note(one, byte);
    if (byte == '\n' || one->length == CONSOLES_LINE)
        show_other(consoles, one);
}

void consoles_output(struct consoles *consoles, unsigned console, uint8_t byte)
{
    const char c = (char)byte;

    if (consoles->count == 1) {
        consoles->wires->show(consoles->ctx, &c, 1);
        consoles->inside = byte != '\n';
    } else if (console == consoles->selected) {
        output_selected(consoles, &consoles->one[console], byte);
    } else {
        output_other(consoles, &consoles->one[console], byte);
    }
}

void consoles_line(struct consoles *consoles, const char *line)
{
    step_aside(consoles);
    show(consoles, line);
    show(consoles, "\r\n");
    step_back(consoles);
}

/* The guest's line was recorded while others were selected, and is shown now. */
static void select(struct consoles *consoles, unsigned console)
{
    const struct consoles_one *one = &consoles->one[console];

    if (consoles->inside)
        show(consoles, "\r\n");
    consoles->selected = console;
    show(consoles, "mini-host: the keys go to ");
    show(consoles, one->name);
    show(consoles, "\r\n");
    consoles->inside = one->length != 0;
    step_back(consoles);
}

/* The next that is not closed, or the selected one if there is none. */
static unsigned next(const struct consoles *consoles)
{
    unsigned console = consoles->selected;

    do {
        console = (console + 1) % consoles->count;
    } while (consoles->one[console].closed && console != consoles->selected);
    return console;
}

static void type(struct consoles *consoles, uint8_t byte)
{
    struct consoles_one *one = &consoles->one[consoles->selected];

    if (one->closed)
        return;
    if (one->count == 0 && consoles->wires->deliver(consoles->ctx, consoles->selected, byte))
        return;
    if (one->count < CONSOLES_KEYS)
        one->keys[(one->first + one->count++) % CONSOLES_KEYS] = byte;
}

/* The key after the escape key. */
static void command(struct consoles *consoles, uint8_t byte)
{
    unsigned console = (unsigned)byte - '1'; /* of what is no digit a number beyond all */

    if (byte == CONSOLES_ESCAPE)
        type(consoles, byte);
    else if (byte == 'n')
        select(consoles, next(consoles));
    else if (byte == 't')
        consoles->wires->ask_time(consoles->ctx);
    else if (console >= consoles->count)
        consoles_line(consoles, "mini-host: Ctrl-T and a guest's number, or n for the next one, t "
                                "for the time, or Ctrl-T for itself");
    else if (consoles->one[console].closed)
        consoles_line(consoles, "mini-host: that guest is off");
    else
        select(consoles, console);
}

void consoles_key(struct consoles *consoles, uint8_t byte)
{
    if (consoles->escaped) {
        consoles->escaped = false;
        command(consoles, byte);
    } else if (byte == CONSOLES_ESCAPE && consoles->count > 1) {
        consoles->escaped = true;
    } else {
        type(consoles, byte);
    }
}

void consoles_ready(struct consoles *consoles, unsigned console)
{
    struct consoles_one *one = &consoles->one[console];

    while (one->count != 0 &&
           consoles->wires->deliver(consoles->ctx, console, one->keys[one->first])) {
        one->first = (one->first + 1) % CONSOLES_KEYS;
        one->count--;
    }
}

void consoles_close(struct consoles *consoles, unsigned console)
{
    struct consoles_one *one = &consoles->one[console];

    one->closed = true;
    one->count = 0;
    if (consoles->count == 1)
        return;
    if (console != consoles->selected) {
        if (one->length != 0)
            show_other(consoles, one);
    } else if (next(consoles) != console) {
        select(consoles, next(consoles));
    }
}

void consoles_init(struct consoles *consoles, const struct consoles_wires *wires, void *ctx,
                   const char *const *names, unsigned count)
{
    memset(consoles, 0, sizeof(*consoles));
    consoles->wires = wires;
    consoles->ctx = ctx;
    consoles->count = count;
    for (unsigned i = 0; i < count; i++)
        consoles->one[i].name = names[i];
}
