/* SPDX-License-Identifier: MIT */
/* A guest debugs itself, alone and while the host debugs it. */
#include "debug_guest.h"

#include <vcpu/inject.h>

/* ---- The guest that debugs itself ---- */

struct record {
    uint64_t esr, elr, spsr, far;
};

#define FROM_EL0 0x0u
#define FROM_EL1 0x5u

struct expected {
    const char *elr;
    uint16_t offset;
    uint8_t class;
    uint8_t mode;
    bool ss;
};

static const struct expected expected[] = {
    {own_locked_end, 4, 0x15, FROM_EL0, false},
    {own_step, 4, 0x32, FROM_EL0, false},
    {own_step, 12, 0x32, FROM_EL0, false},
    {own_step, 16, 0x32, FROM_EL0, false},
    {own_step, 20, 0x32, FROM_EL0, false},
    {own_step, 24, 0x15, FROM_EL0, false}, /* SVC is a step itself, */
    {own_step, 24, 0x32, FROM_EL0, false}, /* whose exception comes after it */
    {own_step, 24, 0x3c, FROM_EL0, true},  /* BRK is none */
    {own_step_end, 0, 0x32, FROM_EL0, false},
    {own_step_end, 8, 0x15, FROM_EL0, false},
    {own_pending, 0, 0x32, FROM_EL0, false},
    {own_pending, 8, 0x15, FROM_EL0, false},
    {own_step1, 4, 0x33, FROM_EL1, false},
    {own_step1, 8, 0x33, FROM_EL1, false},
    {own_step1, 12, 0x33, FROM_EL1, false},
    {own_step1, 12, 0x00, FROM_EL1, true}, /* the host's answer to an HVC, which is no step */
    {own_step1, 16, 0x33, FROM_EL1, false},
    {own_step1, 20, 0x15, FROM_EL1, false},
    {own_step1, 20, 0x33, FROM_EL1, false},
    {own_step1_end, 0, 0x33, FROM_EL1, false},
    {own_daif, 0, 0x33, FROM_EL1, false},
    {own_break0, 0, 0x30, FROM_EL0, false},
    {own_break0, 8, 0x15, FROM_EL0, false},
    {own_break1, 0, 0x31, FROM_EL1, false},
    {own_link, 0, 0x31, FROM_EL1, false},
    {own_watch1, 0, 0x35, FROM_EL1, false},
    {own_watch0, 0, 0x34, FROM_EL0, false},
    {own_watch0, 8, 0x15, FROM_EL0, false},
    {own_brk, 0, 0x3c, FROM_EL1, false},
};
#define RECORDS (sizeof(expected) / sizeof(expected[0]))

static void log_is_as_expected(const struct test_vm *t)
{
    const struct record *log = testhost_ram(t, LOG_IPA);

    for (unsigned i = 0; i < RECORDS; i++) {
        const struct expected *e = &expected[i];

        CHECK_EQ(log[i].esr >> 26, e->class);
        CHECK_EQ(log[i].elr, testhost_ipa(e->elr) + e->offset);
        CHECK_EQ(log[i].spsr & PSTATE_MODE, e->mode);
        CHECK_EQ(log[i].spsr & PSTATE_SS, e->ss ? PSTATE_SS : 0);
        if (e->class == 0x34 || e->class == 0x35) {
            CHECK_EQ(log[i].far & ~UINT64_C(7), DATA_IPA + DATA_WATCHED);
            CHECK_EQ(log[i].esr >> 6 & 1, e->class == 0x35);
            CHECK_EQ(log[i].esr & 0x3f, 0x22);
        }
        if (log[i].esr >> 26 != e->class || log[i].elr != testhost_ipa(e->elr) + e->offset) {
            console_print("record %u: ELR is 0x%lx\n", i, log[i].elr);
            return;
        }
    }
    CHECK_EQ(log[RECORDS].esr, 0);
}

/* Exits by kind of debugging, in one run of `own`. */
static unsigned counts[4];

/*
 * The HVC that it steps over: twice it is executed again, then it is UNDEFINED and the guest's
 * handler comes back to it, and then it is completed. Until then it is no step. false: it goes on.
 */
static bool answer_hvc(struct vcpu *v)
{
    const uint64_t at = testhost_ipa(own_step1) + 12;

    CHECK_EQ(v->regs.pc, at);
    CHECK_EQ(v->regs.pstate & PSTATE_SS, PSTATE_SS);
    switch (v->regs.x[9]++) {
    case 2:
        CHECK_EQ(vcpu_inject_undefined(v), VCPU_OK);
        break;
    case 3:
        CHECK_EQ(vcpu_complete_call(v, 0), VCPU_OK);
        CHECK_EQ(v->regs.pc, at + 4);
        CHECK_EQ(v->regs.pstate & PSTATE_SS, 0);
        break;
    default:
        break;
    }
    return false;
}

/* One run of it. true: it is done. */
static bool own_goes_on(struct vcpu *v)
{
    int reason = testhost_run(v);

    comparators_are_as_marked();
    if (reason == VCPU_EXIT_MMIO_READ) {
        MUST(vcpu_complete_mmio_read(v, 0x5a5a));
    } else if (reason == VCPU_EXIT_DEBUG) {
        counts[v->exit.debug.kind]++;
        MUST(vcpu_complete_debug(v));
    } else {
        CHECK_EQ(reason, VCPU_EXIT_HYPERCALL);
        if (vcpu_exit_imm(&v->exit) == SAY_MORE)
            return answer_hvc(v);
        CHECK_EQ(vcpu_exit_imm(&v->exit), SAY_DONE);
        return true;
    }
    return false;
}

static struct vcpu *begin_own(struct test_vm *t)
{
    memset(testhost_ram(t, LOG_IPA), 0, 0x1000);
    memset(testhost_ram(t, DATA_IPA), 0, 0x1000);
    memset(counts, 0, sizeof(counts));
    return guest_of(t, own);
}

static void run_own(struct vcpu *v)
{
    for (unsigned i = 0; i < 2000; i++) {
        if (own_goes_on(v))
            return;
    }
    CHECK(!"it comes to an end");
}

void alone(void)
{
    struct vcpu *v = begin_own(&vm);

    run_own(v);
    log_is_as_expected(&vm);
    CHECK_EQ(counts[VCPU_DEBUG_KIND_STEP], 0);
    done_with(v);
}

void the_hosts_way_to_the_guests_own(void)
{
    struct vcpu *v = guest_of(&vm, step_mmio);

    v->regs.x[1] = TEST_HOLE_IPA;
    CHECK_EQ(testhost_run(v), VCPU_EXIT_MMIO_READ);
    testhost_set_reg(v, SYSREG(2, 0, 1, 1, 4), 8); /* OSLSR_EL1: unlocked */
    testhost_set_reg(v, SYSREG(2, 0, 0, 0, 4), testhost_ipa(exclusive));
    testhost_set_reg(v, SYSREG(2, 0, 0, 0, 5), 0x1e3);
    testhost_set_reg(v, SYSREG(2, 0, 0, 2, 2), 0xa000); /* MDSCR_EL1: MDE, KDE */
    move_to(v, exclusive, PSTATE_EL1H & ~PSTATE_D);
    is_done(v);
    CHECK_EQ(((const struct record *)testhost_ram(&vm, LOG_IPA))->elr, testhost_ipa(exclusive));
    CHECK_EQ(((const struct record *)testhost_ram(&vm, LOG_IPA))->esr, 0xc6000022);
    CHECK_EQ(testhost_reg(v, SYSREG(2, 0, 0, 0, 5)), 0); /* its handler turned it off */
    done_with(v);
}

void with_flags(uint32_t flags, unsigned steps_at_least, unsigned brks)
{
    struct vcpu *v = begin_own(&vm);

    MUST(vcpu_debug_set(v, flags));
    run_own(v);
    if (!brks)
        log_is_as_expected(&vm);
    CHECK(counts[VCPU_DEBUG_KIND_STEP] >= steps_at_least);
    CHECK_EQ(counts[VCPU_DEBUG_KIND_BRK], brks);
    done_with(v);
}

void with_breakpoint(const char *at, unsigned offset, unsigned hits)
{
    struct vcpu *v = begin_own(&vm);

    CHECK_EQ(vcpu_debug_add_breakpoint(v, testhost_ipa(at) + offset, 4), 0);
    run_own(v);
    log_is_as_expected(&vm);
    CHECK_EQ(counts[VCPU_DEBUG_KIND_BREAKPOINT], hits);
    done_with(v);
}

void with_watchpoint(unsigned offset, unsigned length, unsigned access, unsigned hits)
{
    struct vcpu *v = begin_own(&vm);

    CHECK_EQ(vcpu_debug_add_watchpoint(v, DATA_IPA + offset, length, access), 0);
    run_own(v);
    log_is_as_expected(&vm);
    CHECK_EQ(counts[VCPU_DEBUG_KIND_WATCHPOINT], hits);
    done_with(v);
}

void two_at_once(void)
{
    struct vcpu *first = begin_own(&vm), *second = begin_own(&other_vm);
    bool done[2] = {false, false};

    MUST(vcpu_debug_set(first, VCPU_DEBUG_STEP));
    MUST(vcpu_debug_add_breakpoint(first, testhost_ipa(own_break0), 4));
    MUST(vcpu_debug_add_watchpoint(second, DATA_IPA, 256, VCPU_DEBUG_LOAD | VCPU_DEBUG_STORE));
    MUST(vcpu_debug_set(second, VCPU_DEBUG_STEP));
    for (unsigned i = 0; i < 2000 && !(done[0] && done[1]); i++) {
        done[0] = done[0] || own_goes_on(first);
        done[1] = done[1] || own_goes_on(second);
    }
    CHECK(done[0] && done[1]);
    log_is_as_expected(&vm);
    log_is_as_expected(&other_vm);
    done_with(first);
    done_with(second);
}

void on_and_off(void)
{
    for (unsigned period = 1; period < 12; period++) {
        struct vcpu *v = begin_own(&vm);
        bool done = false;

        MUST(vcpu_debug_add_breakpoint(v, testhost_ipa(own_step), 4));
        MUST(vcpu_debug_add_breakpoint(v, testhost_ipa(own_step1), 4));
        for (unsigned i = 0; i < 2000 && !done; i++) {
            done = own_goes_on(v);
            MUST(vcpu_debug_set(
                v, counts[VCPU_DEBUG_KIND_STEP] % period == 0 || i % 7 == 0 ? VCPU_DEBUG_STEP : 0));
        }
        CHECK(done);
        log_is_as_expected(&vm);
        done_with(v);
    }
}
