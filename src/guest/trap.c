/* SPDX-License-Identifier: MIT */
#include "guest/trap.h"

#include "arm/gic.h"
#include "arm/pmu.h"
#include "guest/id.h"

static bool shows_scxtnum(const uint64_t id[ID_REG_COUNT])
{
    return (id[ID_AA64PFR0_EL1] & ID_AA64PFR0_CSV2_SCXTNUM) ||
           (id[ID_AA64PFR1_EL1] & ID_AA64PFR1_CSV2_FRAC_SCXTNUM);
}

uint32_t vcpu_trap_conditions(const struct vcpu_features *features, uint32_t vm_flags,
                              const uint64_t id[ID_REG_COUNT])
{
    uint32_t when = EL1_ALWAYS;

    if (features->sme)
        when |= EL1_SME;
    if (features->ras)
        when |= EL1_RAS;
    if (vm_flags & VCPU_VM_DIRECT_TIMER)
        when |= EL1_DIRECT_TIMER;
    if (features->pauth && vcpu_id_has_pauth(id))
        when |= EL1_PAUTH;
    if (features->sve && (id[ID_AA64PFR0_EL1] & ID_AA64PFR0_SVE))
        when |= EL1_SVE;
    if (features->scxtnum && shows_scxtnum(id))
        when |= EL1_SCXTNUM;
    return when;
}

static uint64_t hcr(const struct vcpu_features *features, uint32_t vm_flags, uint32_t when)
{
    /*
     * SWIO: invalidation by set/way cannot be virtualized; with SWIO it also cleans, so nobody
     * loses data. PTW: a guest's table walk never reads a device. FB and BSU: the guest's TLB
     * maintenance and barriers reach the CPUs that its vCPUs move to.
     *
     * Bits that are 0 hide: ATA memory tags, FIEN error injection, TME transactions, NV
     * nested virtualization; API and APK pointer authentication, EnSCXT SCXTNUM_ELx.
     */
    uint64_t value = HCR_EL2_VM | HCR_EL2_SWIO | HCR_EL2_PTW | HCR_EL2_AMO | HCR_EL2_FB |
                     FIELD_PREP(HCR_EL2_BSU, HCR_EL2_BSU_INNER_SHAREABLE) | HCR_EL2_TID1 |
                     HCR_EL2_TID3 | HCR_EL2_TSC | HCR_EL2_TIDCP | HCR_EL2_TACR | HCR_EL2_RW;

    if (!(vm_flags & VCPU_VM_DIRECT_IRQ))
        value |= HCR_EL2_IMO | HCR_EL2_FMO;
    if (vm_flags & VCPU_VM_TRAP_SET_WAY)
        value |= HCR_EL2_TSW;
    if (vm_flags & VCPU_VM_STAGE2_FWB)
        value |= HCR_EL2_FWB;
    if (features->lor)
        value |= HCR_EL2_TLOR;
    if (features->ras)
        value |= HCR_EL2_TERR;
    if (features->mte)
        value |= HCR_EL2_TID5;
    if (when & EL1_PAUTH)
        value |= HCR_EL2_API | HCR_EL2_APK;
    if (when & EL1_SCXTNUM)
        value |= HCR_EL2_ENSCXT;
    return value;
}

/* SME and trace registers trap; SVE too if the guest does not have it. FP/SIMD does not. */
static uint64_t cptr(const struct vcpu_features *features, uint32_t when)
{
    uint64_t value = when & EL1_SVE ? CPTR_EL2_RES1 & ~CPTR_EL2_TZ : CPTR_EL2_RES1;

    if (features->trace)
        value |= CPTR_EL2_TTA;
    if (features->amu)
        value |= CPTR_EL2_TAM;
    return value;
}

uint64_t vcpu_trap_cptr_open(uint64_t hcr, uint64_t cptr)
{
    return hcr & HCR_EL2_E2H ? cptr | CPTR_EL2_VHE_ZEN | CPTR_EL2_VHE_FPEN
                             : cptr & ~(CPTR_EL2_TZ | CPTR_EL2_TFP);
}

static uint64_t mdcr(const struct vcpu_features *features)
{
    /* Debug registers, OS lock and ROM table are emulated. TDE is switch/debug.c's. */
    uint64_t value = MDCR_EL2_TDA | MDCR_EL2_TDOSA | MDCR_EL2_TDRA;

    /* HPMN of the host at enable, for guests with a PMU: counters from it on are EL2's. */
    if (features->pmu)
        value |= MDCR_EL2_TPM | MDCR_EL2_TPMCR | FIELD_PREP(MDCR_EL2_HPMN, features->pmu_counters);
    /* E2PB and E2TB = 0: the profiling and trace buffers are EL2's, and their registers trap. */
    if (features->spe)
        value |= MDCR_EL2_TPMS;
    if (features->trf)
        value |= MDCR_EL2_TTRF;
    if (features->fgt)
        value |= MDCR_EL2_TDCC;
    return value;
}

/*
 * Traps instructions that the guest is not shown and that only FEAT_FGT can trap. Without FEAT_FGT
 * they work; they have no state. A bit for an instruction that the CPU does not have has no effect.
 */
static uint64_t hfgitr(const uint64_t id[ID_REG_COUNT])
{
    static const struct {
        uint8_t reg, shift, since; /* the lowest value of the field with these instructions */
        uint64_t traps;
    } rows[] = {
        {ID_AA64ISAR0_EL1, FIELD_SHIFT(ID_AA64ISAR0_TLB), 1, HFGITR_EL2_TLBI_OS},
        {ID_AA64ISAR0_EL1, FIELD_SHIFT(ID_AA64ISAR0_TLB), 2, HFGITR_EL2_TLBI_RANGE},
        {ID_AA64ISAR1_EL1, FIELD_SHIFT(ID_AA64ISAR1_DPB), 1, HFGITR_EL2_DCCVAP},
        {ID_AA64ISAR1_EL1, FIELD_SHIFT(ID_AA64ISAR1_DPB), 2, HFGITR_EL2_DCCVADP},
        {ID_AA64ISAR1_EL1, FIELD_SHIFT(ID_AA64ISAR1_SPECRES), 1, HFGITR_EL2_RESTRICTIONS},
        {ID_AA64ISAR1_EL1, FIELD_SHIFT(ID_AA64ISAR1_SPECRES), 2, HFGITR_EL2_COSPRCTX},
        {ID_AA64ISAR2_EL1, FIELD_SHIFT(ID_AA64ISAR2_ATS1A), 1, HFGITR_EL2_ATS1E1A},
        {ID_AA64MMFR1_EL1, FIELD_SHIFT(ID_AA64MMFR1_PAN), 2, HFGITR_EL2_ATS1E1P},
    };
    uint64_t value = 0;

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if ((id[rows[i].reg] >> rows[i].shift & 0xf) < rows[i].since)
            value |= rows[i].traps;
    return value;
}

void vcpu_trap_el2(const struct vcpu_features *features, uint32_t vm_flags,
                   const uint64_t id[ID_REG_COUNT], uint64_t vtcr, uint64_t counter_offset,
                   struct el2_state *el2)
{
    uint32_t when = vcpu_trap_conditions(features, vm_flags, id);

    *el2 = (struct el2_state){
        .hcr = hcr(features, vm_flags, when),
        .cptr = cptr(features, when),
        .mdcr = mdcr(features),
        .hstr = HSTR_EL2_T15, /* IMPLEMENTATION DEFINED CP15 registers from AArch32 EL0 */
        .cntvoff = counter_offset,
        .vtcr = vtcr,
        /*
         * Without EN, EL0's accesses would trap to the guest's EL1 and not to EL2, also in a VM without
         * a PMU.
         */
        .pmuserenr = PMUSERENR_EN,
        /*
         * ICC_SRE_EL1 has no virtual form: a guest that wrote SRE = 0 there would take the system
         * registers from the next one, where the CPU has version 2's interface, too.
         */
        .icc_sre_el1 = ICC_SRE_SYSTEM,
        .icc_sre = vm_flags & VCPU_VM_DIRECT_IRQ ? ICC_SRE_EL2_ENABLE : 0,
        .mpam2 = MPAM2_EL2_TRAPMPAM0EL1 | MPAM2_EL2_TRAPMPAM1EL1 | MPAM2_EL2_TIDR,
        .mpamhcr = MPAMHCR_EL2_TRAP_MPAMIDR_EL1,
        /*
         * HCRX_EL2 and the fine-grained traps of registers stay 0. A 0 in their bits named n... or
         * ...En is a trap, and hides TCR2_EL1, SCTLR2_EL1, ACCDATA_EL1, TPIDR2_EL0, the branch
         * records, permission indirection and memory copies. The other registers that they could
         * trap have an older trap or are the guest's, except PSTATE.ALLINT and two registers that
         * identify the profiling and the trace buffer. The registers of FEAT_FGT2 (Armv9.4 and
         * later) keep the host's values.
         */
        .hcrx = features->nmi ? HCRX_EL2_TALLINT : 0,
        .hfgitr = hfgitr(id),
        .hdfgrtr = (features->spe ? HDFGRTR_EL2_PMBIDR_EL1 : 0) |
                   (features->trbe ? HDFGRTR_EL2_TRBIDR_EL1 : 0),
    };
    if (vm_flags & VCPU_VM_DIRECT_TIMER)
        el2->cnthctl = CNTHCTL_EL2_EL1PCTEN | CNTHCTL_EL2_EL1PCEN;
    /* The virtual interface is off (ICH_HCR_EL2.En = 0) until its device turns it on. */
    if (!(vm_flags & (VCPU_VM_DIRECT_IRQ | VCPU_VM_VIRTUAL_GIC)))
        el2->ich_hcr = ICH_HCR_EL2_TC | ICH_HCR_EL2_TALL0 | ICH_HCR_EL2_TALL1;
}

void vcpu_trap_to_vhe(struct el2_state *el2)
{
    uint64_t cptr = el2->cptr;

    el2->hcr |= HCR_EL2_E2H;
    el2->cnthctl <<= CNTHCTL_EL2_VHE_EL1_SHIFT;
    el2->cptr = (cptr & CPTR_EL2_TFP ? 0 : CPTR_EL2_VHE_FPEN) |
                (cptr & CPTR_EL2_TZ ? 0 : CPTR_EL2_VHE_ZEN) |
                (cptr & CPTR_EL2_TSM ? 0 : CPTR_EL2_VHE_SMEN) |
                (cptr & CPTR_EL2_TTA ? CPTR_EL2_VHE_TTA : 0) | (cptr & CPTR_EL2_TAM);
}

uint64_t vcpu_trap_unlike(const struct vcpu_features *features, unsigned fit)
{
    uint64_t value = 0;

    /* TID4 is TID2 without CTR_EL0, which programs at EL0 read often. */
    if (fit & ID_FITS_WITHOUT_CTR)
        value |= HCR_EL2_TID2;
    else if (fit & ID_FITS_WITHOUT_CACHES)
        value |= features->evt ? HCR_EL2_TID4 : HCR_EL2_TID2;
    if (fit & ID_FITS_WITHOUT_ZVA)
        value |= HCR_EL2_TDZ;
    return value;
}

enum trap_sharing vcpu_trap_sharing(const struct vcpu_features *features,
                                    const struct el2_state *guest, const struct el2_state *host,
                                    bool host_fp, bool host_reads_cntvct)
{
    bool vhe = host->hcr & HCR_EL2_E2H;
    uint64_t cptr = (vhe ? CPTR_EL2_VHE_FPEN : CPTR_EL2_TFP);

    if (features->trace)
        cptr |= vhe ? CPTR_EL2_VHE_TTA : CPTR_EL2_TTA;
    if (host_fp && features->sve)
        cptr |= vhe ? CPTR_EL2_VHE_ZEN : CPTR_EL2_TZ;
    if (host_fp && features->sme)
        cptr |= vhe ? CPTR_EL2_VHE_SMEN : CPTR_EL2_TSM;
    /* With E2H = 1, CNTVCT_EL0 has no offset at EL2, nor at EL0 with TGE. */
    if (host_reads_cntvct && guest->cntvoff != host->cntvoff && !vhe)
        return TRAP_SHARE_NOTHING;
    if ((guest->cptr ^ host->cptr) & cptr)
        return TRAP_SHARE_BUT_CPTR;
    return TRAP_SHARE_ALL;
}
