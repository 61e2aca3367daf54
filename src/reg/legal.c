/* SPDX-License-Identifier: MIT */
/* The values that a guest can have. */
#include "reg/reg.h"

#include "arm/el1.h"
#include "arm/pstate.h"

static bool has_aarch32(const struct vcpu_vm *vm)
{
    return FIELD_GET(ID_AA64PFR0_EL0, vm->id[ID_AA64PFR0_EL1]) == 2;
}

/*
 * A PSTATE that ERET may be given: AArch64 at EL0 or EL1, or AArch32 User mode where the CPU has
 * it, and only bits that have a meaning there and that read back (vcpu_reg_pstate_shown).
 */
bool vcpu_reg_pstate_is_legal(const struct vcpu_vm *vm, uint64_t pstate)
{
    const uint64_t both = PSTATE_N | PSTATE_Z | PSTATE_C | PSTATE_V | PSTATE_DIT | PSTATE_PAN |
                          PSTATE_SS | PSTATE_IL | PSTATE_A | PSTATE_I | PSTATE_F | PSTATE_M;
    const uint64_t only64 = PSTATE_UAO | PSTATE_SSBS | PSTATE_BTYPE | PSTATE_D;
    const uint64_t only32 = PSTATE32_Q | PSTATE32_IT_LO | PSTATE32_SSBS | PSTATE32_GE |
                            PSTATE32_IT_HI | PSTATE32_E | PSTATE32_T;

    switch (pstate & PSTATE_M) {
    case PSTATE_M_EL0T:
    case PSTATE_M_EL1T:
    case PSTATE_M_EL1H:
        return !(pstate & ~(both | only64));
    case PSTATE_M_USER32:
        return has_aarch32(vm) && !(pstate & ~(both | only32));
    default:
        return false;
    }
}

bool vcpu_reg_pc_is_legal(uint64_t pstate, uint64_t pc)
{
    return pstate & PSTATE_NRW ? !(pc >> 32) : !(pc & 3);
}

/*
 * Each exception sets bits of FEAT_MTE, FEAT_NMI and, in the upper half, later features, shown or
 * not. No guest uses them, and a CPU without the feature must not get them.
 */
uint64_t vcpu_reg_pstate_shown(uint64_t pstate)
{
    const uint64_t hidden = PSTATE_TCO | PSTATE_ALLINT | GENMASK(63, 32);

    return pstate & PSTATE_NRW ? pstate : pstate & ~hidden;
}

/*
 * Control bits by feature. They are reserved unless the world switch's condition holds, and the
 * field of the guest's ID register has at least this value. A field has four bits; NEVER is for
 * features that no guest is shown.
 */
struct reserved_bits {
    uint64_t bits;
    uint8_t row; /* enum el1_index */
    uint8_t when;
    uint8_t id, shift;
    uint8_t least;
};

#define NEVER 16

#define IF_SHOWN(row, bits, id, field, least)                                                      \
    bits, EL1_##row, EL1_ALWAYS, id, __builtin_ctzll(field), least
#define IF_SWITCHED(row, bits, when) bits, EL1_##row, when, 0, 0, 0
#define RES0(row, bits)              bits, EL1_##row, EL1_ALWAYS, 0, 0, NEVER

static const struct reserved_bits reserved[] = {
    {IF_SWITCHED(SCTLR_EL1, SCTLR_EL1_EN_PAUTH, EL1_PAUTH)},
    {IF_SHOWN(SCTLR_EL1, SCTLR_EL1_BT, ID_AA64PFR1_EL1, ID_AA64PFR1_BT, 1)},
    {IF_SHOWN(SCTLR_EL1, SCTLR_EL1_DSSBS, ID_AA64PFR1_EL1, ID_AA64PFR1_SSBS, 1)},
    {IF_SHOWN(SCTLR_EL1, SCTLR_EL1_EPAN, ID_AA64MMFR1_EL1, ID_AA64MMFR1_PAN, 3)},
    {IF_SHOWN(SCTLR_EL1, SCTLR_EL1_NAA, ID_AA64MMFR2_EL1, ID_AA64MMFR2_AT, 1)},
    {IF_SHOWN(SCTLR_EL1, SCTLR_EL1_ENRCTX, ID_AA64ISAR1_EL1, ID_AA64ISAR1_SPECRES, 1)},
    /* Always hidden: RAS (IESB), MTE, transactions, LS64, SME and others. */
    {RES0(SCTLR_EL1, SCTLR_EL1_IESB | SCTLR_EL1_ENDIAN | SCTLR_EL1_CMOW | SCTLR_EL1_MSCEN |
                         SCTLR_EL1_ENFPM | SCTLR_EL1_MTE | SCTLR_EL1_TWED | SCTLR_EL1_TME |
                         SCTLR_EL1_LS64 | SCTLR_EL1_ENTP2 | SCTLR_EL1_NMI | SCTLR_EL1_SPINTMASK |
                         SCTLR_EL1_TIDCP)},
    {IF_SWITCHED(TCR_EL1, TCR_EL1_TBID, EL1_PAUTH)},
    {IF_SWITCHED(TCR_EL1, TCR_EL1_NFD, EL1_SVE)},
    {IF_SHOWN(TCR_EL1, TCR_EL1_HA, ID_AA64MMFR1_EL1, ID_AA64MMFR1_HAFDBS, 1)},
    {IF_SHOWN(TCR_EL1, TCR_EL1_HD, ID_AA64MMFR1_EL1, ID_AA64MMFR1_HAFDBS, 2)},
    {IF_SHOWN(TCR_EL1, TCR_EL1_HPD, ID_AA64MMFR1_EL1, ID_AA64MMFR1_HPDS, 1)},
    {IF_SHOWN(TCR_EL1, TCR_EL1_HWU, ID_AA64MMFR1_EL1, ID_AA64MMFR1_HPDS, 2)},
    {IF_SHOWN(TCR_EL1, TCR_EL1_E0PD, ID_AA64MMFR2_EL1, ID_AA64MMFR2_E0PD, 1)},
    /* MTE, and 52-bit addresses of FEAT_LPA2. */
    {RES0(TCR_EL1, TCR_EL1_TCMA | TCR_EL1_MTX | TCR_EL1_DS)},
    {IF_SWITCHED(CPACR_EL1, CPACR_EL1_ZEN, EL1_SVE)},
    /* SME, permission overlays, trace. */
    {RES0(CPACR_EL1, CPACR_EL1_SMEN | CPACR_EL1_E0POE | CPACR_EL1_TTA)},
    /* FEAT_ECV; MTE. */
    {RES0(CNTKCTL_EL1, ~CNTKCTL_EL1_ARMV8_0)},
    {RES0(CSSELR_EL1, ~CSSELR_EL1_ARMV8_0)},
    {RES0(ZCR_EL1, ~ZCR_EL1_LEN)},
    {RES0(VSESR_EL2, ~VSESR_EL2_SYNDROME)},
    {RES0(VDISR_EL2, ~VDISR_EL2_DEFINED)},
};

uint64_t vcpu_reg_reserved(const struct vcpu_vm *vm, enum el1_index row)
{
    uint64_t bits = 0;

    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
        const struct reserved_bits *r = &reserved[i];

        if (r->row == row &&
            ((vm->when & r->when) != r->when || (vm->id[r->id] >> r->shift & 0xf) < r->least))
            bits |= r->bits;
    }
    return bits;
}
