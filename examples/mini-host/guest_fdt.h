/* SPDX-License-Identifier: MIT */
/* The device tree of the guest: QEMU virt's map, with what this guest has of it. */
#ifndef MINI_HOST_GUEST_FDT_H
#define MINI_HOST_GUEST_FDT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "machine.h"

/* Room enough for any tree that guest_fdt_write writes, but for its bootargs. */
#define GUEST_FDT_SIZE 16384u

struct guest_fdt {
    struct machine_region ram;
    struct machine_region initrd; /* size 0: none */
    const uint64_t *mpidr;        /* of each vCPU */
    unsigned cpus;
    const struct machine_gic *gic;
    const struct machine_uart *uart;
    bool pmu;
    struct machine_region flash[2]; /* CFI flash of 32 bits; the first of size 0: none */
    const char *bootargs;
};

/* Writes it at buffer. Returns NULL, or libfdt's word for what went wrong. */
const char *guest_fdt_write(const struct guest_fdt *guest, void *buffer, size_t size);

#endif
