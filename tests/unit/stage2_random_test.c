/* SPDX-License-Identifier: MIT */
/*
 * Thousands of random calls against a model: an array that says of each piece of the IPA space what
 * is mapped there. Every call's range begins and ends where a piece does, so a piece is all one.
 */
#include "cmocka_all.h"

#include <string.h>

#include <vcpu/error.h>
#include <vcpu/stage2.h>

#include "stage2_machine.h"

#define KIB UINT64_C(0x400)
#define MIB (KIB * KIB)
#define GIB (KIB * MIB)

/* Where pieces begin in each GiB: around the boundaries of blocks, and well inside. */
static const uint64_t offsets[] = {
    0,       4 * KIB,           8 * KIB,   2 * MIB - 4 * KIB, 2 * MIB,       2 * MIB + 4 * KIB,
    4 * MIB, 6 * MIB - 8 * KIB, 512 * MIB, GIB - 2 * MIB,     GIB - 4 * KIB,
};

#define OFFSETS (sizeof(offsets) / sizeof(offsets[0]))
#define GIBS    4u
#define PIECES  (GIBS * OFFSETS)

struct piece {
    uint64_t ipa, size, pa;
    uint32_t flags; /* 0: nothing is mapped */
};

struct run {
    struct vcpu_stage2 s2;
    struct piece pieces[PIECES];
    uint8_t pa_bits;
    uint64_t random;
    unsigned done[3], refused, starved; /* what the calls came to */
};

static uint64_t next_random(struct run *run, uint64_t below)
{
    /* xorshift64* */
    run->random ^= run->random >> 12;
    run->random ^= run->random << 25;
    run->random ^= run->random >> 27;
    return (run->random * UINT64_C(2685821657736338717) >> 16) % below;
}

static void start(struct run *run, uint64_t base, uint8_t ipa_bits, uint8_t pa_bits, uint64_t seed)
{
    memset(run, 0, sizeof(*run));
    run->random = seed;
    run->pa_bits = pa_bits;
    machine_reset();
    assert_int_equal(vcpu_stage2_create(&run->s2, &machine.host, ipa_bits, pa_bits,
                                        seed % 2 ? 8 : 16, seed % 2 ? 0x81 : 0x8001),
                     VCPU_OK);
    machine.fwb = seed % 3 == 0;
    assert_int_equal(vcpu_stage2_set_features(&run->s2, machine.fwb ? VCPU_S2_HAS_FWB : 0),
                     VCPU_OK);
    machine_attach(&run->s2);
    for (unsigned i = 0; i < PIECES; i++) {
        struct piece *piece = &run->pieces[i];
        uint64_t next = i % OFFSETS + 1 < OFFSETS ? offsets[i % OFFSETS + 1] : GIB;

        piece->ipa = base + i / OFFSETS * GIB + offsets[i % OFFSETS];
        piece->size = next - offsets[i % OFFSETS];
        machine_watch(piece->ipa);
        machine_watch(piece->ipa + piece->size - 4 * KIB);
    }
}

/* A call, on the pieces from `first` to before `end`. */
struct call {
    enum { MAP, UNMAP, PROTECT } kind;
    unsigned first, end;
    uint64_t ipa, size, pa;
    uint32_t flags;
};

#define TYPES   ((uint32_t)(DEVICES | VCPU_S2_NONCACHEABLE | VCPU_S2_OUTER_SHAREABLE))
#define DEVICES (VCPU_S2_DEVICE | VCPU_S2_DEVICE_nGnRnE)

static uint32_t random_flags(struct run *run)
{
    static const uint32_t types[10] = {VCPU_S2_DEVICE, VCPU_S2_DEVICE_nGnRnE, VCPU_S2_NONCACHEABLE,
                                       VCPU_S2_OUTER_SHAREABLE};
    uint32_t type = types[next_random(run, 10)];

    return type | (uint32_t)(1 + next_random(run, type & DEVICES ? 3 : 7));
}

static struct call random_call(struct run *run)
{
    struct call call = {.kind = (unsigned)next_random(run, 3)};

    /* Short ranges mostly: long ones would find everything taken. */
    unsigned length = 1 + (unsigned)next_random(run, next_random(run, 4) ? 6 : PIECES);
    call.first = (unsigned)next_random(run, PIECES);
    call.end = call.first + length < PIECES ? call.first + length : PIECES;
    call.ipa = run->pieces[call.first].ipa;
    call.size = run->pieces[call.end - 1].ipa + run->pieces[call.end - 1].size - call.ipa;
    call.flags = random_flags(run);
    if (call.kind == PROTECT)
        call.flags &= ~TYPES;

    /* A PA that agrees with the IPA modulo 1 GiB, 2 MiB, or, if that is not too many, 4 KiB. */
    uint64_t grain = next_random(run, 2) ? GIB : 2 * MIB;
    if (call.size <= 8 * MIB && next_random(run, 2))
        grain = 4 * KIB;
    call.pa = call.ipa % grain +
              next_random(run, ((UINT64_C(1) << run->pa_bits) - 4 * GIB) / grain + 1) * grain;
    return call;
}

static int make_call(struct run *run, const struct call *call)
{
    switch (call->kind) {
    case MAP:
        return vcpu_stage2_map(&run->s2, vcpu_ipa(call->ipa), vcpu_pa(call->pa), call->size,
                               call->flags);
    case UNMAP:
        return vcpu_stage2_unmap(&run->s2, vcpu_ipa(call->ipa), call->size);
    default:
        return vcpu_stage2_protect(&run->s2, vcpu_ipa(call->ipa), call->size, call->flags);
    }
}

/* What the call must return, memory permitting. */
static int expected(const struct run *run, const struct call *call)
{
    if (call->kind == MAP && call->pa + call->size > UINT64_C(1) << run->pa_bits)
        return VCPU_ERR_INVALID;
    for (unsigned i = call->first; i < call->end; i++) {
        uint32_t flags = run->pieces[i].flags;

        if (call->kind == MAP && flags)
            return VCPU_ERR_EXISTS;
        if (call->kind == PROTECT && !flags)
            return VCPU_ERR_NOT_FOUND;
        if (call->kind == PROTECT && (flags & DEVICES) && (call->flags & VCPU_S2_EXECUTE))
            return VCPU_ERR_INVALID;
    }
    return VCPU_OK;
}

static void apply(struct run *run, const struct call *call)
{
    for (unsigned i = call->first; i < call->end; i++) {
        struct piece *piece = &run->pieces[i];

        if (call->kind == MAP) {
            piece->pa = call->pa + (piece->ipa - call->ipa);
            piece->flags = call->flags;
        } else if (call->kind == UNMAP) {
            piece->flags = 0;
        } else {
            piece->flags = (piece->flags & TYPES) | call->flags;
        }
    }
}

static void check_address(const struct run *run, const struct piece *piece, uint64_t offset)
{
    struct machine_leaf leaf = machine_walk(piece->ipa + offset);
    struct vcpu_stage2_mapping mapping;
    int result = vcpu_stage2_query(&run->s2, vcpu_ipa(piece->ipa + offset), &mapping);

    assert_int_equal(leaf.valid, piece->flags != 0);
    assert_int_equal(result, leaf.valid ? VCPU_OK : VCPU_ERR_NOT_FOUND);
    if (!leaf.valid)
        return;
    assert_int_equal(leaf.out + (piece->ipa + offset - leaf.base), piece->pa + offset);
    assert_int_equal(leaf.read, (piece->flags & VCPU_S2_READ) != 0);
    assert_int_equal(leaf.write, (piece->flags & VCPU_S2_WRITE) != 0);
    assert_int_equal(leaf.execute, (piece->flags & VCPU_S2_EXECUTE) != 0);
    assert_int_equal(leaf.device, (piece->flags & DEVICES) != 0);

    assert_int_equal(mapping.pa.value, piece->pa + offset);
    assert_int_equal(mapping.size, leaf.size);
    assert_int_equal(mapping.flags, piece->flags);
}

static void check_tables(struct run *run)
{
    uint64_t mapped = 0;
    unsigned tables;

    for (unsigned i = 0; i < PIECES; i++) {
        const struct piece *piece = &run->pieces[i];

        check_address(run, piece, 0);
        check_address(run, piece, piece->size - 1);
        check_address(run, piece, next_random(run, piece->size));
        mapped += piece->flags ? piece->size : 0;
    }
    /* Nothing beside the pieces, no page lost, none counted twice. */
    assert_int_equal(machine_count(&tables), mapped);
    assert_int_equal(tables, run->s2.pages);
    assert_int_equal(tables, machine.pages_in_use);
    machine_check_settled();
}

/* Makes the call with memory for no page, one page, and so on until there is enough. */
static int starve(struct run *run, const struct call *call)
{
    uint64_t pages = run->s2.pages;
    uint64_t enough = 0;
    int result;

    machine_save();
    for (;; enough++) {
        machine.pages_left = (int64_t)enough;
        result = make_call(run, call);
        if (result != VCPU_ERR_NO_MEMORY)
            break;
        run->starved++;
        assert_int_equal(run->s2.pages, pages);
        assert_true(machine_is_as_saved());
        assert_int_equal(machine.events_count, 0);
    }
    /* It asked for no page that it did not need. */
    if (result == VCPU_OK && call->kind != UNMAP)
        assert_int_equal(run->s2.pages, pages + enough);
    machine.pages_left = -1;
    return result;
}

static void make_calls(struct run *run, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct call call = random_call(run);

        machine.events_count = 0;
        int result = next_random(run, 3) ? make_call(run, &call) : starve(run, &call);

        assert_int_equal(result, expected(run, &call));
        if (result == VCPU_OK) {
            apply(run, &call);
            run->done[call.kind]++;
        } else {
            run->refused++;
            assert_int_equal(machine.events_count, 0);
        }
        check_tables(run);
    }
}

static void finish(struct run *run, unsigned count)
{
    /* The run has been through everything, often. */
    assert_true(run->done[MAP] > count / 20 && run->done[UNMAP] > count / 20 &&
                run->done[PROTECT] > count / 50);
    assert_true(run->refused > count / 20 && run->starved > count / 50);
    assert_int_equal(vcpu_stage2_destroy(&run->s2), VCPU_OK);
    machine_detach();
    assert_int_equal(machine.pages_in_use, 0);
}

#define SEEDS 6u
#define CALLS 500u

static void random_calls(uint64_t base, uint8_t ipa_bits, uint8_t pa_bits)
{
    static struct run run;

    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        start(&run, base, ipa_bits, pa_bits, seed);
        make_calls(&run, CALLS);
        finish(&run, CALLS);
    }
}

static void tables_that_start_at_level_2_follow_the_model(void **state)
{
    (void)state;
    random_calls(0, 32, 40);
}

static void tables_that_start_at_level_1_follow_the_model(void **state)
{
    (void)state;
    random_calls(0, 36, 36);
}

static void concatenated_tables_follow_the_model(void **state)
{
    (void)state;
    random_calls(510 * GIB, 40, 40); /* over the seam of the two tables of the root */
}

static void tables_that_start_at_level_0_follow_the_model(void **state)
{
    (void)state;
    random_calls(510 * GIB, 48, 48); /* over the seam of two tables of level 1 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_that_start_at_level_2_follow_the_model),
        cmocka_unit_test(tables_that_start_at_level_1_follow_the_model),
        cmocka_unit_test(concatenated_tables_follow_the_model),
        cmocka_unit_test(tables_that_start_at_level_0_follow_the_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
