/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <string.h>

#include "text.h"

#define LONGEST_WORD 40

/* A decimal number of at most seven digits; any other text is 0, which no option takes. */
static unsigned number(const char *text)
{
    unsigned value = 0;
    size_t length = strlen(text);

    if (length > 7)
        return 0;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return 0;
        value = value * 10 + (unsigned)(*text - '0');
    }
    return value;
}

static bool take_number(const char *name, const char *text, unsigned low, unsigned high,
                        unsigned *value, char *error, size_t size)
{
    *value = number(text);
    if (*value >= low && *value <= high)
        return true;
    text_format(error, size, "%s takes a number from %u to %u, not \"%s\"", name, low, high, text);
    return false;
}

static bool take_mode(const char *text, enum options_mode *mode, char *error, size_t size)
{
    if (strcmp(text, "direct") == 0) {
        *mode = OPTIONS_DIRECT;
        return true;
    }
    text_format(error, size, "mode takes \"direct\", not \"%s\"", text);
    return false;
}

static bool take(char *word, struct options *options, char *error, size_t size)
{
    char *value = strchr(word, '=');

    if (value != NULL)
        *value++ = '\0';
    if (value != NULL && strcmp(word, "cpus") == 0)
        return take_number(word, value, 1, OPTIONS_MAX_CPUS, &options->cpus, error, size);
    if (value != NULL && strcmp(word, "memory") == 0)
        return take_number(word, value, OPTIONS_MIN_MEMORY, OPTIONS_MAX_MEMORY, &options->memory,
                           error, size);
    if (value != NULL && strcmp(word, "mode") == 0)
        return take_mode(value, &options->mode, error, size);
    text_format(error, size, "there is no option \"%s\"", word);
    return false;
}

bool options_parse(const char *text, struct options *options, char *error, size_t size)
{
    *options = (struct options){.cpus = 1, .memory = 256, .mode = OPTIONS_DIRECT};

    for (;;) {
        char word[LONGEST_WORD + 1];
        size_t length = 0;

        while (*text == ' ')
            text++;
        if (*text == '\0')
            return true;
        for (; *text != ' ' && *text != '\0'; text++) {
            if (length == LONGEST_WORD) {
                text_format(error, size, "an option is longer than %d characters", LONGEST_WORD);
                return false;
            }
            word[length++] = *text;
        }
        word[length] = '\0';
        if (!take(word, options, error, size))
            return false;
    }
}
