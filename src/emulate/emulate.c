/* SPDX-License-Identifier: MIT */
#include <vcpu/emulate.h>

#include <vcpu/inject.h>

#include "arm/esr.h"
#include "arm/pstate.h"
#include "device/device.h"
#include "emulate/a64.h"
#include "hw/sysreg.h"
#include "state/advance.h"
#include "state/hold.h"
#include "switch/el1.h"
#include "switch/translate.h"
#include "switch/vector.h"

#define PAGE_OFFSET GENMASK(11, 0)
#define PAGE_NUMBER GENMASK(55, 12) /* without a tag, which FAR_EL2 need not have */

/* Is it the exit of a load or store that is not complete? */
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

/* Brings the registers that the instruction can name to memory, until registers_give_back. */
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

    vcpu_el1_fetch(v);
    if (insn->vector)
        r.v = vcpu_vector_take(v, &r.stride);
    return r;
}

static void registers_give_back(struct vcpu_state *v, const struct vcpu_load_store *insn)
{
    if (insn->vector)
        vcpu_vector_give_back(v);
    if (a64_writes_back(insn) && a64_base_is_sp(insn))
        vcpu_el1_store(v);
}

/*
 * Does the guest let this level use SIMD&FP registers? If not, they can hold another program's
 * state.
 */
static bool has_vectors(const struct vcpu_state *v)
{
    uint64_t fpen = FIELD_GET(CPACR_EL1_FPEN, v->el1[EL1_CPACR_EL1]);

    return fpen == 3 || (fpen == 1 && (v->pub.regs.pstate & PSTATE_EL));
}

/*
 * The word was read after the fault, and the guest can have changed it. So it must be an
 * instruction that can have faulted there. An atomic faults as a read or as a write.
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

static bool has_el0_rights(const struct vcpu_state *v, const struct vcpu_load_store *insn)
{
    uint64_t pstate = v->pub.regs.pstate;

    return !(pstate & PSTATE_EL) || (insn->unprivileged && !(pstate & PSTATE_UAO));
}

/*
 * The PAR_EL1 of a translation with the rights of the guest's program, PSTATE.PAN among them. With
 * FEAT_PAN but not FEAT_PAN2 no AT looks at PAN: it denies EL1 what EL0 can read. Then the level of
 * the fault is not known either.
 */
static uint64_t par_of(const struct vcpu_state *v, const struct vcpu_load_store *insn, uint64_t va,
                       enum vcpu_access access)
{
    uint64_t par;

    if (has_el0_rights(v, insn))
        return vcpu_translate_par(v, va, access, TRANSLATE_EL0);
    if (!(v->pub.regs.pstate & PSTATE_PAN))
        return vcpu_translate_par(v, va, access, TRANSLATE_EL1);
    if (FIELD_GET(ID_AA64MMFR1_PAN, v->vm->id[ID_AA64MMFR1_EL1]) >= 2)
        return vcpu_translate_par(v, va, access, TRANSLATE_EL1_PAN);
    par = vcpu_translate_par(v, va, access, TRANSLATE_EL1);
    if (!(par & PAR_F) && (v->el1[EL1_SCTLR_EL1] & SCTLR_EL1_M) &&
        !(vcpu_translate_par(v, va, VCPU_ACCESS_READ, TRANSLATE_EL0) & PAR_F))
        par = PAR_F | FIELD_PREP(PAR_FST, VCPU_FSC_PERMISSION + 3);
    return par;
}

/*
 * Translates one page, with the rights of the guest's program: the translation of the word's
 * address has not checked these. An abort of stage 1 is injected here, because the CPU would report
 * the other page's stage-2 fault again and again. An abort of stage 2 on the guest's tables will be
 * an exit of its own.
 */
static int translate(struct vcpu_state *v, const struct vcpu_emulation *e, uint64_t va,
                     vcpu_ipa_t *page)
{
    for (enum vcpu_access access = VCPU_ACCESS_READ; access <= VCPU_ACCESS_WRITE; access++) {
        uint64_t par;

        if (!(access == VCPU_ACCESS_WRITE ? e->writes : e->reads))
            continue;
        par = par_of(v, &e->instruction, va, access);
        *page = vcpu_ipa(par & PAR_PA);
        if (!(par & PAR_F))
            continue;
        if ((par & PAR_S) ||
            vcpu_inject_abort(&v->pub, access, (uint8_t)FIELD_GET(PAR_FST, par), &va))
            return VCPU_EMULATE_RETRY;
        return VCPU_EMULATE_DONE;
    }
    return VCPU_EMULATE_ACCESS;
}

static bool is_in_two_pages(const struct vcpu_emulation *e)
{
    uint64_t last = e->address + vcpu_a64_extent(e) - 1;

    return ((e->address ^ last) & ~PAGE_OFFSET) != 0;
}

/* Does one access lie in two pages? They can be anywhere. */
static bool straddles(const struct vcpu_emulation *e)
{
    unsigned bytes = e->instruction.size < 8 ? e->instruction.size : 8;

    return (e->address & (bytes - 1)) != 0 && is_in_two_pages(e);
}

/* Writes the registers where they are, and ends the exit. */
static void finish(struct vcpu_state *v, const struct vcpu_emulation *e)
{
    const struct vcpu_load_store *insn = &e->instruction;
    const struct a64_registers r = registers_take(v, insn);

    vcpu_a64_finish(e, &r);
    registers_give_back(v, insn);
    vcpu_advance(v);
}

/* Gives the next access, or finishes. */
static int go_on(struct vcpu_state *v, struct vcpu_emulation *e)
{
    if (vcpu_a64_access(e, v->pub.regs.x))
        return VCPU_EMULATE_ACCESS;
    finish(v, e);
    return VCPU_EMULATE_DONE;
}

static int begin(struct vcpu_state *v, struct vcpu_emulation *e)
{
    int result;
    const struct a64_registers r = registers_take(v, &e->instruction);

    vcpu_a64_plan(e, &r);
    registers_give_back(v, &e->instruction);
    if (!explains_fault(v, e))
        return VCPU_EMULATE_RETRY;
    if (straddles(e)) {
        e->refusal = VCPU_REFUSAL_STRADDLE;
        return VCPU_EMULATE_REFUSED;
    }
    result = translate(v, e, e->address, &e->page[0]);
    if (result == VCPU_EMULATE_ACCESS && is_in_two_pages(e))
        result = translate(v, e, (e->address | PAGE_OFFSET) + 1, &e->page[1]);
    return result == VCPU_EMULATE_ACCESS ? go_on(v, e) : result;
}

/* VCPU_OK, or why the exit's instruction cannot be emulated. */
static int may_begin(const struct vcpu *vcpu, struct vcpu_emulation *e)
{
    if (!is_of_access(&vcpu->exit))
        return VCPU_ERR_STATE;
    e->refusal = vcpu->regs.pstate & PSTATE_NRW ? VCPU_REFUSAL_AARCH32 : VCPU_REFUSAL_NONE;
    return e->refusal ? VCPU_EMULATE_REFUSED : VCPU_OK;
}

int vcpu_emulate_begin(struct vcpu *vcpu, uint32_t word, struct vcpu_emulation *e)
{
    struct vcpu_state *v = state_of(vcpu);
    int result;
    uint64_t daif;

    if (!vcpu || !e)
        return VCPU_ERR_INVALID;
    result = may_begin(vcpu, e);
    if (result)
        return result;
    e->pc = vcpu->regs.pc;
    e->refusal = vcpu_a64_classify(word, &e->instruction);
    if (e->refusal)
        return VCPU_EMULATE_REFUSED;
    if (!vcpu_hold(v, &daif))
        return VCPU_ERR_BUSY;
    result = state_cpu(v) ? begin(v, e) : VCPU_ERR_STATE;
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
    if (!vcpu_hold(v, &daif))
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
    /*
     * Before the fetch: T32 instructions have two bytes, and a word could go beyond the end of the
     * guest's memory.
     */
    result = may_begin(vcpu, e);
    if (result)
        return result;
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
