/* SPDX-License-Identifier: MIT */
/* The interrupt controller as a device of its VM: ctx is the struct vcpu_gic. */
#ifndef VCPU_GIC_DEVICE_H
#define VCPU_GIC_DEVICE_H

#include <vcpu/device.h>

extern const struct vcpu_device_ops vcpu_gic_device;

#endif
