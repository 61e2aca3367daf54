/* SPDX-License-Identifier: MIT */
/* Calls by HVC and SMC: SMCCC, PSCI, TRNG, vendors'. */
#include "hostile.h"

#define HVC UINT32_C(0xd4000002)
#define SMC UINT32_C(0xd4000003)

extern char kit_secondary_entry[];

/* SYSTEM_OFF, SYSTEM_RESET, SYSTEM_RESET2 and SYSTEM_OFF2: the guest is to go on, mostly. */
static bool ends_it(uint32_t fn)
{
    return fn == 8 || fn == 9 || fn == 0x12 || fn == 0x15;
}

static uint32_t function(struct self *self)
{
    static const uint32_t bases[] = {
        0x80000000, 0x84000000, 0x84000050, 0x86000000, 0x8600ff00, 0xbf00ff00, 0x82000000,
        0x83000000, 0x85000000, 0x00000000, 0x80003f00, 0x80007f00, 0x80008000,
    };

    if (below(self, 3) != 0) {
        uint32_t fn = below(self, 0x20), of_64_bits = below(self, 2) << 30;

        if (ends_it(fn) && below(self, 200) != 0)
            fn = 1; /* CPU_SUSPEND */
        return 0x84000000 + of_64_bits + fn;
    }
    if (below(self, 8) == 0)
        return (uint32_t)any(self);
    return bases[below(self, COUNT(bases))] + below(self, 0x60) + (below(self, 2) << 30);
}

static uint64_t argument(struct self *self)
{
    switch (below(self, 5)) {
    case 0:
        return below(self, 9); /* a vCPU, or none */
    case 1:
        return UINT64_C(1) << 16; /* power down */
    case 2:
        return 0x80000000 + below(self, 0x60);
    default:
        return value(self);
    }
}

/* A vCPU that begins somewhere else than it should is lost, or even the guest. */
static void choose_entry(struct self *self)
{
    const uint32_t fn = self->x[0] & 0x1f;
    const unsigned at = fn == 0xc || fn == 0xe ? 1 : 2; /* CPU_DEFAULT_SUSPEND, SYSTEM_SUSPEND */

    self->x[at] = (uint64_t)kit_secondary_entry;
    self->x[at + 1] = fn == 3 ? self->x[1] : self->index; /* CPU_ON */
}

uint32_t choose_call(struct self *self)
{
    const uint32_t immediate = below(self, 4) == 0 ? below(self, 0x10000) : 0;

    self->x[0] = function(self);
    if (below(self, 4) == 0)
        self->x[0] |= any(self) << 32;
    for (unsigned i = 1; i < 18; i++)
        self->x[i] = argument(self);
    if (below(self, 4096) != 0)
        choose_entry(self);
    return (below(self, 2) == 0 ? HVC : SMC) | immediate << 5;
}
