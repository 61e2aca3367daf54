/* SPDX-License-Identifier: MIT */
#include <vcpu/emulate.h>

#include "arm/esr.h"
#include "arm/pstate.h"
#include "core/advance.h"
#include "core/device.h"
#include "core/switch.h"
#include "core/translate.h"
#include "core/vector.h"
#include "decode/a64.h"
#include "hw/sysreg.h"

#define PAGE_OFFSET GENMASK(11, 0)
#define PAGE_NUMBER GENMASK(55, 12) /* without a tag, which FAR_EL2 need not have */

/* Is the exit of a load or store that did not come to its end? */
static bool is_of_access(const struct vcpu_exit *exit)
{
    switch (exit->reason) {
    case VCPU_EXIT_MMIO_READ:
    case VCPU_EXIT_MMIO_WRITE:
        return true;
    case VCPU_EXIT_STAGE2_FAULT:
        return exit->fault.access != VCPU_ACCESS_EXECUTE && !exit->fault.s1ptw &&
               !exit->fault.cache_maintenance;
    default:
        return false;
    }
}

/* The registers that the instruction may name, in memory until registers_give_back. */
static struct a64_registers registers_take(struct vcpu_state *v, const struct vcpu_load_store *insn)
{
    struct vcpu_regs *regs = &v->pub.regs;
    bool el1h = (regs->pstate & PSTATE_M) == PSTATE_M_EL1H;
    struct a64_registers r = {
        .x = regs->x,
        .sp = el1h ? &v->el1[EL1_SP_EL1] : &regs->sp_el0,
        .pc = regs->pc,
        .zero_block = UINT64_C(4) << FIELD_GET(DCZID_EL0_BS, READ_SYSREG(dczid_el0)),
    };

    vcpu_switch_fetch(v);
    if (insn->vector)
        r.v = vcpu_vector_take(v, &r.stride);
    return r;
}

static void registers_give_back(struct vcpu_state *v, const struct vcpu_load_store *insn)
{
    if (insn->vector)
        vcpu_vector_give_back(v);
    if (a64_writes_back(insn) && a64_base_is_sp(insn))
        vcpu_switch_store(v);
}

/* Does the guest let this level have SIMD&FP registers? They may hold another program's state. */
static bool has_vectors(const struct vcpu_state *v)
{
    uint64_t fpen = FIELD_GET(CPACR_EL1_FPEN, v->el1[EL1_CPACR_EL1]);

    return fpen == 3 || (fpen == 1 && (v->pub.regs.pstate & PSTATE_EL));
}

/*
 * The word was read after the fault, and the guest may have changed it: it must be one that can
 * have faulted there. An atomic faults as a read or as a write.
 */
static bool explains_fault(const struct vcpu_state *v, const struct vcpu_emulation *e)
{
    const struct vcpu_exit *exit = &v->pub.exit;
    uint64_t extent = vcpu_a64_extent(e);
    uint64_t first = (exit->far_el2 ^ e->address) & PAGE_NUMBER;
    uint64_t last = (exit->far_el2 ^ (e->address + extent - 1)) & PAGE_NUMBER;
    bool write = exit->esr_el2 & ISS_ABORT_WNR;

    if (e->instruction.vector && !has_vectors(v))
        return false;
    return extent == 0 || ((first == 0 || last == 0) && (write ? e->writes : e->reads));
}

/* Is each page one that the guest's program may access so? Not asked of it before for the word. */
static bool translate(const struct vcpu_state *v, struct vcpu_emulation *e)
{
    const uint64_t last = e->address + vcpu_a64_extent(e) - 1;

    if (!(e->reads | e->writes))
        return true;
    for (unsigned i = 0; i < 2; i++) {
        uint64_t va = i ? last : e->address;

        if ((e->reads && !vcpu_translate_va(v, va, VCPU_ACCESS_READ, &e->page[i])) ||
            (e->writes && !vcpu_translate_va(v, va, VCPU_ACCESS_WRITE, &e->page[i])))
            return false;
        e->page[i].value &= ~PAGE_OFFSET;
    }
    return true;
}

/* Does one access lie in two pages, which may be anywhere? */
static bool straddles(const struct vcpu_emulation *e)
{
    uint64_t last = e->address + vcpu_a64_extent(e) - 1;
    unsigned bytes = e->instruction.size < 8 ? e->instruction.size : 8;

    return (e->address & (bytes - 1)) != 0 && ((e->address ^ last) & ~PAGE_OFFSET) != 0;
}

/* The registers are written where they are, and the exit ends. */
static void finish(struct vcpu_state *v, const struct vcpu_emulation *e)
{
    const struct vcpu_load_store *insn = &e->instruction;
    const struct a64_registers r = registers_take(v, insn);

    vcpu_a64_finish(e, &r);
    registers_give_back(v, insn);
    vcpu_advance(v);
}

/* The next access, or the end. */
static int go_on(struct vcpu_state *v, struct vcpu_emulation *e)
{
    if (vcpu_a64_access(e, v->pub.regs.x))
        return VCPU_EMULATE_ACCESS;
    finish(v, e);
    return VCPU_EMULATE_DONE;
}

static int begin(struct vcpu_state *v, struct vcpu_emulation *e)
{
    const struct a64_registers r = registers_take(v, &e->instruction);

    vcpu_a64_plan(e, &r);
    registers_give_back(v, &e->instruction);
    if (!explains_fault(v, e))
        return VCPU_EMULATE_RETRY;
    if (straddles(e)) {
        e->refusal = VCPU_REFUSAL_STRADDLE;
        return VCPU_EMULATE_REFUSED;
    }
    return translate(v, e) ? go_on(v, e) : VCPU_EMULATE_RETRY;
}

int vcpu_emulate_begin(struct vcpu *vcpu, uint32_t word, struct vcpu_emulation *e)
{
    struct vcpu_state *v = state_of(vcpu);
    int result = VCPU_ERR_STATE;
    uint64_t daif;

    if (!vcpu || !e)
        return VCPU_ERR_INVALID;
    if (!is_of_access(&vcpu->exit))
        return VCPU_ERR_STATE;
    e->pc = vcpu->regs.pc;
    e->refusal = vcpu->regs.pstate & PSTATE_NRW ? VCPU_REFUSAL_AARCH32
                                                : vcpu_a64_classify(word, &e->instruction);
    if (e->refusal)
        return VCPU_EMULATE_REFUSED;
    if (!vcpu_switch_hold(v, &daif))
        return VCPU_ERR_BUSY;
    if (state_cpu(v))
        result = begin(v, e);
    daif_restore(daif);
    return result;
}

int vcpu_emulate_next(struct vcpu *vcpu, struct vcpu_emulation *e)
{
    struct vcpu_state *v = state_of(vcpu);
    int result = VCPU_ERR_STATE;
    uint64_t daif;

    if (!vcpu || !e)
        return VCPU_ERR_INVALID;
    if (!is_of_access(&vcpu->exit) || vcpu->regs.pc != e->pc)
        return VCPU_ERR_STATE;
    if (!vcpu_switch_hold(v, &daif))
        return VCPU_ERR_BUSY;
    if (state_cpu(v)) {
        vcpu_a64_made(e, vcpu->regs.x);
        result = go_on(v, e);
    }
    daif_restore(daif);
    return result;
}

int vcpu_emulate(struct vcpu *vcpu, const struct vcpu_emulate_ops *ops, void *ctx,
                 struct vcpu_emulation *e)
{
    struct vcpu_emulated_access *access = &e->access;
    uint32_t word;
    vcpu_ipa_t ipa;
    int result;

    if (!vcpu || !ops || !e)
        return VCPU_ERR_INVALID;
    result = vcpu_translate(vcpu, vcpu->regs.pc, VCPU_ACCESS_EXECUTE, &ipa);
    if (result)
        return result == VCPU_ERR_NOT_FOUND ? VCPU_EMULATE_RETRY : result;
    if (!ops->fetch(ctx, vcpu, ipa, &word)) {
        e->refusal = VCPU_REFUSAL_FETCH;
        return VCPU_EMULATE_REFUSED;
    }
    for (result = vcpu_emulate_begin(vcpu, word, e); result == VCPU_EMULATE_ACCESS;
         result = vcpu_emulate_next(vcpu, e))
        if (!vcpu_device_access(vcpu, access->ipa, access->size, access->write, &access->data) &&
            !ops->access(ctx, vcpu, access->ipa, access->size, access->write, &access->data))
            return VCPU_EMULATE_NOBODY;
    return result;
}
