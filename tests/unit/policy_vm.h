/* SPDX-License-Identifier: MIT */
/* A VM, its policy, and CPUs that it may come to. */
#ifndef VCPU_TESTS_POLICY_VM_H
#define VCPU_TESTS_POLICY_VM_H

#include "cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include <vcpu/error.h>
#include <vcpu/sysreg.h>

#include "guest/cache.h"
#include "guest/id.h"
#include "random.h"
#include "state/state.h"

/* Where S3_0_C0_C<crm>_<op2> is in the group, and its encoding. */
#define AT(crm, op2) (-8 + 8 * (crm) + (op2))
#define PFR0         VCPU_SYSREG(3, 0, 0, 4, 0)
#define PFR1         VCPU_SYSREG(3, 0, 0, 4, 1)
#define ZFR0         VCPU_SYSREG(3, 0, 0, 4, 4)
#define ISAR0        VCPU_SYSREG(3, 0, 0, 6, 0)
#define ISAR1        VCPU_SYSREG(3, 0, 0, 6, 1)
#define ISAR2        VCPU_SYSREG(3, 0, 0, 6, 2)
#define DFR0         VCPU_SYSREG(3, 0, 0, 5, 0)
#define MMFR2        VCPU_SYSREG(3, 0, 0, 7, 2)
#define ARM_DFR0     VCPU_SYSREG(3, 0, 0, 1, 2)
#define ARM_ISAR0    VCPU_SYSREG(3, 0, 0, 2, 0)

#define MIDR   VCPU_SYSREG(3, 0, 0, 0, 0)
#define CTR    VCPU_SYSREG(3, 3, 0, 0, 1)
#define CLIDR  VCPU_SYSREG(3, 1, 0, 0, 1)
#define DCZID  VCPU_SYSREG(3, 3, 0, 0, 7)
#define CNTFRQ VCPU_SYSREG(3, 3, 14, 0, 0)

/* What vcpu_id_fit says. */
#define FITS   1u
#define NO_CTR 2u
#define CACHES 4u
#define NO_ZVA 8u

/* QEMU's max (with six watchpoints, not four), and what else differs between CPUs. */
extern const uint64_t max[ID_COUNT];

#define ALL (ID_WITH | ID_WITH_SCXTNUM)

extern struct vcpu_vm *vm;

void make_vm(const uint64_t host[ID_COUNT], unsigned with);

int set_up(void **state);

int tear_down(void **state);

void sets(uint32_t encoding, uint64_t value);

/* Nothing is changed by what is refused. */
void refuses(uint32_t encoding, uint64_t value, int error);

void is(uint32_t encoding, uint64_t expected);

/* What becomes of max's VM on a max that differs in this. */
unsigned fit_with(unsigned index, uint64_t value);

/* A CPU as there might be: mostly like max, some fields anything. */
void random_host(uint64_t *seed, uint64_t host[ID_COUNT]);

void check_dependent_fields(void);

#endif
