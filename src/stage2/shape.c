/* SPDX-License-Identifier: MIT */
/* Pure: the shape of the tables for a size of IPA, and VTCR_EL2 for them. */
#include <stddef.h>

#include <vcpu/error.h>
#include <vcpu/stage2.h>

#include "arm/stage2.h"

/* Bits of IPA that one table at the level resolves, with the levels below it. */
static unsigned table_bits(unsigned level)
{
    return S2_PAGE_SHIFT + S2_STRIDE * (S2_LEVEL_PAGE + 1 - level);
}

/*
 * The lowest level at which the walk can start, because each level is one more access on every TLB
 * miss. VTCR_EL2's rules for this granule leave these choices:
 *
 *  - SL0 and T0SZ are consistent if the first lookup resolves at least one bit and needs no more
 *    than 16 concatenated tables: level 2 for 22 to 34 bits, level 1 for 31 to 43, level 0 from 40
 *    on. Otherwise every access is a level 0 translation fault.
 *  - A start at level 0 is allowed only if the physical size is above 42 bits, i.e. 44 or 48. With
 *    less, 40 to 42 bits of IPA must start at level 1 with 2, 4 or 8 tables. The IPA is not larger
 *    than the physical size, and this function takes level 0 only for 44 bits and more. So each
 *    result follows the rule.
 */
static unsigned start_level(unsigned ipa_bits)
{
    unsigned level = 2;

    while (ipa_bits > table_bits(level) + S2_CONCATENATION_BITS)
        level--;
    return level;
}

/* VTCR_EL2.PS has the encoding of ID_AA64MMFR0_EL1.PARange. */
static int encode_pa_bits(uint8_t pa_bits)
{
    static const uint8_t sizes[] = {32, 36, 40, 42, 44, 48};

    for (size_t i = 0; i < sizeof(sizes); i++) {
        if (sizes[i] == pa_bits)
            return (int)i;
    }
    return -1;
}

int vcpu_stage2_shape(uint8_t ipa_bits, uint8_t pa_bits, uint8_t vmid_bits,
                      struct vcpu_stage2_shape *shape)
{
    int ps = encode_pa_bits(pa_bits);

    if (!shape || ps < 0 || (vmid_bits != 8 && vmid_bits != 16))
        return VCPU_ERR_INVALID;
    /* An IPA size above the physical size is CONSTRAINED UNPREDICTABLE. */
    if (ipa_bits < 32 || ipa_bits > pa_bits)
        return VCPU_ERR_INVALID;

    unsigned level = start_level(ipa_bits);
    unsigned one_table = table_bits(level);

    shape->ipa_bits = ipa_bits;
    shape->start_level = (uint8_t)level;
    shape->root_pages = ipa_bits > one_table ? (uint8_t)(1u << (ipa_bits - one_table)) : 1;
    /*
     * The walker reads the tables as the host's CPUs write them: cached, Inner Shareable. So a
     * table never needs cache maintenance, only barriers.
     */
    shape->vtcr_el2 = VTCR_EL2_RES1 | FIELD_PREP(VTCR_EL2_T0SZ, 64u - ipa_bits) |
                      FIELD_PREP(VTCR_EL2_SL0, VTCR_EL2_SL0_LEVEL(level)) |
                      FIELD_PREP(VTCR_EL2_IRGN0, VTCR_EL2_RGN_WBWA) |
                      FIELD_PREP(VTCR_EL2_ORGN0, VTCR_EL2_RGN_WBWA) |
                      FIELD_PREP(VTCR_EL2_SH0, SH_INNER) |
                      FIELD_PREP(VTCR_EL2_TG0, VTCR_EL2_TG0_4K) |
                      FIELD_PREP(VTCR_EL2_PS, (unsigned)ps) | (vmid_bits == 16 ? VTCR_EL2_VS : 0);
    return VCPU_OK;
}
