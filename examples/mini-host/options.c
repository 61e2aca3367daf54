/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <string.h>

#include "bare-metal/text.h"

#define LONGEST_WORD 40

/* The text that is read, and where an error message goes. */
struct reader {
    struct options *options;
    struct options_vm defaults;
    char *error;
    size_t size;
};

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

static bool take_number(struct reader *reader, const char *name, const char *text, unsigned low,
                        unsigned high, unsigned *value)
{
    *value = number(text);
    if (*value >= low && *value <= high)
        return true;
    text_format(reader->error, reader->size, "%s takes a number from %u to %u, not \"%s\"", name,
                low, high, text);
    return false;
}

/* "0x" and 1 to 16 digits. Address 0, where QEMU virt has no RAM, is no module's. */
static bool take_address(struct reader *reader, const char *name, const char *text, uint64_t *value)
{
    const char *digit = text + 2;

    *value = 0;
    if (strncmp(text, "0x", 2) == 0 && strlen(digit) <= 16) {
        for (; *digit != '\0'; digit++) {
            char c = *digit;

            if (c >= '0' && c <= '9')
                *value = *value << 4 | (uint64_t)(c - '0');
            else if (c >= 'a' && c <= 'f')
                *value = *value << 4 | (uint64_t)(c - 'a' + 10);
            else
                break;
        }
        if (*digit == '\0' && *value != 0)
            return true;
    }
    text_format(reader->error, reader->size, "%s takes an address like 0x4a000000, not \"%s\"",
                name, text);
    return false;
}

static bool take_mode(struct reader *reader, const char *text)
{
    if (strcmp(text, "virtual") == 0) {
        reader->options->mode = OPTIONS_VIRTUAL;
        return true;
    }
    if (strcmp(text, "direct") == 0) {
        reader->options->mode = OPTIONS_DIRECT;
        return true;
    }
    text_format(reader->error, reader->size, "mode takes \"virtual\" or \"direct\", not \"%s\"",
                text);
    return false;
}

/* The platform has seen to it already: a host changes its kind before all else. */
static bool take_host(struct reader *reader, const char *text)
{
    if (strcmp(text, "vhe") == 0)
        return true;
    text_format(reader->error, reader->size, "host takes \"vhe\", not \"%s\"", text);
    return false;
}

static bool may_be_in_a_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

static bool take_name(struct reader *reader, const char *text, char *name)
{
    size_t length = 0;

    while (may_be_in_a_name(text[length]))
        length++;
    if (length != 0 && length < OPTIONS_NAME_SIZE && text[length] == '\0') {
        memcpy(name, text, length + 1);
        return true;
    }
    text_format(reader->error, reader->size,
                "name takes 1 to %u letters, digits and . _ -, not \"%s\"", OPTIONS_NAME_SIZE - 1,
                text);
    return false;
}

static bool begin_vm(struct reader *reader)
{
    struct options *options = reader->options;

    if (options->vm_count == OPTIONS_MAX_VMS) {
        text_format(reader->error, reader->size, "there are more than %u VMs", OPTIONS_MAX_VMS);
        return false;
    }
    options->vms[options->vm_count++] = reader->defaults;
    return true;
}

static bool take(struct reader *reader, char *word)
{
    unsigned begun = reader->options->vm_count;
    struct options_vm *vm = begun == 0 ? &reader->defaults : &reader->options->vms[begun - 1];
    char *value = strchr(word, '=');

    if (strcmp(word, "vm") == 0)
        return begin_vm(reader);
    if (strcmp(word, "harden") == 0) {
        reader->options->harden = true;
        return true;
    }
    if (strcmp(word, "pmu") == 0) {
        vm->pmu = true;
        return true;
    }
    if (strcmp(word, "times") == 0) {
        vm->times = true;
        return true;
    }
    if (value != NULL) {
        *value++ = '\0';
        if (strcmp(word, "mode") == 0)
            return take_mode(reader, value);
        if (strcmp(word, "host") == 0)
            return take_host(reader, value);
        if (strcmp(word, "name") == 0)
            return take_name(reader, value, vm->name);
        if (strcmp(word, "vcpus") == 0)
            return take_number(reader, word, value, 1, OPTIONS_MAX_VCPUS, &vm->vcpus);
        if (strcmp(word, "memory") == 0)
            return take_number(reader, word, value, OPTIONS_MIN_MEMORY, OPTIONS_MAX_MEMORY,
                               &vm->memory);
        if (strcmp(word, "kernel") == 0)
            return take_address(reader, word, value, &vm->kernel);
        if (strcmp(word, "initrd") == 0)
            return take_address(reader, word, value, &vm->initrd);
        if (strcmp(word, "firmware") == 0)
            return take_address(reader, word, value, &vm->firmware);
    }
    text_format(reader->error, reader->size, "there is no option \"%s\"", word);
    return false;
}

/* Names tell consoles apart. */
static bool is_taken(const struct options *options, unsigned number)
{
    for (unsigned i = 0; i < number; i++) {
        if (strcmp(options->vms[i].name, options->vms[number].name) == 0)
            return true;
    }
    return false;
}

/* Checks that need the whole line. */
static bool finish(struct reader *reader, unsigned cpus)
{
    struct options *options = reader->options;

    if (options->vm_count == 0 && !begin_vm(reader))
        return false;
    for (unsigned i = 0; i < options->vm_count; i++) {
        struct options_vm *vm = &options->vms[i];

        if (vm->name[0] == '\0')
            text_format(vm->name, sizeof(vm->name), "vm%u", i + 1);
        if (is_taken(options, i)) {
            text_format(reader->error, reader->size, "two VMs have the name \"%s\"", vm->name);
            return false;
        }
        if (vm->kernel != 0 && vm->firmware != 0) {
            text_format(reader->error, reader->size, "%s has both a kernel and a firmware",
                        vm->name);
            return false;
        }
        if (vm->initrd != 0 && vm->kernel == 0) {
            text_format(reader->error, reader->size, "%s has an initrd and no kernel", vm->name);
            return false;
        }
    }
    if (options->mode == OPTIONS_DIRECT && options->vm_count != 1) {
        text_format(reader->error, reader->size, "mode=direct takes one VM, not %u",
                    options->vm_count);
        return false;
    }
    if (options->mode == OPTIONS_DIRECT && options->harden) {
        text_format(reader->error, reader->size, "mode=direct does not take harden");
        return false;
    }
    if (options->mode == OPTIONS_DIRECT && options->vms[0].firmware != 0) {
        text_format(reader->error, reader->size, "mode=direct takes a kernel, not a firmware");
        return false;
    }
    if (options->mode == OPTIONS_DIRECT && options->vms[0].vcpus > cpus) {
        text_format(reader->error, reader->size,
                    "mode=direct takes a CPU for each vCPU: there are %u vCPUs and %u CPUs",
                    options->vms[0].vcpus, cpus);
        return false;
    }
    return true;
}

bool options_parse(const char *text, unsigned cpus, struct options *options, char *error,
                   size_t size)
{
    struct reader reader = {
        .options = options,
        .defaults = {.vcpus = cpus, .memory = 256},
        .error = error,
        .size = size,
    };

    *options = (struct options){.mode = OPTIONS_VIRTUAL};
    for (;;) {
        char word[LONGEST_WORD + 1];
        size_t length = 0;

        while (*text == ' ')
            text++;
        if (*text == '\0')
            return finish(&reader, cpus);
        for (; *text != ' ' && *text != '\0'; text++) {
            if (length == LONGEST_WORD) {
                text_format(error, size, "an option is longer than %d characters", LONGEST_WORD);
                return false;
            }
            word[length++] = *text;
        }
        word[length] = '\0';
        if (!take(&reader, word))
            return false;
    }
}
