/* SPDX-License-Identifier: MIT */
/* A vCPU with debug registers, and no CPU. */
#ifndef VCPU_TESTS_DEBUG_MACHINE_H
#define VCPU_TESTS_DEBUG_MACHINE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "debug/debug.h"
#include "random.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* ID_AA64DFR0_EL1: CTX_CMPs 31:28, WRPs 23:20, BRPs 15:12, all less one. */
#define DFR0(context, watchpoints, breakpoints)                                                    \
    ((uint64_t)(-1 + (context)) << 28 | (uint64_t)(-1 + (watchpoints)) << 20 |                     \
     (uint64_t)(-1 + (breakpoints)) << 12)

#define SS  (UINT64_C(1) << 21) /* PSTATE, SPSR */
#define D   (UINT64_C(1) << 9)
#define EL0 UINT64_C(0x000)
#define EL1 UINT64_C(0x1c5) /* D clear */

#define MDSCR_SS  UINT64_C(1)
#define MDSCR_KDE (UINT64_C(1) << 13)
#define MDSCR_MDE (UINT64_C(1) << 15)

struct machine {
    struct vcpu_state *v;
    struct vcpu_vm *vm;
    struct vcpu_features features;
};

/* Six breakpoints, of which four are the guest's, two of them context-aware; watchpoints 2 of 4. */
int set_up(void **state);

int tear_down(void **state);

uint64_t control_of(const struct machine *m, enum debug_kind kind, unsigned n);

/* The guest's PSTATE.SS, and the step, after an entry in `before` and an exit in `after`. */
struct transition {
    const char *name;
    uint64_t mdscr, before, pc, after, spsr, elr;
    uint64_t settled, spsr_settled;
    uint8_t step;
};

#endif
