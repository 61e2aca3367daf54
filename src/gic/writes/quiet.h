/* SPDX-License-Identifier: MIT */
/* Writes that no CPU has to know of. Pure. */
#ifndef VCPU_GIC_WRITES_QUIET_H
#define VCPU_GIC_WRITES_QUIET_H

#include "gic/registers/registers.h"

/*
 * A write that changes only interrupts on which no list register, queue or source depends: it changes
 * the bank, and nothing else is to be done. Takes the lock. false: another write; nothing is done.
 */
bool vcpu_gic_write_quiet(struct vcpu_gic *gic, const struct gic_access *access, uint64_t value);

#endif
