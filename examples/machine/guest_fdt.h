/* SPDX-License-Identifier: MIT */
/* The device tree of the guest: QEMU virt's map, with the devices that this guest has. */
#ifndef MACHINE_GUEST_FDT_H
#define MACHINE_GUEST_FDT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "virt.h"

/* Enough room for any tree that guest_fdt_write writes, without its bootargs. */
#define GUEST_FDT_SIZE 16384u

/*
 * The seeds for the guest's random numbers and for its own place in memory. No two guests, and no
 * two starts of one, have the same seeds: all bytes come from a source of entropy.
 */
struct guest_fdt_seeds {
    uint8_t rng[32];
    uint8_t kaslr[8];
};

struct guest_fdt {
    struct virt_region ram;
    struct virt_region initrd; /* size 0: none */
    const uint64_t *mpidr;     /* of each vCPU */
    unsigned cpus;
    const struct virt_gic *gic;
    const struct virt_uart *uart;
    const struct virt_rtc *rtc; /* NULL: none */
    bool pmu;
    struct virt_region
        flash[VIRT_FLASH_BANKS]; /* CFI flash of 32 bits; the first of size 0: none */
    const char *bootargs;
    const struct guest_fdt_seeds *seeds; /* NULL: none */
};

/* Writes it at buffer. Returns NULL, or libfdt's word for what went wrong. */
const char *guest_fdt_write(const struct guest_fdt *guest, void *buffer, size_t size);

/* The bytes of a tree that guest_fdt_write wrote: for a host that keeps one and copies it. */
size_t guest_fdt_size(const void *fdt);

/* Where that tree has the two seeds: offsets from its start; 0 if it has none. */
struct guest_fdt_places {
    size_t rng, kaslr;
};
struct guest_fdt_places guest_fdt_find_seeds(const void *fdt);

#endif
