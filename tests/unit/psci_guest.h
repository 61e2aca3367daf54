/* SPDX-License-Identifier: MIT */
/* A guest's calls of PSCI, and what becomes of them. */
#ifndef VCPU_TESTS_PSCI_GUEST_H
#define VCPU_TESTS_PSCI_GUEST_H

#include "power_machine.h"

enum { SUCCESS = 0, AFFINITY_OFF = 1 };

/* What is left in the upper half of a register that only W holds an argument in. */
#define DIRT UINT64_C(0xdeadbeef00000000)

#define CALLER 0u
#define OTHER  2u /* the only one that a target can name */

/* What became of a call. */
enum kind {
    PSCI_NONE, /* not the library's: a plain hypercall */
    PSCI_ANSWER,
    PSCI_CPU_ON,
    PSCI_CPU_OFF,
    PSCI_CPU_SUSPEND,
    PSCI_AFFINITY_INFO, /* that OTHER is off */
    PSCI_SYSTEM_SUSPEND,
    PSCI_SYSTEM_OFF,
    PSCI_SYSTEM_OFF2,
    PSCI_SYSTEM_RESET,
    PSCI_SYSTEM_RESET2,
};

struct psci_call {
    enum kind kind;
    bool power_down;
    uint32_t power_state, type;
    int64_t answer;
    uint64_t target, entry, context, cookie;
};

/* All are off but the caller. OTHER has the target's affinity, and all others none of its fields. */
void prepare(uint64_t target);

/* A call of CALLER, as it is; and after prepare for its target. */
struct psci_call repeat(uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3);
struct psci_call call(uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3);

void check_answer(struct psci_call is, int64_t answer);

/* IPAs have 48 bits. */
int set_up(void **state);

#endif
