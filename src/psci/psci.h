/* SPDX-License-Identifier: MIT */
/*
 * Calls of the SMC Calling Convention: decodes what a guest asks with W0 and x1 to x3. Pure; the
 * caller does what depends on the VM's vCPUs.
 */
#ifndef VCPU_PSCI_PSCI_H
#define VCPU_PSCI_PSCI_H

#include <stdbool.h>
#include <stdint.h>

enum psci_kind {
    PSCI_NONE, /* not the library's: a plain hypercall */
    PSCI_ANSWER,
    PSCI_CPU_ON,
    PSCI_CPU_OFF,
    PSCI_CPU_SUSPEND,
    PSCI_AFFINITY_INFO,
    PSCI_SYSTEM_OFF,
    PSCI_SYSTEM_RESET,
    PSCI_SYSTEM_RESET2,
};

/*
 * Small, so that a few stores set it, without a call of memset: it is used while a guest's FP/SIMD
 * registers are in the CPU. tests/checks/path.py checks that.
 */
struct psci_call {
    uint8_t kind;    /* enum psci_kind */
    bool power_down; /* CPU_SUSPEND */
    uint8_t level;   /* AFFINITY_INFO: 0 to 3, the lowest affinity field that counts */
    union {
        uint32_t power_state; /* CPU_SUSPEND */
        uint32_t reset_type;  /* SYSTEM_RESET2 */
    };
    union {
        int64_t answer;  /* PSCI_ANSWER */
        uint64_t target; /* CPU_ON, AFFINITY_INFO: affinity fields */
    };
    uint64_t entry; /* CPU_ON, CPU_SUSPEND */
    union {
        uint64_t context; /* likewise */
        uint64_t cookie;  /* SYSTEM_RESET2 */
    };
};

/*
 * x: the guest's x0 to x3. Only W0 names the function, and a 32-bit call's arguments are W1 to W3,
 * whatever the upper halves are. call: all 0, and stays so if the call is not the library's.
 */
void vcpu_psci_decode(const uint64_t x[4], struct psci_call *call);

#endif
