/* SPDX-License-Identifier: MIT */
/* The accesses of a load or store, and their data. */
#include "emulate/a64.h"

#include "decode/register.h"

/* Up to 8 bytes are one access, 16 bytes are two. */
static unsigned access_bytes(const struct vcpu_load_store *insn)
{
    return insn->size < 8 ? insn->size : 8;
}

/* An offset in a register: option gives its number of bits, and whether it is signed. */
static uint64_t register_offset(const struct vcpu_load_store *insn, const uint64_t x[31])
{
    uint64_t value = register_read(x, insn->rs);

    if (!(insn->option & 1))
        value = insn->option & 4 ? (uint64_t)(int32_t)value : (uint32_t)value;
    return value << insn->shift;
}

static uint64_t base_of(const struct vcpu_load_store *insn, const struct a64_registers *r)
{
    if (insn->kind == A64_ZERO_BLOCK)
        return register_read(r->x, insn->rt) & ~(r->zero_block - 1);
    if (insn->index == A64_LITERAL)
        return r->pc;
    return insn->rn == 31 ? *r->sp : r->x[insn->rn];
}

static void plan_address(struct vcpu_emulation *e, const struct a64_registers *r)
{
    const struct vcpu_load_store *insn = &e->instruction;
    uint64_t base = base_of(insn, r);

    e->base = base + (insn->index == A64_REGISTER ? register_offset(insn, r->x)
                                                  : (uint64_t)(int64_t)insn->offset);
    e->address = insn->index == A64_POST ? base : e->base;
}

/* The data of a store, from the registers. */
static void plan_data(struct vcpu_emulation *e, const struct a64_registers *r)
{
    const struct vcpu_load_store *insn = &e->instruction;
    unsigned halves = insn->size / access_bytes(insn);

    for (unsigned i = 0; i < e->writes; i++) {
        unsigned reg = i < halves ? insn->rt : insn->rt2;

        e->data[i] = insn->vector ? r->v[reg * r->stride + i % halves] : register_read(r->x, reg);
    }
}

void vcpu_a64_plan(struct vcpu_emulation *e, const struct a64_registers *r)
{
    const struct vcpu_load_store *insn = &e->instruction;
    uint16_t each = (uint16_t)(insn->count * (insn->size / access_bytes(insn)));

    plan_address(e, r);
    e->step = e->reads = e->writes = 0;
    switch (insn->kind) {
    case A64_LOAD:
        e->reads = each;
        break;
    case A64_STORE:
        e->writes = each;
        plan_data(e, r);
        break;
    case A64_ZERO_BLOCK:
        e->writes = (uint16_t)(r->zero_block / access_bytes(insn));
        break;
    case A64_COMPARE_AND_SWAP:
    case A64_ATOMIC:
        e->reads = e->writes = each;
        break;
    default: /* a prefetch; a store-exclusive, which fails */
        break;
    }
}

uint64_t vcpu_a64_extent(const struct vcpu_emulation *e)
{
    unsigned most = e->reads > e->writes ? e->reads : e->writes;

    return (uint64_t)most * access_bytes(&e->instruction);
}

/*
 * The new value in memory of an atomic. Comparisons are of the data's own size, so the data is
 * shifted to the top.
 */
static uint64_t modify(const struct vcpu_load_store *insn, uint64_t old, uint64_t operand)
{
    unsigned unused = register_unused_bits(insn->size);
    uint64_t a = old << unused, b = operand << unused;

    switch (insn->operation) {
    case A64_ADD:
        return old + operand;
    case A64_CLR:
        return old & ~operand;
    case A64_EOR:
        return old ^ operand;
    case A64_SET:
        return old | operand;
    case A64_SMAX:
        return (int64_t)a > (int64_t)b ? old : operand;
    case A64_SMIN:
        return (int64_t)a < (int64_t)b ? old : operand;
    case A64_UMAX:
        return a > b ? old : operand;
    case A64_UMIN:
        return a < b ? old : operand;
    default: /* SWP */
        return operand;
    }
}

static uint64_t write_data(const struct vcpu_emulation *e, unsigned i, const uint64_t x[31])
{
    const struct vcpu_load_store *insn = &e->instruction;

    switch (insn->kind) {
    case A64_ZERO_BLOCK:
        return 0;
    case A64_ATOMIC:
        return modify(insn, e->data[i], register_read(x, insn->rs));
    case A64_COMPARE_AND_SWAP:
        return register_read(x, insn->rt + i);
    default:
        return e->data[i];
    }
}

bool vcpu_a64_access(struct vcpu_emulation *e, const uint64_t x[31])
{
    unsigned bytes = access_bytes(&e->instruction);
    bool write = e->step >= e->reads;
    unsigned i = write ? e->step - e->reads : e->step;
    uint64_t address = e->address + (uint64_t)i * bytes;
    uint64_t page = e->page[(address ^ e->address) >> 12 != 0].value;

    if (e->step == e->reads + e->writes)
        return false;
    e->access.ipa = vcpu_ipa(page | (address & 0xfff));
    e->access.size = (uint8_t)bytes;
    e->access.write = write;
    e->access.data = write ? register_cut(write_data(e, i, x), bytes) : 0;
    return true;
}

/* Does the data that a compare-and-swap read equal Rs (and for a pair the register after it)? */
static bool compares_equal(const struct vcpu_emulation *e, const uint64_t x[31])
{
    const struct vcpu_load_store *insn = &e->instruction;
    uint64_t differ = 0;

    for (unsigned i = 0; i < insn->count; i++)
        differ |= e->data[i] ^ register_cut(register_read(x, insn->rs + i), insn->size);
    return differ == 0;
}

void vcpu_a64_made(struct vcpu_emulation *e, const uint64_t x[31])
{
    if (e->step < e->reads)
        e->data[e->step] = register_cut(e->access.data, e->access.size);
    e->step++;
    if (e->instruction.kind == A64_COMPARE_AND_SWAP && e->step == e->reads && !compares_equal(e, x))
        e->writes = 0;
}
