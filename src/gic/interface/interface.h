/* SPDX-License-Identifier: MIT */
/*
 * The operations on the virtual CPU interface, as functions, so that the code that calls them is
 * pure. The unit tests have a simulated interface in their place.
 */
#ifndef VCPU_GIC_INTERFACE_INTERFACE_H
#define VCPU_GIC_INTERFACE_INTERFACE_H

#include <stdbool.h>
#include <stdint.h>

struct vcpu_gic;
struct gic_cpu;

/* The virtual CPU interface of this CPU. */
struct gic_interface {
    /* Reads a list register; lr is the value that was written. */
    uint64_t (*read)(const struct vcpu_gic *gic, unsigned slot, uint64_t lr);
    void (*write)(const struct vcpu_gic *gic, unsigned slot, uint64_t lr);
    /*
     * Writes the value that was written before, pending again, perhaps with another source, if the
     * list register is empty and one of the first few. false: it is not.
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

/* Probes the hardware, into gic. false: it has no virtual interface of this version. */
bool vcpu_gic_probe_ich(struct vcpu_gic *gic);
bool vcpu_gic_probe_gich(struct vcpu_gic *gic);

#endif
