/* SPDX-License-Identifier: MIT */
/*
 * The entry, if the vCPU is not resident here or has something to do first: otherwise asm/switch.S
 * enters it at once. It calls vcpu_run_slow for everything else.
 */
#include "arm/pstate.h"
#include "cpu/fit.h"
#include "debug/debug.h"
#include "device/device.h"
#include "guest/trap.h"
#include "hw/sysreg.h"
#include "run/run.h"
#include "state/hold.h"
#include "switch/debug.h"
#include "switch/el2.h"
#include "switch/pauth.h"
#include "switch/simd.h"
#include "switch/switch.h"

/* TOKEN_SLOW if each run has to do more than the fast path. */
static uint64_t slow_token(struct percpu_state *cpu, const struct vcpu_state *v)
{
    bool host_reads_cntvct = !(cpu->flags & VCPU_PERCPU_HOST_CNTPCT);
    bool host_fp = cpu->flags & VCPU_PERCPU_HOST_FP;
    bool each_run = host_fp || cpu->keys_each_run || (cpu->flags & VCPU_PERCPU_IRQ_HOOK) ||
                    debug_is_on(v) || debug_machine_is_on(cpu);

    cpu->sharing = vcpu_trap_sharing(&cpu->features, &cpu->guest_el2, &cpu->host_el2, host_fp,
                                     host_reads_cntvct);
    return each_run || cpu->sharing != TRAP_SHARE_ALL ? TOKEN_SLOW : 0;
}

/*
 * Makes v resident on this CPU, if that is allowed. Acquires what the put left, and releases the
 * block: a kick on another CPU reads it by the token.
 */
static int claim(struct percpu_state *cpu, struct vcpu_state *v)
{
    uint64_t token = atomic_load_explicit(&v->token, memory_order_acquire);
    unsigned fit;

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
        fit = vcpu_fit(cpu, v->vm);
        if (!fit)
            return VCPU_ERR_UNSUPPORTED;
    } while (!atomic_compare_exchange_weak_explicit(&v->token, &token,
                                                    (uintptr_t)cpu | (token & TOKEN_CALLS),
                                                    memory_order_acq_rel, memory_order_acquire));

    if (cpu->resident)
        vcpu_switch_put(cpu, false);
    vcpu_switch_load(cpu, v, fit);
    v->vectors = cpu->vectors ? cpu->vectors : vcpu_vectors;
    v->guard = cpu->guard;
    atomic_fetch_or_explicit(&v->token, slow_token(cpu, v), memory_order_relaxed);
    return VCPU_OK;
}

/*
 * Gives the host the EL2 state that it would miss outside a run. After CPU_OFF the vCPU is already
 * put.
 */
static void leave_el2(struct percpu_state *cpu, struct vcpu_state *v)
{
    if (cpu->resident != v)
        return;
    vcpu_debug_leave(cpu, v);
    if (cpu->sharing != TRAP_SHARE_ALL)
        vcpu_el2_cptr_back(cpu->host_el2.cptr);
    if (cpu->sharing == TRAP_SHARE_NOTHING)
        vcpu_switch_put(cpu, false);
}

/* The host's hook for interrupts. */
static __attribute__((noinline)) int hook_irq(const struct percpu_state *cpu, int reason)
{
    if ((cpu->flags & VCPU_PERCPU_IRQ_HOOK) &&
        (reason == VCPU_EXIT_IRQ || reason == VCPU_EXIT_FIQ || reason == VCPU_EXIT_KICK)) {
        cpu->host->irq(cpu->host->ctx);
        /*
         * The hook may have acknowledged a kick's interrupt. No exception orders that before the
         * next run's look at the token.
         */
        dsb_sy();
    }
    return reason;
}

/*
 * A run of a vCPU with which the host cannot share the CPU as it is: the host's FP registers,
 * pointer authentication keys, CPTR_EL2, debug registers or interrupt hook need work at each entry
 * and exit.
 */
static __attribute__((noinline)) int run_unshared(struct percpu_state *cpu, struct vcpu_state *v)
{
    bool host_fp = cpu->flags & VCPU_PERCPU_HOST_FP;
    uint64_t host_simd[10];
    int reason;

    if (host_fp)
        vcpu_simd_save_host(host_simd);
    if (cpu->sharing != TRAP_SHARE_ALL)
        WRITE_SYSREG(cptr_el2, cpu->guest_el2.cptr); /* takes effect with the ERET */
    if (host_fp) {
        isb(); /* CPTR_EL2 may have trapped FP until now */
        vcpu_simd_load(cpu, v);
    }
    vcpu_debug_enter(cpu, v);
    if (cpu->keys_each_run)
        vcpu_pauth_to_guest(cpu, v);

    reason = vcpu_enter(cpu, v, PSTATE_DAIF);

    if (host_fp && cpu->resident == v)
        vcpu_simd_unload(cpu, v);
    if (cpu->keys_each_run)
        vcpu_pauth_to_host(cpu);
    leave_el2(cpu, v);
    if (host_fp)
        vcpu_simd_restore_host(host_simd);
    return hook_irq(cpu, reason);
}

static int run_masked(struct percpu_state *cpu, struct vcpu_state *v)
{
    uint64_t token = atomic_load_explicit(&v->token, memory_order_acquire);
    int error;

    /* As the fast path, with the work of each run. */
    if (token == ((uintptr_t)cpu | TOKEN_SLOW))
        return run_unshared(cpu, v);
    if (!hold_is_usable(cpu))
        return VCPU_ERR_INVALID;
    error = claim(cpu, v);
    if (error)
        return error;

    token = vcpu_device_told(v); /* devices can have kicked it, or changed its lines */
    if (token & TOKEN_CHANGED)
        vcpu_switch_update(cpu, v);
    if (token & TOKEN_KICK) {
        int reason = vcpu_exit_kick(v); /* before v is put, and then may be another CPU's */

        leave_el2(cpu, v);
        return hook_irq(cpu, reason);
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
