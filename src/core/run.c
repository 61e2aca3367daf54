/* SPDX-License-Identifier: MIT */
/*
 * The run loop. vcpu_run (asm/switch.S) enters a vCPU that is resident here at once, and comes to
 * vcpu_run_slow for everything else. The vectors (asm/switch.S) come to vcpu_exit_sync and
 * vcpu_exit_async, whose answer is the exit reason, or RUN_AGAIN.
 */
#include "core/run.h"

#include <vcpu/inject.h>

#include "arm/esr.h"
#include "arm/pstate.h"
#include "core/advance.h"
#include "core/call.h"
#include "core/device.h"
#include "core/power.h"
#include "core/simd.h"
#include "core/smc.h"
#include "core/switch.h"
#include "core/sysreg.h"
#include "core/trap.h"
#include "decode/abort.h"
#include "decode/complete.h"
#include "decode/exception.h"
#include "decode/mmio.h"
#include "decode/psci.h"
#include "decode/sysreg.h"
#include "hw/sysreg.h"

#define LIKELY(x)   __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

/*
 * Classes that only the use of a hidden feature raises, and those of AArch32 coprocessors, where a
 * program at EL0 needs nothing that the library traps: UNDEFINED. MRRC (EC 4) is the host's, for the
 * physical counter is.
 */
#define HIDDEN_CLASSES                                                                             \
    (BIT(EC_FP_ACCESS) | BIT(EC_PAUTH_TRAP) | BIT(EC_OTHER_TRAP) | BIT(EC_SVE_ACCESS) |            \
     BIT(EC_SME_ACCESS) | BIT(EC_TSTART) | BIT(EC_MSRR_MRRS) | BIT(EC_CP15_MCR_MRC) |              \
     BIT(EC_CP14_MCR_MRC) | BIT(EC_CP14_LDC_STC) | BIT(EC_CP14_MRRC) | BIT(EC_VMRS))

/* ---- Into the guest ---- */

static int exit_kick(struct vcpu_state *v)
{
    atomic_fetch_and_explicit(&v->token, ~TOKEN_KICK, memory_order_acquire);
    v->pub.exit = (struct vcpu_exit){.reason = VCPU_EXIT_KICK};
    return VCPU_EXIT_KICK;
}

/*
 * Does this CPU have what the VM's guests were shown? What it has beyond that is trapped: the traps
 * are chosen for each CPU anew.
 */
static bool cpu_fits(const struct percpu_state *cpu, const struct vcpu_vm *vm)
{
    const struct vcpu_features *has = &cpu->features, *want = &vm->features;

    return has->pa_bits >= want->pa_bits && has->vmid_bits >= want->vmid_bits &&
           has->gic_sysregs == want->gic_sysregs && has->fp == want->fp &&
           has->aarch32_el0 >= want->aarch32_el0 &&
           vcpu_trap_conditions(has, vm->flags) == vm->when;
}

/* What vcpu_run must do at each run beyond the fast path. */
static uint64_t slow_token(struct percpu_state *cpu)
{
    bool host_reads_cntvct = !(cpu->flags & VCPU_PERCPU_HOST_CNTPCT);
    bool host_fp = cpu->flags & VCPU_PERCPU_HOST_FP;
    bool each_run = host_fp || (cpu->flags & VCPU_PERCPU_IRQ_HOOK);

    cpu->sharing = vcpu_trap_sharing(&cpu->features, &cpu->guest_el2, &cpu->host_el2, host_fp,
                                     host_reads_cntvct);
    return each_run || cpu->sharing != TRAP_SHARE_ALL ? TOKEN_SLOW : 0;
}

/* Makes v resident on this CPU, if it may be. */
static int claim(struct percpu_state *cpu, struct vcpu_state *v)
{
    uint64_t token = atomic_load_explicit(&v->token, memory_order_acquire);

    do {
        uint64_t owner = token & ~TOKEN_BITS;

        if (token & TOKEN_OFF)
            return VCPU_ERR_STATE;
        if (owner == (uintptr_t)cpu)
            return VCPU_OK;
        if (owner)
            return VCPU_ERR_BUSY;
        if (!v->has_root || !v->has_entry)
            return VCPU_ERR_STATE;
        if (!cpu_fits(cpu, v->vm))
            return VCPU_ERR_UNSUPPORTED;
    } while (!atomic_compare_exchange_weak_explicit(&v->token, &token,
                                                    (uintptr_t)cpu | (token & TOKEN_CALLS),
                                                    memory_order_acquire, memory_order_acquire));

    if (cpu->resident)
        vcpu_switch_put(cpu, false);
    vcpu_switch_load(cpu, v);
    atomic_fetch_or_explicit(&v->token, slow_token(cpu), memory_order_relaxed);
    return VCPU_OK;
}

/* Gives the host what it would miss of EL2 outside a run. CPU_OFF has put the vCPU already. */
static void leave_el2(struct percpu_state *cpu, const struct vcpu_state *v)
{
    if (cpu->resident != v)
        return;
    if (cpu->sharing != TRAP_SHARE_ALL)
        vcpu_switch_el2_to_host(cpu);
    if (cpu->sharing == TRAP_SHARE_NOTHING)
        vcpu_switch_put(cpu, false);
}

/*
 * A run of a vCPU that the host cannot share the CPU with as it is: the host's FP registers, its
 * HCR_EL2 and CPTR_EL2, or its interrupt hook want care at each entry and exit.
 */
static __attribute__((noinline)) int run_unshared(struct percpu_state *cpu, struct vcpu_state *v)
{
    bool host_fp = cpu->flags & VCPU_PERCPU_HOST_FP;
    uint64_t host_simd[10];
    int reason;

    if (host_fp)
        vcpu_simd_save_host(host_simd);
    if (cpu->sharing != TRAP_SHARE_ALL)
        vcpu_switch_el2_to_guest(cpu);
    if (host_fp) {
        isb(); /* CPTR_EL2 may have trapped FP until now */
        vcpu_simd_restore(&v->simd);
    }

    reason = vcpu_enter(cpu, v, PSTATE_DAIF);

    if (host_fp && cpu->resident == v)
        vcpu_simd_save(&v->simd);
    leave_el2(cpu, v);
    if (host_fp)
        vcpu_simd_restore_host(host_simd);

    if ((cpu->flags & VCPU_PERCPU_IRQ_HOOK) &&
        (reason == VCPU_EXIT_IRQ || reason == VCPU_EXIT_FIQ || reason == VCPU_EXIT_KICK))
        cpu->host->irq(cpu->host->ctx);
    return reason;
}

static int run_masked(struct percpu_state *cpu, struct vcpu_state *v)
{
    uint64_t token = atomic_load_explicit(&v->token, memory_order_acquire);
    int error;

    /* As the fast path, but for what is to be done at each run. */
    if (token == ((uintptr_t)cpu | TOKEN_SLOW))
        return run_unshared(cpu, v);
    if (!cpu->enabled || !vcpu_switch_is_this(cpu))
        return VCPU_ERR_INVALID;
    error = claim(cpu, v);
    if (error)
        return error;

    token = atomic_fetch_and_explicit(&v->token, ~TOKEN_NOTIFY, memory_order_acquire);
    if (token & TOKEN_NOTIFY) {
        vcpu_device_sync(v); /* which may have kicked it, or moved its interrupt lines */
        token |= atomic_load_explicit(&v->token, memory_order_relaxed);
    }
    if (token & TOKEN_CHANGED)
        vcpu_switch_update(cpu, v);
    if (token & TOKEN_KICK) {
        int reason = exit_kick(v); /* before v may be put, and another CPU's */

        leave_el2(cpu, v);
        return reason;
    }
    if (token & TOKEN_SLOW)
        return run_unshared(cpu, v);
    return vcpu_enter(cpu, v, PSTATE_DAIF);
}

int vcpu_run_slow(struct percpu_state *cpu, struct vcpu_state *v, uint64_t daif)
{
    int result = cpu ? run_masked(cpu, v) : VCPU_ERR_INVALID;

    daif_restore(daif);
    return result;
}

/* ---- Out of the guest ---- */

/* Something was said to the vCPU while it was out. */
static __attribute__((noinline)) int again_told(struct vcpu_state *v)
{
    uint64_t token;

    if (atomic_fetch_and_explicit(&v->token, ~TOKEN_NOTIFY, memory_order_acquire) & TOKEN_NOTIFY)
        vcpu_device_sync(v);
    token = atomic_load_explicit(&v->token, memory_order_relaxed); /* sync may have said more */
    if (token & TOKEN_CHANGED)
        vcpu_switch_update(state_cpu(v), v);
    return token & TOKEN_KICK ? exit_kick(v) : RUN_AGAIN;
}

/* The guest goes on, unless it was kicked: with interrupts direct no IRQ would say so. */
static inline int again(struct vcpu_state *v)
{
    uint64_t token = atomic_load_explicit(&v->token, memory_order_relaxed);

    return LIKELY(!(token & (TOKEN_CALLS | TOKEN_CHANGED))) ? RUN_AGAIN : again_told(v);
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
    uint64_t guest_par = READ_SYSREG(par_el1), par;

    at_s1e1r(exit->far_el2);
    par = READ_SYSREG(par_el1);
    WRITE_SYSREG(par_el1, guest_par);
    if (!vcpu_decode_apply_par(exit, par))
        return again(v);
    return (int)exit->reason;
}

/* MRS, MSR or a system instruction: the VM's devices are asked first. */
static __attribute__((noinline)) int exit_sysreg(uint64_t esr, struct vcpu_state *v)
{
    struct vcpu_sysreg_access *access = &v->pub.exit.sysreg;
    enum sysreg_outcome outcome;

    decode_sysreg(esr, v->pub.regs.x, &v->pub.exit);
    if (vcpu_device_sysreg(v, access))
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
    return again(v);
}

/* HVC or SMC with v->pub.exit complete and PC at the instruction. */
static int exit_call(struct vcpu_state *v)
{
    struct vcpu_exit *exit = &v->pub.exit;
    const struct vcpu_vm *vm = v->vm;

    if (!(vm->flags & VCPU_VM_RAW_CALLS) && vcpu_exit_imm(exit) == 0) {
        struct psci_call call = vcpu_psci_decode(v->pub.regs.x);

        if (call.kind != PSCI_NONE) {
            int reason = vcpu_power_call(v, &call);

            if (reason != RUN_AGAIN)
                return reason;
            advance(v);
            return again(v);
        }
    }
    if (exit->smc && vm->allow_smc && vcpu_exit_imm(exit) == 0 &&
        vm->allow_smc(vm->allow_smc_ctx, &v->pub, (uint32_t)v->pub.regs.x[0])) {
        /* Only W0 names the function: nothing else of x0 gets past the host's policy. */
        v->pub.regs.x[0] = (uint32_t)v->pub.regs.x[0];
        vcpu_smc(v->pub.regs.x);
        advance(v);
        return again(v);
    }
    return VCPU_EXIT_HYPERCALL;
}

/* Everything that is not on the short paths of vcpu_exit_sync. */
static __attribute__((noinline)) int exit_other(uint64_t esr, struct vcpu_state *v, uint64_t ec)
{
    struct vcpu_exit *exit = &v->pub.exit;

    if (ec == EC_MSR_MRS)
        return exit_sysreg(esr, v);
    vcpu_decode_exception(esr, READ_SYSREG(far_el2), READ_SYSREG(hpfar_el2), &v->pub.regs, exit);
    if (UNLIKELY(v->pub.regs.pstate & PSTATE_NRW) &&
        !vcpu_decode_condition_passed(esr, v->pub.regs.pstate)) {
        advance(v);
        return again(v);
    }
    switch (exit->reason) {
    case VCPU_EXIT_HYPERCALL:
        /* As in vcpu_exit_hypercall. */
        if (!exit->smc) {
            v->pub.regs.pc -= 4;
            v->pub.regs.pstate &= ~PSTATE_BTYPE;
        }
        return exit_call(v);
    case VCPU_EXIT_STAGE2_FAULT:
        return decode_needs_translation(exit) ? exit_fault(v) : (int)exit->reason;
    case VCPU_EXIT_UNHANDLED:
        return BIT(ec) & HIDDEN_CLASSES ? undefined(v) : (int)exit->reason;
    default:
        return (int)exit->reason;
    }
}

/* MMIO of a VM with devices, with all that may be to it. */
static __attribute__((noinline)) int exit_any_device(struct vcpu_state *v)
{
    struct vcpu_exit *exit = &v->pub.exit;
    uint64_t esr = exit->esr_el2, *x = v->pub.regs.x;
    int reason = decode_mmio(esr, READ_SYSREG(far_el2), READ_SYSREG(hpfar_el2), x, exit);

    if (!reason)
        return exit_other(esr, v, EC_DATA_ABORT_LOWER);
    if (!vcpu_device_mmio(v, &exit->mmio.data))
        return reason;
    if (reason == VCPU_EXIT_MMIO_READ)
        vcpu_complete_mmio_read(&v->pub, exit->mmio.data);
    else
        vcpu_complete_mmio_write(&v->pub);
    return again(v);
}

/*
 * Short paths for what a VM's first device answers, which is its interrupt controller: a word read
 * or written, and a system register, an SGI's for one. They write nothing to the exit.
 */
static __attribute__((noinline)) int exit_device_mmio(uint64_t esr, struct vcpu_state *v)
{
    uint64_t far = READ_SYSREG(far_el2), hpfar = READ_SYSREG(hpfar_el2);
    uint64_t data = 0;

    if (!decode_mmio_is_word(esr) || (v->pub.regs.pstate & PSTATE_NRW))
        return exit_any_device(v);
    if (esr & ISS_ABORT_WNR) {
        data = decode_mmio_data(esr, v->pub.regs.x);
        if (!device_mmio(v, decode_ipa(far, hpfar), 4, true, &data))
            return exit_any_device(v);
    } else {
        if (!device_mmio(v, decode_ipa(far, hpfar), 4, false, &data))
            return exit_any_device(v);
        register_write(v->pub.regs.x, decode_mmio_reg(v->pub.exit.esr_el2), (uint32_t)data);
    }
    vcpu_complete_a64(&v->pub);
    return again(v);
}

static __attribute__((noinline)) int exit_device_sysreg(uint64_t esr, struct vcpu_state *v)
{
    bool write = !(esr & ISS_SYS_READ);
    uint64_t value = write ? register_read(v->pub.regs.x, FIELD_GET(ISS_SYS_RT, esr)) : 0;

    if (!device_sysreg(v, decode_sysreg_encoding(esr), write, &value))
        return exit_sysreg(v->pub.exit.esr_el2, v);
    esr = v->pub.exit.esr_el2;
    if (esr & ISS_SYS_READ)
        register_write(v->pub.regs.x, FIELD_GET(ISS_SYS_RT, esr), value);
    vcpu_complete_a64(&v->pub);
    return again(v);
}

/* What a device may answer, and the rest. */
static __attribute__((noinline)) int exit_longer(uint64_t esr, struct vcpu_state *v, uint64_t ec)
{
    if (device_any(v)) {
        if (ec == EC_DATA_ABORT_LOWER)
            return exit_device_mmio(esr, v);
        if (ec == EC_MSR_MRS)
            return exit_device_sysreg(esr, v);
    }
    return exit_other(esr, v, ec);
}

/*
 * The two short paths are a hypercall that is no SMCCC fast call, and MMIO. Their instructions are
 * counted by tests/bench.
 *
 * asm/switch.S has told the hypercall apart, and calls this as the last thing of vcpu_run, with
 * all of the host restored. ELR_EL2 is behind an HVC already; the PC of an exit is that of its
 * instruction. BTYPE is for the instruction that was executed.
 */
uint64_t vcpu_exit_hypercall(uint64_t esr, struct vcpu_state *v, uint64_t ec, uint64_t pc,
                             uint64_t pstate)
{
    struct vcpu_exit *exit = &v->pub.exit;

    (void)esr;
    (void)ec;
    v->pub.regs.pc = pc - 4;
    v->pub.regs.pstate = pstate & ~PSTATE_BTYPE;
    exit->far_el2 = 0;
    exit->ipa = vcpu_ipa(0);
    exit->reason = VCPU_EXIT_HYPERCALL;
    exit->smc = 0;
    return VCPU_EXIT_HYPERCALL;
}

int vcpu_exit_sync(uint64_t esr, struct vcpu_state *v, uint64_t ec)
{
    struct vcpu_exit *exit = &v->pub.exit;

    if (LIKELY(ec == EC_DATA_ABORT_LOWER) && LIKELY(!device_any(v))) {
        int reason =
            decode_mmio(esr, READ_SYSREG(far_el2), READ_SYSREG(hpfar_el2), v->pub.regs.x, exit);

        if (LIKELY(reason))
            return reason;
    }
    return exit_longer(esr, v, ec);
}

int vcpu_exit_async(uint64_t esr, struct vcpu_state *v, uint64_t vector)
{
    /* The slot's place among its four: 1 IRQ, 2 FIQ, 3 SError. */
    uint64_t kind = vector & 3;

    if (kind == 3) {
        vcpu_decode_serror(esr, &v->pub.exit);
        return VCPU_EXIT_SERROR;
    }
    if (device_any(v)) {
        atomic_fetch_and_explicit(&v->token, ~TOKEN_NOTIFY, memory_order_acquire);
        vcpu_device_sync(v);
    }
    if (atomic_load_explicit(&v->token, memory_order_relaxed) & TOKEN_KICK)
        return exit_kick(v);
    v->pub.exit = (struct vcpu_exit){.reason = kind == 1 ? VCPU_EXIT_IRQ : VCPU_EXIT_FIQ};
    return (int)v->pub.exit.reason;
}

/* ---- From elsewhere ---- */

int vcpu_kick(struct vcpu *vcpu)
{
    if (!vcpu)
        return VCPU_ERR_INVALID;
    call_out(state_of(vcpu), TOKEN_KICK);
    return VCPU_OK;
}

void vcpu_device_notify(struct vcpu *vcpu)
{
    call_out(state_of(vcpu), TOKEN_NOTIFY);
}
