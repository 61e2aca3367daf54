/* SPDX-License-Identifier: MIT */
/* The kind of a guest's kernel file, and the addresses of kernel, initrd and device tree. Pure. */
#ifndef MACHINE_IMAGE_H
#define MACHINE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The page sizes that a Linux image may be built for, as a set. */
enum {
    IMAGE_PAGE_4K = 1u << 1,
    IMAGE_PAGE_16K = 1u << 2,
    IMAGE_PAGE_64K = 1u << 3,
};

/* Those that a CPU with this ID_AA64MMFR0_EL1 has at stage 1. */
uint32_t image_page_sizes(uint64_t mmfr0);

struct image_request {
    const void *file; /* the kernel or the firmware */
    uint64_t file_size;
    uint64_t ram_base;    /* a multiple of 2 MiB */
    uint64_t ram_size;    /* of 4 KiB */
    uint64_t initrd_size; /* 0: there is none */
    uint64_t fdt_size;    /* room that the device tree may need, at most 2 MiB */
    uint32_t page_sizes;  /* those that the CPU has at stage 1 */
};

/* All are the guest's physical addresses. */
struct image_layout {
    bool is_linux;               /* it has an arm64 Image header; else it is a flat binary */
    uint64_t kernel, kernel_end; /* starts at `kernel`; the end includes its .bss */
    uint64_t initrd;             /* 0 if there is none */
    uint64_t fdt;
};

/*
 * Plans the guest's memory: the kernel at the base, where its header says, or a flat binary at the
 * base + 0x80000; at the end of the memory, or of its first 512 MiB if that is enough, the device
 * tree in the last 2 MiB block that holds it, and the initrd below that. If something does not fit
 * or cannot run, error (size bytes) gets one line, and the result is false.
 */
bool image_plan(const struct image_request *request, struct image_layout *layout, char *error,
                size_t size);

/*
 * The same for a firmware, as QEMU's -bios: it is at address 0, in a flash memory of flash_size
 * bytes, and finds the device tree at the base of the memory.
 */
bool image_plan_firmware(const struct image_request *request, uint64_t flash_size,
                         struct image_layout *layout, char *error, size_t size);

#endif
