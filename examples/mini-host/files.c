/* SPDX-License-Identifier: MIT */
#include "files.h"

#include "bare-metal/text.h"

static const struct machine_module *first_module(const struct machine *machine, int kind)
{
    for (unsigned i = 0; i < machine->module_count; i++) {
        if ((int)machine->modules[i].kind == kind)
            return &machine->modules[i];
    }
    return NULL;
}

/* The module at an address; NULL if the option that says so was not given. */
static bool module_at(const struct machine *machine, const char *option, uint64_t address,
                      const struct machine_module **module, char *error, size_t size)
{
    *module = NULL;
    if (address == 0)
        return true;
    for (unsigned i = 0; i < machine->module_count; i++) {
        if (machine->modules[i].file.base == address) {
            *module = &machine->modules[i];
            return true;
        }
    }
    text_format(error, size, "%s=0x%lx: no boot module is there", option, (unsigned long)address);
    return false;
}

bool files_find(const struct machine *machine, const struct options_vm *vm, struct files *files,
                char *error, size_t size)
{
    if (!module_at(machine, "firmware", vm->firmware, &files->firmware, error, size) ||
        !module_at(machine, "kernel", vm->kernel, &files->kernel, error, size) ||
        !module_at(machine, "initrd", vm->initrd, &files->initrd, error, size))
        return false;
    if (files->firmware != NULL || files->kernel != NULL)
        return true;
    files->kernel = first_module(machine, MACHINE_KERNEL);
    files->initrd = first_module(machine, MACHINE_RAMDISK);
    if (files->kernel != NULL)
        return true;
    text_format(error, size, "there is no kernel: give QEMU -device guest-loader,kernel=FILE");
    return false;
}
