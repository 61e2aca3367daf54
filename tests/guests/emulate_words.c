/* SPDX-License-Identifier: MIT */
#include "emulate_words.h"

#include <stddef.h>

#include "random.h"

#define V            (1u << 26)
#define LOAD         (1u << 22)
#define RS           (31u << 16)
#define RT2          (31u << 10)
#define RN           (31u << 5)
#define RT           31u
#define SP           31u
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* size, V and opc of one register, in bits 31:30, 26 and 23:22. */
static const struct word_variant general[] = {
    {0x00000000, 0}, /* strb */
    {0x00400000, 0}, /* ldrb */
    {0x00800000, 0}, /* ldrsb x */
    {0x00c00000, 0}, /* ldrsb w */
    {0x40000000, 1}, /* strh */
    {0x40400000, 1}, /* ldrh */
    {0x40800000, 1}, /* ldrsh x */
    {0x40c00000, 1}, /* ldrsh w */
    {0x80000000, 2}, /* str w */
    {0x80400000, 2}, /* ldr w */
    {0x80800000, 2}, /* ldrsw */
    {0xc0000000, 3}, /* str x */
    {0xc0400000, 3}, /* ldr x */
};
static const struct word_variant vector[] = {
    {V | 0x00000000, 0}, {V | 0x00400000, 0}, /* b */
    {V | 0x40000000, 1}, {V | 0x40400000, 1}, /* h */
    {V | 0x80000000, 2}, {V | 0x80400000, 2}, /* s */
    {V | 0xc0000000, 3}, {V | 0xc0400000, 3}, /* d */
    {V | 0x00800000, 4}, {V | 0x00c00000, 4}, /* q */
};

/* opc and V of pairs that are loaded or stored, and of ldpsw. */
static const struct word_variant pairs[] = {
    {0x00000000, 2}, {0x80000000, 3}, {V | 0x00000000, 2}, {V | 0x40000000, 3}, {V | 0x80000000, 4},
};
static const struct word_variant signed_pair[] = {{0x40000000, 2}};

/* opc and V of literals: ldr w, x, ldrsw; s, d, q. */
static const struct word_variant literals[] = {
    {0x00000000, 2}, {0x40000000, 3},     {0x80000000, 2},
    {V, 2},          {V | 0x40000000, 3}, {V | 0x80000000, 4},
};

/* size of what has all four, and of pairs in bits 30 or 31:30. */
static const struct word_variant sizes[] = {
    {0x00000000, 0}, {0x40000000, 1}, {0x80000000, 2}, {0xc0000000, 3}};
static const struct word_variant exclusive_pairs[] = {{0x80000000, 2}, {0xc0000000, 3}};
static const struct word_variant compare_pairs[] = {{0x00000000, 2}, {0x40000000, 3}};
static const struct word_variant block[] = {{0x00000000, 3}};

enum word_variants {
    GENERAL,
    VECTOR,
    PAIRS,
    SIGNED_PAIR,
    LITERALS,
    SIZES,
    EXCLUSIVE_PAIRS,
    COMPARE_PAIRS,
    BLOCK,
};
#define VARIANTS(name) name, COUNT(name)
static const struct {
    const struct word_variant *list;
    size_t count;
} variants[] = {
    {VARIANTS(general)},         {VARIANTS(vector)},        {VARIANTS(pairs)},
    {VARIANTS(signed_pair)},     {VARIANTS(literals)},      {VARIANTS(sizes)},
    {VARIANTS(exclusive_pairs)}, {VARIANTS(compare_pairs)}, {VARIANTS(block)},
};

#define IMM9   (0x1ffu << 12)
#define IMM12  (0xfffu << 10)
#define IMM7   (0x7fu << 15)
#define IMM19  (0x7ffffu << 5)
#define OP     (7u << 12)   /* of an atomic */
#define O0     (1u << 15)   /* acquire or release of an exclusive */
#define EXTEND (0xbu << 12) /* option but its middle bit, and S */

/* clang-format off */
const struct word_class word_classes[] = {
    /* name, value, free bits beside Rn and Rt, variants, offset, feature, aligned, base, post */
    {"unsigned offset", 0x39000000, IMM12, GENERAL, WORD_IMMEDIATE12, 0, false, false, false},
    {"unsigned offset, vector", 0x39000000, IMM12, VECTOR, WORD_IMMEDIATE12, 0, false, false, false},
    {"unscaled", 0x38000000, IMM9, GENERAL, WORD_IMMEDIATE9, 0, false, false, false},
    {"unscaled, vector", 0x38000000, IMM9, VECTOR, WORD_IMMEDIATE9, 0, false, false, false},
    {"post-index", 0x38000400, IMM9, GENERAL, WORD_IMMEDIATE9, 0, false, true, true},
    {"post-index, vector", 0x38000400, IMM9, VECTOR, WORD_IMMEDIATE9, 0, false, true, true},
    {"unprivileged", 0x38000800, IMM9, GENERAL, WORD_IMMEDIATE9, 0, false, false, false},
    {"pre-index", 0x38000c00, IMM9, GENERAL, WORD_IMMEDIATE9, 0, false, true, false},
    {"pre-index, vector", 0x38000c00, IMM9, VECTOR, WORD_IMMEDIATE9, 0, false, true, false},
    {"register offset", 0x38204800, RS | EXTEND, GENERAL, WORD_REGISTER, 0, false, false, false},
    {"register offset, vector", 0x38204800, RS | EXTEND, VECTOR, WORD_REGISTER, 0, false, false, false},
    {"literal", 0x18000000, IMM19, LITERALS, WORD_LITERAL, 0, false, false, false},
    {"non-temporal pair", 0x28000000, RT2 | IMM7 | LOAD, PAIRS, WORD_IMMEDIATE7, 0, false, false, false},
    {"post-index pair", 0x28800000, RT2 | IMM7 | LOAD, PAIRS, WORD_IMMEDIATE7, 0, false, true, true},
    {"pair", 0x29000000, RT2 | IMM7 | LOAD, PAIRS, WORD_IMMEDIATE7, 0, false, false, false},
    {"pre-index pair", 0x29800000, RT2 | IMM7 | LOAD, PAIRS, WORD_IMMEDIATE7, 0, false, true, false},
    {"post-index ldpsw", 0x28c00000, RT2 | IMM7, SIGNED_PAIR, WORD_IMMEDIATE7, 0, false, true, true},
    {"ldpsw", 0x29400000, RT2 | IMM7, SIGNED_PAIR, WORD_IMMEDIATE7, 0, false, false, false},
    {"pre-index ldpsw", 0x29c00000, RT2 | IMM7, SIGNED_PAIR, WORD_IMMEDIATE7, 0, false, true, false},
    {"stxr, stlxr", 0x08007c00, RS | O0, SIZES, WORD_BASE, 0, true, false, false},
    {"ldxr, ldaxr", 0x085f7c00, O0, SIZES, WORD_BASE, 0, true, false, false},
    {"stxp, stlxp", 0x08200000, RS | RT2 | O0, EXCLUSIVE_PAIRS, WORD_BASE, 0, true, false, false},
    {"ldxp, ldaxp", 0x087f0000, RT2 | O0, EXCLUSIVE_PAIRS, WORD_BASE, 0, true, false, false},
    {"stlr", 0x089ffc00, 0, SIZES, WORD_BASE, 0, true, false, false},
    {"ldar", 0x08dffc00, 0, SIZES, WORD_BASE, 0, true, false, false},
    {"stllr", 0x089f7c00, 0, SIZES, WORD_BASE, WORD_LOR, true, false, false},
    {"ldlar", 0x08df7c00, 0, SIZES, WORD_BASE, WORD_LOR, true, false, false},
    {"cas", 0x08a07c00, RS | LOAD | O0, SIZES, WORD_BASE, WORD_ATOMICS, true, false, false},
    {"casp", 0x08207c00, (RS & ~(1u << 16)) | LOAD | O0, COMPARE_PAIRS, WORD_BASE, WORD_ATOMICS, true, false, false},
    {"ldadd to ldumin", 0x38200000, RS | OP | 3u << 22, SIZES, WORD_BASE, WORD_ATOMICS, true, false, false},
    {"swp", 0x38208000, RS | 3u << 22, SIZES, WORD_BASE, WORD_ATOMICS, true, false, false},
    {"ldapr", 0x38bfc000, 0, SIZES, WORD_BASE, WORD_LRCPC, true, false, false},
    {"ldapur, stlur", 0x19000000, IMM9, GENERAL, WORD_IMMEDIATE9, WORD_LRCPC2, true, false, false},
    {"dc zva", 0xd50b7420, 0, BLOCK, WORD_ZERO_BLOCK, 0, false, false, false},
};
/* clang-format on */
const unsigned word_class_count = COUNT(word_classes);

const struct word_variant *word_variant(const struct word_class *class, unsigned n)
{
    return n < variants[class->variants].count ? &variants[class->variants].list[n] : NULL;
}

static unsigned field(uint32_t word, unsigned high, unsigned low)
{
    return word >> low & ((1u << (high - low + 1)) - 1);
}

static bool is_pair(const struct word_class *class)
{
    return class->variants == PAIRS || class->variants == SIGNED_PAIR ||
           class->variants == EXCLUSIVE_PAIRS;
}

static bool is_usable(const struct word_class *class, uint32_t word)
{
    unsigned rs = field(word, 20, 16), rt2 = field(word, 14, 10), rn = field(word, 9, 5);
    unsigned rt = field(word, 4, 0);
    bool pair = is_pair(class), store_exclusive = (word & 0x3fc00000) == 0x08000000;
    bool load = word & LOAD;

    switch (class->offset) {
    case WORD_REGISTER:
        return rs != rn || rs == SP; /* the test cannot choose their sum else */
    case WORD_ZERO_BLOCK:
        return rt != 31;
    default:
        break;
    }
    if (class->variants == COMPARE_PAIRS)
        return !(rt & 1);
    if (store_exclusive)
        return rs != rt && !(pair && rs == rt2) && (rs != rn || rs == SP);
    if (pair && load && rt == rt2)
        return false;
    return !class->writes_back || (word & V) || rn == SP || (rn != rt && !(pair && rn == rt2));
}

uint32_t word_draw(const struct word_class *class, const struct word_variant *variant,
                   uint64_t *seed)
{
    uint32_t free = class->free | (class->offset == WORD_ZERO_BLOCK ? RT : RN | RT), word;

    if (class->offset == WORD_LITERAL)
        free = class->free | RT;
    do
        word = class->value | variant->value | ((uint32_t)(random64(seed) >> 32) & free);
    while (!is_usable(class, word));
    return word;
}

/* The upper bits of a word, from bit high on, with their sign. */
static int64_t immediate(uint32_t word, unsigned high, unsigned low)
{
    int64_t value = field(word, high, low), sign = INT64_C(1) << (high - low);

    return (value ^ sign) - sign;
}

static uint64_t extended(uint32_t word, unsigned scale, const uint64_t x[31])
{
    unsigned rm = field(word, 20, 16);
    uint64_t value = rm == 31 ? 0 : x[rm];

    switch (field(word, 15, 13)) {
    case 2: /* UXTW */
        value &= 0xffffffff;
        break;
    case 6: /* SXTW */
        value = (value & 0xffffffff) - (value & 0x80000000) * 2;
        break;
    default:
        break;
    }
    return field(word, 12, 12) ? value * (UINT64_C(1) << scale) : value;
}

uint64_t word_offset(const struct word_class *class, const struct word_variant *variant,
                     uint32_t word, const uint64_t x[31])
{
    const int64_t unit = INT64_C(1) << variant->scale;

    switch (class->offset) {
    case WORD_IMMEDIATE9:
        return (uint64_t)immediate(word, 20, 12);
    case WORD_IMMEDIATE12:
        return (uint64_t)field(word, 21, 10) << variant->scale;
    case WORD_IMMEDIATE7:
        return (uint64_t)(immediate(word, 21, 15) * unit);
    case WORD_REGISTER:
        return extended(word, variant->scale, x);
    case WORD_LITERAL:
        return (uint64_t)(immediate(word, 23, 5) * 4);
    default:
        return 0;
    }
}
