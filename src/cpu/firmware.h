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

#endif
