/* SPDX-License-Identifier: MIT */
/* The machine's properties in the device tree, read once at the start. */
#ifndef PLATFORM_MACHINE_H
#define PLATFORM_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layout.h"

#define MACHINE_MAX_RAM      4
#define MACHINE_MAX_RESERVED 40
#define MACHINE_MAX_MODULES  24
#define MACHINE_MAX_SEED     64 /* of more bytes the first ones are taken */

struct machine_region {
    uint64_t base, size;
};

/* A file that the boot loader left in memory, from /chosen (QEMU's guest-loader). */
struct machine_module {
    enum { MACHINE_KERNEL, MACHINE_RAMDISK } kind;
    struct machine_region file;
    const char *bootargs; /* "" if there are none */
};

struct machine_uart {
    struct machine_region registers;
    uint32_t spi; /* INTID - 32 */
    uint32_t clock_hz;
};

/* A PL031; size 0 if there is none. */
struct machine_rtc {
    struct machine_region registers;
    uint32_t spi;
};

struct machine_gic {
    unsigned version; /* 2 or 3 */
    struct machine_region distributor;
    struct machine_region cpu_interface;  /* version 2 */
    struct machine_region redistributors; /* version 3: the first region */
    /* Version 2: GICH and GICV, the virtual interface as EL2 and as a guest sees it; or size 0. */
    struct machine_region hypervisor, virtual_interface;
    uint32_t maintenance_intid; /* of the virtual interface; 0 if there is none */
};

/* A generic ECAM host bridge; size 0 if there is none. */
struct machine_pci {
    struct machine_region ecam, mmio32;
};

struct machine {
    const void *fdt;
    struct machine_region ram[MACHINE_MAX_RAM];
    struct machine_region reserved[MACHINE_MAX_RESERVED];
    struct machine_module modules[MACHINE_MAX_MODULES];
    uint64_t cpu_mpidr[PLATFORM_MAX_CPUS]; /* in the tree's order */
    struct machine_uart uart;
    struct machine_rtc rtc;
    struct machine_gic gic;
    struct machine_pci pci;
    const char *bootargs; /* "" if there are none */
    unsigned ram_count, reserved_count, module_count, cpu_count;
    uint32_t hyp_timer_intid;     /* of the EL2 physical timer */
    uint32_t virtual_timer_intid; /* of the EL1 virtual timer */
    bool psci_smc;
    bool wants_vhe; /* the word "host=vhe" is in bootargs: see mmu_become_vhe */
};

/*
 * Reads the tree, which stays in use: texts point into it. Returns NULL, or what is missing. The
 * UART is filled in first, so that this can be printed. Addresses are as the root counts them: a
 * device behind a bus that translates is not found.
 */
const char *machine_read(const void *fdt, struct machine *machine);

/*
 * Moves the machine's own rng-seed out of the tree: it and the kaslr-seed are zeroes there from
 * then on. Returns its size, 0 if there is none.
 */
size_t machine_take_seed(const struct machine *machine, uint8_t seed[MACHINE_MAX_SEED]);

#endif
