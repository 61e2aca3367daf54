/* SPDX-License-Identifier: MIT */
/* Calls to the firmware below the host. */
#ifndef PLATFORM_PSCI_H
#define PLATFORM_PSCI_H

#include <stdbool.h>
#include <stdint.h>

#define PSCI_SUCCESS 0

/* Chooses the instruction that reaches it. Called once by the platform. */
void psci_init(bool smc);

/* Starts the CPU with these affinity fields at a physical address, with x0 = context. */
int32_t psci_cpu_on(uint64_t mpidr, uint64_t entry, uint64_t context);

/* Return only if the firmware refuses. */
void psci_system_off(void);
void psci_system_reset(void);

#endif
