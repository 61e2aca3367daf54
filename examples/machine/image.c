/* SPDX-License-Identifier: MIT */
#include "image.h"

#include <string.h>

#include "bare-metal/text.h"

/* The arm64 Linux boot protocol: a header of 64 bytes, little endian. */
#define HEADER_SIZE        64
#define HEADER_TEXT_OFFSET 8
#define HEADER_IMAGE_SIZE  16
#define HEADER_FLAGS       24
#define HEADER_MAGIC       56

#define FLAGS_BIG_ENDIAN   UINT64_C(1)
#define FLAGS_PAGE_SIZE(f) ((unsigned)((f) >> 1) & 3) /* 0: not said; else n of IMAGE_PAGE_ */

/* Where a flat binary goes, and kernels from before image_size was there. */
#define DEFAULT_OFFSET UINT64_C(0x80000)

#define NEAR UINT64_C(0x20000000)
#define MIB2 UINT64_C(0x200000)
#define KIB4 UINT64_C(0x1000)

/* ID_AA64MMFR0_EL1. For two of its fields 0 means "yes". */
#define MMFR0_TGRAN16(r) ((r) >> 20 & 0xf)
#define MMFR0_TGRAN64(r) ((r) >> 24 & 0xf)
#define MMFR0_TGRAN4(r)  ((r) >> 28 & 0xf)
#define MMFR0_NONE       0xf

uint32_t image_page_sizes(uint64_t mmfr0)
{
    return (MMFR0_TGRAN4(mmfr0) != MMFR0_NONE ? IMAGE_PAGE_4K : 0u) |
           (MMFR0_TGRAN16(mmfr0) != 0 ? IMAGE_PAGE_16K : 0u) |
           (MMFR0_TGRAN64(mmfr0) != MMFR0_NONE ? IMAGE_PAGE_64K : 0u);
}

static const uint8_t *bytes(const struct image_request *request)
{
    return request->file;
}

static uint64_t read_le64(const uint8_t *at)
{
    uint64_t value = 0;

    for (int i = 7; i >= 0; i--)
        value = value << 8 | at[i];
    return value;
}

static bool has_at(const struct image_request *request, uint64_t offset, const char *magic,
                   size_t length)
{
    return request->file_size >= offset + length &&
           memcmp(bytes(request) + offset, magic, length) == 0;
}

/* A file that is no guest but holds one: running it as a flat binary would only puzzle. */
static const char *container(const struct image_request *request)
{
    static const struct {
        uint8_t offset, length;
        char magic[7];
        const char *what;
    } containers[] = {
        {0, 2, "\x1f\x8b", "a gzip file: unpack it"},
        {0, 5, {'\xfd', '7', 'z', 'X', 'Z'}, "an xz file: unpack it"},
        {0, 4, "\x28\xb5\x2f\xfd", "a zstd file: unpack it"},
        {0, 4, {'\x7f', 'E', 'L', 'F'}, "an ELF file: give its flat binary (objcopy -O binary)"},
        {4, 4, "zimg", "a compressed EFI image: give the Image inside"},
    };

    for (size_t i = 0; i < sizeof(containers) / sizeof(containers[0]); i++) {
        if (has_at(request, containers[i].offset, containers[i].magic, containers[i].length))
            return containers[i].what;
    }
    return NULL;
}

/* Reads the header into the offset from RAM's base and the memory that the kernel needs there. */
static bool read_header(const struct image_request *request, uint64_t *offset, uint64_t *extent,
                        char *error, size_t size)
{
    const uint8_t *header = bytes(request);
    uint64_t image_size = read_le64(header + HEADER_IMAGE_SIZE);
    uint64_t flags = read_le64(header + HEADER_FLAGS);
    unsigned page_size = FLAGS_PAGE_SIZE(flags);

    if (image_size == 0) {
        /* Then neither text_offset nor the flags mean anything, and the file's size is all. */
        *offset = DEFAULT_OFFSET;
        return true;
    }
    if ((flags & FLAGS_BIG_ENDIAN) != 0) {
        text_format(error, size, "the kernel is big endian, and guests start little endian");
        return false;
    }
    if (page_size != 0 && (request->page_sizes & 1u << page_size) == 0) {
        text_format(error, size, "the kernel is built for %u KiB pages, which this CPU has not",
                    1u << (2 * page_size));
        return false;
    }
    *offset = read_le64(header + HEADER_TEXT_OFFSET);
    if (*offset % KIB4 != 0) {
        text_format(error, size, "the kernel's text_offset 0x%lx is not a multiple of 4 KiB",
                    (unsigned long)*offset);
        return false;
    }
    if (image_size > *extent)
        *extent = image_size;
    return true;
}

/*
 * How much of the memory, from its base, to use: not more than kernels reach that look for the tree
 * within 512 MiB (before Linux 4.2, and many a small program), as long as all fits there.
 */
static uint64_t used_size(const struct image_request *request, uint64_t kernel_size)
{
    uint64_t needed = kernel_size + request->initrd_size + 2 * MIB2; /* the tree, and alignment */

    return needed <= NEAR && NEAR <= request->ram_size ? NEAR : request->ram_size;
}

/* Puts tree and initrd at the top. The room for the kernel ends at *top. */
static bool place_top(const struct image_request *request, uint64_t kernel_size,
                      struct image_layout *layout, uint64_t *top, char *error, size_t size)
{
    uint64_t end;

    if (request->fdt_size > MIB2 || request->fdt_size > request->ram_size) {
        text_format(error, size, "too little memory for the device tree: %lu KiB",
                    (unsigned long)(request->ram_size >> 10));
        return false;
    }
    if (request->initrd_size > request->ram_size) {
        text_format(error, size, "too little memory: the initrd has %lu KiB, the guest %lu KiB",
                    (unsigned long)(request->initrd_size >> 10),
                    (unsigned long)(request->ram_size >> 10));
        return false;
    }
    end = request->ram_base + used_size(request, kernel_size);
    layout->fdt = (end - request->fdt_size) & ~(MIB2 - 1);
    layout->initrd = 0;
    *top = layout->fdt;
    if (request->initrd_size == 0)
        return true;
    if (request->initrd_size > *top - request->ram_base) {
        text_format(error, size, "too little memory: the initrd overlaps the device tree at 0x%lx",
                    (unsigned long)layout->fdt);
        return false;
    }
    layout->initrd = (*top - request->initrd_size) & ~(KIB4 - 1);
    *top = layout->initrd;
    return true;
}

bool image_plan(const struct image_request *request, struct image_layout *layout, char *error,
                size_t size)
{
    uint64_t offset = DEFAULT_OFFSET, extent = request->file_size, top;
    const char *other = container(request);

    if (request->file_size == 0 || other != NULL) {
        text_format(error, size, "the kernel is %s", other != NULL ? other : "an empty file");
        return false;
    }
    layout->is_linux =
        has_at(request, HEADER_MAGIC, "ARM\x64", 4) && request->file_size >= HEADER_SIZE;
    if (layout->is_linux && !read_header(request, &offset, &extent, error, size))
        return false;

    /* In this order no sum can wrap, whatever the header says. */
    if (offset > request->ram_size || extent > request->ram_size - offset) {
        text_format(error, size,
                    "too little memory: the kernel needs %lu KiB from offset 0x%lx, "
                    "the guest has %lu KiB",
                    (unsigned long)(extent >> 10), (unsigned long)offset,
                    (unsigned long)(request->ram_size >> 10));
        return false;
    }
    if (!place_top(request, offset + extent, layout, &top, error, size))
        return false;
    layout->kernel = request->ram_base + offset;
    layout->kernel_end = layout->kernel + extent;
    if (layout->kernel_end > top) {
        text_format(error, size,
                    "too little memory: the kernel, to 0x%lx, overlaps the %s at 0x%lx",
                    (unsigned long)layout->kernel_end,
                    layout->initrd != 0 ? "initrd" : "device tree", (unsigned long)top);
        return false;
    }
    return true;
}

bool image_plan_firmware(const struct image_request *request, uint64_t flash_size,
                         struct image_layout *layout, char *error, size_t size)
{
    const char *other = container(request);

    if (request->file_size == 0 || other != NULL) {
        text_format(error, size, "the firmware is %s", other != NULL ? other : "an empty file");
        return false;
    }
    if (request->file_size > flash_size) {
        text_format(error, size, "the firmware has %lu KiB, and its flash memory %lu KiB",
                    (unsigned long)(request->file_size >> 10), (unsigned long)(flash_size >> 10));
        return false;
    }
    if (request->fdt_size > request->ram_size) {
        text_format(error, size, "too little memory for the device tree: %lu KiB",
                    (unsigned long)(request->ram_size >> 10));
        return false;
    }
    *layout = (struct image_layout){.kernel_end = request->file_size, .fdt = request->ram_base};
    return true;
}
