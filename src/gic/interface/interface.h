/* SPDX-License-Identifier: MIT */
/*
 * What the interrupt controller needs of its virtual CPU interface, as functions, so that the code
 * that uses them is pure. The unit tests put a simulated one in their place.
 */
#ifndef VCPU_GIC_INTERFACE_INTERFACE_H
#define VCPU_GIC_INTERFACE_INTERFACE_H

#include <stdbool.h>
#include <stdint.h>

struct vcpu_gic;
struct gic_cpu;

/* The virtual CPU interface of this CPU. */
struct gic_interface {
    /* A list register, of which lr is what was written. */
    uint64_t (*read)(const struct vcpu_gic *gic, unsigned slot, uint64_t lr);
    void (*write)(const struct vcpu_gic *gic, unsigned slot, uint64_t lr);
    /*
     * Writes what was written before, pending, perhaps of another source, if it is empty, and one
     * of the first few; false: it is not.
     */
    bool (*refill)(const struct vcpu_gic *gic, unsigned slot, uint64_t lr);
    uint32_t (*read_hcr)(const struct vcpu_gic *gic);
    void (*write_hcr)(const struct vcpu_gic *gic, uint32_t hcr);
    uint32_t (*read_vmcr)(const struct vcpu_gic *gic);
    void (*write_vmcr)(const struct vcpu_gic *gic, uint32_t vmcr);
    /* The active priorities. */
    void (*read_apr)(const struct vcpu_gic *gic, struct gic_cpu *cpu);
    void (*write_apr)(const struct vcpu_gic *gic, const struct gic_cpu *cpu);
    /* Does it ask for maintenance? */
    bool (*maintenance)(const struct vcpu_gic *gic);
};

/* Finds out what the hardware has, into gic; false: it has no virtual interface of that kind. */
bool vcpu_gic_probe_ich(struct vcpu_gic *gic);
bool vcpu_gic_probe_gich(struct vcpu_gic *gic);

#endif
