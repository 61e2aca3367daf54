/* SPDX-License-Identifier: MIT */
#include "cpu/probe.h"

#include <stddef.h>

#include <vcpu/error.h>

#include "arm/el2.h"
#include "arm/pmu.h"
#include "guest/id.h"

int vcpu_probe_level(uint64_t currentel, uint64_t spsel)
{
    bool el2h = FIELD_GET(CURRENTEL_EL, currentel) == 2 && (spsel & SPSEL_SP);

    return el2h ? VCPU_OK : VCPU_ERR_NOT_EL2;
}

bool vcpu_probe_has_pmu(const uint64_t id[ID_REG_COUNT])
{
    uint64_t version = FIELD_GET(ID_AA64DFR0_PMUVER, id[ID_AA64DFR0_EL1]);

    /* 0xf is an IMPLEMENTATION DEFINED unit, not PMUv3. */
    return version != 0 && version != 0xf;
}

uint8_t vcpu_probe_guest_counters(uint64_t pmcr_el0, uint64_t mdcr_el2)
{
    uint64_t all = FIELD_GET(PMCR_EL0_N, pmcr_el0), below = FIELD_GET(MDCR_EL2_HPMN, mdcr_el2);

    return (uint8_t)(below == 0 || below > all ? all : below);
}

bool vcpu_probe_has_gic_sysregs(const uint64_t id[ID_REG_COUNT])
{
    return FIELD_GET(ID_AA64PFR0_GIC, id[ID_AA64PFR0_EL1]) != 0;
}

/*
 * 52 and more bits need larger granules or FEAT_LPA2. With 4 KiB and without FEAT_LPA2, 48 is the
 * most.
 */
static uint8_t pa_bits(const uint64_t id[ID_REG_COUNT])
{
    static const uint8_t bits[] = {32, 36, 40, 42, 44, 48};
    uint64_t range = FIELD_GET(ID_AA64MMFR0_PARANGE, id[ID_AA64MMFR0_EL1]);

    return range < sizeof(bits) ? bits[range] : 48;
}

static bool has_4k_at_stage2(const uint64_t id[ID_REG_COUNT])
{
    uint64_t stage2 = FIELD_GET(ID_AA64MMFR0_TGRAN4_2, id[ID_AA64MMFR0_EL1]);

    if (stage2 == 0) /* as at stage 1, where 0xf is "no" */
        return FIELD_GET(ID_AA64MMFR0_TGRAN4, id[ID_AA64MMFR0_EL1]) != 0xf;
    return stage2 >= 2;
}

static bool has(const uint64_t id[ID_REG_COUNT], unsigned reg, uint64_t field)
{
    return (id[reg] & field) != 0;
}

/* Features that exist if a field of an ID_AA64 register has at least this value. */
static const struct {
    uint8_t feature; /* its offset in struct vcpu_features */
    uint8_t reg, shift, least;
} fields[] = {
/* clang-format off */
#define ROW(feature, reg, field, least)                                                            \
    offsetof(struct vcpu_features, feature), ID_AA64##reg##_EL1,                                   \
        FIELD_SHIFT(ID_AA64##reg##_##field), least
    {ROW(vhe, MMFR1, VH, 1)},
    {ROW(sve, PFR0, SVE, 1)},
    {ROW(sme, PFR1, SME, 1)},
    {ROW(mte, PFR1, MTE, 2)}, /* value 1: only the instructions at EL0, no tags */
    {ROW(pan, MMFR1, PAN, 1)},
    {ROW(uao, MMFR2, UAO, 1)},
    {ROW(dit, PFR0, DIT, 1)},
    {ROW(ssbs, PFR1, SSBS, 2)}, /* value 1: the bit, but no MRS and MSR for it */
    {ROW(nmi, PFR1, NMI, 1)},
    {ROW(ras, PFR0, RAS, 1)},
    {ROW(lor, MMFR1, LO, 1)},
    {ROW(mpam, PFR0, MPAM, 1)},
    {ROW(mpam, PFR1, MPAM_FRAC, 1)},
    {ROW(amu, PFR0, AMU, 1)},
    {ROW(spe, DFR0, PMSVER, 1)},
    {ROW(trbe, DFR0, TRACEBUFFER, 1)},
    {ROW(trf, DFR0, TRACEFILT, 1)},
    {ROW(trace, DFR0, TRACEVER, 1)},
    {ROW(fgt, MMFR0, FGT, 1)},
    {ROW(evt, MMFR2, EVT, 1)},
    {ROW(hcx, MMFR1, HCX, 1)},
    {ROW(s2fwb, MMFR2, FWB, 1)},
    {ROW(xnx, MMFR1, XNX, 1)},
    {ROW(scxtnum, PFR0, CSV2, 2)},
    {ROW(scxtnum, PFR1, CSV2_FRAC, 2)},
#undef ROW
};
/* clang-format on */

int vcpu_probe_features(const uint64_t id[ID_COUNT], uint64_t hcr_el2, uint64_t pmcr_el0,
                        uint64_t icc_sre_el2, struct vcpu_features *features)
{
    uint64_t fp = id[ID_AA64PFR0_EL1] & ID_AA64PFR0_FP;

    if (probe_is_refused(id[ID_MIDR_EL1]) || probe_hides_gic(id[ID_MIDR_EL1], id[ID_AA64PFR0_EL1]))
        return VCPU_ERR_UNSUPPORTED;
    if ((hcr_el2 & HCR_EL2_E2H) && !(hcr_el2 & HCR_EL2_TGE))
        return VCPU_ERR_UNSUPPORTED;
    if (!has(id, ID_AA64PFR0_EL1, ID_AA64PFR0_EL1_MODE) || !has_4k_at_stage2(id))
        return VCPU_ERR_UNSUPPORTED;

    *features = (struct vcpu_features){
        .pa_bits = pa_bits(id),
        .vmid_bits = FIELD_GET(ID_AA64MMFR1_VMIDBITS, id[ID_AA64MMFR1_EL1]) == 2 ? 16 : 8,
        .debug_breakpoints = (uint8_t)(FIELD_GET(ID_AA64DFR0_BRPS, id[ID_AA64DFR0_EL1]) + 1),
        .debug_watchpoints = (uint8_t)(FIELD_GET(ID_AA64DFR0_WRPS, id[ID_AA64DFR0_EL1]) + 1),
        .pmu_counters = (uint8_t)FIELD_GET(PMCR_EL0_N, pmcr_el0),
        .aarch32_el0 = FIELD_GET(ID_AA64PFR0_EL0, id[ID_AA64PFR0_EL1]) == 2,
        .gic_sysregs = vcpu_probe_has_gic_sysregs(id) && (icc_sre_el2 & ICC_SRE_EL2_SRE),
        .pmu = vcpu_probe_has_pmu(id),
        .fp = fp != ID_AA64PFR0_FP, /* 0 means "yes" here, 0xf "no" */
        .pauth = vcpu_id_has_pauth(id),
    };
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if ((id[fields[i].reg] >> fields[i].shift & 0xf) >= fields[i].least)
            *((bool *)features + fields[i].feature) = true;
    return VCPU_OK;
}
