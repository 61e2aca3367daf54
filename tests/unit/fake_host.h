/* SPDX-License-Identifier: MIT */
/*
 * For tests of devices: the CPU that the code runs on, as hw/cpu.h tells of it, and a host that has
 * memory.
 */
#ifndef FAKE_HOST_H
#define FAKE_HOST_H

#include <stdbool.h>
#include <stddef.h>

#include <vcpu/host.h>

extern struct fake {
    unsigned here; /* the CPU */
    bool masked;   /* its interrupts are, by the code under test */
    size_t pages, freed;
    int allocations_left; /* -1: no limit */
    unsigned looks; /* of the code under test, that find no interrupt of the machine pending */
} fake;

/* Its hooks. Pages hold anything but zeros. */
extern const struct vcpu_host fake_host;

/* CPU 0, with all memory. */
void fake_reset(void);

#endif
