/* SPDX-License-Identifier: MIT */
/*
 * PSCI 1.3 and SMCCC 1.2 for a guest, over HVC and SMC.
 *
 * The library answers PSCI_VERSION, PSCI_FEATURES, AFFINITY_INFO (at each affinity level),
 * MIGRATE_INFO_TYPE, SMCCC_VERSION and SMCCC_ARCH_FEATURES.
 *
 * CPU_ON, CPU_OFF, CPU_SUSPEND, CPU_DEFAULT_SUSPEND, SYSTEM_OFF, SYSTEM_RESET and SYSTEM_RESET2 are
 * exits, if their arguments are right. So are SYSTEM_SUSPEND and SYSTEM_OFF2, if the VM has
 * VCPU_VM_SYSTEM_SUSPEND and VCPU_VM_SYSTEM_OFF2; they are optional in PSCI 1.3.
 *
 * Every other PSCI and Arm architecture call returns NOT_SUPPORTED, and PSCI_FEATURES says so:
 *  - MIGRATE, MIGRATE_INFO_UP_CPU: there is no Trusted OS;
 *  - CPU_FREEZE, NODE_HW_STATE, PSCI_STAT_*: these are about the power states of a real machine;
 *  - PSCI_SET_SUSPEND_MODE: suspend is platform-coordinated, and power_state has the original
 *    format;
 *  - MEM_PROTECT*, PSCI_CLEAN_INV_MEMREGION*: they are about memory that the library does not know. A
 *    host with VCPU_VM_RAW_CALLS can implement its own PSCI.
 *
 * vcpu/calls.h lets a host deny any of these calls, or answer it itself (for CPU_ON, CPU_OFF and
 * CPU_SUSPEND see there).
 *
 * The states of a vCPU and what changes them:
 *
 *   off -- CPU_ON of another: its VCPU_EXIT_CPU_UP --> on-pending -- vcpu_complete_cpu_up --> on
 *   on -- CPU_OFF: VCPU_EXIT_CPU_DOWN --> off
 *   on -- CPU_SUSPEND: VCPU_EXIT_CPU_SUSPEND --> suspended -- vcpu_complete_suspend --> on
 *
 * CPU_DEFAULT_SUSPEND is a CPU_SUSPEND with power_state 0x10000, a power-down. SYSTEM_SUSPEND is the
 * same with an exit reason of its own: the vCPU is the only one of its VM that is on (otherwise the
 * call is DENIED), and the host decides what wakes the VM.
 *
 * VCPU_EXIT_CPU_DOWN: from this exit on, another vCPU's CPU_ON can reset the vCPU at any moment,
 * from any CPU. The host uses only the return value of vcpu_run, and must not read vcpu->exit.
 *
 * A suspended vCPU counts as on: AFFINITY_INFO says ON, and a CPU_ON of it gets ALREADY_ON. It goes
 * on when the host completes the exit. The host may do that at any time, and should when
 * vcpu_has_work (vcpu/device.h) returns true. If the vCPU runs without a completion, it makes the
 * call again and is suspended as before.
 */
#ifndef VCPU_PSCI_H
#define VCPU_PSCI_H

#include <vcpu/types.h>
#include <vcpu/vcpu.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Function ids. The 64-bit form of one, if there is one, has bit 30 set (VCPU_SMCCC_64BIT). */
#define VCPU_PSCI_VERSION             0x84000000u
#define VCPU_PSCI_CPU_SUSPEND         0x84000001u
#define VCPU_PSCI_CPU_OFF             0x84000002u
#define VCPU_PSCI_CPU_ON              0x84000003u
#define VCPU_PSCI_AFFINITY_INFO       0x84000004u
#define VCPU_PSCI_MIGRATE_INFO_TYPE   0x84000006u
#define VCPU_PSCI_SYSTEM_OFF          0x84000008u
#define VCPU_PSCI_SYSTEM_RESET        0x84000009u
#define VCPU_PSCI_FEATURES            0x8400000au
#define VCPU_PSCI_CPU_DEFAULT_SUSPEND 0x8400000cu
#define VCPU_PSCI_SYSTEM_SUSPEND      0x8400000eu
#define VCPU_PSCI_SYSTEM_RESET2       0x84000012u
#define VCPU_PSCI_SYSTEM_OFF2         0x84000015u
#define VCPU_SMCCC_VERSION            0x80000000u
#define VCPU_SMCCC_ARCH_FEATURES      0x80000001u
#define VCPU_SMCCC_64BIT              0x40000000u

/* The type of a SYSTEM_OFF2, and of what PSCI_FEATURES says of that: the only one that there is. */
#define VCPU_PSCI_HIBERNATE_OFF 1u

/* Return codes, in W0 or X0. */
enum vcpu_psci_status {
    VCPU_PSCI_SUCCESS = 0,             /* done; of CPU_ON: the target will start */
    VCPU_PSCI_NOT_SUPPORTED = -1,      /* there is no such function */
    VCPU_PSCI_INVALID_PARAMETERS = -2, /* no such target, state or type */
    VCPU_PSCI_DENIED = -3,             /* not in the present state */
    VCPU_PSCI_ALREADY_ON = -4,         /* CPU_ON: the target is on, or suspended */
    VCPU_PSCI_ON_PENDING = -5,         /* CPU_ON: another one for the target is not done yet */
    VCPU_PSCI_INTERNAL_FAILURE = -6,   /* a fault of the machine */
    VCPU_PSCI_NOT_PRESENT = -7,        /* the target is not in the machine */
    VCPU_PSCI_DISABLED = -8,           /* the target cannot be used */
    VCPU_PSCI_INVALID_ADDRESS = -9,    /* of the entry point */
};

/* The power state of a vCPU, as AFFINITY_INFO returns it. A suspended vCPU is on. */
enum vcpu_power {
    VCPU_POWER_ON = 0,         /* it runs, waits, or can run */
    VCPU_POWER_OFF = 1,        /* until a CPU_ON of another vCPU */
    VCPU_POWER_ON_PENDING = 2, /* until the host completes that CPU_ON */
};

/*
 * Completes a VCPU_EXIT_CPU_UP; `vcpu` is the caller of CPU_ON and gets status in x0. With
 * VCPU_PSCI_SUCCESS the target is reset, PC and x0 are set from the exit, and it may run. With any
 * other status, such as VCPU_PSCI_DENIED, it stays off.
 *
 *  VCPU_ERR_INVALID  vcpu is NULL; status is not in the enum
 *  VCPU_ERR_STATE    the last exit is not VCPU_EXIT_CPU_UP; or the target was reset (vcpu_reset)
 *                    since then. In that case run vcpu again: it repeats its call
 */
int vcpu_complete_cpu_up(struct vcpu *vcpu, enum vcpu_psci_status status);

/*
 * Completes a VCPU_EXIT_CPU_SUSPEND or VCPU_EXIT_SYSTEM_SUSPEND: the vCPU wakes up. With
 * VCPU_PSCI_SUCCESS
 *  - after a power-down state its registers are reset, and it starts at the exit's entry with
 *    context in x0. Timers, devices and the lines of vcpu/inject.h are not reset. If it is resident
 *    on this CPU, it is put;
 *  - after a standby state it goes on, with SUCCESS in x0.
 * Any other status goes to x0, and tells the guest that it was not suspended.
 *
 *  VCPU_ERR_INVALID  vcpu is NULL; status is not in the enum
 *  VCPU_ERR_STATE    the last exit is neither of the two
 *  VCPU_ERR_BUSY     vcpu is resident on another CPU
 */
int vcpu_complete_suspend(struct vcpu *vcpu, enum vcpu_psci_status status);

/*
 * Refuses a SYSTEM_RESET2 (VCPU_EXIT_SYSTEM_RESET with `extended`): x0 gets status, usually
 * VCPU_PSCI_INVALID_PARAMETERS for a type that the host does not support. A reset that the host
 * carries out is not completed: the host stops the VM's vCPUs, writes and cleans the memory
 * (vcpu/cache.h, rule 2) and calls vcpu_reset for each vCPU.
 *
 *  VCPU_ERR_INVALID  vcpu is NULL; status is VCPU_PSCI_SUCCESS, or not in the enum
 *  VCPU_ERR_STATE    the last exit is not a SYSTEM_RESET2. SYSTEM_RESET cannot be refused
 */
int vcpu_complete_system_reset(struct vcpu *vcpu, enum vcpu_psci_status status);

/* The vCPU's power state. vcpu must not be NULL. Any CPU, no lock. */
enum vcpu_power vcpu_power(const struct vcpu *vcpu);

#ifdef __cplusplus
}
#endif

#endif
