/* SPDX-License-Identifier: MIT */
#include "switch/debug.h"

#include "arm/el2.h"
#include "debug/debug.h"
#include "hw/debug.h"
#include "hw/sysreg.h"
#include "switch/el1.h"
#include "switch/short_exits.h"

static void exchange(enum debug_kind kind, unsigned n, struct debug_comparator *c)
{
    struct hw_comparator before =
        vcpu_debug_exchange(n, kind == DEBUG_WATCHPOINT ? HW_WATCHPOINT : HW_BREAKPOINT,
                            (struct hw_comparator){c->value, c->control});

    *c = (struct debug_comparator){before.value, before.control};
}

/* keep: the values that were in the CPU are the machine's, and are kept. */
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
 * Everything takes effect with the ERET; until then PSTATE.D is set. If nobody debugs the guest,
 * this undoes what vcpu_debug_leave gave to the host: the host's comparators match nothing then.
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
    vcpu_short_exits(v);
    host->machine_os_lock = FIELD_GET(OSLSR_EL1_OSLK, READ_SYSREG(oslsr_el1));
    if (!vcpu_debug_is_routed(v))
        host->over = 0;
    /* With the OS lock set, as after a reset, there would be no debug exceptions. */
    WRITE_SYSREG(oslar_el1, 0);
    load(cpu, v, true);
}

void vcpu_debug_take_step(struct vcpu_state *v)
{
    if (!v->debugger.borrowed)
        return;
    vcpu_el1_fetch(v);
    if (vcpu_debug_settle(v))
        vcpu_el1_store(v);
}

/* Restores the machine's comparators; MDSCR_EL1 is still the guest's. */
static void unload(const struct percpu_state *cpu, struct vcpu_state *v)
{
    const unsigned count[] = {cpu->features.debug_breakpoints, cpu->features.debug_watchpoints};
    struct debug_host *host = &v->debugger;

    host->in_cpu = false;
    vcpu_short_exits(v);
    vcpu_debug_take_step(v);
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

void vcpu_debug_renew(struct vcpu_state *v)
{
    struct percpu_state *cpu = state_cpu(v);

    if (v->debugger.in_cpu) {
        vcpu_debug_take_step(v);
        load(cpu, v, false);
    } else if (debug_is_on(v)) {
        vcpu_debug_enter(cpu, v);
    }
}
