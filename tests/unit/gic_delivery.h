/* SPDX-License-Identifier: MIT */
/* A machine with everything enabled, and who has an interrupt in it. */
#ifndef VCPU_TESTS_GIC_DELIVERY_H
#define VCPU_TESTS_GIC_DELIVERY_H

#include "cmocka_all.h"

#include "gic/lists/lr.h"
#include "gic_machine.h"

#define SGI1R  VCPU_SYSREG(3, 0, 12, 11, 5)
#define ASGI1R VCPU_SYSREG(3, 0, 12, 11, 6)
#define SGI0R  VCPU_SYSREG(3, 0, 12, 11, 7)

/* Everything enabled, in group 1, at the highest priority; the vCPUs on a CPU each. */
void open_all(void);

void start_with(const struct machine_config *config);
void start(unsigned version, unsigned vcpus, unsigned lrs, uint64_t (*mpidr)(unsigned));

/* Takes and ends the next interrupt. */
uint32_t handle(unsigned v);

/*
 * vCPU 0 takes this many SPIs from INTID 32 on, up to 31, each of a higher priority than the one
 * before. Their lines fall.
 */
void nest(unsigned count);

/* The vCPUs, as a set, that have the SGI and nothing else; it is taken. */
uint32_t who_has(uint32_t sgi);

/* By vcpu_gic_forward, or by moving the line. */
extern bool forwards;

/* The host has taken the physical interrupt, and passes it on. */
void pass_on(unsigned v, uint32_t physical, uint32_t intid);

#endif
