/* SPDX-License-Identifier: MIT */
#include "pmu/model.h"

#include "hw/nospec.h"

#define LOW GENMASK(31, 0)

/*
 * DP, NSK, NSU, NSH and M are RES0 without EL2 and EL3, which the guest's ID registers do not show.
 */
#define PMCR_WRITABLE      (PMCR_EL0_E | PMCR_EL0_D | PMCR_EL0_LC)
#define PMUSERENR_WRITABLE (PMUSERENR_EN | PMUSERENR_SW | PMUSERENR_CR | PMUSERENR_ER)
#define FILTER_WRITABLE    (PMEVTYPER_P | PMEVTYPER_U)

static bool read_only(uint64_t is, bool write, uint64_t *value)
{
    if (!write)
        *value = is;
    return !write;
}

static bool stored(uint64_t *reg, uint64_t writable, bool write, uint64_t *value)
{
    if (write)
        *reg = *value & writable;
    else
        *value = *reg;
    return true;
}

/* A pair of registers that set and clear bits. */
static bool set_bits(uint64_t *reg, uint64_t writable, bool write, uint64_t *value)
{
    if (!write)
        *value = *reg;
    else
        *reg |= *value & writable;
    return true;
}

static bool clear_bits(uint64_t *reg, bool write, uint64_t *value)
{
    if (!write)
        *value = *reg;
    else
        *reg &= ~*value;
    return true;
}

static uint64_t event_counters(const struct pmu_shape *shape)
{
    return shape->counters & ~BIT(PMU_CYCLES);
}

/* IMP = 0: MIDR_EL1 has the implementer. */
static bool control(const struct pmu_shape *shape, struct pmu_bank *bank, bool write,
                    uint64_t *value)
{
    if (!write) {
        *value = bank->pmcr | shape->pmcr;
        return true;
    }
    bank->pmcr = (*value & PMCR_WRITABLE) | (shape->pmcr & PMCR_EL0_LC);
    if (*value & PMCR_EL0_P)
        for (unsigned n = 0; n < PMU_CYCLES; n++)
            bank->counter[n] = 0;
    if (*value & PMCR_EL0_C)
        bank->counter[PMU_CYCLES] = 0;
    return true;
}

/* The CPU's counter can have 64 bits (FEAT_PMUv3p5), and still overflows at 32. */
static bool counter(const struct pmu_shape *shape, struct pmu_bank *bank, uint64_t n, bool write,
                    uint64_t *value)
{
    if (!(event_counters(shape) & BIT(n)))
        return false;
    bank->counter[n] &= LOW;
    return stored(&bank->counter[n], LOW, write, value);
}

static bool filter(const struct pmu_shape *shape, struct pmu_bank *bank, uint64_t n, bool write,
                   uint64_t *value)
{
    uint64_t event = n == PMU_CYCLES ? 0 : shape->event;

    return (shape->counters & BIT(n)) &&
           stored(&bank->filter[n], FILTER_WRITABLE | event, write, value);
}

/* Counts one event of this kind, at the guest's level, in event counter n. Does it overflow? */
static bool count(const struct pmu_shape *shape, struct pmu_bank *bank, bool el0, unsigned n,
                  uint64_t event)
{
    uint64_t is = bank->filter[n];

    if (!(bank->pmcr & PMCR_EL0_E) || !(event_counters(shape) & bank->enabled & BIT(n)) ||
        (is & shape->event) != event || (is & (el0 ? PMEVTYPER_U : PMEVTYPER_P)))
        return false;
    bank->counter[n] = (bank->counter[n] + 1) & LOW;
    if (bank->counter[n])
        return false;
    bank->overflow |= BIT(n);
    return true;
}

/* The CPU would not count it, because it would be at EL2. */
static bool software_increment(const struct pmu_shape *shape, struct pmu_bank *bank, bool el0,
                               uint64_t which)
{
    for (unsigned n = 0; n < PMU_CYCLES; n++)
        if ((which & BIT(n)) && count(shape, bank, el0, n, PMU_EVENT_SW_INCR) && n % 2 == 0)
            count(shape, bank, el0, n + 1, PMU_EVENT_CHAIN);
    return true;
}

static bool cycles(struct pmu_bank *bank, bool half, bool write, uint64_t *value)
{
    uint64_t *reg = &bank->counter[PMU_CYCLES];

    if (write && half)
        *reg = (*reg & ~LOW) | (*value & LOW);
    else
        stored(reg, ~UINT64_C(0), write, value);
    return true;
}

/* PMEVCNTR<n>_EL0 and PMEVTYPER<n>_EL0. */
static bool numbered(const struct pmu_shape *shape, struct pmu_bank *bank, uint32_t encoding,
                     bool write, uint64_t *value)
{
    const unsigned each = PMU_CYCLES + 1;
    uint64_t n;

    if (encoding < PMEVCNTR0_EL0 || encoding > PMCCFILTR_EL0)
        return false;
    n = NOSPEC_INDEX(encoding - PMEVCNTR0_EL0, 2 * each);
    return n < each ? counter(shape, bank, n, write, value)
                    : filter(shape, bank, n - each, write, value);
}

bool vcpu_pmu_access(const struct pmu_shape *shape, struct pmu_bank *bank, bool el0, bool half,
                     uint32_t encoding, bool write, uint64_t *value)
{
    switch (encoding) {
    case PMCR_EL0:
        return control(shape, bank, write, value);
    case PMCNTENSET_EL0:
        return set_bits(&bank->enabled, shape->counters, write, value);
    case PMCNTENCLR_EL0:
        return clear_bits(&bank->enabled, write, value);
    case PMOVSSET_EL0:
        return set_bits(&bank->overflow, shape->counters, write, value);
    case PMOVSCLR_EL0:
        return clear_bits(&bank->overflow, write, value);
    case PMINTENSET_EL1:
        return set_bits(&bank->interrupt, shape->counters, write, value);
    case PMINTENCLR_EL1:
        return clear_bits(&bank->interrupt, write, value);
    case PMSWINC_EL0:
        return write && software_increment(shape, bank, el0, *value);
    case PMSELR_EL0:
        return stored(&bank->selr, PMSELR_SEL, write, value);
    case PMCEID0_EL0:
    case PMCEID1_EL0:
        return read_only(shape->pmceid[NOSPEC_INDEX(encoding - PMCEID0_EL0, 2)], write, value);
    case PMCEID2:
    case PMCEID3:
        return read_only(shape->pmceid[NOSPEC_INDEX(encoding - PMCEID2, 2)] >> 32, write, value);
    case PMCCNTR_EL0:
        return cycles(bank, half, write, value);
    case PMXEVTYPER_EL0:
        return filter(shape, bank, bank->selr, write, value);
    case PMXEVCNTR_EL0:
        return counter(shape, bank, bank->selr, write, value);
    case PMUSERENR_EL0:
        return stored(&bank->userenr, PMUSERENR_WRITABLE, write, value);
    default:
        return numbered(shape, bank, encoding, write, value);
    }
}

bool vcpu_pmu_is_register(uint32_t encoding)
{
    /* op0 = 3, op1 = 0 or 3, CRn = 9; or CRn = 14, CRm = 8 to 15. */
    return (encoding & ~VCPU_SYSREG(0, 3, 0, 15, 7)) == VCPU_SYSREG(3, 0, 9, 0, 0) ||
           (encoding >= PMEVCNTR0_EL0 && encoding <= PMCCFILTR_EL0);
}

/*
 * Without EL3 the guest's P and U are the CPU's. With EL3, P = U = 1 and M = 0 exclude EL3 and the
 * whole Secure state, and NSK and NSU select what counts.
 */
uint64_t vcpu_pmu_filter(uint64_t filter, bool el3)
{
    uint64_t value = filter & (FILTER_WRITABLE | PMEVTYPER_EVENT_V3P1);

    if (!el3)
        return value;
    value |= PMEVTYPER_P | PMEVTYPER_U;
    if (!(filter & PMEVTYPER_P))
        value |= PMEVTYPER_NSK;
    if (!(filter & PMEVTYPER_U))
        value |= PMEVTYPER_NSU;
    return value;
}
