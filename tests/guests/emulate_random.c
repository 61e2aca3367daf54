/* SPDX-License-Identifier: MIT */
/* Words by chance, each carried out by the CPU and by the library. */
#include "emulate_sides.h"

/* ---- Words by chance ---- */

/*
 * An address in the window. None but aligned ones lie near the end of a page, and of those many: a
 * pair may then be in two pages.
 */
static uint64_t draw_address(unsigned bytes, bool aligned)
{
    uint64_t va = WINDOW + draw() % (WINDOW_SIZE - 2 * PAGE);

    if (aligned || draw() % 2)
        va &= ~(uint64_t)(bytes - 1);
    else if (va % PAGE > PAGE - 64)
        va -= 64;
    if (va % bytes == 0 && draw() % 4 == 0)
        va = (va | (PAGE - 1)) + 1 - bytes;
    return va;
}

/* A compare that holds, sometimes, so that a compare-and-swap swaps. */
static void expect_memory(struct setting *setting, unsigned rs, uint64_t va, unsigned bytes)
{
    for (unsigned i = 0; i < 2; i++, va += bytes)
        if (rs + i < 31)
            memcpy(&setting->x[rs + i], image + (window_ipa(va) - WINDOW), bytes);
}

static void try_class(const struct word_class *class, const struct word_variant *variant)
{
    const unsigned bytes = class->aligned ? 16 : 1u << variant->scale; /* for pairs of them, too */
    struct setting setting = {.pstate = modes[draw() % 3], .sp = draw(), .other_sp = draw()};
    uint64_t va, base;
    uint32_t word;
    unsigned rn;

    for (unsigned i = 0; i < 31; i++)
        setting.x[i] = draw();
    do {
        word = word_draw(class, variant, &seed);
        va = class->offset == WORD_LITERAL ? SLOT + word_offset(class, variant, word, setting.x)
                                           : draw_address(bytes, class->aligned);
    } while (va < WINDOW || va > WINDOW + WINDOW_SIZE - 2 * PAGE);
    rn = class->offset == WORD_ZERO_BLOCK ? word & 31 : word >> 5 & 31;
    if (class->feature == WORD_ATOMICS && draw() % 2)
        expect_memory(&setting, word >> 16 & 31, va, 1u << variant->scale);
    base = class->post ? va : va - word_offset(class, variant, word, setting.x);
    if (class->offset != WORD_LITERAL)
        *(rn == 31 ? &setting.sp : &setting.x[rn]) = base;
    try_word(class->name, word, &setting, va);
}

static bool has_feature(enum word_feature feature)
{
    uint64_t isar0 = arch_read(id_aa64isar0_el1), isar1 = arch_read(id_aa64isar1_el1);

    switch (feature) {
    case WORD_ATOMICS:
        return isar0 >> 20 & 15;
    case WORD_LRCPC:
        return isar1 >> 20 & 15;
    case WORD_LRCPC2:
        return (isar1 >> 20 & 15) >= 2;
    case WORD_LOR:
        return arch_read(id_aa64mmfr1_el1) >> 16 & 15;
    default:
        return true;
    }
}

static void fill(void)
{
    uint64_t v[32][2];

    for (unsigned i = 0; i < WINDOW_SIZE; i += 8) {
        uint64_t data = draw();

        memcpy(image + i, &data, 8);
    }
    memcpy(testhost_ram(&cpu_side.t, WINDOW), image, WINDOW_SIZE);
    for (unsigned i = 0; i < 64; i++)
        v[i / 2][i % 2] = draw();
    set_vectors(&cpu_side, v);
    set_vectors(&library_side, v);
}

void all_classes(unsigned rounds)
{
    const struct word_variant *variant;

    accesses = 0;
    for (unsigned c = 0; c < word_class_count; c++) {
        const struct word_class *class = &word_classes[c];

        if (!has_feature((enum word_feature) class->feature))
            continue;
        test_begin(class->name);
        for (unsigned n = 0; (variant = word_variant(class, n)) != NULL; n++) {
            fill();
            for (unsigned round = 0; round < rounds; round++)
                try_class(class, variant);
            CHECK(memcmp(testhost_ram(&cpu_side.t, WINDOW), image, WINDOW_SIZE) == 0);
        }
    }
    CHECK(accesses > 100 * rounds);
}
