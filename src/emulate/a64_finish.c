/* SPDX-License-Identifier: MIT */
/* Writes the registers after a load or store. */
#include "emulate/a64.h"

#include "decode/register.h"

/* The data of a load in a general register. */
static uint64_t extend(const struct vcpu_load_store *insn, uint64_t data)
{
    unsigned unused = register_unused_bits(insn->size);

    if (insn->is_signed)
        data = (uint64_t)((int64_t)(data << unused) >> unused);
    return insn->wide || insn->size == 8 ? data : (uint32_t)data;
}

/* Shorter data clears the rest of the register: of V, and of the Z that V is part of. */
static void load_vector(const struct vcpu_emulation *e, const struct a64_registers *r, unsigned reg,
                        unsigned i)
{
    unsigned halves = e->instruction.size == 16 ? 2 : 1;

    for (unsigned n = 0; n < r->stride; n++)
        r->v[reg * r->stride + n] = n < halves ? e->data[i * halves + n] : 0;
}

static void load(const struct vcpu_emulation *e, const struct a64_registers *r, unsigned first,
                 unsigned second)
{
    const struct vcpu_load_store *insn = &e->instruction;

    for (unsigned i = 0; i < insn->count; i++) {
        unsigned reg = i ? second : first;

        if (insn->vector)
            load_vector(e, r, reg, i);
        else
            register_write(r->x, reg, extend(insn, e->data[i]));
    }
}

void vcpu_a64_finish(const struct vcpu_emulation *e, const struct a64_registers *r)
{
    const struct vcpu_load_store *insn = &e->instruction;

    switch (insn->kind) {
    case A64_LOAD:
    case A64_ATOMIC:
        load(e, r, insn->rt, insn->rt2);
        break;
    case A64_COMPARE_AND_SWAP:
        load(e, r, insn->rs, insn->rs + 1u);
        break;
    case A64_STORE_EXCLUSIVE:
        register_write(r->x, insn->rs, 1); /* the status: it failed */
        break;
    default:
        break;
    }
    if (a64_writes_back(insn))
        *(insn->rn == 31 ? r->sp : &r->x[insn->rn]) = e->base;
}
