/* SPDX-License-Identifier: MIT */
#include "guest/id.h"

#include <stddef.h>

#include <vcpu/sysreg.h>

#include "debug/debug.h"
#include "guest/id_table.h"

/* A field that a guest can see, up to a value. Each has four bits. */
struct id_field {
    uint8_t reg;
    uint8_t shift;
    uint8_t most;
    uint8_t rule;
};

static const struct id_field shown[] = {
#define SHOW(reg, field, most, rule) {reg##_EL1, FIELD_SHIFT(reg##_##field), most, rule},
#define HIDE(reg, field, why)
    ID_TABLE(SHOW, HIDE)
#undef SHOW
#undef HIDE
};

static const struct {
    uint8_t reg;
    uint8_t signed_fields;
} whole[] = {
#define WHOLE(reg, signed_fields) {reg, signed_fields},
    ID_WHOLE_TABLE(WHOLE)
#undef WHOLE
};

#define SHOWN_COUNT (sizeof(shown) / sizeof(shown[0]))
#define FIELD_COUNT (SHOWN_COUNT + 8 * sizeof(whole) / sizeof(whole[0]))

/* All fields that a guest can see, n from 0 to FIELD_COUNT - 1. */
static struct id_field field_at(size_t n)
{
    size_t w = (n - SHOWN_COUNT) / 8, nibble = (n - SHOWN_COUNT) % 8;
    bool is_signed;

    if (n < SHOWN_COUNT)
        return shown[n];
    is_signed = whole[w].signed_fields >> nibble & 1;
    return (struct id_field){
        .reg = whole[w].reg,
        .shift = (uint8_t)(nibble * 4),
        .most = is_signed ? 7 : ID_AS_HOST,
        .rule = is_signed ? ID_SIGNED : ID_UNSIGNED,
    };
}

static uint64_t get(struct id_field f, const uint64_t *id)
{
    return id[f.reg] >> f.shift & 0xf;
}

/* One order for all fields: values below "not there" come first. */
static uint64_t rank(struct id_field f, uint64_t value)
{
    return f.rule & ID_SIGNED ? value ^ 8 : value;
}

/* Does a CPU with value `has` fulfil a guest's value `shows`? */
static bool keeps(struct id_field f, uint64_t has, uint64_t shows)
{
    if (shows == 0 && (f.rule & (ID_EXACT | ID_WITH)))
        return true;
    return f.rule & ID_EXACT ? shows == has : rank(f, shows) <= rank(f, has);
}

/* The most that a guest can see of a CPU's field. */
static uint64_t at_most(struct id_field f, const uint64_t *host)
{
    uint64_t value = host[f.reg];

    if (f.reg == ID_AA64DFR0_EL1 && !(f.rule & ID_WITH))
        value = vcpu_debug_id(value); /* some of the comparators are the host's */
    value = value >> f.shift & 0xf;
    if (value == 0xf && (f.rule & ID_F_IS_0))
        value = 0;
    return rank(f, value) <= rank(f, f.most) ? value : f.most;
}

bool vcpu_id_has_pauth(const uint64_t id[ID_REG_COUNT])
{
    return (id[ID_AA64ISAR1_EL1] &
            (ID_AA64ISAR1_APA | ID_AA64ISAR1_API | ID_AA64ISAR1_GPA | ID_AA64ISAR1_GPI)) ||
           (id[ID_AA64ISAR2_EL1] & (ID_AA64ISAR2_APA3 | ID_AA64ISAR2_GPA3));
}

static void clear(uint64_t *id, uint64_t mask)
{
    *id &= ~mask;
}

static void cap(uint64_t *id, uint64_t field, uint64_t most)
{
    if (FIELD_GET(field, *id) > most)
        *id = (*id & ~field) | FIELD_PREP(field, most);
}

/* Makes fields consistent with others. */
void vcpu_id_make_consistent(uint64_t id[ID_COUNT])
{
    uint64_t *pfr0 = &id[ID_AA64PFR0_EL1], *isar1 = &id[ID_AA64ISAR1_EL1];
    uint64_t *isar2 = &id[ID_AA64ISAR2_EL1], *dfr0 = &id[ID_AA64DFR0_EL1];
    uint64_t fp = FIELD_GET(ID_AA64PFR0_FP, *pfr0), simd = FIELD_GET(ID_AA64PFR0_ADVSIMD, *pfr0);

    /* These two are always equal, and signed. */
    if ((fp ^ 8) > (simd ^ 8))
        fp = simd;
    clear(pfr0, ID_AA64PFR0_FP | ID_AA64PFR0_ADVSIMD);
    *pfr0 |= FIELD_PREP(ID_AA64PFR0_FP, fp) | FIELD_PREP(ID_AA64PFR0_ADVSIMD, fp);

    if (!(*pfr0 & ID_AA64PFR0_SVE))
        id[ID_AA64ZFR0_EL1] = 0;
    /* A fraction of CSV2 = 1. */
    if (FIELD_GET(ID_AA64PFR0_CSV2, *pfr0) != 1)
        clear(&id[ID_AA64PFR1_EL1], ID_AA64PFR1_CSV2_FRAC);
    /* The two fields number the versions differently. */
    if (FIELD_GET(ID_AA64DFR0_PMUVER, *dfr0) < PMUVER_V3P1)
        cap(&id[ID_DFR0_EL1], ID_DFR0_PERFMON, *dfr0 & ID_AA64DFR0_PMUVER ? PERFMON_V3 : 0);
    /* The context-aware breakpoints are some of the breakpoints. */
    cap(dfr0, ID_AA64DFR0_CTX_CMPS, FIELD_GET(ID_AA64DFR0_BRPS, *dfr0));
    /* HCR_EL2.API controls address and generic authentication together. */
    if (!(*isar1 & (ID_AA64ISAR1_APA | ID_AA64ISAR1_API)) && !(*isar2 & ID_AA64ISAR2_APA3)) {
        clear(isar1, ID_AA64ISAR1_GPA | ID_AA64ISAR1_GPI);
        clear(isar2, ID_AA64ISAR2_GPA3 | ID_AA64ISAR2_PAC_FRAC);
    }
    /* The AArch32 registers are UNKNOWN on a CPU without AArch32. */
    if (FIELD_GET(ID_AA64PFR0_EL0, *pfr0) != 2)
        for (size_t i = 0; i < ID_AA64PFR0_EL1; i++)
            id[i] = 0;
}

void vcpu_id_for_guest(const uint64_t host[ID_COUNT], unsigned with, uint64_t guest[ID_COUNT])
{
    for (size_t i = 0; i < ID_COUNT; i++)
        guest[i] = i < ID_REG_COUNT ? 0 : host[i];
    for (size_t n = 0; n < FIELD_COUNT; n++) {
        struct id_field f = field_at(n);

        if (!(f.rule & ID_WITH & ~with))
            guest[f.reg] |= at_most(f, host) << f.shift;
    }
    vcpu_id_make_consistent(guest);
    if (!(with & ID_WITH_SCXTNUM)) {
        cap(&guest[ID_AA64PFR0_EL1], ID_AA64PFR0_CSV2, 1);
        cap(&guest[ID_AA64PFR1_EL1], ID_AA64PFR1_CSV2_FRAC, 1);
    }
}

/* Can the host lower the field to this value? */
static bool may_lower(struct id_field f, uint64_t now, uint64_t value)
{
    bool is_there = f.rule & ID_SIGNED ? value < 8 : value != 0;

    return keeps(f, now, value) && !(f.rule & ID_FIXED) && (is_there || !(f.rule & ID_KEPT));
}

bool vcpu_id_may_lower(unsigned reg, uint64_t now, uint64_t value)
{
    uint64_t refused = now ^ value;

    for (size_t n = 0; n < FIELD_COUNT; n++) {
        struct id_field f = field_at(n);

        if (f.reg == reg && may_lower(f, now >> f.shift & 0xf, value >> f.shift & 0xf))
            refused &= ~(UINT64_C(0xf) << f.shift);
    }
    return refused == 0;
}

bool vcpu_id_ctr_holds(uint64_t has, uint64_t shows)
{
    static const uint64_t no_more[] = {CTR_EL0_IMINLINE, CTR_EL0_DMINLINE, CTR_EL0_IDC,
                                       CTR_EL0_DIC};
    /* Granules of write-back and reservation: 0 is "unknown", that is, the largest. */
    static const uint64_t no_less[] = {CTR_EL0_ERG, CTR_EL0_CWG};
    uint64_t differs = has ^ shows;

    for (size_t i = 0; i < sizeof(no_more) / sizeof(no_more[0]); i++)
        if ((shows & no_more[i]) <= (has & no_more[i]))
            clear(&differs, no_more[i]);
    for (size_t i = 0; i < sizeof(no_less) / sizeof(no_less[0]); i++)
        if (FIELD_GET(no_less[i], shows) - 1 >= FIELD_GET(no_less[i], has) - 1)
            clear(&differs, no_less[i]);
    /* Maintenance for a cache with aliases does too much for another, never too little. */
    if (FIELD_GET(CTR_EL0_L1IP, has) == CTR_EL0_L1IP_PIPT &&
        FIELD_GET(CTR_EL0_L1IP, shows) == CTR_EL0_L1IP_VIPT)
        clear(&differs, CTR_EL0_L1IP);
    return differs == 0;
}

/* CSV2_frac is a fraction of CSV2 = 1: a CPU with more has all that it means, and 0 in the field. */
static bool is_surpassed(struct id_field f, const uint64_t host[ID_COUNT])
{
    return f.reg == ID_AA64PFR1_EL1 && f.shift == FIELD_SHIFT(ID_AA64PFR1_CSV2_FRAC) &&
           FIELD_GET(ID_AA64PFR0_CSV2, host[ID_AA64PFR0_EL1]) > 1;
}

static bool fields_fit(const uint64_t host[ID_COUNT], const uint64_t shows[ID_COUNT])
{
    bool aarch32 = FIELD_GET(ID_AA64PFR0_EL0, shows[ID_AA64PFR0_EL1]) == 2;

    for (size_t n = 0; n < FIELD_COUNT; n++) {
        struct id_field f = field_at(n);

        if ((aarch32 || f.reg >= ID_AA64PFR0_EL1) && !is_surpassed(f, host) &&
            !keeps(f, at_most(f, host), get(f, shows)))
            return false;
    }
    return true;
}

static bool same_caches(const uint64_t host[ID_COUNT], const uint64_t shows[ID_COUNT])
{
    bool same = host[ID_CLIDR_EL1] == shows[ID_CLIDR_EL1];

    for (unsigned i = 0; i < ID_CCSIDR_COUNT; i++)
        same &= host[ID_CCSIDR_EL1(i)] == shows[ID_CCSIDR_EL1(i)];
    return same;
}

unsigned vcpu_id_fit(const uint64_t host[ID_COUNT], const uint64_t shows[ID_COUNT])
{
    uint64_t dczid = shows[ID_DCZID_EL0];
    unsigned fit = ID_FITS;

    if (!fields_fit(host, shows) || !vcpu_id_ctr_holds(host[ID_CTR_EL0], shows[ID_CTR_EL0]) ||
        host[ID_CNTFRQ_EL0] != shows[ID_CNTFRQ_EL0])
        return 0;
    if (host[ID_CTR_EL0] != shows[ID_CTR_EL0])
        fit |= ID_FITS_WITHOUT_CTR;
    if (!same_caches(host, shows))
        fit |= ID_FITS_WITHOUT_CACHES;
    if (dczid & DCZID_EL0_DZP)
        return fit | ID_FITS_WITHOUT_ZVA;
    return host[ID_DCZID_EL0] == dczid ? fit : 0;
}

uint64_t vcpu_id_kind(const uint64_t id[ID_COUNT])
{
    uint64_t kind = 0;

    /* Each step is reversible, so only the last bits are lost. */
    for (size_t i = 0; i < ID_COUNT; i++) {
        kind = (kind ^ id[i]) * UINT64_C(0x9e3779b97f4a7c15);
        kind ^= kind >> 32;
    }
    return kind & ~(uint64_t)ID_FIT_BITS;
}

unsigned vcpu_id_index(uint32_t encoding)
{
    static const struct {
        uint16_t encoding;
        uint8_t index;
    } others[] = {
        {VCPU_SYSREG(3, 0, 0, 0, 0), ID_MIDR_EL1},    {VCPU_SYSREG(3, 3, 0, 0, 1), ID_CTR_EL0},
        {VCPU_SYSREG(3, 1, 0, 0, 1), ID_CLIDR_EL1},   {VCPU_SYSREG(3, 3, 0, 0, 7), ID_DCZID_EL0},
        {VCPU_SYSREG(3, 3, 14, 0, 0), ID_CNTFRQ_EL0},
    };
    uint32_t ccsidr = encoding >> 16;

    /* CRm and op2 are the low bits of the encoding, as in the index. */
    if (encoding >= VCPU_SYSREG(3, 0, 0, 1, 0) && encoding <= VCPU_SYSREG(3, 0, 0, 7, 7))
        return encoding - VCPU_SYSREG(3, 0, 0, 1, 0);
    if ((uint16_t)encoding == VCPU_SYSREG(3, 1, 0, 0, 0) && ccsidr < ID_CCSIDR_COUNT)
        return ID_CCSIDR_EL1(ccsidr);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (others[i].encoding == encoding)
            return others[i].index;
    return ID_COUNT;
}
