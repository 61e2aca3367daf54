/* SPDX-License-Identifier: MIT */
#include "id_lists.h"

unsigned shown(unsigned last)
{
    static const uint8_t of[16] = {0, 1, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13};

    return of[last];
}

uint64_t guest_dfr0(uint64_t host)
{
    uint64_t breakpoints = shown(host >> 12 & 15), watchpoints = shown(host >> 20 & 15);
    uint64_t context = host >> 28 & 15;

    /* The context-aware breakpoints are among them. */
    if (context > breakpoints)
        context = breakpoints;
    return GUEST_DFR0 | breakpoints << 12 | watchpoints << 20 | context << 28;
}

uint64_t most_of(unsigned reg)
{
    for (size_t i = 0; i < sizeof(whole); i++)
        if (whole[i] == reg)
            return 0xffffffff;
    for (size_t i = 0; i < sizeof(visible) / sizeof(visible[0]); i++)
        if (visible[i].reg == reg)
            return visible[i].most;
    return 0;
}

bool is_signed(unsigned reg, unsigned shift)
{
    return (reg == PFR0 && (shift == 16 || shift == 20)) ||
           (reg == MMFR0 && (shift == 24 || shift == 28));
}

void check_field(unsigned reg, unsigned shift, uint64_t host, uint64_t guest)
{
    uint64_t is = guest >> shift & 15, has = host >> shift & 15;

    if (is_signed(reg, shift)) {
        is ^= 8;
        has ^= 8;
    }
    if (is > has)
        fail_msg("C%u %u, bit %u: %u of %u", reg / 8 + 1, reg % 8, shift, (unsigned)is,
                 (unsigned)has);
}

void check_guest(const uint64_t host[ID_COUNT], const uint64_t guest[ID_COUNT])
{
    for (unsigned reg = 0; reg < 56; reg++) {
        uint64_t most = most_of(reg);

        if (reg == DFR0) {
            assert_int_equal(guest[reg], guest_dfr0(host[reg]));
            continue;
        }
        for (unsigned shift = 0; shift < 64; shift += 4) {
            uint64_t field = guest[reg] >> shift & 15, limit = most >> shift & 15;

            if (field > limit && !(is_signed(reg, shift) && field >= 8))
                fail_msg("C%u %u, bit %u: %u", reg / 8 + 1, reg % 8, shift, (unsigned)field);
            check_field(reg, shift, host[reg], guest[reg]);
        }
    }
    for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
        if (guest[hidden[i].reg] & hidden[i].mask)
            fail_msg("%s", hidden[i].name);
}

uint64_t expected(unsigned reg, unsigned shift, uint64_t value)
{
    const uint64_t sign = is_signed(reg, shift) ? 8 : 0, most = most_of(reg) >> shift & 15;

    return (value ^ sign) > (most ^ sign) ? most : value;
}
