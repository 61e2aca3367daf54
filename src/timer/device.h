/* SPDX-License-Identifier: MIT */
/* The timers as a device of their VM: ctx is the struct vcpu_timer. */
#ifndef VCPU_TIMER_DEVICE_H
#define VCPU_TIMER_DEVICE_H

#include <vcpu/device.h>

extern const struct vcpu_device_ops vcpu_timer_device;

#endif
