/* SPDX-License-Identifier: MIT */
#include "reg/reg.h"

#include "debug/debug.h"
#include "guest/id.h"
#include "guest/sysreg.h"
#include "hw/cpu.h"
#include "hw/memory.h"

/* The world-switch registers, in the order of their indices. */
static const struct {
    uint16_t encoding;
    uint8_t when;
} el1_rows[EL1_COUNT] = {
#define ROW(name, op0, op1, crn, crm, op2, vhe, when, reset)                                       \
    {VCPU_SYSREG(op0, op1, crn, crm, op2), when},
    EL1_TABLE(ROW)
#undef ROW
};

#define FPCR            VCPU_SYSREG(3, 3, 4, 4, 0)
#define FPSR            VCPU_SYSREG(3, 3, 4, 4, 1)
#define MPIDR_EL1       VCPU_SYSREG(3, 0, 0, 0, 5)
#define MDCCINT_EL1     VCPU_SYSREG(2, 0, 0, 2, 0)
#define MDSCR_EL1       VCPU_SYSREG(2, 0, 0, 2, 2)
#define OSECCR_EL1      VCPU_SYSREG(2, 0, 0, 6, 2)
#define OSLAR_EL1       VCPU_SYSREG(2, 0, 1, 0, 4)
#define OSLSR_EL1       VCPU_SYSREG(2, 0, 1, 1, 4)
#define DBGCLAIMSET_EL1 VCPU_SYSREG(2, 0, 7, 8, 6)
#define DBGCLAIMCLR_EL1 VCPU_SYSREG(2, 0, 7, 9, 6)
/* DBGBVR0_EL1 to DBGWCR15_EL1, where op2 is 4 or more. */
#define COMPARATORS_END VCPU_SYSREG(2, 0, 1, 0, 0)

#define PENDING (HCR_EL2_LINES | HCR_EL2_VSE)

static void set(struct reg_place *p, enum reg_kind kind, void *at, size_t size)
{
    p->kind = kind;
    p->at = at;
    p->size = (uint8_t)size;
}

static void find_general(struct vcpu_regs *regs, uint32_t id, struct reg_place *p)
{
    if (id < 31) {
        set(p, REG_MEMORY, &regs->x[id], 8);
        return;
    }
    switch (id) {
    case VCPU_REG_PC:
        set(p, REG_PC, &regs->pc, 8);
        break;
    case VCPU_REG_PSTATE:
        set(p, REG_PSTATE, &regs->pstate, 8);
        break;
    case VCPU_REG_SP_EL0:
        set(p, REG_MEMORY, &regs->sp_el0, 8);
        break;
    case VCPU_REG_TPIDR_EL0:
        set(p, REG_MEMORY, &regs->tpidr_el0, 8);
        break;
    case VCPU_REG_PENDING:
        p->kind = REG_PENDING;
        break;
    default:
        break;
    }
}

/*
 * state/sve.h says where they are in memory. Each is in pieces of 8 bytes; the last can be shorter.
 */
static void find_vector(struct vcpu_state *v, uint32_t id, struct reg_place *p)
{
    bool sve = v->sve.z, there = sve;
    unsigned vq = sve ? v->vm->sve_vq : 1, stride = 16 * vq, bytes = stride, n, offset;
    char *at = sve ? v->sve.z : v->simd.v;

    if (id >= VCPU_REG_P0) {
        n = (id - VCPU_REG_P0) / 4;
        offset = id % 4 * 8;
        at += 32 * stride;
        bytes = stride = 2 * vq;
        there &= n < 17;
    } else if (id >= VCPU_REG_Z0) {
        n = (id - VCPU_REG_Z0) / 32;
        offset = id % 32 * 8;
        there &= n < 32;
    } else {
        n = (id - VCPU_REG_V0) / 2;
        offset = id % 2 * 8;
        bytes = 16;
        there = n < 32;
    }
    if (there && offset < bytes)
        set(p, REG_SIMD, at + n * stride + offset, bytes - offset < 8 ? bytes - offset : 8);
}

static enum outcome debug_access(struct vcpu_state *v, uint32_t encoding, bool write,
                                 uint64_t *value)
{
    struct vcpu_sysreg_access access = {.encoding = encoding, .write = write, .value = *value};
    enum outcome outcome = vcpu_sysreg_emulate(v->vm->id, &v->debug, &access);

    *value = access.value;
    return outcome;
}

/* All others that the guest can access keep no state. */
static bool keeps_debug_state(struct vcpu_state *v, uint32_t encoding)
{
    uint64_t value = 0;

    switch (encoding) {
    case MDCCINT_EL1:
    case MDSCR_EL1:
    case OSECCR_EL1:
    case OSLSR_EL1:
    case DBGCLAIMCLR_EL1:
        return true;
    default:
        return encoding < COMPARATORS_END && (encoding & 4) &&
               debug_access(v, encoding, false, &value) == OUTCOME_DONE;
    }
}

/* There is a CCSIDR_EL1 for each value of CSSELR_EL1, which is in the bits above the encoding. */
static bool find_fixed(const struct vcpu_state *v, uint32_t encoding, uint64_t *value)
{
    unsigned index = vcpu_id_index(encoding);

    if (encoding != MPIDR_EL1 && index == ID_COUNT)
        return false;
    *value = encoding == MPIDR_EL1 ? v->mpidr | MPIDR_RES1 : v->vm->id[index];
    return true;
}

static void find_sysreg(struct vcpu_state *v, uint32_t encoding, struct reg_place *p)
{
    for (unsigned row = 0; row < EL1_COUNT; row++) {
        if (encoding != el1_rows[row].encoding)
            continue;
        if (state_has_row(v, el1_rows[row].when)) {
            set(p, REG_EL1, &v->el1[row], 8);
            p->reserved = vcpu_reg_reserved(v->vm, row);
            return;
        }
        /* A VM of an unlike CPU with the same ID registers can have it; it is hidden there. */
        if (el1_rows[row].when & (EL1_RAS | EL1_SME)) {
            p->kind = REG_FIXED;
            return;
        }
    }
    if (find_fixed(v, encoding, &p->value))
        p->kind = REG_FIXED;
    else if ((encoding == FPCR || encoding == FPSR) && v->vm->features.fp)
        set(p, REG_SIMD, encoding == FPCR ? &v->simd.fpcr : &v->simd.fpsr, 4);
    else if (encoding >> 14 == 2)
        p->kind = keeps_debug_state(v, encoding) ? REG_DEBUG : REG_NONE;
    else if (encoding >> 14 == 3)
        p->kind = REG_DEVICE;
}

enum reg_kind vcpu_reg_find(struct vcpu_state *v, uint32_t id, struct reg_place *p)
{
    *p = (struct reg_place){.kind = REG_NONE};
    if (id < VCPU_REG_SYSREG)
        find_general(&v->pub.regs, id, p);
    else if (id < VCPU_REG_V0)
        find_sysreg(v, id - VCPU_REG_SYSREG, p);
    else if (v->vm->features.fp)
        find_vector(v, id, p);
    return p->kind;
}

static int access_memory(const struct reg_place *p, enum vcpu_reg_op op, uint64_t *value)
{
    uint64_t is = 0;

    if (op == VCPU_REG_OP_GET) {
        memcpy(&is, p->at, p->size);
        *value = is & ~p->reserved;
        return VCPU_OK;
    }
    if ((*value & p->reserved) || (p->size < 8 && *value >> 8 * p->size))
        return VCPU_ERR_INVALID;
    if (op == VCPU_REG_OP_SET)
        memcpy(p->at, value, p->size);
    return VCPU_OK;
}

/*
 * A virtual SError that the guest has not taken is in `lines`, or in HCR_EL2, where the CPU clears
 * it.
 */
static int access_pending(struct vcpu_state *v, enum vcpu_reg_op op, uint64_t *value)
{
    if (op == VCPU_REG_OP_GET) {
        *value = atomic_load_explicit(&v->lines, memory_order_relaxed) |
                 (state_cpu(v) ? v->pub.regs.hcr_el2 & HCR_EL2_VSE : 0);
        return VCPU_OK;
    }
    /* With HCR_EL2.IMO and FMO clear there are no virtual interrupts. */
    if (*value & ~(v->vm->flags & VCPU_VM_DIRECT_IRQ ? HCR_EL2_VSE : PENDING))
        return VCPU_ERR_INVALID;
    if (op == VCPU_REG_OP_SET) {
        v->pub.regs.hcr_el2 &= ~HCR_EL2_VSE;
        atomic_store_explicit(&v->lines, *value, memory_order_relaxed);
    }
    return VCPU_OK;
}

static void debug_set(struct vcpu_state *v, uint32_t encoding, uint64_t value)
{
    uint64_t all = ~UINT64_C(0), lock = FIELD_GET(OSLSR_EL1_OSLK, value);

    switch (encoding) {
    case OSLSR_EL1:
        debug_access(v, OSLAR_EL1, true, &lock);
        break;
    case DBGCLAIMCLR_EL1:
        debug_access(v, DBGCLAIMCLR_EL1, true, &all);
        encoding = DBGCLAIMSET_EL1;
        /* fall through */
    default:
        debug_access(v, encoding, true, &value);
    }
}

/* Only the emulation knows which bits a register keeps: so the value is tried, and undone. */
static int access_debug(struct vcpu_state *v, uint32_t encoding, enum vcpu_reg_op op,
                        uint64_t *value)
{
    uint64_t before = 0, after = 0;
    bool kept;

    debug_access(v, encoding, false, &before);
    if (op == VCPU_REG_OP_GET) {
        *value = before;
        return VCPU_OK;
    }
    debug_set(v, encoding, *value);
    debug_access(v, encoding, false, &after);
    kept = after == *value;
    if (!kept || op == VCPU_REG_OP_CHECK)
        debug_set(v, encoding, before);
    return kept ? VCPU_OK : VCPU_ERR_INVALID;
}

static int access_device(struct vcpu_state *v, uint32_t encoding, enum vcpu_reg_op op,
                         uint64_t *value)
{
    const struct vcpu_vm *vm = v->vm;
    uint64_t daif = vcpu_cpu_mask();
    int result = VCPU_ERR_NOT_FOUND;

    for (const struct vm_device *d = vm->device;
         d < vm->device + vm->devices && result == VCPU_ERR_NOT_FOUND; d++)
        if (d->ops->reg)
            result = d->ops->reg(d->ctx, &v->pub, encoding, op, value);
    vcpu_cpu_restore(daif);
    return result;
}

static bool is_legal(const struct vcpu_state *v, const struct reg_place *p, uint64_t value)
{
    if (p->kind == REG_PC)
        return vcpu_reg_pc_is_legal(v->pub.regs.pstate, value);
    return p->kind != REG_PSTATE || vcpu_reg_pstate_is_legal(v->vm, value);
}

int vcpu_reg_access(struct vcpu_state *v, uint32_t id, enum vcpu_reg_op op, uint64_t *value)
{
    uint32_t encoding = id - VCPU_REG_SYSREG;
    struct reg_place p;

    switch (vcpu_reg_find(v, id, &p)) {
    case REG_PENDING:
        return access_pending(v, op, value);
    case REG_DEBUG:
        return access_debug(v, encoding, op, value);
    case REG_DEVICE:
        return access_device(v, encoding, op, value);
    case REG_FIXED:
        if (op == VCPU_REG_OP_GET)
            *value = p.value;
        return *value == p.value ? VCPU_OK : VCPU_ERR_INVALID;
    case REG_NONE:
        return VCPU_ERR_NOT_FOUND;
    default:
        break;
    }
    if (op == VCPU_REG_OP_GET && p.kind == REG_PSTATE) {
        *value = vcpu_reg_pstate_shown(v->pub.regs.pstate);
        return VCPU_OK;
    }
    if (op != VCPU_REG_OP_GET && !is_legal(v, &p, *value))
        return VCPU_ERR_INVALID;
    v->has_entry |= op == VCPU_REG_OP_SET && p.kind == REG_PC;
    return access_memory(&p, op, value);
}
