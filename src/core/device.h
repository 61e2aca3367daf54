/* SPDX-License-Identifier: MIT */
/* Asking the devices of a vCPU's VM. With DAIF masked, on the CPU where the vCPU is. */
#ifndef VCPU_CORE_DEVICE_H
#define VCPU_CORE_DEVICE_H

#include <vcpu/device.h>

#include "core/state.h"

/* The first device that takes the access answers it. */
bool vcpu_device_mmio(struct vcpu_state *v, uint64_t *data);
bool vcpu_device_sysreg(struct vcpu_state *v, struct vcpu_sysreg_access *access);

void vcpu_device_load(struct vcpu_state *v);
void vcpu_device_put(struct vcpu_state *v);
void vcpu_device_reset(struct vcpu_state *v);
void vcpu_device_sync(struct vcpu_state *v);

#endif
