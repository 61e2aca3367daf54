/* SPDX-License-Identifier: MIT */
#include "debug/debug.h"

/*
 * The field is the number minus one. The guest has all but two, which are the host's, and at least
 * two.
 */
static uint64_t shown(uint64_t last)
{
    if (last >= 3)
        return last - 2;
    return last ? 1 : 0;
}

uint64_t vcpu_debug_id(uint64_t id_aa64dfr0)
{
    uint64_t breakpoints = shown(FIELD_GET(ID_AA64DFR0_BRPS, id_aa64dfr0));
    uint64_t context = FIELD_GET(ID_AA64DFR0_CTX_CMPS, id_aa64dfr0);

    /* Armv8 debug; no OS double lock (0xf). */
    return FIELD_PREP(ID_AA64DFR0_DEBUGVER, 6) | FIELD_PREP(ID_AA64DFR0_BRPS, breakpoints) |
           FIELD_PREP(ID_AA64DFR0_WRPS, shown(FIELD_GET(ID_AA64DFR0_WRPS, id_aa64dfr0))) |
           FIELD_PREP(ID_AA64DFR0_CTX_CMPS, context < breakpoints ? context : breakpoints) |
           ID_AA64DFR0_DOUBLELOCK;
}

unsigned vcpu_debug_guest_count(const uint64_t id[ID_REG_COUNT], enum debug_kind kind)
{
    uint64_t dfr0 = id[ID_AA64DFR0_EL1];

    return 1 + (unsigned)(kind == DEBUG_BREAKPOINT ? FIELD_GET(ID_AA64DFR0_BRPS, dfr0)
                                                   : FIELD_GET(ID_AA64DFR0_WRPS, dfr0));
}

unsigned vcpu_debug_host_count(const struct vcpu_features *features,
                               const uint64_t id[ID_REG_COUNT], enum debug_kind kind)
{
    unsigned has =
        kind == DEBUG_BREAKPOINT ? features->debug_breakpoints : features->debug_watchpoints;

    return has - vcpu_debug_guest_count(id, kind);
}

/*
 * DBG<x>CR for the guest's comparator n; 0 if it must match nothing:
 *  - it is off;
 *  - ID_AA64DFR0_EL1 does not offer its type;
 *  - it is linked to a breakpoint that is not the guest's.
 * The guest has the CPU's highest comparators, because those are the context-aware ones. `below`:
 * the number of breakpoints below the guest's.
 */
static uint64_t guest_control(const struct vcpu_state *v, enum debug_kind kind, unsigned n,
                              unsigned below)
{
    const uint64_t *id = v->vm->id;
    uint64_t control = v->debug.comparator[kind][n].control;
    uint64_t breakpoints = vcpu_debug_guest_count(id, DEBUG_BREAKPOINT);
    uint64_t context = breakpoints - 1 - FIELD_GET(ID_AA64DFR0_CTX_CMPS, id[ID_AA64DFR0_EL1]);
    uint64_t link = FIELD_GET(DBGCR_LBN, control);

    if (!(control & DBGCR_E))
        return 0;
    switch (FIELD_GET(DBGCR_TYPE, control)) {
    case DBGCR_ADDRESS:
        return control & ~DBGCR_LBN;
    case DBGCR_LINKED_ADDRESS:
        return link >= context && link < breakpoints ? control + FIELD_PREP(DBGCR_LBN, below) : 0;
    case DBGCR_CONTEXT:
    case DBGCR_LINKED_CONTEXT:
        return n >= context ? control & ~DBGCR_LBN : 0;
    default:
        return 0;
    }
}

struct debug_comparator vcpu_debug_comparator(const struct vcpu_state *v,
                                              const struct vcpu_features *features,
                                              enum debug_kind kind, unsigned n)
{
    const struct debug_host *host = &v->debugger;
    unsigned below = vcpu_debug_host_count(features, v->vm->id, kind);
    struct debug_comparator c = {0, 0};

    if (n < below) {
        if (n < VCPU_DEBUG_MAX && !(host->over & DEBUG_OVER_HOST))
            c = host->comparator[kind][n];
    } else if ((debug_guest_mdscr(&v->debug) & MDSCR_EL1_MDE) && !(host->over & DEBUG_OVER_GUEST)) {
        c.value = v->debug.comparator[kind][n - below].value;
        c.control = guest_control(v, kind, n - below,
                                  vcpu_debug_host_count(features, v->vm->id, DEBUG_BREAKPOINT));
    }
    return c;
}

bool vcpu_debug_is_routed(const struct vcpu_state *v)
{
    uint64_t used = v->debugger.flags;

    for (unsigned n = 0; n < VCPU_DEBUG_MAX; n++)
        used |= v->debugger.comparator[DEBUG_BREAKPOINT][n].control |
                v->debugger.comparator[DEBUG_WATCHPOINT][n].control;
    return used != 0;
}

bool vcpu_debug_is_stepping(const struct vcpu_state *v)
{
    const struct debug_host *host = &v->debugger;

    return vcpu_debug_is_routed(v) && ((host->flags & VCPU_DEBUG_STEP) || host->over ||
                                       (debug_guest_mdscr(&v->debug) & MDSCR_EL1_SS));
}

uint64_t vcpu_debug_mdscr(const struct vcpu_state *v)
{
    if (!vcpu_debug_is_routed(v))
        return debug_guest_mdscr(&v->debug);
    /* KDE = 0: no debug exception is taken at EL2 itself. */
    return MDSCR_EL1_MDE | (vcpu_debug_is_stepping(v) ? MDSCR_EL1_SS : 0);
}
