/* SPDX-License-Identifier: MIT */
/* A vCPU's part of the controller. */
#ifndef VCPU_GIC_CPU_H
#define VCPU_GIC_CPU_H

#include "gic/model.h"

/* The vCPU's part of the controller; NULL if it has none. */
static inline struct gic_cpu *gic_cpu_of(const struct vcpu_gic *gic, const struct vcpu *vcpu)
{
    return gic->cpu[vcpu_index(vcpu)];
}

/* Is the vCPU resident on this CPU? With interrupts masked. */
static inline bool gic_is_here(const struct gic_cpu *cpu)
{
    return atomic_load_explicit(&cpu->resident, memory_order_relaxed) == vcpu_cpu_id();
}

#endif
