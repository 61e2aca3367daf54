/* SPDX-License-Identifier: MIT */
/*
 * Which interrupts are in a vCPU's list registers. Pure: it works on the values in struct gic_cpu,
 * between a fetch from the hardware and a store to it.
 *
 * Everything is folded into the banks and then listed anew, highest priority first; only a single
 * interrupt that disturbs no other takes a short way.
 */
#ifndef VCPU_GIC_LISTS_H
#define VCPU_GIC_LISTS_H

#include "gic/model.h"

/* What the guest did with this list register goes into the bank, and the register becomes free. */
void vcpu_gic_fold_slot(struct vcpu_gic *gic, struct gic_cpu *cpu, unsigned slot);

/* All of them, and what the guest ended that was in none. Other vCPUs may have news of it. */
void vcpu_gic_fold(struct vcpu_gic *gic, struct gic_cpu *cpu, struct gic_news *news);

/* Lists interrupt 32 * n + i, a candidate of this vCPU, in a free list register. */
void vcpu_gic_list(struct vcpu_gic *gic, struct gic_cpu *cpu, unsigned n, unsigned i,
                   unsigned slot);

/* After fold: lists what the vCPU is to have, and says in hcr what else must come out. */
void vcpu_gic_fill(struct vcpu_gic *gic, struct gic_cpu *cpu);

/* Would the CPU interface signal anything that is listed? By vmcr and apr. */
bool vcpu_gic_signals(const struct vcpu_gic *gic, const struct gic_cpu *cpu);

#endif
