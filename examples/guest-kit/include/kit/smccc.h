/* SPDX-License-Identifier: MIT */
/* Calls to the hypervisor or firmware (SMC Calling Convention), and PSCI on them. */
#ifndef KIT_SMCCC_H
#define KIT_SMCCC_H

#include <stdint.h>

/* x0-x17 before and after a call. */
struct kit_call {
    uint64_t x[18];
};

/* HVC #0 and SMC #0 with all of these registers. */
void kit_hvc(struct kit_call *call);
void kit_smc(struct kit_call *call);

/* The conduit of PSCI calls, HVC at the start. Set it before other CPUs are started. */
enum kit_conduit { KIT_CONDUIT_HVC, KIT_CONDUIT_SMC };
void kit_set_conduit(enum kit_conduit conduit);

/* One call over it with up to three arguments; the result is x0. */
uint64_t kit_smccc(uint64_t function, uint64_t x1, uint64_t x2, uint64_t x3);

/* Function IDs. */
#define KIT_SMCCC_VERSION          UINT64_C(0x80000000)
#define KIT_SMCCC_ARCH_FEATURES    UINT64_C(0x80000001)
#define KIT_PSCI_VERSION           UINT64_C(0x84000000)
#define KIT_PSCI_CPU_OFF           UINT64_C(0x84000002)
#define KIT_PSCI_MIGRATE_INFO_TYPE UINT64_C(0x84000006)
#define KIT_PSCI_SYSTEM_OFF        UINT64_C(0x84000008)
#define KIT_PSCI_SYSTEM_RESET      UINT64_C(0x84000009)
#define KIT_PSCI_FEATURES          UINT64_C(0x8400000a)
#define KIT_PSCI_CPU_SUSPEND_64    UINT64_C(0xc4000001)
#define KIT_PSCI_CPU_ON_32         UINT64_C(0x84000003)
#define KIT_PSCI_CPU_ON_64         UINT64_C(0xc4000003)
#define KIT_PSCI_AFFINITY_INFO_64  UINT64_C(0xc4000004)

enum kit_psci_result {
    KIT_PSCI_SUCCESS = 0,
    KIT_PSCI_NOT_SUPPORTED = -1,
    KIT_PSCI_INVALID_PARAMETERS = -2,
    KIT_PSCI_DENIED = -3,
    KIT_PSCI_ALREADY_ON = -4,
    KIT_PSCI_ON_PENDING = -5,
    KIT_PSCI_INTERNAL_FAILURE = -6,
    KIT_PSCI_NOT_PRESENT = -7,
    KIT_PSCI_DISABLED = -8,
    KIT_PSCI_INVALID_ADDRESS = -9,
};

enum kit_psci_affinity { KIT_PSCI_ON = 0, KIT_PSCI_OFF = 1, KIT_PSCI_PENDING = 2 };

/* Major version in bits 31:16, minor in 15:0. SMCCC is 1.0 for those that cannot tell. */
uint32_t kit_psci_version(void);
uint32_t kit_smccc_version(void);

/* enum kit_psci_affinity, or an error. */
int64_t kit_psci_affinity_info(uint64_t mpidr);

/* Ends the guest: all went well, or it failed. */
_Noreturn void kit_poweroff(void);
_Noreturn void kit_reset(void);

#endif
