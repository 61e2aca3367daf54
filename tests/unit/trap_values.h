/* SPDX-License-Identifier: MIT */
/* The EL2 registers by bit numbers, as the Arm ARM gives them. */
#ifndef VCPU_TESTS_TRAP_VALUES_H
#define VCPU_TESTS_TRAP_VALUES_H

#include "cmocka_all.h"

#include <string.h>

#include "guest/trap.h"

#define B(n) (UINT64_C(1) << (n))

#define ALL_FLAGS                                                                                  \
    (VCPU_VM_DIRECT_IRQ | VCPU_VM_DIRECT_TIMER | VCPU_VM_TRAP_WFI | VCPU_VM_TRAP_WFE |             \
     VCPU_VM_RAW_CALLS | VCPU_VM_TRAP_DEBUG | VCPU_VM_VIRTUAL_GIC)

/* What the guests read: nothing, but for what is put here. */
struct shown {
    uint64_t pfr0, pfr1, isar0, isar1, isar2, mmfr1;
};

void write_id(const struct shown *shown, uint64_t id[56]);

struct el2_state el2_shown(const struct vcpu_features *features, uint32_t flags,
                           struct shown shown);

struct el2_state el2_of(const struct vcpu_features *features, uint32_t flags);

uint32_t conditions_shown(const struct vcpu_features *features, uint32_t flags, struct shown shown);

/*
 * HCR_EL2 of a CPU without features and a VM without flags: VM 0, SWIO 1, PTW 2, FMO 3, IMO 4,
 * AMO 5, FB 9, BSU 11:10 = 1 (Inner Shareable), TID1 16, TID3 18, TSC 19, TIDCP 20, TACR 21, RW 31.
 */
#define HCR_LEAST                                                                                  \
    (B(0) | B(1) | B(2) | B(3) | B(4) | B(5) | B(9) | B(10) | B(16) | B(18) | B(19) | B(20) |      \
     B(21) | B(31))
/* RES1 without SVE and SME, and their traps with them: 13:12 and 9:0. */
#define CPTR_LEAST UINT64_C(0x33ff)
/* TDA 9, TDOSA 10, TDRA 11. */
#define MDCR_LEAST (B(9) | B(10) | B(11))
/* TC 10, TALL0 11, TALL1 12. */
#define ICH_HCR_LEAST (B(10) | B(11) | B(12))

#endif
