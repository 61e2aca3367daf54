/* SPDX-License-Identifier: MIT */
/* The encodings of A64's loads and stores. */
#include "emulate/a64.h"

#include "arm/field.h"

/* Fields that are at the same bits in every encoding that has them. */
#define A64_SIZE  GENMASK(31, 30) /* or opc, if bits 23:22 are not */
#define A64_V     BIT(26)         /* SIMD&FP registers */
#define A64_INDEX GENMASK(24, 23) /* of a pair */
#define A64_OPC   GENMASK(23, 22)
#define A64_L     BIT(22)         /* of a pair: a load */
#define A64_RS    GENMASK(20, 16) /* or Rm */
#define A64_RT2   GENMASK(14, 10)
#define A64_RN    GENMASK(9, 5)
#define A64_RT    GENMASK(4, 0)

#define A64_OPTION  GENMASK(15, 13) /* of an offset in a register: its extension */
#define A64_SCALED  BIT(12)         /* and whether it is shifted */
#define A64_INDEX9  GENMASK(11, 10) /* of an immediate of nine bits */
#define A64_ATOMICS GENMASK(15, 12) /* o3:opc */

/* A signed immediate. */
#define IMMEDIATE(high, low, word) ((int32_t)((word) << (31 - (high))) >> (31 - (high) + (low)))

/* How to decode the rest of a word. */
enum form {
    PLAIN,      /* the row gives the kind: one register, at the address in Rn */
    PLAIN_PAIR, /* two registers */
    CASP,
    IMMEDIATE9, /* V is valid from here on */
    ORDERED9,   /* LDAPUR, STLUR */
    IMMEDIATE12,
    REGISTER,
    PAIR,
    LITERAL,
    REFUSED, /* the row gives the refusal */
};

/* Sorted by instruction class; the first row that matches a word is the right one. */
static const struct encoding {
    uint32_t mask, value;
    uint8_t form, kind;
} encodings[] = {
    /* Should-be-one bits count as part of the encoding. */
    {0x3fe07c00, 0x08007c00, PLAIN, A64_STORE_EXCLUSIVE},      /* STXR, STLXR */
    {0x3fff7c00, 0x085f7c00, PLAIN, A64_LOAD},                 /* LDXR, LDAXR */
    {0xbfe00000, 0x88200000, PLAIN_PAIR, A64_STORE_EXCLUSIVE}, /* STXP, STLXP */
    {0xbfff0000, 0x887f0000, PLAIN_PAIR, A64_LOAD},            /* LDXP, LDAXP */
    {0x3fff7c00, 0x089f7c00, PLAIN, A64_STORE},                /* STLR, STLLR */
    {0x3fff7c00, 0x08df7c00, PLAIN, A64_LOAD},                 /* LDAR, LDLAR */
    {0x3fa07c00, 0x08a07c00, PLAIN, A64_COMPARE_AND_SWAP},     /* CAS */
    {0xbfa07c00, 0x08207c00, CASP, A64_COMPARE_AND_SWAP},
    {0x3f208c00, 0x38200000, PLAIN, A64_ATOMIC}, /* LDADD to LDUMIN */
    {0x3f20fc00, 0x38208000, PLAIN, A64_ATOMIC}, /* SWP */
    {0x3ffffc00, 0x38bfc000, PLAIN, A64_LOAD},   /* LDAPR */
    {0xffffffe0, 0xd50b7420, PLAIN, A64_ZERO_BLOCK},

    {0x3f200c00, 0x19000000, ORDERED9, 0},
    {0x3b000000, 0x18000000, LITERAL, 0},
    {0xfe400000, 0x68000000, REFUSED, VCPU_REFUSAL_MTE}, /* STGP */
    {0x3a000000, 0x28000000, PAIR, 0},
    {0x3b200000, 0x38000000, IMMEDIATE9, 0},
    {0x3b200c00, 0x38200800, REGISTER, 0},
    {0x3b000000, 0x39000000, IMMEDIATE12, 0},

    {0xbe000000, 0x0c000000, REFUSED, VCPU_REFUSAL_STRUCTURE},
    {0x1e000000, 0x04000000, REFUSED, VCPU_REFUSAL_SVE},
    {0x9e000000, 0x80000000, REFUSED, VCPU_REFUSAL_SVE},
    {0xff200000, 0xd9200000, REFUSED, VCPU_REFUSAL_MTE},
    {0xffffffe0, 0xd50b7460, REFUSED, VCPU_REFUSAL_MTE}, /* DC GVA */
    {0xffffffe0, 0xd50b7480, REFUSED, VCPU_REFUSAL_MTE}, /* DC GZVA */
    {0xff200400, 0xf8200400, REFUSED, VCPU_REFUSAL_PAUTH},
    {0xfffffc00, 0xf83fd000, REFUSED, VCPU_REFUSAL_LS64}, /* LD64B */
    {0xfffffc00, 0xf83f9000, REFUSED, VCPU_REFUSAL_LS64}, /* ST64B */
    {0xffe0ec00, 0xf820a000, REFUSED, VCPU_REFUSAL_LS64}, /* ST64BV, ST64BV0 */
    {0x3b200c00, 0x19000400, REFUSED, VCPU_REFUSAL_MOPS},
};
#define ENCODINGS (sizeof(encodings) / sizeof(encodings[0]))

static const struct encoding *find_encoding(uint32_t word)
{
    for (unsigned i = 0; i < ENCODINGS; i++)
        if ((word & encodings[i].mask) == encodings[i].value)
            return &encodings[i];
    return 0;
}

/*
 * One register, by size and opc. A prefetch, where `hint` allows it, has the encoding of an LDRSW
 * Xt.
 */
static bool classify_single(uint32_t word, bool hint, struct vcpu_load_store *insn)
{
    unsigned scale = FIELD_GET(A64_SIZE, word), opc = FIELD_GET(A64_OPC, word);

    insn->kind = opc ? A64_LOAD : A64_STORE;
    if (insn->vector) {
        if (opc >= 2) {
            insn->kind = opc == 2 ? A64_STORE : A64_LOAD;
            insn->size = 16;
            return scale == 0;
        }
        return true;
    }
    if (scale == 3 && opc == 2)
        insn->kind = A64_PREFETCH;
    insn->is_signed = opc >= 2;
    insn->wide = opc == 2;
    return scale + opc < 5 || (hint && insn->kind == A64_PREFETCH);
}

/* opc of a literal or a pair: words, doublewords, and signed words, each with its own value. */
static bool classify_by_opc(uint32_t word, unsigned signed_opc, struct vcpu_load_store *insn)
{
    unsigned opc = FIELD_GET(A64_SIZE, word);

    if (insn->vector) {
        insn->size = (uint8_t)(4 << opc);
    } else {
        insn->is_signed = insn->wide = opc == signed_opc;
        insn->size = opc == 0 || insn->is_signed ? 4 : 8;
    }
    return opc != 3;
}

static const uint8_t indices[] = {A64_OFFSET, A64_POST, A64_OFFSET, A64_PRE};

static bool classify_pair(uint32_t word, struct vcpu_load_store *insn)
{
    unsigned index = FIELD_GET(A64_INDEX, word);
    bool allocated = classify_by_opc(word, 1, insn);

    insn->kind = word & A64_L ? A64_LOAD : A64_STORE;
    insn->count = 2;
    insn->index = indices[index];
    insn->offset = IMMEDIATE(21, 15, word) * insn->size;
    return allocated && !(insn->is_signed && index == 0); /* LDPSW has no non-temporal form */
}

static bool classify_immediate9(uint32_t word, struct vcpu_load_store *insn)
{
    unsigned index = FIELD_GET(A64_INDEX9, word);

    insn->index = indices[index];
    insn->offset = IMMEDIATE(20, 12, word);
    /* Index 2 is LDTR, STTR and similar, for general registers only. */
    insn->unprivileged = index == 2;
    return classify_single(word, index == 0, insn) && !(index == 2 && insn->vector);
}

static bool classify_register(uint32_t word, struct vcpu_load_store *insn)
{
    bool allocated = classify_single(word, true, insn);

    insn->index = A64_REGISTER;
    insn->option = (uint8_t)FIELD_GET(A64_OPTION, word);
    if (word & A64_SCALED)
        insn->shift = (uint8_t)__builtin_ctz(insn->size);
    return allocated && (insn->option & 2); /* from 32 or 64 bits, not from fewer */
}

static bool classify_literal(uint32_t word, struct vcpu_load_store *insn)
{
    bool allocated = classify_by_opc(word, 2, insn);

    insn->index = A64_LITERAL;
    insn->offset = IMMEDIATE(23, 5, word) * 4;
    if (!allocated && !insn->vector)
        insn->kind = A64_PREFETCH;
    return allocated || insn->kind == A64_PREFETCH;
}

static bool classify_form(uint32_t word, enum form form, struct vcpu_load_store *insn)
{
    switch (form) {
    case PLAIN_PAIR:
        insn->count = 2;
        return true;
    case CASP: /* words or doublewords, in an even register and the next */
        insn->count = 2;
        insn->size = (uint8_t)(insn->size * 4);
        insn->rt2 = insn->rt + 1;
        return !((insn->rt | insn->rs) & 1);
    case IMMEDIATE9:
        return classify_immediate9(word, insn);
    case ORDERED9:
        insn->offset = IMMEDIATE(20, 12, word);
        return classify_single(word, false, insn);
    case IMMEDIATE12:
        if (!classify_single(word, true, insn))
            return false;
        insn->offset = (int32_t)FIELD_GET(GENMASK(21, 10), word) * insn->size;
        return true;
    case REGISTER:
        return classify_register(word, insn);
    case PAIR:
        return classify_pair(word, insn);
    case LITERAL:
        return classify_literal(word, insn);
    default:
        return true;
    }
}

/*
 * Registers that an instruction would write twice, or read and write, with no order given by the
 * architecture. SP as the base is not the register with its number.
 */
static bool is_unpredictable(const struct vcpu_load_store *insn)
{
    bool pair = insn->count == 2;
    bool base_is_data = insn->rn == insn->rt || (pair && insn->rn == insn->rt2);

    if (insn->kind == A64_STORE_EXCLUSIVE)
        return insn->rs == insn->rt || (pair && insn->rs == insn->rt2) ||
               (insn->rs == insn->rn && insn->rn != 31);
    if (pair && insn->kind == A64_LOAD && insn->rt == insn->rt2)
        return true;
    return a64_writes_back(insn) && !insn->vector && base_is_data && insn->rn != 31;
}

enum vcpu_refusal vcpu_a64_classify(uint32_t word, struct vcpu_load_store *insn)
{
    const struct encoding *encoding = find_encoding(word);

    if (!encoding)
        return VCPU_REFUSAL_OTHER;
    if (encoding->form == REFUSED)
        return (enum vcpu_refusal)encoding->kind;
    *insn = (struct vcpu_load_store){
        .kind = encoding->kind,
        .size = (uint8_t)(1 << FIELD_GET(A64_SIZE, word)),
        .count = 1,
        .rt = (uint8_t)FIELD_GET(A64_RT, word),
        .rt2 = (uint8_t)FIELD_GET(A64_RT2, word),
        .rs = (uint8_t)FIELD_GET(A64_RS, word),
        .rn = (uint8_t)FIELD_GET(A64_RN, word),
        .operation = (uint8_t)FIELD_GET(A64_ATOMICS, word),
        .vector = encoding->form >= IMMEDIATE9 && (word & A64_V),
    };
    if (!classify_form(word, (enum form)encoding->form, insn))
        return VCPU_REFUSAL_OTHER;
    return is_unpredictable(insn) ? VCPU_REFUSAL_UNPREDICTABLE : VCPU_REFUSAL_NONE;
}
