/* SPDX-License-Identifier: MIT */
/* The exits that are not on the short paths of exit.c. */
#include <vcpu/inject.h>

#include "arm/esr.h"
#include "arm/pstate.h"
#include "debug/debug.h"
#include "decode/abort.h"
#include "decode/exception.h"
#include "decode/mmio.h"
#include "decode/sysreg.h"
#include "device/device.h"
#include "guest/cache.h"
#include "guest/sysreg.h"
#include "hw/sysreg.h"
#include "psci/power.h"
#include "psci/psci.h"
#include "run/run.h"
#include "run/smc.h"
#include "state/advance.h"
#include "switch/switch.h"
#include "switch/translate.h"

/*
 * Classes that only the use of a hidden feature raises, and those of AArch32 coprocessors but the
 * 15th, where a program at EL0 needs nothing that the library traps: UNDEFINED.
 */
#define HIDDEN_CLASSES                                                                             \
    (BIT(EC_FP_ACCESS) | BIT(EC_PAUTH_TRAP) | BIT(EC_OTHER_TRAP) | BIT(EC_SVE_ACCESS) |            \
     BIT(EC_SME_ACCESS) | BIT(EC_TSTART) | BIT(EC_MSRR_MRRS) | BIT(EC_CP14_MCR_MRC) |              \
     BIT(EC_CP14_LDC_STC) | BIT(EC_CP14_MRRC) | BIT(EC_VMRS))
#define CP15_CLASSES (BIT(EC_CP15_MCR_MRC) | BIT(EC_CP15_MCRR_MRRC))

int vcpu_exit_kick(struct vcpu_state *v)
{
    atomic_fetch_and_explicit(&v->token, ~TOKEN_KICK, memory_order_acquire);
    v->pub.exit = (struct vcpu_exit){.reason = VCPU_EXIT_KICK};
    return VCPU_EXIT_KICK;
}

int vcpu_exit_watched(uint64_t esr, struct vcpu_state *v, uint64_t kind)
{
    if (kind == EXIT_SERROR) {
        vcpu_decode_serror(esr, &v->pub.exit);
        return VCPU_EXIT_SERROR;
    }
    if (v->short_exits & SHORT_EXITS_LONG) {
        bool watched = v->short_exits & SHORT_EXITS_WATCHED;

        v->short_exits &= ~SHORT_EXITS_WATCHED;
        vcpu_switch_short_exits(v); /* nor may a virtual SError be pending any more */
        if (watched)
            vcpu_device_sync(v);
    }
    return vcpu_device_told(v) & TOKEN_KICK ? vcpu_exit_kick(v) : exit_interrupt(v, kind);
}

int vcpu_exit_told(struct vcpu_state *v)
{
    uint64_t token = vcpu_device_told(v);

    if (token & TOKEN_CHANGED)
        vcpu_switch_update(state_cpu(v), v);
    return token & TOKEN_KICK ? vcpu_exit_kick(v) : RUN_AGAIN;
}

static int undefined(struct vcpu_state *v)
{
    vcpu_inject_undefined(&v->pub);
    return again(v);
}

/*
 * The fault's address is not in HPFAR_EL2: the guest's own tables say what far_el2 was. If they do
 * not any more, another of its CPUs changed them, and the access is made again.
 */
static int exit_fault(struct vcpu_state *v)
{
    struct vcpu_exit *exit = &v->pub.exit;

    uint64_t par = vcpu_translate_par(v, exit->far_el2, VCPU_ACCESS_EXECUTE, false);

    if (!vcpu_decode_apply_par(exit, par))
        return again(v);
    return (int)exit->reason;
}

/* The caches of the VM where the CPU has others. CSSELR_EL1 is in the CPU, as without the trap. */
static bool emulate_cache(const struct vcpu_state *v, struct vcpu_sysreg_access *access)
{
    uint64_t csselr = READ_SYSREG(csselr_el1);

    if (!vcpu_cache_access(v->vm->id, &csselr, access))
        return false;
    WRITE_SYSREG(csselr_el1, csselr);
    return true;
}

/* MRS, MSR or a system instruction: the VM's devices are asked first. */
int vcpu_exit_sysreg(uint64_t esr, struct vcpu_state *v)
{
    struct vcpu_sysreg_access *access = &v->pub.exit.sysreg;
    enum sysreg_outcome outcome;

    decode_sysreg(esr, v->pub.regs.x, &v->pub.exit);
    if (vcpu_debug_traps(v, access->encoding)) {
        vcpu_inject_sync(&v->pub, esr & (ESR_EC | ESR_IL | ESR_ISS), 0);
        return again(v);
    }
    if (vcpu_device_sysreg(v, access) || emulate_cache(v, access))
        outcome = SYSREG_DONE;
    else
        outcome = vcpu_sysreg_emulate(v->vm->id, &v->debug, access);
    if (outcome == SYSREG_UNDEFINED)
        return undefined(v);
    if (outcome == SYSREG_EXIT)
        return (int)v->pub.exit.reason;
    if (!access->write)
        register_write(v->pub.regs.x, access->reg, access->value);
    vcpu_complete_a64(&v->pub);
    if (access->write && FIELD_GET(SYSREG_OP0, access->encoding) == 2)
        return vcpu_debug_written(v);
    return again(v);
}

/*
 * AArch32 at EL0, where the guest's CNTKCTL_EL1 lets it: the VM's devices are asked as for the same
 * register in AArch64. If none has it and it is not hidden, it is the host's, unhandled.
 */
static int exit_cp15(uint64_t esr, struct vcpu_state *v)
{
    struct vcpu_sysreg_access access = {
        .encoding = vcpu_decode_cp15(esr),
        .write = !(esr & ISS_SYS_READ),
        .value = decode_cp15_data(esr, v->pub.regs.x),
    };

    if (!access.encoding)
        return undefined(v);
    if (!vcpu_device_sysreg(v, &access))
        return vcpu_sysreg_emulate(v->vm->id, &v->debug, &access) == SYSREG_UNDEFINED
                   ? undefined(v)
                   : VCPU_EXIT_UNHANDLED;
    if (!access.write)
        decode_cp15_load(esr, v->pub.regs.x, access.value);
    vcpu_advance(v);
    return again(v);
}

/* HVC or SMC with v->pub.exit complete and PC at the instruction. */
static int exit_call(struct vcpu_state *v)
{
    struct vcpu_exit *exit = &v->pub.exit;
    const struct vcpu_vm *vm = v->vm;

    if (!(vm->flags & VCPU_VM_RAW_CALLS) && vcpu_exit_imm(exit) == 0) {
        struct psci_call call = {.kind = PSCI_NONE};

        vcpu_psci_decode(v->pub.regs.x, &call);
        if (call.kind != PSCI_NONE) {
            int reason = vcpu_power_call(v, &call);

            if (reason != RUN_AGAIN)
                return reason;
            vcpu_advance(v);
            return again(v);
        }
    }
    if (exit->smc && vm->allow_smc && vcpu_exit_imm(exit) == 0 &&
        vm->allow_smc(vm->allow_smc_ctx, &v->pub, (uint32_t)v->pub.regs.x[0])) {
        /* Only W0 names the function: nothing else of x0 gets past the host's policy. */
        v->pub.regs.x[0] = (uint32_t)v->pub.regs.x[0];
        vcpu_smc(v->pub.regs.x);
        vcpu_advance(v);
        return again(v);
    }
    return VCPU_EXIT_HYPERCALL;
}

/* Everything that is not on the short paths of vcpu_exit_sync. */
int vcpu_exit_other(uint64_t esr, struct vcpu_state *v, uint64_t ec)
{
    struct vcpu_exit *exit = &v->pub.exit;

    if (ec == EC_MSR_MRS)
        return vcpu_exit_sysreg(esr, v);
    vcpu_decode_exception(esr, READ_SYSREG(far_el2), READ_SYSREG(hpfar_el2), &v->pub.regs, exit);
    if ((v->pub.regs.pstate & PSTATE_NRW) &&
        !vcpu_decode_condition_passed(esr, v->pub.regs.pstate)) {
        vcpu_advance(v);
        return again(v);
    }
    switch (exit->reason) {
    case VCPU_EXIT_HYPERCALL:
        /* As in exit_hypercall of asm/switch.S. */
        if (!exit->smc) {
            v->pub.regs.pc -= 4;
            v->pub.regs.pstate &= ~PSTATE_BTYPE;
        }
        vcpu_switch_short_exits(v); /* it may have come the long way for a virtual SError */
        return exit_call(v);
    case VCPU_EXIT_STAGE2_FAULT:
        return decode_needs_translation(exit) ? exit_fault(v) : (int)exit->reason;
    case VCPU_EXIT_DEBUG:
        return vcpu_debug_exit(v);
    case VCPU_EXIT_UNHANDLED:
        if (BIT(ec) & CP15_CLASSES)
            return exit_cp15(esr, v);
        return BIT(ec) & HIDDEN_CLASSES ? undefined(v) : (int)exit->reason;
    default:
        return (int)exit->reason;
    }
}

/* MMIO of a VM with devices, with all that may be to it. */
int vcpu_exit_device(struct vcpu_state *v)
{
    struct vcpu_exit *exit = &v->pub.exit;
    uint64_t esr = exit->esr_el2, *x = v->pub.regs.x;
    int reason = (int)decode_mmio(esr, READ_SYSREG(far_el2), READ_SYSREG(hpfar_el2), x, exit);

    if (!reason)
        return vcpu_exit_other(esr, v, EC_DATA_ABORT_LOWER);
    if (!vcpu_device_mmio(v, exit->ipa, exit->mmio.size, reason == VCPU_EXIT_MMIO_WRITE,
                          &exit->mmio.data))
        return reason;
    if (reason == VCPU_EXIT_MMIO_READ)
        vcpu_complete_mmio_read(&v->pub, exit->mmio.data);
    else
        vcpu_complete_mmio_write(&v->pub);
    return again(v);
}
