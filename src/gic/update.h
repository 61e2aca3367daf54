/* SPDX-License-Identifier: MIT */
/*
 * The list registers of a resident vCPU and the banks, brought together. A change is made between
 * begin and end, with interrupts masked on the CPU.
 */
#ifndef VCPU_GIC_UPDATE_H
#define VCPU_GIC_UPDATE_H

#include "gic/model.h"

/* Takes the lock. self: the vCPU that will be presented what it has before the end, or NULL. */
void vcpu_gic_begin(struct vcpu_gic *gic, struct gic_news *news, const struct gic_cpu *self);

/* Frees it, and calls the hooks that what happened needs. */
void vcpu_gic_end(struct vcpu_gic *gic, const struct gic_news *news);

/* From the hardware: the state in the list registers in use, VMCR, and EOIcount. */
void vcpu_gic_fetch(const struct vcpu_gic *gic, struct gic_cpu *cpu);

/* To the hardware: the list registers, also 0 to those that no longer list anything, and HCR. */
void vcpu_gic_store(const struct vcpu_gic *gic, struct gic_cpu *cpu);

/* The banks have all that the list registers had. */
void vcpu_gic_recall(struct vcpu_gic *gic, struct gic_cpu *cpu, struct gic_news *news);

/* And the list registers what they should have. */
void vcpu_gic_present(struct vcpu_gic *gic, struct gic_cpu *cpu, struct gic_news *news);

/* The short way of both, if one interrupt of this vCPU changed. false: no other will do. */
bool vcpu_gic_present_one(struct vcpu_gic *gic, struct gic_cpu *cpu, unsigned n, unsigned i);

/*
 * Are the list registers behind what the guest, or somebody else, did? Resident here. The guest may
 * have come out for something else just before the maintenance interrupt.
 */
bool vcpu_gic_is_behind(const struct vcpu_gic *gic, const struct gic_cpu *cpu);

/* All of it, if the list registers are behind what the guest, or somebody else, did. */
void vcpu_gic_update(struct vcpu_gic *gic, struct gic_cpu *cpu);

#endif
