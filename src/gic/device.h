/* SPDX-License-Identifier: MIT */
/* The interrupt controller as a device of its VM: ctx is the struct vcpu_gic. */
#ifndef VCPU_GIC_DEVICE_H
#define VCPU_GIC_DEVICE_H

#include <vcpu/device.h>

#include "gic/model.h"

extern const struct vcpu_device_ops vcpu_gic_device;

/* Functions with a short path; compiled for speed (short.c). */
bool vcpu_gic_mmio(void *ctx, struct vcpu *vcpu, vcpu_ipa_t ipa, unsigned size, bool write,
                   uint64_t *data);
bool vcpu_gic_sysreg(void *ctx, struct vcpu *vcpu, uint32_t encoding, bool write, uint64_t *value);
void vcpu_gic_sync(void *ctx, struct vcpu *vcpu);

/* The CPU interface for vcpu/reg.h (reg.c). */
int vcpu_gic_reg(void *ctx, struct vcpu *vcpu, uint32_t encoding, enum vcpu_reg_op op,
                 uint64_t *value);
uint32_t vcpu_gic_reg_at(void *ctx, const struct vcpu *vcpu, unsigned n);

/* A line of an SPI, or of a PPI of `home`, moves (line.c). */
void vcpu_gic_move_line(struct vcpu_gic *gic, struct gic_cpu *home, uint32_t intid, bool level);

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

/*
 * The vCPU's list registers have something new, without a notice: if it waits, it has a reason to
 * go on.
 */
static inline void gic_wake(const struct vcpu_gic *gic, struct vcpu *vcpu)
{
    /* The reason is visible before the hook looks whether the vCPU waits: see vcpu_has_work. */
    atomic_thread_fence(memory_order_seq_cst);
    if (gic->host->wake)
        gic->host->wake(gic->host->ctx, vcpu);
}

#endif
