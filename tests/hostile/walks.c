/* SPDX-License-Identifier: MIT */
/* Tables of the guest's own that lead to devices, to nothing, to themselves, to anything. */
#include "hostile.h"

#define TABLES 4u

/* TCR_EL1: what the lower half has; the upper one's; memory type of its walks; all above. */
#define TCR_KEPT    UINT64_C(0x70000ffff)
#define TCR_T1SZ(n) ((uint64_t)(n) << 16)
#define TCR_TG1_4K  (UINT64_C(2) << 30)
#define TCR_WALKS_1 UINT64_C(0x3f000000)
#define TCR_OPTIONS UINT64_C(0x07ffffff00000000)

static uint64_t tables[8][TABLES][512] __attribute__((aligned(4096)));

static uint64_t descriptor(struct self *self)
{
    uint64_t to =
        below(self, 2) == 0 ? (uint64_t)tables[self->index][below(self, TABLES)] : place(self);

    switch (below(self, 4)) {
    case 0:
        return any(self);
    case 1: /* a block */
        return (to & ~UINT64_C(0x1fffff)) | 0x701 | (any(self) & UINT64_C(0xfff00000000000fc));
    default: /* a table or a page */
        return to | 0x703 | (any(self) & UINT64_C(0xfff00000000000fc) & any(self));
    }
}

void choose_walks(struct self *self)
{
    uint64_t(*mine)[512] = tables[self->index], tcr;

    for (unsigned i = 0; i < 64; i++)
        mine[below(self, TABLES)][below(self, 4) + 508 * below(self, 2)] = descriptor(self);
    tcr = kit_mrs(tcr_el1) & TCR_KEPT;
    tcr |= TCR_T1SZ(64 - 39) | TCR_TG1_4K | (any(self) & TCR_WALKS_1);
    if (below(self, 2) == 0)
        tcr |= any(self) & any(self) & TCR_OPTIONS;
    kit_msr(ttbr1_el1, below(self, 8) == 0 ? place(self) : (uint64_t)mine[0]);
    kit_msr(tcr_el1, tcr);
    kit_isb();
    __asm__ volatile("tlbi vmalle1\n\tdsb nsh\n\tisb" ::: "memory");
}
