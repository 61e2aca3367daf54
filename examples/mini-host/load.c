/* SPDX-License-Identifier: MIT */
#include "load.h"

#include <string.h>

#include <vcpu/cache.h>

#include "arch.h"
#include "bare-metal/text.h"
#include "bare-metal/wipe.h"
#include "host.h"
#include "machine/guest_fdt.h"
#include "machine/image.h"
#include "seeds.h"

/* The host's address of one of the guest's. */
static void *in_memory(const struct guest *guest, uint64_t ipa)
{
    return (void *)(uintptr_t)(guest->memory + (ipa - guest->ram.base));
}

static void copy_in(const struct guest *guest, uint64_t ipa, const struct machine_region *file)
{
    memcpy(in_memory(guest, ipa), (const void *)(uintptr_t)file->base, file->size);
}

static bool write_fdt(const struct guest *guest, const char *bootargs,
                      const struct image_layout *layout, size_t room, char *error, size_t size)
{
    uint64_t mpidr[OPTIONS_MAX_VCPUS];
    struct guest_fdt_seeds seeds;
    struct guest_fdt fdt = {
        .ram = guest->ram,
        .mpidr = mpidr,
        .cpus = guest->vcpu_count,
        .gic = &guest->gic_map,
        .uart = &guest->uart,
        .rtc = guest->rtc.registers.size != 0 ? &guest->rtc : NULL,
        .bootargs = bootargs,
        .pmu = guest->options->pmu,
        .seeds = seeds_draw(&seeds) ? &seeds : NULL,
    };
    const char *reason;

    for (unsigned i = 0; i < guest->vcpu_count; i++)
        mpidr[i] = guest_mpidr(guest, i);
    if (guest->files.initrd != NULL)
        fdt.initrd = (struct virt_region){layout->initrd, guest->files.initrd->file.size};
    for (unsigned i = 0; guest->files.firmware != NULL && i < VIRT_FLASH_BANKS; i++)
        fdt.flash[i] = (struct virt_region){guest->flash.banks[i].base, FLASH_SIZE};
    reason = guest_fdt_write(&fdt, in_memory(guest, layout->fdt), room);
    wipe(&seeds, sizeof(seeds));
    if (reason != NULL) {
        text_format(error, size, "the guest's device tree cannot be written: %s", reason);
        return false;
    }
    return true;
}

static bool load_kernel(const struct guest *guest, struct image_request *request,
                        struct load_entry *entry, char *error, size_t size)
{
    const struct machine_module *kernel = guest->files.kernel, *initrd = guest->files.initrd;
    struct image_layout layout;

    request->file = (const void *)(uintptr_t)kernel->file.base;
    request->file_size = kernel->file.size;
    request->initrd_size = initrd != NULL ? initrd->file.size : 0;
    request->fdt_size = GUEST_FDT_SIZE + strlen(kernel->bootargs);
    if (!image_plan(request, &layout, error, size))
        return false;
    copy_in(guest, layout.kernel, &kernel->file);
    if (initrd != NULL)
        copy_in(guest, layout.initrd, &initrd->file);
    *entry = (struct load_entry){.pc = layout.kernel, .x0 = layout.fdt};
    return write_fdt(guest, kernel->bootargs, &layout, request->fdt_size, error, size);
}

/* The firmware itself is in the flash already, and finds the tree by itself. */
static bool load_firmware(const struct guest *guest, struct image_request *request,
                          struct load_entry *entry, char *error, size_t size)
{
    const struct machine_module *firmware = guest->files.firmware;
    struct image_layout layout;

    request->file = (const void *)(uintptr_t)firmware->file.base;
    request->file_size = firmware->file.size;
    request->fdt_size = GUEST_FDT_SIZE;
    if (!image_plan_firmware(request, FLASH_SIZE, &layout, error, size))
        return false;
    *entry = (struct load_entry){.pc = layout.kernel};
    return write_fdt(guest, "", &layout, request->fdt_size, error, size);
}

bool load_guest(const struct guest *guest, struct load_entry *entry, char *error, size_t size)
{
    struct image_request request = {
        .ram_base = guest->ram.base,
        .ram_size = guest->ram.size,
        .page_sizes = image_page_sizes(arch_read(id_aa64mmfr0_el1)),
    };

    if (guest->files.firmware != NULL ? !load_firmware(guest, &request, entry, error, size)
                                      : !load_kernel(guest, &request, entry, error, size))
        return false;
    /*
     * The guest begins with its caches off. It must find what was written here; and what it left in
     * the caches in its former life must not come over what it writes in this one. So all of its
     * memory is made ready. There may have been other code before, too.
     */
    host_demand(
        vcpu_cache_clean(in_memory(guest, guest->ram.base), guest->ram.size, guest_has_fwb(guest)));
    vcpu_cache_drop_code();
    return true;
}
