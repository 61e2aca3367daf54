/* SPDX-License-Identifier: MIT */
/*
 * Words of loads and stores by chance, of every class that the library carries out, made from their
 * fields and not by the library's decoder. Those are left out that the architecture leaves
 * CONSTRAINED UNPREDICTABLE.
 */
#ifndef EMULATE_WORDS_H
#define EMULATE_WORDS_H

#include <stdbool.h>
#include <stdint.h>

enum word_feature {
    WORD_ALWAYS,
    WORD_ATOMICS, /* FEAT_LSE */
    WORD_LRCPC,
    WORD_LRCPC2,
    WORD_LOR,
};

/* How the address comes from the registers. */
enum word_offset {
    WORD_BASE,        /* no offset */
    WORD_IMMEDIATE9,  /* of any alignment */
    WORD_IMMEDIATE12, /* in units of the size, as the next */
    WORD_IMMEDIATE7,
    WORD_REGISTER,
    WORD_LITERAL,
    WORD_ZERO_BLOCK, /* the base is Rt, and never SP */
};

/* The words of one encoding: value, with a variant's bits, and by chance the free ones. */
struct word_class {
    const char *name;
    uint32_t value, free;
    uint8_t variants; /* enum word_variants */
    uint8_t offset;   /* enum word_offset */
    uint8_t feature;  /* enum word_feature */
    bool aligned;     /* it wants its address aligned */
    bool writes_back;
    bool post; /* after the access */
};

struct word_variant {
    uint32_t value;
    uint8_t scale; /* log2 of the bytes of one register */
};

extern const struct word_class word_classes[];
extern const unsigned word_class_count;

/* The n-th variant of a class, NULL behind the last. */
const struct word_variant *word_variant(const struct word_class *class, unsigned n);

/* A word of it. seed: of random64. */
uint32_t word_draw(const struct word_class *class, const struct word_variant *variant,
                   uint64_t *seed);

/* What the word adds to its base, by x; for a literal, to PC. */
uint64_t word_offset(const struct word_class *class, const struct word_variant *variant,
                     uint32_t word, const uint64_t x[31]);

#endif
