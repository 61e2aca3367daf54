/* SPDX-License-Identifier: MIT */
/*
 * Brings the list registers of a resident vCPU and the banks together. A change is made between
 * begin and end, with interrupts masked on the CPU.
 */
#ifndef VCPU_GIC_UPDATE_H
#define VCPU_GIC_UPDATE_H

#include "gic/model.h"

/* Takes the lock. self: the vCPU that vcpu_gic_present is called for before the end, or NULL. */
void vcpu_gic_begin(struct vcpu_gic *gic, struct gic_news *news, const struct gic_cpu *self);

/* Frees the lock, and calls the hooks that the change needs. */
void vcpu_gic_end(struct vcpu_gic *gic, const struct gic_news *news);

/* Reads from the hardware: the state of the list registers in use, VMCR, and EOIcount. */
void vcpu_gic_fetch(const struct vcpu_gic *gic, struct gic_cpu *cpu);

/* Of a bank of interrupts: those that are in the vCPU's list registers, and their state there. */
struct gic_seen {
    uint32_t listed, pending, active;
};

/* Looks at the hardware, for interrupts of bank n of this vCPU. Changes nothing. */
struct gic_seen vcpu_gic_see(const struct vcpu_gic *gic, const struct gic_cpu *cpu, unsigned n);

/* Writes to the hardware: the list registers (0 to those that hold nothing any more) and HCR. */
void vcpu_gic_store(const struct vcpu_gic *gic, struct gic_cpu *cpu);

/* Fetches and folds: then the banks have the whole state. */
void vcpu_gic_recall(struct vcpu_gic *gic, struct gic_cpu *cpu, struct gic_news *news);

/* Fills, frees the lock as vcpu_gic_end does, and stores: the list registers have what they should have. */
void vcpu_gic_present(struct vcpu_gic *gic, struct gic_cpu *cpu, struct gic_news *news);

/*
 * The short path of both, if only this interrupt of this vCPU changed. false: it is not possible.
 */
bool vcpu_gic_present_one(struct vcpu_gic *gic, struct gic_cpu *cpu, unsigned n, unsigned i,
                          struct gic_news *news);

/* The end of a guest's access: as much of this as what changed needs (news->own). Frees the lock. */
void vcpu_gic_settle(struct vcpu_gic *gic, struct gic_cpu *cpu, struct gic_news *news);

/*
 * Are the list registers out of date, because of the guest or of somebody else? The vCPU is
 * resident here. It may have exited for another reason just before the maintenance interrupt.
 */
bool vcpu_gic_is_behind(const struct vcpu_gic *gic, const struct gic_cpu *cpu);

/* Without the lock: a further piece of what the vCPU is writing. */
void vcpu_gic_go_on_writing(struct vcpu_gic *gic, struct gic_cpu *cpu);

/*
 * The vCPU is reset in the middle of a write of GICD_CTLR, or of a job for others: it is ended before.
 * What else it was writing is dropped.
 */
void vcpu_gic_stop_writing(struct vcpu_gic *gic, struct gic_cpu *cpu);

/* Ends its write, and updates its list registers, until an interrupt of the host comes. */
void vcpu_gic_update(struct vcpu_gic *gic, struct gic_cpu *cpu, bool between_runs);

#endif
