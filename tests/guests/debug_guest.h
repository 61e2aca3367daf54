/* SPDX-License-Identifier: MIT */
/* Guests that are debugged, and what must come of it. */
#ifndef DEBUG_GUEST_H
#define DEBUG_GUEST_H

#include "arch.h"
#include "debug.h"
#include "gic.h"
#include "string.h"
#include "testhost.h"
#include <vcpu/debug.h>

extern const char debug_vectors[], step_straight[], step_call[], step_eret[], step_el0[],
    step_abort[], step_brk[], step_nops[], step_mmio[], call_psci[], exclusive[], exclusive_end[],
    access_loads[], access_stores[], look[], attack[], own[];
extern const char own_locked_end[], own_step[], own_step_end[], own_pending[], own_step1[],
    own_step1_end[], own_daif[], own_break0[], own_break1[], own_link[], own_watch1[], own_watch0[],
    own_brk[];

#define DATA_IPA (TEST_RAM_IPA + 0x100000u)
#define LOG_IPA  (TEST_RAM_IPA + 0x200000u)

#define PSTATE_SS   (UINT64_C(1) << 21)
#define PSTATE_D    UINT64_C(0x200)
#define PSTATE_EL1H UINT64_C(0x3c5)
#define PSTATE_EL0T UINT64_C(0x3c0)
#define PSTATE_MODE 0xfu

extern struct test_vm vm, other_vm;

#define SYSREG(op0, op1, crn, crm, op2)                                                            \
    ((uint32_t)VCPU_REG_SYSREG + VCPU_SYSREG(op0, op1, crn, crm, op2))
#define SCTLR   SYSREG(3, 0, 1, 0, 0)
#define SCTLR_A 2u
#define VBAR    SYSREG(3, 0, 12, 0, 0)
#define SPSR    SYSREG(3, 0, 4, 0, 0)
#define ELR     SYSREG(3, 0, 4, 0, 1)
#define ESR     SYSREG(3, 0, 5, 2, 0)

/* All but E, of each of the first comparators; TDCC and KDE; OS lock set. */
void mark_machine(void);

void comparators_are_as_marked(void);

void machine_is_as_marked(void);

struct vcpu *guest_of(struct test_vm *t, const char *snippet);

void done_with(struct vcpu *v);

void move_to(struct vcpu *v, const char *snippet, uint64_t pstate);

bool came_to(struct vcpu *v, enum vcpu_debug_kind kind, uint64_t pc);

bool steps_to(struct vcpu *v, uint64_t pc);

void is_done(struct vcpu *v);

void steps_over_straight_code_and_branches(void);

void steps_into_the_guests_exceptions(void);

void steps_over_what_exits(void);

/* Exits that are not the instruction's: a kick, an interrupt of the host, a move. */
void a_step_waits_for_its_instruction(void);

/* What runs already, and what ends in the middle of a step. */
void stepping_begins_and_ends_at_any_time(void);

/* So it is documented, and so it is got out of. */
void an_exclusive_loop_is_left_by_a_breakpoint(void);

void breakpoints(void);

/* Sizes in the order of the snippets' instructions. */
extern const uint8_t sizes[];

void watchpoints(void);

void brk_is_each_vcpus_own(void);

void alone(void);

/* Its registers by id, while it is resident: a breakpoint that it never set. */
void the_hosts_way_to_the_guests_own(void);

void with_flags(uint32_t flags, unsigned steps_at_least, unsigned brks);

/* A breakpoint at one of its places: how often it hits. */
void with_breakpoint(const char *at, unsigned offset, unsigned hits);

void with_watchpoint(unsigned offset, unsigned length, unsigned access, unsigned hits);

/* Everything at once, in two VMs that take turns on this CPU after each exit. */
void two_at_once(void);

/* Turned on and off in the middle: after so many exits of a stepped run. */
void on_and_off(void);

#endif
