/* SPDX-License-Identifier: MIT */
#include "arm/esr.h"
#include "debug/debug.h"

#define NOT_FOUND VCPU_DEBUG_MAX

static enum debug_owner hosts(struct vcpu_state *v, enum vcpu_debug_kind kind, unsigned number)
{
    struct vcpu_exit *exit = &v->pub.exit;

    exit->debug.kind = (uint8_t)kind;
    exit->debug.number = (uint8_t)number;
    exit->debug.address = kind == VCPU_DEBUG_KIND_WATCHPOINT ? exit->far_el2 : v->pub.regs.pc;
    return DEBUG_HOSTS;
}

/* Were the guest's comparators in the CPU when the instruction was executed? */
static bool guests_are_there(const struct vcpu_state *v)
{
    return (debug_guest_mdscr(&v->debug) & MDSCR_EL1_MDE) && !(v->debugger.over & DEBUG_OVER_GUEST);
}

/*
 * The exception is of no known comparator of the host. The guest's comparator would perhaps not
 * have stopped the instruction at the guest's own EL1; and a comparator of the host can match more
 * than it was set for (DBGBCR.BAS of a part of the instruction, DBGBVR.RESS: CONSTRAINED
 * UNPREDICTABLE). Then the instruction is executed without the comparators: if it never were, the
 * exceptions could leave no time for an interrupt.
 */
static enum debug_owner guests_comparator(struct vcpu_state *v)
{
    bool there = guests_are_there(v);

    if (there && debug_guest_takes(&v->debug, v->pub.regs.pstate))
        return DEBUG_GUESTS;
    v->debugger.over |= there ? DEBUG_OVER_GUEST : DEBUG_OVER_HOST;
    return DEBUG_NOBODYS;
}

static enum debug_owner step(struct vcpu_state *v)
{
    v->debugger.step = DEBUG_STEP_NONE;
    v->debugger.over = 0;
    if (vcpu_debug_step_is_pending(v))
        return DEBUG_GUESTS;
    return v->debugger.flags & VCPU_DEBUG_STEP ? hosts(v, VCPU_DEBUG_KIND_STEP, 0) : DEBUG_NOBODYS;
}

/* The host's breakpoint at PC. DBGBCR.BAS selects halfwords of the word at DBGBVR. */
static unsigned breakpoint_at(const struct debug_host *host, uint64_t pc)
{
    unsigned n;

    for (n = 0; n < VCPU_DEBUG_MAX; n++) {
        const struct debug_comparator *c = &host->comparator[DEBUG_BREAKPOINT][n];

        if (!((c->value ^ pc) & GENMASK(55, 2)) &&
            (FIELD_GET(DBGBCR_BAS, c->control) >> (pc & 2) & 1))
            break;
    }
    return n;
}

static enum debug_owner breakpoint(struct vcpu_state *v)
{
    unsigned n = breakpoint_at(&v->debugger, v->pub.regs.pc);

    if (n != NOT_FOUND && !(v->debugger.over & DEBUG_OVER_HOST))
        return hosts(v, VCPU_DEBUG_KIND_BREAKPOINT, n);
    return guests_comparator(v);
}

/*
 * The distance of an access from a watchpoint's range. FAR can be below the range: it is anywhere
 * between the lowest address of the access and the highest address of the range. A watchpoint for
 * the other kind of access counts as a little farther away.
 */
static uint64_t distance(const struct debug_comparator *c, uint64_t far, uint64_t access)
{
    const uint64_t address = GENMASK(55, 0); /* without a tag */
    uint64_t bytes = FIELD_GET(DBGWCR_BAS, c->control);
    uint64_t size = UINT64_C(1) << FIELD_GET(DBGWCR_MASK, c->control);
    uint64_t low = c->value & ~(size - 1) & address, high = low + size - 1, away;

    if (!(c->control & DBGCR_E) || !bytes)
        return UINT64_MAX;
    if (size == 1) {
        low += (uint64_t)__builtin_ctzll(bytes);
        high = (c->value & address) + 63 - (uint64_t)__builtin_clzll(bytes);
    }
    far &= address;
    away = far < low ? low - far : far > high ? far - high : 0;
    return away << 1 | !(FIELD_GET(DBGWCR_LSC, c->control) & access);
}

/* The nearest of `count` watchpoints; *best is its distance. */
static unsigned closest(const struct debug_comparator *c, unsigned count, uint64_t far,
                        uint64_t access, uint64_t *best)
{
    unsigned found = 0;

    *best = UINT64_MAX;
    for (unsigned n = 0; n < count; n++) {
        uint64_t d = distance(&c[n], far, access);

        if (d < *best) {
            *best = d;
            found = n;
        }
    }
    return found;
}

/*
 * If both watch the address, it is the host's first; the guest's comes after the host has answered.
 */
static enum debug_owner watchpoint(struct vcpu_state *v)
{
    const struct vcpu_exit *exit = &v->pub.exit;
    uint64_t access = exit->esr_el2 & ISS_ABORT_WNR ? VCPU_DEBUG_STORE : VCPU_DEBUG_LOAD;
    uint64_t of_host, of_guest = UINT64_MAX;
    unsigned n = closest(v->debugger.comparator[DEBUG_WATCHPOINT], VCPU_DEBUG_MAX, exit->far_el2,
                         access, &of_host);

    if (guests_are_there(v))
        closest(v->debug.comparator[DEBUG_WATCHPOINT],
                vcpu_debug_guest_count(v->vm->id, DEBUG_WATCHPOINT), exit->far_el2, access,
                &of_guest);
    if (of_host != UINT64_MAX && !(v->debugger.over & DEBUG_OVER_HOST) && of_host <= of_guest)
        return hosts(v, VCPU_DEBUG_KIND_WATCHPOINT, n);
    return guests_comparator(v);
}

enum debug_owner vcpu_debug_owner(struct vcpu_state *v)
{
    switch (v->pub.exit.debug.exception_class) {
    case EC_STEP_LOWER:
        return step(v);
    case EC_BREAKPOINT_LOWER:
        return breakpoint(v);
    case EC_WATCHPOINT_LOWER:
        return watchpoint(v);
    default: /* BRK and BKPT, which nothing suppresses */
        return v->debugger.flags & VCPU_DEBUG_BRK ? hosts(v, VCPU_DEBUG_KIND_BRK, 0) : DEBUG_GUESTS;
    }
}
