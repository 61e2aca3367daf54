/* SPDX-License-Identifier: MIT */
/* Debug registers between memory and the CPU. */
#include <vcpu/inject.h>

#include "arm/el2.h"
#include "arm/esr.h"
#include "debug/debug.h"
#include "hw/debug.h"
#include "hw/sysreg.h"
#include "run/run.h"
#include "switch/switch.h"

static void exchange(enum debug_kind kind, unsigned n, struct debug_comparator *c)
{
    struct hw_comparator before =
        vcpu_debug_exchange(n, kind == DEBUG_WATCHPOINT ? HW_WATCHPOINT : HW_BREAKPOINT,
                            (struct hw_comparator){c->value, c->control});

    *c = (struct debug_comparator){before.value, before.control};
}

/* keep: what was in the CPU is the machine's. */
static void load(const struct percpu_state *cpu, struct vcpu_state *v, bool keep)
{
    const unsigned count[] = {cpu->features.debug_breakpoints, cpu->features.debug_watchpoints};

    for (unsigned kind = 0; kind < DEBUG_KINDS; kind++) {
        for (unsigned n = 0; n < count[kind]; n++) {
            struct debug_comparator c = vcpu_debug_comparator(v, &cpu->features, kind, n);

            exchange(kind, n, &c);
            if (keep)
                v->debugger.machine[kind][n] = c;
        }
    }
    vcpu_debug_arm(v);
    WRITE_SYSREG(mdcr_el2, cpu->guest_el2.mdcr | (vcpu_debug_is_routed(v) ? MDCR_EL2_TDE : 0));
    WRITE_SYSREG(mdscr_el1, vcpu_debug_mdscr(v));
}

/*
 * Everything takes effect with the ERET; until then PSTATE.D is set. Where nobody debugs the guest,
 * what vcpu_debug_leave gave the host is taken back: its comparators match nothing without it.
 */
void vcpu_debug_enter(struct percpu_state *cpu, struct vcpu_state *v)
{
    struct debug_host *host = &v->debugger;

    if (!debug_is_on(v)) {
        WRITE_SYSREG(mdcr_el2, cpu->guest_el2.mdcr);
        WRITE_SYSREG(mdscr_el1, cpu->guest_el2.mdscr);
        return;
    }
    host->in_cpu = true;
    host->machine_os_lock = FIELD_GET(OSLSR_EL1_OSLK, READ_SYSREG(oslsr_el1));
    if (!vcpu_debug_is_routed(v))
        host->over = 0;
    /* Locked, as a reset leaves it, there would be no debug exceptions. */
    WRITE_SYSREG(oslar_el1, 0);
    load(cpu, v, true);
}

static void settle(struct vcpu_state *v)
{
    if (!v->debugger.borrowed)
        return;
    vcpu_switch_fetch(v);
    if (vcpu_debug_settle(v))
        vcpu_switch_store(v);
}

/* The comparators of the machine; MDSCR_EL1 is the guest's still. */
static void unload(const struct percpu_state *cpu, struct vcpu_state *v)
{
    const unsigned count[] = {cpu->features.debug_breakpoints, cpu->features.debug_watchpoints};
    struct debug_host *host = &v->debugger;

    host->in_cpu = false;
    settle(v);
    for (unsigned kind = 0; kind < DEBUG_KINDS; kind++)
        for (unsigned n = 0; n < count[kind]; n++)
            exchange(kind, n, &host->machine[kind][n]);
}

/* With TDE a host with E2H = 0 takes debug exceptions of its own. */
void vcpu_debug_leave(struct percpu_state *cpu, struct vcpu_state *v)
{
    bool in_cpu = v->debugger.in_cpu;

    if (!in_cpu && !debug_machine_is_on(cpu))
        return;
    if (in_cpu)
        unload(cpu, v);
    WRITE_SYSREG(mdcr_el2, cpu->guest_el2.mdcr | (cpu->host_el2.mdcr & MDCR_EL2_TDE));
    WRITE_SYSREG(mdscr_el1, cpu->host_el2.mdscr);
    if (in_cpu)
        WRITE_SYSREG(oslar_el1, v->debugger.machine_os_lock);
    isb(); /* before the host unmasks anything */
}

static void reload(struct vcpu_state *v)
{
    settle(v);
    load(state_cpu(v), v, false);
}

/*
 * The run began on the fast path, which gives no debug registers back when it ends. So the guest
 * goes on in an entry within this exit, whose reason is then this one's.
 */
static int enter_anew(struct percpu_state *cpu, struct vcpu_state *v)
{
    int reason = again(v);

    if (reason != RUN_AGAIN)
        return reason;
    vcpu_debug_enter(cpu, v);
    reason = vcpu_enter(cpu, v, PSTATE_DAIF);
    if (cpu->resident == v)
        vcpu_debug_leave(cpu, v);
    return reason;
}

int vcpu_debug_written(struct vcpu_state *v)
{
    struct percpu_state *cpu = state_cpu(v);

    if (v->debugger.in_cpu) {
        reload(v);
    } else if (debug_is_on(v)) {
        /* From now on no run is of the fast path while it is resident, whatever ends this one. */
        if (!(atomic_fetch_or_explicit(&v->token, TOKEN_SLOW, memory_order_relaxed) & TOKEN_SLOW))
            return enter_anew(cpu, v);
        vcpu_debug_enter(cpu, v);
    }
    return again(v);
}

/* As EL1 is to see it: which of the CPU's watchpoints it was is not the guest's number. */
static uint64_t guest_esr(const struct vcpu_exit *exit)
{
    uint64_t esr = exit->esr_el2 & (ESR_EC | ESR_IL | ESR_ISS);

    return FIELD_GET(ESR_EC, esr) == EC_WATCHPOINT_LOWER ? esr & ~ISS_WATCHPOINT_NUMBER : esr;
}

int vcpu_debug_exit(struct vcpu_state *v)
{
    const struct vcpu_exit *exit = &v->pub.exit;
    struct debug_host *host = &v->debugger;
    enum debug_owner owner;

    settle(v);
    owner = vcpu_debug_owner(v);
    if (owner == DEBUG_HOSTS)
        return VCPU_EXIT_DEBUG;
    if (owner == DEBUG_GUESTS) {
        vcpu_inject_sync(&v->pub, guest_esr(exit), exit->far_el2);
        /* To be at the vector is a step, too. */
        host->step = host->flags & VCPU_DEBUG_STEP ? DEBUG_STEP_DONE : DEBUG_STEP_NONE;
        host->over = 0;
    }
    reload(v);
    return again(v);
}
