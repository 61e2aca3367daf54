/* SPDX-License-Identifier: MIT */
#include "debug/debug.h"
#include "decode/sysreg.h"

static enum outcome read_only(struct vcpu_sysreg_access *access, uint64_t value)
{
    if (access->write)
        return OUTCOME_UNDEFINED;
    access->value = value;
    return OUTCOME_DONE;
}

/* mask: the bits that are not RES0. */
static enum outcome stored(struct vcpu_sysreg_access *access, uint64_t *memory, uint64_t mask)
{
    if (access->write)
        *memory = access->value & mask;
    else
        access->value = *memory;
    return OUTCOME_DONE;
}

/*
 * DBGBVR<n>_EL1, DBGBCR<n>_EL1, DBGWVR<n>_EL1, DBGWCR<n>_EL1: CRm is n, op2 - 4 selects one of the
 * four.
 */
static enum outcome comparator(const uint64_t id[ID_REG_COUNT], struct debug_state *debug,
                               struct vcpu_sysreg_access *access)
{
    uint64_t n = FIELD_GET(SYSREG_CRM, access->encoding);
    uint64_t op2 = FIELD_GET(SYSREG_OP2, access->encoding);
    enum debug_kind kind = op2 >= 6 ? DEBUG_WATCHPOINT : DEBUG_BREAKPOINT;
    struct debug_comparator *c = &debug->comparator[kind][n];

    if (n >= vcpu_debug_guest_count(id, kind))
        return OUTCOME_UNDEFINED;
    if (!(op2 & 1))
        return stored(access, &c->value, ~UINT64_C(0));
    return stored(access, &c->control, kind == DEBUG_WATCHPOINT ? DBGWCR_GUEST : DBGBCR_GUEST);
}

static enum outcome claim_set(struct debug_state *debug, struct vcpu_sysreg_access *access)
{
    if (access->write)
        debug->claim |= access->value & DBGCLAIM_TAGS;
    access->value = DBGCLAIM_TAGS; /* it reads as all tags that exist */
    return OUTCOME_DONE;
}

static enum outcome claim_clear(struct debug_state *debug, struct vcpu_sysreg_access *access)
{
    if (access->write)
        debug->claim &= ~access->value;
    access->value = debug->claim;
    return OUTCOME_DONE;
}

enum outcome vcpu_debug_sysreg(const uint64_t id[ID_REG_COUNT], struct debug_state *debug,
                               struct vcpu_sysreg_access *access)
{
    uint32_t encoding = access->encoding;

    if (encoding <= VCPU_SYSREG(2, 0, 0, 15, 7) && FIELD_GET(SYSREG_OP2, encoding) >= 4)
        return comparator(id, debug, access);

    switch (encoding) {
    case VCPU_SYSREG(2, 0, 0, 0, 2): /* OSDTRRX_EL1: there is nobody at the other end */
    case VCPU_SYSREG(2, 0, 0, 3, 2): /* OSDTRTX_EL1 */
    case VCPU_SYSREG(2, 3, 0, 4, 0): /* DBGDTR_EL0 */
    case VCPU_SYSREG(2, 3, 0, 5, 0): /* DBGDTRRX_EL0, DBGDTRTX_EL0 */
    case VCPU_SYSREG(2, 0, 1, 3, 4): /* OSDLR_EL1: there is no double lock */
    case VCPU_SYSREG(2, 0, 1, 4, 4): /* DBGPRCR_EL1 */
        if (!access->write)
            access->value = 0;
        return OUTCOME_DONE;
    case VCPU_SYSREG(2, 0, 0, 2, 0): /* MDCCINT_EL1 */
        return stored(access, &debug->mdccint, MDCCINT_EL1_RX | MDCCINT_EL1_TX);
    case VCPU_SYSREG(2, 0, 0, 2, 2): /* MDSCR_EL1: the other bits are for an external debugger */
        return stored(access, &debug->mdscr,
                      MDSCR_EL1_SS | MDSCR_EL1_TDCC | MDSCR_EL1_KDE | MDSCR_EL1_MDE);
    case VCPU_SYSREG(2, 0, 0, 6, 2): /* OSECCR_EL1 */
        return stored(access, &debug->oseccr, GENMASK(31, 0));
    case VCPU_SYSREG(2, 3, 0, 1, 0):  /* MDCCSR_EL0 */
    case VCPU_SYSREG(2, 0, 1, 0, 0):  /* MDRAR_EL1: no ROM table */
    case VCPU_SYSREG(2, 0, 7, 14, 6): /* DBGAUTHSTATUS_EL1: no external debug */
        return read_only(access, 0);
    case VCPU_SYSREG(2, 0, 1, 0, 4): /* OSLAR_EL1 */
        if (!access->write)
            return OUTCOME_UNDEFINED;
        debug->os_lock = access->value & OSLAR_EL1_OSLK;
        return OUTCOME_DONE;
    case VCPU_SYSREG(2, 0, 1, 1, 4): /* OSLSR_EL1 */
        return read_only(access,
                         OSLSR_EL1_OSLM_IMPLEMENTED | (debug->os_lock ? OSLSR_EL1_OSLK : 0));
    case VCPU_SYSREG(2, 0, 7, 8, 6): /* DBGCLAIMSET_EL1 */
        return claim_set(debug, access);
    case VCPU_SYSREG(2, 0, 7, 9, 6): /* DBGCLAIMCLR_EL1 */
        return claim_clear(debug, access);
    default:
        return OUTCOME_UNDEFINED;
    }
}

bool vcpu_debug_traps(const struct vcpu_state *v, uint32_t encoding)
{
    /* EL0 has only the debug communications channel of op0 = 2. */
    return FIELD_GET(SYSREG_OP0, encoding) == 2 && !debug_at_el1(v->pub.regs.pstate) &&
           (v->debug.mdscr & MDSCR_EL1_TDCC);
}
