/* SPDX-License-Identifier: MIT */
/* What the words of loads and stores say; the words are an assembler's. */
#include "cmocka_all.h"

#include "emulate/a64.h"

static struct vcpu_load_store classify(uint32_t word)
{
    struct vcpu_load_store insn;

    assert_int_equal(vcpu_a64_classify(word, &insn), VCPU_REFUSAL_NONE);
    return insn;
}

static void check_registers(const struct vcpu_load_store *insn, unsigned rt, unsigned rn)
{
    assert_int_equal(insn->rt, rt);
    assert_int_equal(insn->rn, rn);
}

static void check_index(const struct vcpu_load_store *insn, enum a64_index index, int32_t offset)
{
    assert_int_equal(insn->index, index);
    assert_int_equal(insn->offset, offset);
}

static void check_access(const struct vcpu_load_store *insn, unsigned kind, unsigned size,
                         unsigned count)
{
    assert_int_equal(insn->kind, kind);
    assert_int_equal(insn->size, size);
    assert_int_equal(insn->count, count);
}

static void check_result(const struct vcpu_load_store *insn, bool vector, bool is_signed, bool wide)
{
    assert_int_equal(insn->vector, vector);
    assert_int_equal(insn->is_signed, is_signed);
    assert_int_equal(insn->wide, wide);
}

static void single_registers(void **state)
{
    static const struct {
        uint32_t word;
        uint8_t kind, size;
        bool vector, is_signed, wide;
    } rows[] = {
        {0x39000041, A64_STORE, 1, false, false, false}, /* strb w1, [x2] */
        {0x39400041, A64_LOAD, 1, false, false, false},  /* ldrb w1, [x2] */
        {0x39800041, A64_LOAD, 1, false, true, true},    /* ldrsb x1, [x2] */
        {0x39c00041, A64_LOAD, 1, false, true, false},   /* ldrsb w1, [x2] */
        {0x79400041, A64_LOAD, 2, false, false, false},  /* ldrh w1, [x2] */
        {0x79c00041, A64_LOAD, 2, false, true, false},   /* ldrsh w1, [x2] */
        {0xb9400041, A64_LOAD, 4, false, false, false},  /* ldr w1, [x2] */
        {0xb9800041, A64_LOAD, 4, false, true, true},    /* ldrsw x1, [x2] */
        {0xf9000041, A64_STORE, 8, false, false, false}, /* str x1, [x2] */
        {0x3d400041, A64_LOAD, 1, true, false, false},   /* ldr b1, [x2] */
        {0xfd000041, A64_STORE, 8, true, false, false},  /* str d1, [x2] */
        {0x3d800041, A64_STORE, 16, true, false, false}, /* str q1, [x2] */
        {0x3dc00041, A64_LOAD, 16, true, false, false},  /* ldr q1, [x2] */
        {0x089ffc41, A64_STORE, 1, false, false, false}, /* stlrb w1, [x2] */
        {0xc8dffc41, A64_LOAD, 8, false, false, false},  /* ldar x1, [x2] */
        {0xb8bfc041, A64_LOAD, 4, false, false, false},  /* ldapr w1, [x2] */
        {0x885ffc41, A64_LOAD, 4, false, false, false},  /* ldaxr w1, [x2] */
        {0x99800041, A64_LOAD, 4, false, true, true},    /* ldapursw x1, [x2] */
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vcpu_load_store insn = classify(rows[i].word);

        check_registers(&insn, 1, 2);
        check_index(&insn, A64_OFFSET, 0);
        check_access(&insn, rows[i].kind, rows[i].size, 1);
        check_result(&insn, rows[i].vector, rows[i].is_signed, rows[i].wide);
    }
}

static void offsets(void **state)
{
    static const struct {
        uint32_t word;
        uint8_t index;
        int32_t offset;
    } rows[] = {
        {0xf97ffc41, A64_OFFSET, 32760},      /* ldr x1, [x2, #32760] */
        {0x3dfffc41, A64_OFFSET, 65520},      /* ldr q1, [x2, #65520] */
        {0xf8500041, A64_OFFSET, -256},       /* ldur x1, [x2, #-256] */
        {0xb84ff841, A64_OFFSET, 255},        /* ldtr w1, [x2, #255] */
        {0xf8408441, A64_POST, 8},            /* ldr x1, [x2], #8 */
        {0x381ffc41, A64_PRE, -1},            /* strb w1, [x2, #-1]! */
        {0x38500041, A64_OFFSET, -256},       /* ldurb w1, [x2, #-256] */
        {0x991ff041, A64_OFFSET, -1},         /* stlur w1, [x2, #-1] */
        {0x58800001, A64_LITERAL, -0x100000}, /* ldr x1, .-0x100000 */
        {0x1c000101, A64_LITERAL, 0x20},      /* ldr s1, .+0x20 */
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vcpu_load_store insn = classify(rows[i].word);

        check_index(&insn, (enum a64_index)rows[i].index, rows[i].offset);
    }
}

static void offsets_in_registers(void **state)
{
    struct vcpu_load_store insn = classify(0xf863d841); /* ldr x1, [x2, w3, sxtw #3] */

    (void)state;
    check_registers(&insn, 1, 2);
    assert_int_equal(insn.index, A64_REGISTER);
    assert_int_equal(insn.rs, 3);
    assert_int_equal(insn.option, 6);
    assert_int_equal(insn.shift, 3);
    insn = classify(0x3c634841); /* ldr b1, [x2, w3, uxtw] */
    assert_int_equal(insn.option, 2);
    assert_int_equal(insn.shift, 0);
    insn = classify(0x3ca37841); /* str q1, [x2, x3, lsl #4] */
    assert_int_equal(insn.option, 3);
    assert_int_equal(insn.shift, 4);
}

static void pairs(void **state)
{
    static const struct {
        uint32_t word;
        uint8_t kind, size, index;
        int32_t offset;
        bool vector, is_signed;
    } rows[] = {
        {0x29400c41, A64_LOAD, 4, A64_OFFSET, 0, false, false},     /* ldp w1, w3, [x2] */
        {0xa9a00c41, A64_STORE, 8, A64_PRE, -512, false, false},    /* stp x1, x3, [x2, #-512]! */
        {0xa8df8c41, A64_LOAD, 8, A64_POST, 504, false, false},     /* ldp x1, x3, [x2], #504 */
        {0x69600c41, A64_LOAD, 4, A64_OFFSET, -256, false, true},   /* ldpsw x1, x3, [x2, #-256] */
        {0xa8400c41, A64_LOAD, 8, A64_OFFSET, 0, false, false},     /* ldnp x1, x3, [x2] */
        {0x2c800c41, A64_STORE, 4, A64_POST, 0, true, false},       /* stp s1, s3, [x2], #0 */
        {0x6d608c41, A64_LOAD, 8, A64_OFFSET, -504, true, false},   /* ldp d1, d3, [x2, #-504] */
        {0xac1f8c41, A64_STORE, 16, A64_OFFSET, 1008, true, false}, /* stnp q1, q3, [x2, #1008] */
        {0xc87f8c41, A64_LOAD, 8, A64_OFFSET, 0, false, false},     /* ldaxp x1, x3, [x2] */
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vcpu_load_store insn = classify(rows[i].word);

        check_registers(&insn, 1, 2);
        check_index(&insn, (enum a64_index)rows[i].index, rows[i].offset);
        assert_int_equal(insn.rt2, 3);
        check_access(&insn, rows[i].kind, rows[i].size, 2);
        check_result(&insn, rows[i].vector, rows[i].is_signed, rows[i].is_signed);
    }
}

static void what_memory_alone_can_do(void **state)
{
    static const struct {
        uint32_t word;
        uint8_t kind, size, count, operation;
    } rows[] = {
        {0xb8230041, A64_ATOMIC, 4, 1, A64_ADD},      /* ldadd w3, w1, [x2] */
        {0x38e31041, A64_ATOMIC, 1, 1, A64_CLR},      /* ldclralb w3, w1, [x2] */
        {0x78232041, A64_ATOMIC, 2, 1, A64_EOR},      /* ldeorh w3, w1, [x2] */
        {0xf8633041, A64_ATOMIC, 8, 1, A64_SET},      /* ldsetl x3, x1, [x2] */
        {0xf8234041, A64_ATOMIC, 8, 1, A64_SMAX},     /* ldsmax x3, x1, [x2] */
        {0xf8235041, A64_ATOMIC, 8, 1, A64_SMIN},     /* ldsmin x3, x1, [x2] */
        {0xf8236041, A64_ATOMIC, 8, 1, A64_UMAX},     /* ldumax x3, x1, [x2] */
        {0xf8237041, A64_ATOMIC, 8, 1, A64_UMIN},     /* ldumin x3, x1, [x2] */
        {0xf8a38041, A64_ATOMIC, 8, 1, A64_SWP},      /* swpa x3, x1, [x2] */
        {0x88a37c41, A64_COMPARE_AND_SWAP, 4, 1, 7},  /* cas w3, w1, [x2] */
        {0x08e3fc41, A64_COMPARE_AND_SWAP, 1, 1, 15}, /* casalb w3, w1, [x2] */
        {0x88037c41, A64_STORE_EXCLUSIVE, 4, 1, 7},   /* stxr w3, w1, [x2] */
        {0xc823fc41, A64_STORE_EXCLUSIVE, 8, 2, 15},  /* stlxp w3, x1, xzr, [x2] */
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vcpu_load_store insn = classify(rows[i].word);

        check_registers(&insn, 1, 2);
        assert_int_equal(insn.rs, 3);
        check_access(&insn, rows[i].kind, rows[i].size, rows[i].count);
        if (insn.kind == A64_ATOMIC)
            assert_int_equal(insn.operation, rows[i].operation);
    }
}

static void compared_pairs_are_of_even_registers(void **state)
{
    struct vcpu_load_store insn = classify(0x48227c44); /* casp x2, x3, x4, x5, [x2] */

    (void)state;
    assert_int_equal(insn.kind, A64_COMPARE_AND_SWAP);
    assert_int_equal(insn.size, 8);
    assert_int_equal(insn.rs, 2);
    assert_int_equal(insn.rt, 4);
    assert_int_equal(insn.rt2, 5);
    assert_int_equal(classify(0x08227c44).size, 4);
    assert_int_equal(vcpu_a64_classify(0x48237c44, &insn), VCPU_REFUSAL_OTHER);
    assert_int_equal(vcpu_a64_classify(0x48227c45, &insn), VCPU_REFUSAL_OTHER);
}

static void no_access_and_a_block_of_them(void **state)
{
    static const uint32_t prefetches[] = {
        0xf9800040, /* prfm pldl1keep, [x2] */
        0xf8800040, /* prfum pldl1keep, [x2] */
        0xf8a34840, /* prfm pldl1keep, [x2, w3, uxtw] */
        0xd8000000, /* prfm pldl1keep, . */
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(prefetches) / sizeof(prefetches[0]); i++)
        assert_int_equal(classify(prefetches[i]).kind, A64_PREFETCH);
    assert_int_equal(classify(0xd50b7421).kind, A64_ZERO_BLOCK); /* dc zva, x1 */
    assert_int_equal(classify(0xd50b7421).rt, 1);
    assert_false(classify(0xd50b7421).vector);
}

static void refusals(void **state)
{
    static const struct {
        uint32_t word;
        enum vcpu_refusal refusal;
    } rows[] = {
        {0xf8408421, VCPU_REFUSAL_UNPREDICTABLE}, /* ldr x1, [x1], #8 */
        {0xb8004c21, VCPU_REFUSAL_UNPREDICTABLE}, /* str w1, [x1, #4]! */
        {0xa8c10821, VCPU_REFUSAL_UNPREDICTABLE}, /* ldp x1, x2, [x1], #16 */
        {0xa9810422, VCPU_REFUSAL_UNPREDICTABLE}, /* stp x2, x1, [x1, #16]! */
        {0xa9400441, VCPU_REFUSAL_UNPREDICTABLE}, /* ldp x1, x1, [x2] */
        {0xad400441, VCPU_REFUSAL_UNPREDICTABLE}, /* ldp q1, q1, [x2] */
        {0xc87f0441, VCPU_REFUSAL_UNPREDICTABLE}, /* ldxp x1, x1, [x2] */
        {0x88017c41, VCPU_REFUSAL_UNPREDICTABLE}, /* stxr w1, w1, [x2] */
        {0x88027c41, VCPU_REFUSAL_UNPREDICTABLE}, /* stxr w2, w1, [x2] */
        {0x88230c41, VCPU_REFUSAL_UNPREDICTABLE}, /* stxp w3, w1, w3, [x2] */
        {0x4c407041, VCPU_REFUSAL_STRUCTURE},     /* ld1 { v1.16b }, [x2] */
        {0x0d800041, VCPU_REFUSAL_STRUCTURE},     /* st1 { v1.b }[0], [x2], x0 */
        {0xa400a041, VCPU_REFUSAL_SVE},           /* ld1b { z1.b }, p0/z, [x2] */
        {0xe5804041, VCPU_REFUSAL_SVE},           /* str z1, [x2] */
        {0xe1000000, VCPU_REFUSAL_SVE},           /* ldr za[w12, 0], [x0] */
        {0xd9200841, VCPU_REFUSAL_MTE},           /* stg x1, [x2] */
        {0xd9600041, VCPU_REFUSAL_MTE},           /* ldg x1, [x2] */
        {0x69000c41, VCPU_REFUSAL_MTE},           /* stgp x1, x3, [x2] */
        {0xd50b7461, VCPU_REFUSAL_MTE},           /* dc gva, x1 */
        {0xd50b7481, VCPU_REFUSAL_MTE},           /* dc gzva, x1 */
        {0xf8200441, VCPU_REFUSAL_PAUTH},         /* ldraa x1, [x2] */
        {0xf8a00c41, VCPU_REFUSAL_PAUTH},         /* ldrab x1, [x2]! */
        {0xf83fd042, VCPU_REFUSAL_LS64},          /* ld64b x2, [x2] */
        {0xf83f9042, VCPU_REFUSAL_LS64},          /* st64b x2, [x2] */
        {0xf823b042, VCPU_REFUSAL_LS64},          /* st64bv x3, x2, [x2] */
        {0xf823a042, VCPU_REFUSAL_LS64},          /* st64bv0 x3, x2, [x2] */
        {0x19030441, VCPU_REFUSAL_MOPS},          /* cpyfp [x1]!, [x3]!, x2! */
        {0x19c30441, VCPU_REFUSAL_MOPS},          /* setp [x1]!, x2!, x3 */
        {0xd503201f, VCPU_REFUSAL_OTHER},         /* nop */
        {0xd50b7a21, VCPU_REFUSAL_OTHER},         /* dc cvac, x1 */
        {0x00000000, VCPU_REFUSAL_OTHER},         /* udf #0 */
        {0xffffffff, VCPU_REFUSAL_OTHER},         /* not allocated */
        {0xf8820c41, VCPU_REFUSAL_OTHER},         /* a prefetch with a changing base: neither */
        {0xf8800841, VCPU_REFUSAL_OTHER},         /* and one that is unprivileged */
        {0x3c400841, VCPU_REFUSAL_OTHER},         /* a vector that is */
        {0x7cc00041, VCPU_REFUSAL_OTHER},         /* 32 bytes */
        {0x68400c41, VCPU_REFUSAL_OTHER},         /* a non-temporal ldpsw */
        {0xe9400c41, VCPU_REFUSAL_OTHER},         /* a pair with opc 3 */
        {0xdc000001, VCPU_REFUSAL_OTHER},         /* a vector literal with opc 3 */
        {0xf8630841, VCPU_REFUSAL_OTHER},         /* an offset of one byte in a register */
        {0x885f7841, VCPU_REFUSAL_OTHER},         /* ldxr with a zero that should be one */
        {0x88557c41, VCPU_REFUSAL_OTHER},         /* and with another */
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vcpu_load_store insn;

        assert_that(vcpu_a64_classify(rows[i].word, &insn) == rows[i].refusal,
                    "0x%08x is refused with %d", rows[i].word,
                    vcpu_a64_classify(rows[i].word, &insn));
    }
}

/* SP has the number of the zero register, and is not it. */
static void the_zero_register_is_not_the_base(void **state)
{
    (void)state;
    assert_int_equal(classify(0xf84087ff).index, A64_POST); /* ldr xzr, [sp], #8 */
    assert_true(a64_base_is_sp(&(struct vcpu_load_store){.rn = 31}));
    assert_int_equal(classify(0x881f7fe1).kind, A64_STORE_EXCLUSIVE); /* stxr wzr, w1, [sp] */
    assert_int_equal(classify(0xfc408421).index, A64_POST);           /* ldr d1, [x1], #8 */
    assert_int_equal(classify(0xa8010421).index, A64_OFFSET);         /* stnp x1, x1, [x1, #16] */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(single_registers),
        cmocka_unit_test(offsets),
        cmocka_unit_test(offsets_in_registers),
        cmocka_unit_test(pairs),
        cmocka_unit_test(what_memory_alone_can_do),
        cmocka_unit_test(compared_pairs_are_of_even_registers),
        cmocka_unit_test(no_access_and_a_block_of_them),
        cmocka_unit_test(refusals),
        cmocka_unit_test(the_zero_register_is_not_the_base),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
