/* SPDX-License-Identifier: MIT */
#include "hw/debug.h"

#include "hw/sysreg.h"

/* The index is part of the instruction, so each register needs its own instructions. */
#define EXCHANGE(n, kind, value_op2, control_op2)                                                  \
    case 2 * (n) + (kind):                                                                         \
        before.value = READ_SYSREG_S(2, 0, 0, n, value_op2);                                       \
        before.control = READ_SYSREG_S(2, 0, 0, n, control_op2);                                   \
        WRITE_SYSREG_S(2, 0, 0, n, value_op2, now.value);                                          \
        WRITE_SYSREG_S(2, 0, 0, n, control_op2, now.control);                                      \
        break;
#define EXCHANGE_ANY(n) EXCHANGE(n, HW_BREAKPOINT, 4, 5) EXCHANGE(n, HW_WATCHPOINT, 6, 7)

/* clang-format off */
struct hw_comparator vcpu_debug_exchange(unsigned n, enum hw_comparator_kind kind,
                                         struct hw_comparator now)
{
    struct hw_comparator before = {0, 0};

    switch (n * 2 + kind) {
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
