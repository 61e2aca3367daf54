/* SPDX-License-Identifier: MIT */
/*
 * The exits that are not on the short paths of exit.c. The code of an exit's subject decides about
 * it (decide.h). The result is carried out here: PC moves, EL1 takes an exception, or the host is
 * next.
 */
#include <vcpu/inject.h>

#include "arm/esr.h"
#include "arm/pstate.h"
#include "debug/debug.h"
#include "decode/abort.h"
#include "decode/complete.h"
#include "decode/exception.h"
#include "decode/mmio.h"
#include "decode/sysreg.h"
#include "device/device.h"
#include "hw/sysreg.h"
#include "run/decide.h"
#include "run/run.h"
#include "state/advance.h"
#include "switch/debug.h"
#include "switch/short_exits.h"
#include "switch/switch.h"
#include "vm/power.h"

/*
 * Classes that only the use of a hidden feature raises, and those of AArch32 coprocessors except
 * 15, with nothing that a program at EL0 needs and the library traps: UNDEFINED.
 */
#define HIDDEN_CLASSES                                                                             \
    (BIT(EC_FP_ACCESS) | BIT(EC_PAUTH_TRAP) | BIT(EC_OTHER_TRAP) | BIT(EC_SVE_ACCESS) |            \
     BIT(EC_SME_ACCESS) | BIT(EC_TSTART) | BIT(EC_MSRR_MRRS) | BIT(EC_CP14_MCR_MRC) |              \
     BIT(EC_CP14_LDC_STC) | BIT(EC_CP14_MRRC) | BIT(EC_VMRS) | BIT(EC_GUARDED_STACK))
#define CP15_CLASSES (BIT(EC_CP15_MCR_MRC) | BIT(EC_CP15_MCRR_MRRC))

/* On each long path to the host. */
static inline __attribute__((always_inline)) void to_host(struct vcpu_state *v)
{
    if (v->debugger.in_cpu)
        vcpu_debug_leave(state_cpu(v), v);
}

int vcpu_exit_kick(struct vcpu_state *v)
{
    atomic_fetch_and_explicit(&v->token, ~TOKEN_KICK, memory_order_acquire);
    v->pub.exit = (struct vcpu_exit){.reason = VCPU_EXIT_KICK};
    return VCPU_EXIT_KICK;
}

int vcpu_exit_told(struct vcpu_state *v)
{
    uint64_t token = vcpu_device_told(v);

    if (token & TOKEN_CHANGED)
        vcpu_switch_update(state_cpu(v), v);
    if (!(token & TOKEN_KICK))
        return RUN_AGAIN;
    to_host(v);
    return vcpu_exit_kick(v);
}

/* The exit of an IRQ or FIQ: as exit_interrupt of asm/switch.S. */
static int exit_interrupt(struct vcpu_state *v, uint64_t kind)
{
    v->pub.exit = (struct vcpu_exit){.reason = kind == EXIT_IRQ ? VCPU_EXIT_IRQ : VCPU_EXIT_FIQ};
    return (int)v->pub.exit.reason;
}

int vcpu_exit_watched(uint64_t esr, struct vcpu_state *v, uint64_t kind)
{
    if (kind == EXIT_SERROR) {
        to_host(v);
        vcpu_decode_serror(esr, &v->pub.exit);
        return VCPU_EXIT_SERROR;
    }
    if (v->short_exits & SHORT_EXITS_LONG) {
        bool watched = v->short_exits & SHORT_EXITS_WATCHED;

        to_host(v);
        v->short_exits &= ~SHORT_EXITS_WATCHED;
        vcpu_short_exits(v); /* a virtual SError may have been taken, too */
        if (watched)
            vcpu_device_sync(v);
    }
    return vcpu_device_told(v) & TOKEN_KICK ? vcpu_exit_kick(v) : exit_interrupt(v, kind);
}

/* For EL1: the number of the CPU's watchpoint is not the guest's number. */
static uint64_t guest_esr(uint64_t esr)
{
    esr &= ESR_EC | ESR_IL | ESR_ISS;
    return FIELD_GET(ESR_EC, esr) == EC_WATCHPOINT_LOWER ? esr & ~ISS_WATCHPOINT_NUMBER : esr;
}

int vcpu_exit_carry_out(struct vcpu_state *v, enum outcome outcome)
{
    const struct vcpu_exit *exit = &v->pub.exit;
    int reason;

    switch (outcome) {
    case OUTCOME_DONE:
        vcpu_advance(v);
        break;
    case OUTCOME_UNDEFINED:
        vcpu_inject_undefined(&v->pub);
        break;
    case OUTCOME_REFLECT:
        vcpu_inject_sync(&v->pub, guest_esr(exit->esr_el2), exit->far_el2);
        break;
    case OUTCOME_AGAIN:
        break;
    case OUTCOME_HOST:
        to_host(v);
        return (int)exit->reason;
    case OUTCOME_OFF:
        reason = (int)exit->reason;
        vcpu_power_off(v); /* it gives everything back, and then v may be another CPU's */
        return reason;
    }
    return again(v);
}

/* After an exit in which the guest's use of debug registers may have changed. */
static int carry_out_debug(struct vcpu_state *v, enum outcome outcome)
{
    int result = vcpu_exit_carry_out(v, outcome);

    if (result == RUN_AGAIN)
        vcpu_debug_renew(v);
    return result;
}

int vcpu_exit_sysreg(uint64_t esr, struct vcpu_state *v)
{
    const struct vcpu_sysreg_access *access = &v->pub.exit.sysreg;
    enum outcome outcome;

    decode_sysreg(esr, v->pub.regs.x, &v->pub.exit);
    outcome = vcpu_decide_sysreg(v);
    if (outcome != OUTCOME_DONE || !access->write || FIELD_GET(SYSREG_OP0, access->encoding) != 2)
        return vcpu_exit_carry_out(v, outcome);
    /* From now on no run takes the fast path while the vCPU is resident, whatever ends this run. */
    if (debug_is_on(v))
        atomic_fetch_or_explicit(&v->token, TOKEN_SLOW, memory_order_relaxed);
    return carry_out_debug(v, outcome);
}

/* A class without further decoding: the exit is VCPU_EXIT_UNHANDLED. */
static enum outcome decide_unhandled(struct vcpu_state *v, uint64_t ec)
{
    if (BIT(ec) & CP15_CLASSES)
        return vcpu_decide_cp15(v);
    return BIT(ec) & HIDDEN_CLASSES ? OUTCOME_UNDEFINED : OUTCOME_HOST;
}

int vcpu_exit_other(uint64_t esr, struct vcpu_state *v, uint64_t ec)
{
    struct vcpu_exit *exit = &v->pub.exit;
    struct vcpu_regs *regs = &v->pub.regs;

    if (ec == EC_MSR_MRS)
        return vcpu_exit_sysreg(esr, v);
    vcpu_decode_exception(esr, READ_SYSREG(far_el2), READ_SYSREG(hpfar_el2), regs, exit);
    if ((regs->pstate & PSTATE_NRW) && !vcpu_decode_condition_passed(esr, regs->pstate))
        return vcpu_exit_carry_out(v, OUTCOME_DONE);
    switch (exit->reason) {
    case VCPU_EXIT_HYPERCALL:
        /* As in exit_hypercall of asm/switch.S. */
        if (!exit->smc) {
            regs->pc -= 4;
            if (v->debugger.in_cpu)
                vcpu_debug_back_to_hvc(v);
        }
        vcpu_short_exits(v); /* it may have taken the long path for a virtual SError */
        return vcpu_exit_carry_out(v, vcpu_decide_call(v));
    case VCPU_EXIT_STAGE2_FAULT:
        return vcpu_exit_carry_out(v, decode_needs_translation(exit) ? vcpu_decide_fault(v)
                                                                     : OUTCOME_HOST);
    case VCPU_EXIT_DEBUG:
        return carry_out_debug(v, vcpu_decide_debug(v));
    case VCPU_EXIT_UNHANDLED:
        return vcpu_exit_carry_out(v, decide_unhandled(v, ec));
    default:
        return vcpu_exit_carry_out(v, OUTCOME_HOST);
    }
}

int vcpu_exit_device(struct vcpu_state *v, unsigned first)
{
    struct vcpu_exit *exit = &v->pub.exit;
    uint64_t esr = exit->esr_el2, *x = v->pub.regs.x;
    int reason = (int)decode_mmio(esr, READ_SYSREG(far_el2), READ_SYSREG(hpfar_el2), x, exit);

    if (!reason)
        return vcpu_exit_other(esr, v, EC_DATA_ABORT_LOWER);
    if (!vcpu_device_mmio(v, first, exit->ipa, exit->mmio.size, reason == VCPU_EXIT_MMIO_WRITE,
                          &exit->mmio.data))
        return vcpu_exit_carry_out(v, OUTCOME_HOST);
    if (reason == VCPU_EXIT_MMIO_READ)
        register_write(x, decode_mmio_reg(esr), complete_load(esr, exit->mmio.data));
    return vcpu_exit_carry_out(v, OUTCOME_DONE);
}
