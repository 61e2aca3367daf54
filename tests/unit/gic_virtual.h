/* SPDX-License-Identifier: MIT */
/*
 * The virtual CPU interface of the GIC architecture, in the place of gic/interface/: each CPU's list
 * registers, what the guest's CPU interface does with them, and the maintenance interrupt. It is
 * written from the architecture by bit numbers and knows nothing of the code under test.
 */
#ifndef VCPU_TESTS_GIC_VIRTUAL_H
#define VCPU_TESTS_GIC_VIRTUAL_H

#include <stdbool.h>
#include <stdint.h>

#define SPURIOUS 1023u

struct machine_cpu {
    uint64_t lr[16]; /* as ICH_LR<n>_EL2, in both versions */
    uint32_t hcr, vmcr;
    uint32_t apr[2][4];      /* ICH_AP<group>R<n>_EL2 */
    bool posted;             /* version 2: a write of a register may still be on its way */
    unsigned ppi_active[32]; /* of the physical GIC */
};

/* What all CPUs have. */
extern struct gic_virtual {
    uint8_t version, lrs;
    uint8_t prebits; /* bits of priority that decide preemption */
    bool tdir;
} gic_virtual;

/* The CPU that the code under test runs on. The test has this function. */
struct machine_cpu *machine_here(void);

/* ICH_MISR_EL2 is not 0. */
bool virtual_maintenance(const struct machine_cpu *cpu);

/* The running priority; 0x100 if idle. */
unsigned virtual_running(const struct machine_cpu *cpu);

/* Is a virtual interrupt signalled to the guest? */
bool virtual_signals(const struct machine_cpu *cpu);

/* IAR: INTID, version 2: with the source in 12:10; or SPURIOUS. */
uint32_t virtual_ack(struct machine_cpu *cpu);

/* EOIR: the priority drop, and nothing else. */
void virtual_drop(struct machine_cpu *cpu);

/*
 * The end of an interrupt in the interface, by EOIR with EOImode = 0 or by a DIR that does not trap.
 * Returns the physical interrupt that it deactivates, or 0.
 */
uint32_t virtual_deactivate(struct machine_cpu *cpu, uint32_t iar);

#endif
