/* SPDX-License-Identifier: MIT */
/*
 * The interrupts in a vCPU's list registers. Pure: but for vcpu_gic_signals it works on the values in
 * struct gic_cpu, between a fetch from the hardware and a store to it.
 *
 * Normally everything is folded into the banks and then listed anew, highest priority first. Only a
 * single interrupt that affects no other takes a short path. What can be delivered now comes before
 * what has no effect at present: interrupts of groups that the guest's CPU interface disables, and
 * active interrupts that no bit of the active priorities accounts for. Nobody will end those before
 * others: they were set in the distributor, or their CPU went off in a handler.
 */
#ifndef VCPU_GIC_LISTS_LISTS_H
#define VCPU_GIC_LISTS_LISTS_H

#include "gic/model.h"

/*
 * Folds one list register: what the guest did with it goes into the bank, and the list register
 * becomes free. Returns the vCPU in whose queue the interrupt is then, or NULL.
 */
struct gic_cpu *vcpu_gic_fold_slot(struct vcpu_gic *gic, struct gic_cpu *cpu, unsigned slot);

/*
 * Folds all list registers, and the guest's ends of interrupts that were in none. Other vCPUs may
 * get news.
 */
void vcpu_gic_fold(struct vcpu_gic *gic, struct gic_cpu *cpu, struct gic_news *news);

/* Lists interrupt 32 * n + i, a candidate of this vCPU, in a free list register. */
void vcpu_gic_list(struct vcpu_gic *gic, struct gic_cpu *cpu, unsigned n, unsigned i,
                   unsigned slot);

/*
 * After a fold: lists the interrupts of the vCPU, and sets in hcr the other reasons for an exit. apr
 * is up to date, if there are active interrupts.
 */
void vcpu_gic_fill(struct vcpu_gic *gic, struct gic_cpu *cpu);

/*
 * Does the CPU interface of this CPU signal a listed interrupt? Reads the list registers; and VMCR and
 * the active priorities only if one is pending, which is rare when a vCPU waits.
 */
bool vcpu_gic_signals(const struct vcpu_gic *gic, struct gic_cpu *cpu);

/* Would it signal one that waits in a queue, with vmcr and apr? */
bool vcpu_gic_is_due(const struct vcpu_gic *gic, const struct gic_cpu *cpu);

#endif
