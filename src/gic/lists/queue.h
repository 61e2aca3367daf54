/* SPDX-License-Identifier: MIT */
/*
 * The queues of a vCPU: the interrupts of each priority that need a list register and are in none.
 * Pure, under the lock. Each function is about one interrupt: no loops.
 */
#ifndef VCPU_GIC_LISTS_QUEUE_H
#define VCPU_GIC_LISTS_QUEUE_H

#include "gic/model.h"

/*
 * Puts the interrupt where its state says that it belongs: into a queue, or out of all. In a queue
 * that it was not in before it is the last; or the first. Returns the vCPU of that queue, or NULL.
 */
struct gic_cpu *vcpu_gic_requeue(struct vcpu_gic *gic, struct gic_cpu *home, unsigned n, unsigned i,
                                 bool first);

/* Takes the first interrupt out of a queue that is not empty: returns its INTID. */
unsigned vcpu_gic_pop(struct vcpu_gic *gic, struct gic_cpu *cpu, unsigned kind, unsigned level);

#endif
