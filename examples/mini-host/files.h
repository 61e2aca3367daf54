/* SPDX-License-Identifier: MIT */
/* Finds a guest's files among the boot modules. Pure. */
#ifndef MINI_HOST_FILES_H
#define MINI_HOST_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "machine.h"
#include "options.h"

/* A guest's files: a firmware, or a kernel and perhaps an initrd. The others are NULL. */
struct files {
    const struct machine_module *firmware, *kernel, *initrd;
};

/*
 * The boot modules that the options name. False if one is not there, with one line about it in
 * error (size bytes).
 */
bool files_find(const struct machine *machine, const struct options_vm *vm, struct files *files,
                char *error, size_t size);

#endif
