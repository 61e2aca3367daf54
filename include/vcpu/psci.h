/* SPDX-License-Identifier: MIT */
/*
 * PSCI 1.1 and SMCCC 1.2 as a guest sees them, over HVC and SMC.
 *
 * The library answers PSCI_VERSION, PSCI_FEATURES, AFFINITY_INFO, MIGRATE_INFO_TYPE, SMCCC_VERSION
 * and SMCCC_ARCH_FEATURES, and refuses every other PSCI and Arm architecture call with
 * NOT_SUPPORTED. CPU_ON, CPU_OFF, CPU_SUSPEND, SYSTEM_OFF and SYSTEM_RESET come out of vcpu_run as
 * exits when their arguments are right.
 */
#ifndef VCPU_PSCI_H
#define VCPU_PSCI_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/vcpu.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Function ids. The ones with a 64-bit form have bit 30 set in it. */
#define VCPU_PSCI_VERSION           UINT32_C(0x84000000)
#define VCPU_PSCI_CPU_SUSPEND       UINT32_C(0x84000001)
#define VCPU_PSCI_CPU_OFF           UINT32_C(0x84000002)
#define VCPU_PSCI_CPU_ON            UINT32_C(0x84000003)
#define VCPU_PSCI_AFFINITY_INFO     UINT32_C(0x84000004)
#define VCPU_PSCI_MIGRATE_INFO_TYPE UINT32_C(0x84000006)
#define VCPU_PSCI_SYSTEM_OFF        UINT32_C(0x84000008)
#define VCPU_PSCI_SYSTEM_RESET      UINT32_C(0x84000009)
#define VCPU_PSCI_FEATURES          UINT32_C(0x8400000a)
#define VCPU_SMCCC_VERSION          UINT32_C(0x80000000)
#define VCPU_SMCCC_ARCH_FEATURES    UINT32_C(0x80000001)
#define VCPU_SMCCC_64BIT            UINT32_C(0x40000000)

/* Return codes, in W0 or X0. */
enum vcpu_psci_status {
    VCPU_PSCI_SUCCESS = 0,
    VCPU_PSCI_NOT_SUPPORTED = -1,
    VCPU_PSCI_INVALID_PARAMETERS = -2,
    VCPU_PSCI_DENIED = -3,
    VCPU_PSCI_ALREADY_ON = -4,
    VCPU_PSCI_ON_PENDING = -5,
    VCPU_PSCI_INTERNAL_FAILURE = -6,
    VCPU_PSCI_NOT_PRESENT = -7,
    VCPU_PSCI_DISABLED = -8,
    VCPU_PSCI_INVALID_ADDRESS = -9,
};

/* What AFFINITY_INFO says of a vCPU. */
enum vcpu_power {
    VCPU_POWER_ON = 0,
    VCPU_POWER_OFF = 1,
    VCPU_POWER_ON_PENDING = 2,
};

/*
 * Answers a VCPU_EXIT_CPU_UP. With VCPU_PSCI_SUCCESS the target's registers are reset, its PC and
 * x0 set from the exit, and it may be run; with any other status it stays off and the caller gets
 * the status. `vcpu` is the one that called.
 * VCPU_ERR_STATE: the last exit is no CPU_UP. VCPU_ERR_INVALID: NULL, or no status of the enum.
 */
int vcpu_complete_cpu_up(struct vcpu *vcpu, enum vcpu_psci_status status);

/*
 * Ends a VCPU_EXIT_CPU_SUSPEND: the vCPU woke up. After a power-down state it starts at the exit's
 * entry with its registers reset, else it goes on with SUCCESS in x0.
 * VCPU_ERR_STATE: the last exit is no CPU_SUSPEND. VCPU_ERR_INVALID: NULL, or no status of the enum.
 * VCPU_ERR_BUSY: its state is in another CPU's registers.
 */
int vcpu_complete_suspend(struct vcpu *vcpu, enum vcpu_psci_status status);

/* Its power state. Any CPU, no lock. */
enum vcpu_power vcpu_power(const struct vcpu *vcpu);

#ifdef __cplusplus
}
#endif

#endif
