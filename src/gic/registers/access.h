/* SPDX-License-Identifier: MIT */
/* A guest's access, from the lock to the list registers. With interrupts masked. */
#ifndef VCPU_GIC_ACCESS_H
#define VCPU_GIC_ACCESS_H

#include "gic/model.h"

/* Distributor and redistributors. false: there is no register at the address. */
bool vcpu_gic_access(struct vcpu_gic *gic, struct gic_cpu *cpu, uint64_t ipa, unsigned size,
                     bool write, uint64_t *data);

/* A write of ICC_DIR_EL1, which traps because the hardware knows only what this vCPU has listed. */
void vcpu_gic_write_dir(struct vcpu_gic *gic, struct gic_cpu *cpu, uint64_t dir);

#endif
