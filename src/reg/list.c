/* SPDX-License-Identifier: MIT */
/* The list of a vCPU's registers. */
#include "reg/reg.h"

/* Ids that a vCPU can have; those that it does not have are left out. */
struct id_range {
    uint32_t first;
    uint16_t count;
    uint8_t shift; /* the numbers 0 to count - 1 are added to it */
};

#define IDS(first, count) first, count, 0
#define SYSREGS(op0, op1, crn, crm, op2, count)                                                    \
    IDS(VCPU_REG_SYSREG + VCPU_SYSREG(op0, op1, crn, crm, op2), count)

/*
 * First the registers that identify the machine, so that they are refused before anything else.
 * PSTATE is before PC, because it decides which PC is legal.
 */
static const struct id_range before_el1[] = {
    {SYSREGS(3, 0, 0, 0, 0, 1)},                   /* MIDR_EL1 */
    {SYSREGS(3, 0, 0, 0, 5, 1)},                   /* MPIDR_EL1 */
    {SYSREGS(3, 0, 0, 1, 0, 56)},                  /* identification registers, assigned or not */
    {SYSREGS(3, 1, 0, 0, 1, 1)},                   /* CLIDR_EL1 */
    {VCPU_REG_SYSREG + VCPU_VM_CCSIDR(0), 14, 16}, /* the CSSELR_EL1 value is above the encoding */
    {SYSREGS(3, 3, 0, 0, 1, 1)},                   /* CTR_EL0 */
    {SYSREGS(3, 3, 0, 0, 7, 1)},                   /* DCZID_EL0 */
    {SYSREGS(3, 3, 14, 0, 0, 1)},                  /* CNTFRQ_EL0 */
    {IDS(VCPU_REG_PSTATE, 1)},
    {IDS(VCPU_REG_X0, 31)},
    {IDS(VCPU_REG_PC, 1)},
    {IDS(VCPU_REG_SP_EL0, 3)}, /* to VCPU_REG_PENDING */
};

static const struct id_range behind_el1[] = {
    {SYSREGS(3, 3, 4, 4, 0, 2)},   /* FPCR, FPSR */
    {IDS(VCPU_REG_V0, 32 * 2)},    /* V0 to V31 */
    {IDS(VCPU_REG_Z0, 32 * 32)},   /* Z0 to Z31 */
    {IDS(VCPU_REG_P0, 17 * 4)},    /* P0 to P15, FFR */
    {SYSREGS(2, 0, 0, 0, 0, 128)}, /* breakpoints, watchpoints, MDSCR_EL1 and others */
    {SYSREGS(2, 0, 1, 1, 4, 1)},   /* OSLSR_EL1 */
    {SYSREGS(2, 0, 7, 9, 6, 1)},   /* DBGCLAIMCLR_EL1 */
};

#define LENGTH(table) (sizeof(table) / sizeof((table)[0]))

struct list {
    struct vcpu_state *v;
    uint32_t *ids;
    struct vcpu_reg_value *regs;
    size_t room, count;
};

static void add(struct list *list, uint32_t id)
{
    if (list->count < list->room) {
        if (list->ids)
            list->ids[list->count] = id;
        else
            list->regs[list->count].id = id;
    }
    list->count++;
}

static enum reg_kind kind_of(struct vcpu_state *v, uint32_t id)
{
    struct reg_place place;

    return vcpu_reg_find(v, id, &place);
}

/* V registers are the low ends of Z: not listed twice. */
static bool is_listed(struct vcpu_state *v, uint32_t id)
{
    bool is_v = id >= VCPU_REG_V0 && id < VCPU_REG_Z0;

    return !(is_v && v->sve.z) && kind_of(v, id) != REG_NONE;
}

static void add_ranges(struct list *list, const struct id_range *range, size_t ranges)
{
    for (const struct id_range *r = range; r < range + ranges; r++) {
        for (uint32_t n = 0; n < r->count; n++) {
            uint32_t id = r->first + (n << r->shift);

            if (is_listed(list->v, id))
                add(list, id);
        }
    }
}

static void add_el1(struct list *list)
{
    static const uint16_t encodings[] = {
#define ROW(name, op0, op1, crn, crm, op2, vhe, when, reset) VCPU_SYSREG(op0, op1, crn, crm, op2),
        EL1_TABLE(ROW)
#undef ROW
    };

    for (unsigned row = 0; row < EL1_COUNT; row++)
        if (kind_of(list->v, VCPU_REG_SYSREG + encodings[row]) == REG_EL1)
            add(list, VCPU_REG_SYSREG + encodings[row]);
}

static void add_devices(struct list *list)
{
    const struct vcpu_vm *vm = list->v->vm;

    for (const struct vm_device *d = vm->device; d < vm->device + vm->devices; d++) {
        uint32_t encoding;

        if (!d->ops->reg_at)
            continue;
        for (unsigned n = 0; (encoding = d->ops->reg_at(d->ctx, &list->v->pub, n)); n++)
            /* If the guest owns the physical timer, it is not the device's. */
            if (kind_of(list->v, VCPU_REG_SYSREG + encoding) == REG_DEVICE)
                add(list, VCPU_REG_SYSREG + encoding);
    }
}

size_t vcpu_reg_list(struct vcpu_state *v, uint32_t *ids, struct vcpu_reg_value *regs, size_t count)
{
    struct list list = {.v = v, .ids = ids, .regs = regs, .room = count};

    add_ranges(&list, before_el1, LENGTH(before_el1));
    add_el1(&list);
    add_ranges(&list, behind_el1, LENGTH(behind_el1));
    add_devices(&list);
    return list.count;
}
