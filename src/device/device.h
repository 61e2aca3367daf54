/* SPDX-License-Identifier: MIT */
/*
 * Calls the devices of a vCPU's VM. With DAIF masked, on the CPU where the vCPU is resident;
 * a reset with DAIF as it is, and not resident.
 * vcpu_device_notify and vcpu_has_work, which other CPUs call, are in kick/.
 */
#ifndef VCPU_DEVICE_DEVICE_H
#define VCPU_DEVICE_DEVICE_H

#include <vcpu/device.h>

#include "state/state.h"

static inline bool device_any(const struct vcpu_state *v)
{
    return v->device.ops;
}

/* The VM has a device, and the first one answers the access. */
static inline bool device_mmio(struct vcpu_state *v, vcpu_ipa_t ipa, unsigned size, bool write,
                               uint64_t *data)
{
    const struct vcpu_device_ops *ops = v->device.ops;

    return ops->mmio && ops->mmio(v->device.ctx, &v->pub, ipa, size, write, data);
}

static inline bool device_sysreg(struct vcpu_state *v, uint32_t encoding, bool write,
                                 uint64_t *value)
{
    const struct vcpu_device_ops *ops = v->device.ops;

    return ops->sysreg && ops->sysreg(v->device.ctx, &v->pub, encoding, write, value);
}

/* The first device that takes the access answers it. Devices before number `first` are not asked. */
bool vcpu_device_mmio(struct vcpu_state *v, unsigned first, vcpu_ipa_t ipa, unsigned size,
                      bool write, uint64_t *data);
bool vcpu_device_sysreg(struct vcpu_state *v, struct vcpu_sysreg_access *access);

bool vcpu_device_has_work(const struct vcpu_state *v);
void vcpu_device_load(struct vcpu_state *v);
void vcpu_device_put(struct vcpu_state *v);
void vcpu_device_reset(struct vcpu_state *v);
void vcpu_device_sync(struct vcpu_state *v);

/*
 * Calls the devices' sync if the vCPU has notice. Returns the token after that: the devices can
 * have kicked the vCPU, or changed its lines.
 */
uint64_t vcpu_device_told(struct vcpu_state *v);

#endif
