/* SPDX-License-Identifier: MIT */
/* The calls of vcpu/debug.h: they write to memory; the next entry does the rest. */
#include "arm/esr.h"
#include "debug/debug.h"
#include "state/advance.h"

/* A resident vCPU must not be entered by the fast path any more. */
static int changed(struct vcpu_state *v)
{
    atomic_fetch_or_explicit(&v->token, TOKEN_SLOW, memory_order_release);
    return VCPU_OK;
}

int vcpu_debug_set(struct vcpu *vcpu, uint32_t flags)
{
    struct debug_host *host;

    if (!vcpu || (flags & ~(uint32_t)(VCPU_DEBUG_STEP | VCPU_DEBUG_BRK)))
        return VCPU_ERR_INVALID;
    host = &state_of(vcpu)->debugger;
    if (!(host->flags & VCPU_DEBUG_STEP))
        host->step = DEBUG_STEP_NONE; /* a step that was open is not the host's */
    host->flags = flags;
    return changed(state_of(vcpu));
}

/* The number of the comparator with this value; with control = 0, of a free one. */
static int find(const struct vcpu_state *v, enum debug_kind kind, struct debug_comparator c)
{
    unsigned count = vcpu_debug_host_count(&v->vm->features, v->vm->id, kind);

    for (unsigned n = 0; n < count && n < VCPU_DEBUG_MAX; n++) {
        const struct debug_comparator *has = &v->debugger.comparator[kind][n];

        if (has->control == c.control && (!c.control || has->value == c.value))
            return (int)n;
    }
    return VCPU_ERR_NOT_FOUND;
}

static int add(struct vcpu *vcpu, enum debug_kind kind, struct debug_comparator c)
{
    struct vcpu_state *v = state_of(vcpu);
    int n;

    if (!vcpu || !c.control)
        return VCPU_ERR_INVALID;
    if (find(v, kind, c) >= 0)
        return VCPU_ERR_EXISTS;
    n = find(v, kind, (struct debug_comparator){0, 0});
    if (n < 0)
        return VCPU_ERR_NO_MEMORY;
    v->debugger.comparator[kind][n] = c;
    changed(v);
    return n;
}

static int remove_it(struct vcpu *vcpu, enum debug_kind kind, struct debug_comparator c)
{
    int n;

    if (!vcpu || !c.control)
        return VCPU_ERR_INVALID;
    n = find(state_of(vcpu), kind, c);
    if (n < 0)
        return n;
    state_of(vcpu)->debugger.comparator[kind][n].control = 0;
    return VCPU_OK;
}

/* At EL1 and EL0: HMC and SSC stay 0. */
#define HOST_CONTROL (DBGCR_E | FIELD_PREP(DBGCR_PMC, DBGCR_PMC_EL1_EL0))

/* control = 0: there is no such breakpoint. */
static struct debug_comparator breakpoint(uint64_t address, unsigned length)
{
    struct debug_comparator c = {address & ~UINT64_C(3), 0};

    if ((length == 2 || length == 4) && address % length == 0)
        c.control =
            HOST_CONTROL | FIELD_PREP(DBGBCR_BAS, length == 4 ? 0xfu : 0x3u << (address & 2));
    return c;
}

/*
 * control = 0: there is no such watchpoint. BAS selects bytes of a doubleword, MASK larger blocks.
 */
static struct debug_comparator watchpoint(uint64_t address, uint64_t length, unsigned access)
{
    const unsigned any = VCPU_DEBUG_LOAD | VCPU_DEBUG_STORE;
    struct debug_comparator c = {address & ~UINT64_C(7), 0};
    uint64_t bytes, mask = 0;

    if (!(access & any) || (access & ~any) || !length)
        return c;
    if (length <= 8 - (address & 7)) {
        bytes = GENMASK(length - 1, 0) << (address & 7);
    } else if (!(length & (length - 1)) && length <= BIT(31) && address % length == 0) {
        bytes = 0xff;
        mask = (uint64_t)__builtin_ctzll(length);
    } else {
        return c;
    }
    c.control = HOST_CONTROL | FIELD_PREP(DBGWCR_LSC, access) | FIELD_PREP(DBGWCR_BAS, bytes) |
                FIELD_PREP(DBGWCR_MASK, mask);
    return c;
}

int vcpu_debug_add_breakpoint(struct vcpu *vcpu, uint64_t address, unsigned length)
{
    return add(vcpu, DEBUG_BREAKPOINT, breakpoint(address, length));
}

int vcpu_debug_add_watchpoint(struct vcpu *vcpu, uint64_t address, uint64_t length, unsigned access)
{
    return add(vcpu, DEBUG_WATCHPOINT, watchpoint(address, length, access));
}

int vcpu_debug_remove_breakpoint(struct vcpu *vcpu, uint64_t address, unsigned length)
{
    return remove_it(vcpu, DEBUG_BREAKPOINT, breakpoint(address, length));
}

int vcpu_debug_remove_watchpoint(struct vcpu *vcpu, uint64_t address, uint64_t length,
                                 unsigned access)
{
    return remove_it(vcpu, DEBUG_WATCHPOINT, watchpoint(address, length, access));
}

int vcpu_complete_debug(struct vcpu *vcpu)
{
    struct vcpu_exit *exit;

    if (!vcpu)
        return VCPU_ERR_INVALID;
    exit = &vcpu->exit;
    if (exit->reason != VCPU_EXIT_DEBUG)
        return VCPU_ERR_STATE;
    if (exit->debug.kind == VCPU_DEBUG_KIND_BRK)
        vcpu_advance(state_of(vcpu));
    else if (exit->debug.kind != VCPU_DEBUG_KIND_STEP)
        state_of(vcpu)->debugger.over |= DEBUG_OVER_HOST;
    exit->reason = VCPU_EXIT_NONE;
    return VCPU_OK;
}
