/* SPDX-License-Identifier: MIT */
/* What the machine's firmware does for this CPU. Pure: the caller gives the way to ask. */
#ifndef VCPU_CPU_FIRMWARE_H
#define VCPU_CPU_FIRMWARE_H

#include <stdint.h>

#include "state/state.h"

/*
 * smc: vcpu_smc, a call of the firmware with x0-x17. On the CPU that is asked
 * about: the answers may differ between CPUs.
 */
void vcpu_firmware_ask(void (*smc)(uint64_t x[31]), struct firmware_answers *answers);

/*
 * Bit n: by its ID registers, the CPU does not need ARCH_WORKAROUND_<n + 1>. It is not open to what
 * the call is against, or has an instruction for it.
 */
uint8_t vcpu_firmware_unaffected(const uint64_t id[ID_COUNT]);

#endif
