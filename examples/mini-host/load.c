/* SPDX-License-Identifier: MIT */
#include "load.h"

#include <string.h>

#include "arch.h"
#include "cache.h"
#include "guest_fdt.h"
#include "image.h"
#include "text.h"

/* ID_AA64MMFR0_EL1: which granules stage 1 has. For two of them 0 means "yes". */
#define MMFR0_TGRAN16(r) ((r) >> 20 & 0xf)
#define MMFR0_TGRAN64(r) ((r) >> 24 & 0xf)
#define MMFR0_TGRAN4(r)  ((r) >> 28 & 0xf)
#define MMFR0_NONE       0xf

static uint32_t page_sizes(void)
{
    uint64_t mmfr0 = arch_read(id_aa64mmfr0_el1);

    return (MMFR0_TGRAN4(mmfr0) != MMFR0_NONE ? IMAGE_PAGE_4K : 0u) |
           (MMFR0_TGRAN16(mmfr0) != 0 ? IMAGE_PAGE_16K : 0u) |
           (MMFR0_TGRAN64(mmfr0) != MMFR0_NONE ? IMAGE_PAGE_64K : 0u);
}

/* The module at this address, or if it is 0 the first of the kind. */
static const struct machine_module *find_module(const struct machine *machine, int kind,
                                                uint64_t address)
{
    for (unsigned i = 0; i < machine->module_count; i++) {
        const struct machine_module *module = &machine->modules[i];

        if (address != 0 ? module->file.base == address : (int)module->kind == kind)
            return module;
    }
    return NULL;
}

/* The host's address of one of the guest's. */
static void *in_memory(const struct guest *guest, uint64_t ipa)
{
    return (void *)(uintptr_t)(guest->memory + (ipa - guest->ram.base));
}

/* The guest begins with caches off and must find what was written here, not what was before. */
static void copy_in(const struct guest *guest, uint64_t ipa, const struct machine_region *file)
{
    memcpy(in_memory(guest, ipa), (const void *)(uintptr_t)file->base, file->size);
    cache_clean(in_memory(guest, ipa), file->size);
}

static const char *write_fdt(const struct guest *guest, const char *bootargs,
                             const struct machine_region *initrd, uint64_t ipa, size_t size)
{
    uint64_t mpidr[OPTIONS_MAX_VCPUS];
    const struct guest_fdt fdt = {
        .ram = guest->ram,
        .initrd = *initrd,
        .mpidr = mpidr,
        .cpus = guest->vcpu_count,
        .gic = &guest->gic_map,
        .uart = &guest->uart,
        .bootargs = bootargs,
    };
    const char *reason;

    for (unsigned i = 0; i < guest->vcpu_count; i++)
        mpidr[i] = guest_mpidr(guest, i);
    reason = guest_fdt_write(&fdt, in_memory(guest, ipa), size);
    if (reason == NULL)
        cache_clean(in_memory(guest, ipa), size);
    return reason;
}

bool load_guest(const struct guest *guest, struct load_entry *entry, char *error, size_t size)
{
    const struct options_vm *options = guest->options;
    const struct machine_module *kernel, *initrd = NULL;
    struct machine_region initrd_at = {0, 0};
    struct image_request request = {
        .ram_base = guest->ram.base,
        .ram_size = guest->ram.size,
        .page_sizes = page_sizes(),
    };
    struct image_layout layout;
    const char *reason;

    kernel = find_module(guest->machine, MACHINE_KERNEL, options->kernel);
    if (kernel == NULL) {
        text_format(error, size, "there is no kernel: give QEMU -device guest-loader,kernel=FILE");
        return false;
    }
    /* A VM that names its kernel has no initrd but the one that it names. */
    if (options->kernel == 0 || options->initrd != 0)
        initrd = find_module(guest->machine, MACHINE_RAMDISK, options->initrd);
    if (options->initrd != 0 && initrd == NULL) {
        text_format(error, size, "there is no initrd at 0x%lx", (unsigned long)options->initrd);
        return false;
    }
    request.file = (const void *)(uintptr_t)kernel->file.base;
    request.file_size = kernel->file.size;
    request.initrd_size = initrd != NULL ? initrd->file.size : 0;
    request.fdt_size = GUEST_FDT_SIZE + strlen(kernel->bootargs);
    if (!image_plan(&request, &layout, error, size))
        return false;

    copy_in(guest, layout.kernel, &kernel->file);
    if (initrd != NULL) {
        copy_in(guest, layout.initrd, &initrd->file);
        initrd_at = (struct machine_region){layout.initrd, initrd->file.size};
    }
    reason = write_fdt(guest, kernel->bootargs, &initrd_at, layout.fdt, request.fdt_size);
    if (reason != NULL) {
        text_format(error, size, "the guest's device tree cannot be written: %s", reason);
        return false;
    }
    /* There may have been other code before. */
    cache_drop_code();
    *entry = (struct load_entry){.pc = layout.kernel, .fdt = layout.fdt};
    return true;
}
