/* SPDX-License-Identifier: MIT */
/* Whatever the word and the registers are, what is carried out keeps to what it may touch. */
#include "cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "emulate/a64.h"
#include "random.h"

#define ROUNDS 3000000
#define X_SIZE (31 * sizeof(uint64_t))
#define V_SIZE (64 * sizeof(uint64_t))
#define BLOCK  2048u /* the largest that DC ZVA may have */

static uint64_t seed = UINT64_C(0x9e3779b97f4a7c15);

static uint64_t draw(void)
{
    return random64(&seed);
}

/* Three of four words are loads and stores. */
static uint32_t draw_word(void)
{
    uint32_t word = (uint32_t)draw();

    return draw() % 4 ? (word & ~(1u << 25)) | 1u << 27 : word;
}

/* Of their own, so that one step behind them is an error in ASan. */
static struct a64_registers allocate(void)
{
    return (struct a64_registers){.x = malloc(X_SIZE),
                                  .sp = malloc(sizeof(uint64_t)),
                                  .v = malloc(V_SIZE),
                                  .stride = 2,
                                  .zero_block = BLOCK};
}

static unsigned make_all(struct vcpu_emulation *e, const struct a64_registers *r)
{
    const uint64_t extent = vcpu_a64_extent(e);
    unsigned made = 0;

    for (; vcpu_a64_access(e, r->x); made++) {
        const struct vcpu_emulated_access *access = &e->access;
        uint64_t va = access->ipa.value; /* but for the page number, which is told apart below */

        assert_true(access->size == 1 || access->size == 2 || access->size == 4 ||
                    access->size == 8);
        assert_int_equal(va & 0xfff,
                         (e->address + made % (extent / access->size) * access->size) & 0xfff);
        assert_in_range(va >> 12, 1, 2);
        if (access->write && access->size < 8)
            assert_int_equal(access->data >> (8 * access->size), 0);
        assert_in_range(made, 0, BLOCK / 8 - 1);
        e->access.data = draw();
        vcpu_a64_made(e, r->x);
    }
    return made;
}

/* Which general registers an instruction may write. */
static uint32_t may_write(const struct vcpu_load_store *insn)
{
    uint32_t set = a64_writes_back(insn) ? 1u << insn->rn : 0;

    switch (insn->kind) {
    case A64_LOAD:
        return set | (insn->vector ? 0 : 1u << insn->rt | (insn->count == 2 ? 1u << insn->rt2 : 0));
    case A64_ATOMIC:
        return 1u << insn->rt;
    case A64_STORE_EXCLUSIVE:
        return 1u << insn->rs;
    case A64_COMPARE_AND_SWAP:
        return (insn->count == 2 ? 3u : 1u) << insn->rs;
    default:
        return set;
    }
}

static void nothing_else_is_touched(void **state)
{
    struct a64_registers r = allocate();
    uint64_t *x = malloc(X_SIZE), *v = malloc(V_SIZE);
    unsigned handled = 0, kinds = 0, accesses = 0;

    (void)state;
    for (unsigned i = 0; i < 31; i++)
        r.x[i] = draw();
    for (unsigned i = 0; i < 64; i++)
        r.v[i] = draw();
    *r.sp = draw();
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct vcpu_emulation e;
        uint64_t sp = *r.sp;

        if (vcpu_a64_classify(draw_word(), &e.instruction) != VCPU_REFUSAL_NONE)
            continue;
        r.pc = draw();
        r.x[draw() % 31] = draw();
        memcpy(x, r.x, X_SIZE);
        memcpy(v, r.v, V_SIZE);
        vcpu_a64_plan(&e, &r);
        e.page[0] = vcpu_ipa(0x1000);
        e.page[1] = vcpu_ipa(0x2000);
        accesses += make_all(&e, &r);
        assert_memory_equal(x, r.x, X_SIZE);
        vcpu_a64_finish(&e, &r);

        for (unsigned i = 0; i < 31; i++)
            if (!(may_write(&e.instruction) & 1u << i))
                assert_int_equal(r.x[i], x[i]);
        for (unsigned i = 0; i < 32; i++) {
            const struct vcpu_load_store *insn = &e.instruction;
            bool mine = insn->vector && insn->kind == A64_LOAD &&
                        (i == insn->rt || (insn->count == 2 && i == insn->rt2));

            if (!mine)
                assert_memory_equal(&r.v[2 * i], &v[2 * i], 16);
        }
        if (!a64_writes_back(&e.instruction) || !a64_base_is_sp(&e.instruction))
            assert_int_equal(*r.sp, sp);
        handled++;
        kinds |= 1u << e.instruction.kind;
    }
    free(r.x);
    free(r.sp);
    free(r.v);
    free(x);
    free(v);
    /* The dice reached all of it but DC ZVA, which is one word among 2^27. */
    assert_int_equal(kinds, (1u << (A64_ATOMIC + 1)) - 1 - (1u << A64_ZERO_BLOCK));
    assert_true(handled > ROUNDS / 10 && accesses > handled);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_else_is_touched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
