/* SPDX-License-Identifier: MIT */
/*
 * What an access to a PMU's register does, against a description of the registers by their fields
 * in the encoding; and what a filter lets the CPU count, at each Exception level.
 */
#include "cmocka_all.h"

#include <string.h>

#include <vcpu/sysreg.h>

#include "pmu/model.h"
#include "random.h"

/* ---- The PMU once more, as plainly as it can be said ---- */

struct reference {
    unsigned n; /* event counters */
    bool v3p1, aarch32;
    uint32_t event[32], type[32];
    uint64_t cycles;
    bool e, d, lc;
    bool on[32], over[32], irq[32];
    unsigned selected, user;
};

static bool exists(const struct reference *r, unsigned counter)
{
    return counter < r->n || counter == 31;
}

static uint64_t word_of(const bool bits[32])
{
    uint64_t word = 0;

    for (unsigned i = 0; i < 32; i++)
        word += (uint64_t)bits[i] << i;
    return word;
}

static void change(const struct reference *r, bool bits[32], uint64_t which, bool to)
{
    for (unsigned i = 0; i < 32; i++)
        if (exists(r, i) && (which >> i & 1))
            bits[i] = to;
}

static bool advance(struct reference *r, unsigned counter, unsigned what, bool el0)
{
    unsigned event = r->type[counter] & (r->v3p1 ? 0xffff : 0x3ff);

    if (counter >= r->n || !r->e || !r->on[counter] || event != what ||
        (r->type[counter] >> (el0 ? 30 : 31) & 1))
        return false;
    if (++r->event[counter] != 0)
        return false;
    r->over[counter] = true;
    return true;
}

static bool typer(struct reference *r, unsigned counter, bool write, uint64_t *value)
{
    if (!exists(r, counter))
        return false;
    if (write) {
        r->type[counter] = (uint32_t)*value & 0xc0000000;
        if (counter != 31)
            r->type[counter] |= (uint32_t)*value & (r->v3p1 ? 0xffff : 0x3ff);
    } else {
        *value = r->type[counter];
    }
    return true;
}

static bool cntr(struct reference *r, unsigned counter, bool write, uint64_t *value)
{
    if (counter >= r->n)
        return false;
    if (write)
        r->event[counter] = (uint32_t)*value;
    else
        *value = r->event[counter];
    return true;
}

static bool pmcr(struct reference *r, bool write, uint64_t *value)
{
    if (!write) {
        *value = r->n << 11 | (r->lc || !r->aarch32) << 6 | r->d << 3 | r->e;
        return true;
    }
    r->e = *value & 1;
    r->d = *value >> 3 & 1;
    r->lc = *value >> 6 & 1 || !r->aarch32;
    if (*value & 2)
        memset(r->event, 0, sizeof(r->event));
    if (*value & 4)
        r->cycles = 0;
    return true;
}

static bool set_and_clear(const struct reference *r, bool bits[32], bool set, bool write,
                          uint64_t *value)
{
    if (write)
        change(r, bits, *value, set);
    else
        *value = word_of(bits);
    return true;
}

static bool plain(unsigned *reg, unsigned mask, bool write, uint64_t *value)
{
    if (write)
        *reg = (unsigned)*value & mask;
    else
        *value = *reg;
    return true;
}

#define EVENTS0 UINT64_C(0x1234567087654321)
#define EVENTS1 UINT64_C(0x0fedcba91edcba98)

/* op0 = 3, op1 = 3, CRn = 9, CRm = 12. */
static bool row12(struct reference *r, bool el0, unsigned op2, bool write, uint64_t *value)
{
    switch (op2) {
    case 0:
        return pmcr(r, write, value);
    case 1:
    case 2:
        return set_and_clear(r, r->on, op2 == 1, write, value);
    case 3:
        return set_and_clear(r, r->over, false, write, value);
    case 4:
        for (unsigned i = 0; write && i < 31; i++)
            if ((*value >> i & 1) && advance(r, i, 0, el0) && !(i & 1))
                advance(r, i + 1, 0x1e, el0);
        return write;
    case 5:
        return plain(&r->selected, 31, write, value);
    default:
        if (!write)
            *value = op2 == 6 ? EVENTS0 : EVENTS1;
        return !write;
    }
}

static bool row13(struct reference *r, bool half, unsigned op2, bool write, uint64_t *value)
{
    if (op2 == 1)
        return typer(r, r->selected, write, value);
    if (op2 == 2)
        return cntr(r, r->selected, write, value);
    if (op2 != 0)
        return false;
    if (!write)
        *value = r->cycles;
    else if (half)
        r->cycles = r->cycles >> 32 << 32 | (uint32_t)*value;
    else
        r->cycles = *value;
    return true;
}

static bool row14(struct reference *r, unsigned op2, bool write, uint64_t *value)
{
    switch (op2) {
    case 0:
        return plain(&r->user, 15, write, value);
    case 3:
        return set_and_clear(r, r->over, true, write, value);
    case 4:
    case 5:
        if (!write)
            *value = (op2 == 4 ? EVENTS0 : EVENTS1) >> 32;
        return !write;
    default:
        return false;
    }
}

static bool reference_access(struct reference *r, bool el0, bool half, uint32_t encoding,
                             bool write, uint64_t *value)
{
    unsigned op2 = encoding & 7, crm = encoding >> 3 & 15, crn = encoding >> 7 & 15;
    unsigned op1 = encoding >> 11 & 7, op0 = encoding >> 14;

    if (op0 == 3 && op1 == 0 && crn == 9 && crm == 14 && (op2 == 1 || op2 == 2))
        return set_and_clear(r, r->irq, op2 == 1, write, value);
    if (op0 != 3 || op1 != 3)
        return false;
    if (crn == 14 && crm >= 12)
        return typer(r, (crm - 12) * 8 + op2, write, value);
    if (crn == 14 && crm >= 8)
        return cntr(r, (crm - 8) * 8 + op2, write, value);
    if (crn != 9)
        return false;
    return crm == 12   ? row12(r, el0, op2, write, value)
           : crm == 13 ? row13(r, half, op2, write, value)
           : crm == 14 ? row14(r, op2, write, value)
                       : false;
}

static bool reference_level(const struct reference *r)
{
    return r->e && (word_of(r->over) & word_of(r->irq));
}

/* ---- Both ---- */

static struct pmu_shape shape_of(const struct reference *r)
{
    return (struct pmu_shape){
        .counters = UINT64_C(0x80000000) | ((UINT64_C(1) << r->n) - 1),
        .event = r->v3p1 ? 0xffff : 0x3ff,
        .pmcr = (uint64_t)r->n << 11 | (r->aarch32 ? 0 : 0x40),
        .pmceid = {EVENTS0, EVENTS1},
    };
}

static void check_same(const struct pmu_bank *bank, const struct reference *r)
{
    for (unsigned i = 0; i < 31; i++)
        assert_int_equal(bank->counter[i], r->event[i]);
    assert_int_equal(bank->counter[31], r->cycles);
    for (unsigned i = 0; i < 32; i++)
        assert_int_equal(bank->filter[i], r->type[i]);
    assert_int_equal(bank->pmcr, r->lc << 6 | r->d << 3 | r->e);
    assert_int_equal(bank->userenr, r->user);
    assert_int_equal(bank->selr, r->selected);
    assert_int_equal(bank->enabled, word_of(r->on));
    assert_int_equal(bank->overflow, word_of(r->over));
    assert_int_equal(bank->interrupt, word_of(r->irq));
    assert_int_equal(pmu_level(bank), reference_level(r));
}

/* Nearly always one of a PMU's, and more often one that there is. */
static uint32_t some_register(uint64_t *seed)
{
    uint64_t by_chance = random64(seed);

    switch (by_chance % 8) {
    case 0:
        return (uint32_t)(by_chance >> 16 & 0xffff);
    case 1:
        return VCPU_SYSREG(3, 0, 9, 14, by_chance >> 8 & 7);
    case 2:
    case 3:
        return VCPU_SYSREG(3, 3, 14, 8 + (by_chance >> 11 & 7), by_chance >> 8 & 7);
    case 4:
        return VCPU_SYSREG(3, 3, 9, 12, 4); /* PMSWINC_EL0 */
    default:
        return VCPU_SYSREG(3, 3, 9, 12 + (by_chance >> 11 & 1) + (by_chance >> 12 & 1),
                           by_chance >> 8 & 7);
    }
}

/* All kinds of bits; a counter about to overflow; an event that software makes. */
static uint64_t some_value(uint64_t *seed)
{
    uint64_t by_chance = random64(seed);

    switch (by_chance >> 60) {
    case 0:
    case 1:
    case 2:
        return 0xffffffff;
    case 3:
        return 0;
    case 4:
    case 5:
        return 0x1e; /* CHAIN */
    case 6:
        return by_chance & 0xc000001e;
    default:
        return by_chance;
    }
}

/* Both are about to overflow: all counters on, at their most, the odd ones chained. */
static void wind_up(struct pmu_bank *bank, struct reference *r)
{
    bank->pmcr = 1;
    r->e = true;
    r->d = r->lc = false;
    for (unsigned i = 0; i < r->n; i++) {
        bank->counter[i] = r->event[i] = UINT32_MAX;
        bank->filter[i] = r->type[i] = i % 2 ? 0x1e : 0;
        bank->enabled |= UINT64_C(1) << i;
        r->on[i] = true;
    }
}

static void every_access_does_what_the_registers_say(void **state)
{
    uint64_t seed = 7;
    unsigned taken = 0, overflows = 0;

    (void)state;
    for (unsigned round = 0; round < 400; round++) {
        struct reference r = {
            .n = (unsigned)(random64(&seed) % 32), .v3p1 = round & 1, .aarch32 = round & 2};
        const struct pmu_shape shape = shape_of(&r);
        struct pmu_bank bank = {0};

        for (unsigned i = 0; i < 1000; i++) {
            uint64_t value = some_value(&seed), ours = value, theirs = value;
            uint32_t encoding = some_register(&seed);
            bool write = value & 0x100 || i % 2, el0 = i % 3 == 0, half = i % 5 == 0;
            uint64_t before = bank.overflow;
            bool is;

            if (i % 50 == 0)
                wind_up(&bank, &r);
            is = vcpu_pmu_access(&shape, &bank, el0, half, encoding, write, &ours);

            assert_int_equal(is, reference_access(&r, el0, half, encoding, write, &theirs));
            assert_int_equal(ours, theirs);
            assert_true(!is || vcpu_pmu_is_register(encoding));
            check_same(&bank, &r);
            taken += is;
            overflows += encoding == VCPU_SYSREG(3, 3, 9, 12, 4) && bank.overflow != before;
        }
    }
    assert_true(taken > 100000);
    assert_true(overflows > 500); /* chained ones among them */
}

/* Timers, SGIs, ID and debug registers cost no look into the CPU's PMU. */
static void others_are_told_apart(void **state)
{
    struct reference r = {.n = 31};
    const struct pmu_shape shape = shape_of(&r);
    unsigned may_be = 0;

    (void)state;
    for (uint32_t encoding = 0; encoding < 0x10000; encoding++) {
        struct pmu_bank bank = {0};
        uint64_t value = 0;

        may_be += vcpu_pmu_is_register(encoding);
        if (!vcpu_pmu_is_register(encoding))
            assert_false(vcpu_pmu_access(&shape, &bank, false, false, encoding, true, &value) ||
                         vcpu_pmu_access(&shape, &bank, false, false, encoding, false, &value));
    }
    assert_true(may_be <= 4 * 128 + 64);
}

/* An even counter whose overflow the odd one counts: 64 bits. */
static void counters_are_chained(void **state)
{
    struct reference r = {.n = 4};
    const struct pmu_shape shape = shape_of(&r);
    struct pmu_bank bank = {.pmcr = 1,
                            .enabled = 0xf,
                            .counter = {0xffffffff, 0xffffffff, 5, 7},
                            .filter = {0, 0x1e, 0, 0x1e}};
    uint64_t both = 5;

    (void)state;
    assert_true(
        vcpu_pmu_access(&shape, &bank, false, false, VCPU_SYSREG(3, 3, 9, 12, 4), true, &both));
    assert_int_equal(bank.counter[0], 0);
    assert_int_equal(bank.counter[1], 0);
    assert_int_equal(bank.counter[2], 6);
    assert_int_equal(bank.counter[3], 7);
    assert_int_equal(bank.overflow, 3);
}

/* ---- Filters ---- */

/* Where something happens. */
enum place { NS_EL0, NS_EL1, NS_EL2, S_EL0, S_EL1, S_EL2, RL_EL0, RL_EL1, RL_EL2, EL3, PLACES };

/* Does a PMU count there, by PMEVTYPER<n>_EL0? Without EL3 there is one state, and no NSK to M. */
static bool counts(uint64_t filter, enum place place, bool el3)
{
    bool p = filter >> 31 & 1, u = filter >> 30 & 1, nsh = filter >> 27 & 1;
    bool nsk = el3 && (filter >> 29 & 1), nsu = el3 && (filter >> 28 & 1);
    bool m = el3 && (filter >> 26 & 1), sh = filter >> 24 & 1;
    bool rlk = filter >> 22 & 1, rlu = filter >> 21 & 1, rlh = filter >> 20 & 1;

    switch (place) {
    case NS_EL0:
        return el3 ? u == nsu : !u;
    case NS_EL1:
        return el3 ? p == nsk : !p;
    case NS_EL2:
        return nsh;
    case S_EL0:
        return !u;
    case S_EL1:
        return !p;
    case S_EL2:
        return nsh != sh;
    case RL_EL0:
        return rlu == u;
    case RL_EL1:
        return rlk == p;
    case RL_EL2:
        return rlh != nsh;
    default:
        return m == p;
    }
}

static void nothing_but_the_guest_is_counted(void **state)
{
    uint64_t seed = 11;

    (void)state;
    for (unsigned i = 0; i < 10000; i++) {
        uint64_t guest = random64(&seed);

        for (unsigned el3 = 0; el3 < 2; el3++) {
            uint64_t cpu = vcpu_pmu_filter(guest, el3);

            assert_int_equal(cpu & 0xffff, guest & 0xffff); /* the event */
            assert_int_equal(counts(cpu, NS_EL0, el3), !(guest >> 30 & 1));
            assert_int_equal(counts(cpu, NS_EL1, el3), !(guest >> 31 & 1));
            assert_false(counts(cpu, NS_EL2, el3));
            for (unsigned place = S_EL0; el3 && place < PLACES; place++)
                assert_false(counts(cpu, place, true));
            /* MT counts other threads; TH and TC, above, count by thresholds. */
            assert_int_equal(cpu & ~UINT64_C(0xf000ffff), 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_access_does_what_the_registers_say),
        cmocka_unit_test(others_are_told_apart),
        cmocka_unit_test(counters_are_chained),
        cmocka_unit_test(nothing_but_the_guest_is_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
