/* SPDX-License-Identifier: MIT */
#include "hw/debug.h"

#include "hw/sysreg.h"

/* The index is part of the instruction: each register needs a pair of its own. */
#define EXCHANGE(n, which, op2)                                                                    \
    case (n)*4 + (which):                                                                          \
        before = READ_SYSREG_S(2, 0, 0, n, op2);                                                   \
        WRITE_SYSREG_S(2, 0, 0, n, op2, value);                                                    \
        break;
#define EXCHANGE_ANY(n)                                                                            \
    EXCHANGE(n, DBGBVR, 4) EXCHANGE(n, DBGBCR, 5) EXCHANGE(n, DBGWVR, 6) EXCHANGE(n, DBGWCR, 7)

/* clang-format off */
uint64_t vcpu_debug_exchange(unsigned n, enum debug_register which, uint64_t value)
{
    uint64_t before = 0;

    switch (n * 4 + which) {
    EXCHANGE_ANY(0) EXCHANGE_ANY(1) EXCHANGE_ANY(2) EXCHANGE_ANY(3)
    EXCHANGE_ANY(4) EXCHANGE_ANY(5) EXCHANGE_ANY(6) EXCHANGE_ANY(7)
    EXCHANGE_ANY(8) EXCHANGE_ANY(9) EXCHANGE_ANY(10) EXCHANGE_ANY(11)
    EXCHANGE_ANY(12) EXCHANGE_ANY(13) EXCHANGE_ANY(14) EXCHANGE_ANY(15)
    default:
        break;
    }
    return before;
}
/* clang-format on */
