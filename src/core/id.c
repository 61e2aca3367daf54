/* SPDX-License-Identifier: MIT */
#include "core/id.h"

#include <stddef.h>

#include "core/debug.h"

/* A field that a guest may see, up to a value. Each has four bits. */
struct id_field {
    uint8_t reg;
    uint8_t most;
    uint8_t shift;
};

#define FIELD(reg, most, mask)                                                                     \
    {                                                                                              \
        reg, most, __builtin_ctzll(mask)                                                           \
    }

#define AS_HOST 0xf
/* Added to the value: the field has a sign, so 8 to 0xf are less than 0. 0xf is "not there". */
#define SIGNED 0x10

static const struct id_field visible[] = {
    /* AArch64 at EL1 only; EL2 and EL3 are not there for the guest. */
    FIELD(ID_AA64PFR0_EL1, 2, ID_AA64PFR0_EL0),
    FIELD(ID_AA64PFR0_EL1, 1, ID_AA64PFR0_EL1_MODE),
    FIELD(ID_AA64PFR0_EL1, SIGNED + 1, ID_AA64PFR0_FP),
    FIELD(ID_AA64PFR0_EL1, SIGNED + 1, ID_AA64PFR0_ADVSIMD),
    FIELD(ID_AA64PFR0_EL1, AS_HOST, ID_AA64PFR0_DIT),
    FIELD(ID_AA64PFR0_EL1, 1, ID_AA64PFR0_CSV2), /* 2 has SCXTNUM_ELx */
    FIELD(ID_AA64PFR0_EL1, AS_HOST, ID_AA64PFR0_CSV3),
    /* BTYPE and SSBS are in PSTATE, and so with each guest. */
    FIELD(ID_AA64PFR1_EL1, 1, ID_AA64PFR1_BT),
    FIELD(ID_AA64PFR1_EL1, 2, ID_AA64PFR1_SSBS),
    /* Instructions without state of their own. */
    FIELD(ID_AA64ISAR0_EL1, AS_HOST, ID_AA64ISAR0_AES),
    FIELD(ID_AA64ISAR0_EL1, AS_HOST, ID_AA64ISAR0_SHA1),
    FIELD(ID_AA64ISAR0_EL1, AS_HOST, ID_AA64ISAR0_SHA2),
    FIELD(ID_AA64ISAR0_EL1, AS_HOST, ID_AA64ISAR0_CRC32),
    FIELD(ID_AA64ISAR0_EL1, AS_HOST, ID_AA64ISAR0_ATOMIC),
    FIELD(ID_AA64ISAR0_EL1, AS_HOST, ID_AA64ISAR0_RDM),
    FIELD(ID_AA64ISAR0_EL1, AS_HOST, ID_AA64ISAR0_SHA3),
    FIELD(ID_AA64ISAR0_EL1, AS_HOST, ID_AA64ISAR0_SM3),
    FIELD(ID_AA64ISAR0_EL1, AS_HOST, ID_AA64ISAR0_SM4),
    FIELD(ID_AA64ISAR0_EL1, AS_HOST, ID_AA64ISAR0_DP),
    FIELD(ID_AA64ISAR0_EL1, AS_HOST, ID_AA64ISAR0_FHM),
    FIELD(ID_AA64ISAR0_EL1, AS_HOST, ID_AA64ISAR0_TS),
    FIELD(ID_AA64ISAR0_EL1, AS_HOST, ID_AA64ISAR0_TLB),
    FIELD(ID_AA64ISAR0_EL1, AS_HOST, ID_AA64ISAR0_RNDR),
    FIELD(ID_AA64ISAR1_EL1, AS_HOST, ID_AA64ISAR1_DPB),
    /* Pointer authentication: the keys are switched. 6 has PSTATE.PACM. */
    FIELD(ID_AA64ISAR1_EL1, 5, ID_AA64ISAR1_APA),
    FIELD(ID_AA64ISAR1_EL1, 5, ID_AA64ISAR1_API),
    FIELD(ID_AA64ISAR1_EL1, 1, ID_AA64ISAR1_GPA),
    FIELD(ID_AA64ISAR1_EL1, 1, ID_AA64ISAR1_GPI),
    FIELD(ID_AA64ISAR2_EL1, 5, ID_AA64ISAR2_APA3),
    FIELD(ID_AA64ISAR2_EL1, 1, ID_AA64ISAR2_GPA3),
    FIELD(ID_AA64ISAR1_EL1, AS_HOST, ID_AA64ISAR1_JSCVT),
    FIELD(ID_AA64ISAR1_EL1, AS_HOST, ID_AA64ISAR1_FCMA),
    FIELD(ID_AA64ISAR1_EL1, AS_HOST, ID_AA64ISAR1_LRCPC),
    FIELD(ID_AA64ISAR1_EL1, AS_HOST, ID_AA64ISAR1_FRINTTS),
    FIELD(ID_AA64ISAR1_EL1, AS_HOST, ID_AA64ISAR1_SB),
    FIELD(ID_AA64ISAR1_EL1, AS_HOST, ID_AA64ISAR1_SPECRES),
    FIELD(ID_AA64ISAR1_EL1, AS_HOST, ID_AA64ISAR1_BF16),
    FIELD(ID_AA64ISAR1_EL1, AS_HOST, ID_AA64ISAR1_DGH),
    FIELD(ID_AA64ISAR1_EL1, AS_HOST, ID_AA64ISAR1_I8MM),
    FIELD(ID_AA64ISAR2_EL1, AS_HOST, ID_AA64ISAR2_WFXT),
    FIELD(ID_AA64ISAR2_EL1, AS_HOST, ID_AA64ISAR2_RPRES),
    FIELD(ID_AA64ISAR2_EL1, AS_HOST, ID_AA64ISAR2_CLRBHB),
    /*
     * Stage 1: its registers are switched, and its walks go through stage 2. Not shown: big-endian
     * data, which would be the host's to swap in MMIO; and IDST, by which a register that is not
     * there would have another syndrome than an injected UNDEFINED.
     */
    FIELD(ID_AA64MMFR0_EL1, 5, ID_AA64MMFR0_PARANGE), /* 48 bits, as stage 2 has no more */
    FIELD(ID_AA64MMFR0_EL1, AS_HOST, ID_AA64MMFR0_ASIDBITS),
    FIELD(ID_AA64MMFR0_EL1, AS_HOST, ID_AA64MMFR0_SNSMEM),
    FIELD(ID_AA64MMFR0_EL1, 1, ID_AA64MMFR0_TGRAN16), /* 2, and 1 of TGran4: 52 bits, FEAT_LPA2 */
    FIELD(ID_AA64MMFR0_EL1, SIGNED + 0, ID_AA64MMFR0_TGRAN64),
    FIELD(ID_AA64MMFR0_EL1, SIGNED + 0, ID_AA64MMFR0_TGRAN4),
    FIELD(ID_AA64MMFR0_EL1, AS_HOST, ID_AA64MMFR0_EXS),
    FIELD(ID_AA64MMFR1_EL1, 2, ID_AA64MMFR1_HAFDBS),
    FIELD(ID_AA64MMFR1_EL1, AS_HOST, ID_AA64MMFR1_HPDS),
    FIELD(ID_AA64MMFR1_EL1, AS_HOST, ID_AA64MMFR1_PAN),
    FIELD(ID_AA64MMFR1_EL1, AS_HOST, ID_AA64MMFR1_ETS),
    FIELD(ID_AA64MMFR1_EL1, AS_HOST, ID_AA64MMFR1_AFP),
    FIELD(ID_AA64MMFR2_EL1, AS_HOST, ID_AA64MMFR2_CNP),
    FIELD(ID_AA64MMFR2_EL1, AS_HOST, ID_AA64MMFR2_UAO),
    FIELD(ID_AA64MMFR2_EL1, AS_HOST, ID_AA64MMFR2_LSM),
    FIELD(ID_AA64MMFR2_EL1, AS_HOST, ID_AA64MMFR2_VARANGE),
    FIELD(ID_AA64MMFR2_EL1, AS_HOST, ID_AA64MMFR2_CCIDX),
    FIELD(ID_AA64MMFR2_EL1, AS_HOST, ID_AA64MMFR2_ST),
    FIELD(ID_AA64MMFR2_EL1, AS_HOST, ID_AA64MMFR2_AT),
    FIELD(ID_AA64MMFR2_EL1, AS_HOST, ID_AA64MMFR2_TTL),
    FIELD(ID_AA64MMFR2_EL1, AS_HOST, ID_AA64MMFR2_BBM),
    FIELD(ID_AA64MMFR2_EL1, AS_HOST, ID_AA64MMFR2_E0PD),
    /* AArch32, for programs at EL0. */
    FIELD(ID_PFR0_EL1, AS_HOST, GENMASK(3, 0)),
    FIELD(ID_PFR0_EL1, AS_HOST, GENMASK(7, 4)),
    FIELD(ID_PFR0_EL1, AS_HOST, GENMASK(11, 8)),
    FIELD(ID_PFR0_EL1, 1, ID_PFR0_CSV2),
    FIELD(ID_PFR0_EL1, AS_HOST, ID_PFR0_DIT),
    FIELD(ID_PFR1_EL1, AS_HOST, ID_PFR1_PROGMOD),
    FIELD(ID_PFR1_EL1, AS_HOST, ID_PFR1_GENTIMER),
    FIELD(ID_PFR2_EL1, AS_HOST, ID_PFR2_CSV3),
    FIELD(ID_PFR2_EL1, AS_HOST, ID_PFR2_SSBS),
};

/* AArch32 instruction set, memory model and media registers say nothing of state: shown whole. */
static const uint8_t visible_whole[] = {
    ID_MMFR0_EL1, ID_MMFR1_EL1, ID_MMFR2_EL1, ID_MMFR3_EL1, ID_MMFR4_EL1, ID_MMFR5_EL1,
    ID_ISAR0_EL1, ID_ISAR1_EL1, ID_ISAR2_EL1, ID_ISAR3_EL1, ID_ISAR4_EL1, ID_ISAR5_EL1,
    ID_ISAR6_EL1, MVFR0_EL1,    MVFR1_EL1,    MVFR2_EL1,
};

static uint64_t at_most(uint64_t value, uint8_t most)
{
    if (most & SIGNED) {
        if (value >= 8)
            return value;
        most -= SIGNED;
    }
    return value < most ? value : most;
}

void vcpu_id_for_guest(const uint64_t host[ID_REG_COUNT], bool gic_sysregs,
                       uint64_t guest[ID_REG_COUNT])
{
    for (size_t i = 0; i < ID_REG_COUNT; i++)
        guest[i] = 0;
    for (size_t i = 0; i < sizeof(visible_whole); i++)
        guest[visible_whole[i]] = host[visible_whole[i]];
    for (size_t i = 0; i < sizeof(visible) / sizeof(visible[0]); i++) {
        const struct id_field *f = &visible[i];

        guest[f->reg] |= at_most(host[f->reg] >> f->shift & 0xf, f->most) << f->shift;
    }

    if (gic_sysregs)
        guest[ID_AA64PFR0_EL1] |=
            FIELD_PREP(ID_AA64PFR0_GIC, FIELD_GET(ID_AA64PFR0_GIC, host[ID_AA64PFR0_EL1]));
    guest[ID_AA64DFR0_EL1] |= vcpu_debug_id(host[ID_AA64DFR0_EL1]);
    if (host[ID_DFR0_EL1] != 0)
        guest[ID_DFR0_EL1] = FIELD_PREP(ID_DFR0_COPDBG, 6);
}

void vcpu_id_show_sve(const uint64_t host[ID_REG_COUNT], uint64_t guest[ID_REG_COUNT])
{
    guest[ID_AA64PFR0_EL1] |= FIELD_PREP(ID_AA64PFR0_SVE, 1);
    /* Which instructions there are: all of them have no state but Z, P and FFR. */
    guest[ID_AA64ZFR0_EL1] = host[ID_AA64ZFR0_EL1];
}

void vcpu_id_show_pmu(const uint64_t host[ID_REG_COUNT], uint64_t guest[ID_REG_COUNT])
{
    uint64_t version = FIELD_GET(ID_AA64DFR0_PMUVER, host[ID_AA64DFR0_EL1]);
    uint64_t aarch32 = FIELD_GET(ID_DFR0_PERFMON, host[ID_DFR0_EL1]);

    guest[ID_AA64DFR0_EL1] |= FIELD_PREP(ID_AA64DFR0_PMUVER, at_most(version, PMUVER_V3P1));
    /* The two number the versions differently; without AArch32 this one is 0. */
    guest[ID_DFR0_EL1] |= FIELD_PREP(ID_DFR0_PERFMON, at_most(aarch32, PERFMON_V3P1));
}
