/* SPDX-License-Identifier: MIT */
#include "decode/abort.h"

#include "arm/esr.h"
#include "decode/mmio.h"

/* No such code: the field has only six bits. */
#define FSC_NONE 0xff

/*
 * The faults of translation tables. With HCR_EL2.TGE = 0 the guest's own go to its EL1, so these
 * are faults of stage 2. `hpfar`: HPFAR_EL2 holds the address. For a fault on a stage-1 walk it
 * always does, for each kind.
 */
static const struct fault_code {
    uint8_t level0;       /* the code of level 0; 1 to 3 follow */
    uint8_t level_minus1; /* the code of level -1 */
    uint8_t kind;         /* enum vcpu_fault_kind */
    bool hpfar;
} fault_codes[] = {
    {FSC_ADDRESS_SIZE_L0, FSC_ADDRESS_SIZE_LM1, VCPU_FAULT_ADDRESS_SIZE, true},
    {FSC_TRANSLATION_L0, FSC_TRANSLATION_LM1, VCPU_FAULT_TRANSLATION, true},
    {FSC_ACCESS_FLAG_L0, FSC_NONE, VCPU_FAULT_ACCESS_FLAG, true},
    {FSC_PERMISSION_L0, FSC_NONE, VCPU_FAULT_PERMISSION, false},
};
#define FAULT_CODES (sizeof(fault_codes) / sizeof(fault_codes[0]))

/* NULL: not a fault of stage-2 tables. */
static const struct fault_code *find_fault_code(uint64_t fsc, int8_t *level)
{
    for (unsigned i = 0; i < FAULT_CODES; i++) {
        if ((fsc & FSC_KIND) == fault_codes[i].level0) {
            *level = (int8_t)(fsc & FSC_LEVEL);
            return &fault_codes[i];
        }
        if (fsc == fault_codes[i].level_minus1) {
            *level = -1;
            return &fault_codes[i];
        }
    }
    return 0;
}

/*
 * The common part of both kinds of abort. Aborts that are not stage 2's are unhandled: external,
 * tag check, alignment, TLB conflict, and level -2, which needs tables that nobody makes here.
 */
static void decode_abort(uint64_t esr, uint64_t far, uint64_t hpfar, struct vcpu_exit *exit)
{
    struct vcpu_fault *fault = &exit->fault;
    uint64_t fsc = FIELD_GET(ISS_ABORT_FSC, esr);
    const struct fault_code *code = find_fault_code(fsc, &fault->level);

    /* FnV means this for an external abort only. */
    if (fsc != FSC_EXTERNAL || !(esr & ISS_ABORT_FNV))
        exit->far_el2 = far;

    if (!code) {
        exit->reason = VCPU_EXIT_UNHANDLED;
        return;
    }
    exit->reason = VCPU_EXIT_STAGE2_FAULT;
    fault->kind = code->kind;
    fault->s1ptw = esr & ISS_ABORT_S1PTW;
    fault->ipa_valid = code->hpfar || fault->s1ptw;
    /*
     * FAR_EL2 is the address that was translated. It does not say where in the table the walk was.
     */
    if (fault->ipa_valid)
        exit->ipa = decode_ipa(fault->s1ptw ? 0 : far, hpfar);
}

void vcpu_decode_data_abort(uint64_t esr, uint64_t far, uint64_t hpfar, const uint64_t x[31],
                            struct vcpu_exit *exit)
{
    struct vcpu_fault *fault = &exit->fault;

    if (decode_mmio(esr, far, hpfar, x, exit))
        return;
    /* FAR_EL2 is any address of the page, perhaps one that was not accessed. */
    if ((esr & (ISS_DABT_ISV | ISS_DABT_FNP)) == ISS_DABT_FNP)
        far &= ~GENMASK(11, 0);
    decode_abort(esr, far, hpfar, exit);
    if (exit->reason != VCPU_EXIT_STAGE2_FAULT)
        return;

    /* Level -1, the only translation fault that decode_mmio does not take. */
    if (fault->kind == VCPU_FAULT_TRANSLATION && decode_mmio_is_valid(esr)) {
        decode_mmio_fill(esr, far, hpfar, esr & ISS_ABORT_WNR, x, exit);
        return;
    }
    /* Cache maintenance counts as a write: the architecture sets WnR for it. */
    fault->cache_maintenance = esr & ISS_ABORT_CM;
    fault->access = esr & (ISS_ABORT_WNR | ISS_ABORT_CM) ? VCPU_ACCESS_WRITE : VCPU_ACCESS_READ;
    if (decode_mmio_is_valid(esr)) {
        fault->mmio.size = (uint8_t)decode_mmio_size(esr);
        if (fault->access == VCPU_ACCESS_WRITE)
            fault->mmio.data = decode_mmio_data(esr, x);
    }
}

void vcpu_decode_instruction_abort(uint64_t esr, uint64_t far, uint64_t hpfar,
                                   struct vcpu_exit *exit)
{
    decode_abort(esr, far, hpfar, exit);
    if (exit->reason == VCPU_EXIT_STAGE2_FAULT)
        exit->fault.access = VCPU_ACCESS_EXECUTE;
}

bool vcpu_decode_apply_par(struct vcpu_exit *exit, uint64_t par)
{
    if (par & PAR_F)
        return false;
    exit->ipa = vcpu_ipa((par & PAR_PA) | (exit->far_el2 & GENMASK(11, 0)));
    exit->fault.ipa_valid = true;
    return true;
}
