/* SPDX-License-Identifier: MIT */
#include "hw/id.h"

#include <stdbool.h>

#include "hw/sysreg.h"

/* Two at a time, for one store of both. */
#define READ_PAIR(n, first, second)                                                                \
    ({                                                                                             \
        uint64_t first_ = first, second_ = second;                                                 \
        id[n] = first_;                                                                            \
        id[(n) + 1] = second_;                                                                     \
    })
#define READ_TWO(m, op2, next)                                                                     \
    READ_PAIR(ID_REG_INDEX(m, op2), READ_SYSREG_S(3, 0, 0, m, op2), READ_SYSREG_S(3, 0, 0, m, next))
#define READ_ROW(m) (READ_TWO(m, 0, 1), READ_TWO(m, 2, 3), READ_TWO(m, 4, 5), READ_TWO(m, 6, 7))

/* CCSIDR_EL1 may be UNDEFINED for a level that CLIDR_EL1 does not have. */
static bool has_cache(uint64_t clidr, unsigned csselr)
{
    uint64_t type = FIELD_GET(CLIDR_EL1_CTYPE(csselr), clidr);

    return BIT(type) & (csselr & CSSELR_EL1_IND ? CTYPE_WITH_INSTRUCTION : CTYPE_WITH_DATA);
}

/* Masked, because CSSELR_EL1 may be a resident vCPU's, and nothing else may run meanwhile. */
static void read_caches(uint64_t id[ID_COUNT])
{
    uint64_t daif = daif_mask_all(), before = READ_SYSREG(csselr_el1);

    for (unsigned i = 0; i < ID_CCSIDR_COUNT; i++) {
        id[ID_CCSIDR_EL1(i)] = 0;
        if (!has_cache(id[ID_CLIDR_EL1], i))
            continue;
        WRITE_SYSREG(csselr_el1, i);
        isb();
        id[ID_CCSIDR_EL1(i)] = READ_SYSREG(ccsidr_el1);
    }
    WRITE_SYSREG(csselr_el1, before);
    daif_restore(daif);
}

void vcpu_id_read_all(uint64_t id[ID_COUNT])
{
    READ_ROW(1);
    READ_ROW(2);
    READ_ROW(3);
    READ_ROW(4);
    READ_ROW(5);
    READ_ROW(6);
    READ_ROW(7);
    READ_PAIR(ID_MIDR_EL1, READ_SYSREG(midr_el1), READ_SYSREG(ctr_el0));
    READ_PAIR(ID_CLIDR_EL1, READ_SYSREG(clidr_el1), READ_SYSREG(dczid_el0));
    id[ID_CNTFRQ_EL0] = READ_SYSREG(cntfrq_el0);
    read_caches(id);
}
