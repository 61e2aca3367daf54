/* SPDX-License-Identifier: MIT */
/*
 * PSCI 1.1 and SMCCC 1.2 as a guest sees them, over HVC and SMC.
 *
 * The library answers PSCI_VERSION, PSCI_FEATURES, AFFINITY_INFO (at each affinity level),
 * MIGRATE_INFO_TYPE, SMCCC_VERSION and SMCCC_ARCH_FEATURES. CPU_ON, CPU_OFF, CPU_SUSPEND,
 * SYSTEM_OFF, SYSTEM_RESET and SYSTEM_RESET2 come out of vcpu_run as exits when their arguments are
 * right. Every other PSCI and Arm architecture call is NOT_SUPPORTED, and PSCI_FEATURES says so:
 *  - MIGRATE, MIGRATE_INFO_UP_CPU: there is no Trusted OS;
 *  - CPU_FREEZE, CPU_DEFAULT_SUSPEND, NODE_HW_STATE, PSCI_STAT_*: about the power states of a
 *    machine, which a virtual one has not got;
 *  - PSCI_SET_SUSPEND_MODE: suspending is coordinated by the platform, power_state in its original
 *    format;
 *  - SYSTEM_SUSPEND, MEM_PROTECT*: would need memory and wake-up sources that the library does not
 *    know of. A host with VCPU_VM_RAW_CALLS can have its own PSCI.
 *
 * A vCPU's states and what leads from one to the other:
 *
 *   off -- CPU_ON of another: its VCPU_EXIT_CPU_UP --> on-pending -- vcpu_complete_cpu_up --> on
 *   on -- CPU_OFF: VCPU_EXIT_CPU_DOWN --> off
 *   on -- CPU_SUSPEND: VCPU_EXIT_CPU_SUSPEND --> suspended -- vcpu_complete_suspend --> on
 *
 * From VCPU_EXIT_CPU_DOWN on another vCPU's CPU_ON may reset it at any moment, from any CPU: of
 * that exit the host takes what vcpu_run returns, and looks into the struct no more. A suspended
 * vCPU counts as on: AFFINITY_INFO says so, and CPU_ON of it is ALREADY_ON. It goes on when the
 * host completes the exit, which it may do at any time and should when vcpu_has_work
 * (vcpu/device.h) says that there is a reason. Run uncompleted it makes the call again, and is as
 * suspended as before.
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
#define VCPU_PSCI_SYSTEM_RESET2     UINT32_C(0x84000012)
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

/* What AFFINITY_INFO says of a vCPU. One that is suspended is on. */
enum vcpu_power {
    VCPU_POWER_ON = 0,
    VCPU_POWER_OFF = 1,
    VCPU_POWER_ON_PENDING = 2,
};

/*
 * Answers a VCPU_EXIT_CPU_UP. With VCPU_PSCI_SUCCESS the target's registers are reset, its PC and
 * x0 set from the exit, and it may be run; with any other status it stays off and the caller gets
 * the status: VCPU_PSCI_DENIED, say. `vcpu` is the one that called.
 * VCPU_ERR_STATE: the last exit is no CPU_UP, or the target was reset (vcpu_reset) meanwhile: the
 * caller that is run again makes its call anew. VCPU_ERR_INVALID: NULL, or no status of the enum.
 */
int vcpu_complete_cpu_up(struct vcpu *vcpu, enum vcpu_psci_status status);

/*
 * Ends a VCPU_EXIT_CPU_SUSPEND: the vCPU woke up. After a power-down state it starts at the exit's
 * entry with its registers reset; timers, devices and the lines of vcpu/inject.h went on meanwhile.
 * Else it goes on with SUCCESS in x0. Any other status tells the guest that it was not suspended.
 * VCPU_ERR_STATE: the last exit is no CPU_SUSPEND. VCPU_ERR_INVALID: NULL, or no status of the
 * enum.
 * VCPU_ERR_BUSY: its state is in another CPU's registers.
 */
int vcpu_complete_suspend(struct vcpu *vcpu, enum vcpu_psci_status status);

/*
 * Refuses a VCPU_EXIT_SYSTEM_RESET that is a SYSTEM_RESET2, usually with
 * VCPU_PSCI_INVALID_PARAMETERS for a type that the host has not got. A reset that is carried out is
 * not completed: the host stops the VM's vCPUs and resets each with vcpu_reset.
 * VCPU_ERR_STATE: the last exit is no SYSTEM_RESET2; SYSTEM_RESET cannot be refused.
 * VCPU_ERR_INVALID: NULL, SUCCESS, or no status of the enum.
 */
int vcpu_complete_system_reset(struct vcpu *vcpu, enum vcpu_psci_status status);

/* Its power state. Any CPU, no lock. */
enum vcpu_power vcpu_power(const struct vcpu *vcpu);

#ifdef __cplusplus
}
#endif

#endif
