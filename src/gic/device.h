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

/* A line of an SPI, or of a PPI of `home`, moves (inputs/line.c). */
void vcpu_gic_move_line(struct vcpu_gic *gic, struct gic_cpu *home, uint32_t intid, bool level);

#endif
