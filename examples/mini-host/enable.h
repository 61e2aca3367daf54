/* SPDX-License-Identifier: MIT */
/* The library on this CPU. */
#ifndef MINI_HOST_ENABLE_H
#define MINI_HOST_ENABLE_H

#include <stdbool.h>

#include <vcpu/percpu.h>

/* Where the firmware can be asked, it is. harden: each exit. */
void enable_library(struct vcpu_percpu *percpu, unsigned index, bool has_firmware, bool harden);

#endif
