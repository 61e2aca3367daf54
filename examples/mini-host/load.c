/* SPDX-License-Identifier: MIT */
#include "load.h"

#include <string.h>

#include <vcpu/cache.h>

#include "arch.h"
#include "bare-metal/text.h"
#include "bare-metal/wipe.h"
#include "bare-metal/word.h"
#include "cache.h"
#include "guest.h"
#include "host.h"
#include "machine/guest_fdt.h"
#include "machine/image.h"
#include "memory.h"
#include "seeds.h"

/*
 * The sizes of pieces. Copying takes longer than cleaning, and longest if not both are aligned:
 * QEMU's loader brings a file to any address.
 */
#define COPIED_BYTES UINT64_C(0x800)
#define COPIED       UINT64_C(0x4000)
#define CLEANED      UINT64_C(0xc000)

/* The host's address of one of the guest's. */
static void *in_memory(const struct guest *guest, uint64_t ipa)
{
    return (void *)(uintptr_t)(guest->memory + (ipa - guest->ram.base));
}

/* ---- The plan ---- */

static void add_part(struct guest *guest, uint64_t start, const void *contents, uint64_t size)
{
    struct load *load = &guest->load;

    load->parts[load->part_count++] =
        (struct load_part){.start = start, .size = size, .contents = contents};
}

static void add_file(struct guest *guest, uint64_t start, const struct machine_module *module)
{
    add_part(guest, start, (const void *)(uintptr_t)module->file.base, module->file.size);
}

/* The tree is kept in memory of the host's. Its seeds are zero: each start has others. */
static bool write_fdt(struct guest *guest, const char *bootargs, const struct image_layout *layout,
                      size_t room, char *error, size_t size)
{
    static const struct guest_fdt_seeds none;
    const size_t pages = (room + MEMORY_PAGE_SIZE - 1) / MEMORY_PAGE_SIZE;
    const uint64_t tree = memory_alloc(pages, MEMORY_PAGE_SIZE);
    uint64_t mpidr[OPTIONS_MAX_VCPUS];
    struct guest_fdt fdt = {
        .ram = guest->ram,
        .mpidr = mpidr,
        .cpus = guest->vcpu_count,
        .gic = &guest->gic_map,
        .uart = &guest->uart,
        .rtc = guest->rtc.registers.size != 0 ? &guest->rtc : NULL,
        .bootargs = bootargs,
        .pmu = guest->options->pmu,
        .seeds = seeds_are_there() ? &none : NULL,
    };
    const char *reason = "no memory for it";

    for (unsigned i = 0; i < guest->vcpu_count; i++)
        mpidr[i] = guest_mpidr(guest, i);
    if (guest->files.initrd != NULL)
        fdt.initrd = (struct virt_region){layout->initrd, guest->files.initrd->file.size};
    for (unsigned i = 0; guest->files.firmware != NULL && i < VIRT_FLASH_BANKS; i++)
        fdt.flash[i] = (struct virt_region){guest->flash.banks[i].base, FLASH_SIZE};
    if (tree != MEMORY_NONE)
        reason = guest_fdt_write(&fdt, (void *)(uintptr_t)tree, room);
    if (reason != NULL) {
        text_format(error, size, "the guest's device tree cannot be written: %s", reason);
        return false;
    }
    guest->load.fdt = layout->fdt;
    guest->load.seeds = guest_fdt_find_seeds((const void *)(uintptr_t)tree);
    add_part(guest, layout->fdt, (const void *)(uintptr_t)tree,
             guest_fdt_size((const void *)(uintptr_t)tree));
    return true;
}

static bool plan_kernel(struct guest *guest, struct image_request *request, char *error,
                        size_t size)
{
    const struct machine_module *kernel = guest->files.kernel, *initrd = guest->files.initrd;
    struct image_layout layout;

    request->file = (const void *)(uintptr_t)kernel->file.base;
    request->file_size = kernel->file.size;
    request->initrd_size = initrd != NULL ? initrd->file.size : 0;
    request->fdt_size = GUEST_FDT_SIZE + strlen(kernel->bootargs);
    if (!image_plan(request, &layout, error, size))
        return false;
    add_file(guest, layout.kernel, kernel);
    if (initrd != NULL)
        add_file(guest, layout.initrd, initrd);
    guest->load.entry = layout.kernel;
    guest->load.x0 = layout.fdt;
    return write_fdt(guest, kernel->bootargs, &layout, request->fdt_size, error, size);
}

/* The firmware itself is in the flash already, and finds the tree by itself. */
static bool plan_firmware(struct guest *guest, struct image_request *request, char *error,
                          size_t size)
{
    const struct machine_module *firmware = guest->files.firmware;
    struct image_layout layout;

    request->file = (const void *)(uintptr_t)firmware->file.base;
    request->file_size = firmware->file.size;
    request->fdt_size = GUEST_FDT_SIZE;
    if (!image_plan_firmware(request, FLASH_SIZE, &layout, error, size))
        return false;
    guest->load.entry = layout.kernel;
    return write_fdt(guest, "", &layout, request->fdt_size, error, size);
}

bool load_plan(struct guest *guest, char *error, size_t size)
{
    struct image_request request = {
        .ram_base = guest->ram.base,
        .ram_size = guest->ram.size,
        .page_sizes = image_page_sizes(arch_read(id_aa64mmfr0_el1)),
    };

    return guest->files.firmware != NULL ? plan_firmware(guest, &request, error, size)
                                         : plan_kernel(guest, &request, error, size);
}

/* ---- At each start ---- */

void load_begin(struct guest *guest)
{
    guest->load.at = guest->ram.base;
}

/* What is at the address: the rest of a part, or of the gap before the next one. */
static struct load_part find_part(const struct guest *guest, uint64_t at)
{
    uint64_t end = guest->ram.base + guest->ram.size;

    for (unsigned i = 0; i < guest->load.part_count; i++) {
        const struct load_part *part = &guest->load.parts[i];
        const uint64_t offset = at - part->start;

        if (at < part->start) {
            end = part->start;
            break;
        }
        if (offset < part->size)
            return (struct load_part){at, part->size - offset,
                                      (const uint8_t *)part->contents + offset};
    }
    return (struct load_part){at, end - at, NULL};
}

static void make_ready(const struct guest *guest, uint64_t ipa, uint64_t size)
{
    host_demand(vcpu_cache_clean(in_memory(guest, ipa), size, guest_has_fwb(guest)));
}

/* Random numbers that no other guest, and no other start, has. */
static void sow(const struct guest *guest)
{
    const struct guest_fdt_places *places = &guest->load.seeds;
    uint8_t *tree = in_memory(guest, guest->load.fdt);
    struct guest_fdt_seeds seeds;

    if (!seeds_draw(&seeds))
        return;
    memcpy(tree + places->rng, seeds.rng, sizeof(seeds.rng));
    memcpy(tree + places->kaslr, seeds.kaslr, sizeof(seeds.kaslr));
    wipe(&seeds, sizeof(seeds));
    make_ready(guest, guest->load.fdt + places->rng, sizeof(seeds.rng));
    make_ready(guest, guest->load.fdt + places->kaslr, sizeof(seeds.kaslr));
}

static uint64_t most_of(const void *to, const void *from)
{
    if (from == NULL)
        return CLEANED;
    return word_aligned((uintptr_t)to | (uintptr_t)from) ? COPIED : COPIED_BYTES;
}

/*
 * The guest begins with its caches off. It must find what was written here; and what it left in the
 * caches in its former life must not come over what it writes in this one. So all of its memory is
 * made ready; but with FEAT_S2FWB, where its caches are never off, only what was written.
 */
static void fill(struct guest *guest, struct load_part *part)
{
    void *to = in_memory(guest, part->start);
    const uint64_t most = most_of(to, part->contents);

    if (part->contents == NULL && guest->lived && guest_has_fwb(guest))
        return;
    if (part->size > most)
        part->size = most;
    if (part->contents != NULL)
        memcpy(to, part->contents, part->size);
    else if (!guest->lived)
        cache_zero(to, part->size);
    make_ready(guest, part->start, part->size);
}

bool load_piece(struct guest *guest)
{
    struct load *load = &guest->load;
    struct load_part part = find_part(guest, load->at);

    if (part.size != 0) {
        fill(guest, &part);
        load->at += part.size;
        return true;
    }
    sow(guest);
    /* There may have been other code before. */
    vcpu_cache_drop_code();
    return false;
}
