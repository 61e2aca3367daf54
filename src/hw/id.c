/* SPDX-License-Identifier: MIT */
#include "hw/id.h"

#include "hw/sysreg.h"

#define READ(m, op2) (id[ID_REG_INDEX(m, op2)] = READ_SYSREG_S(3, 0, 0, m, op2))
#define READ_ROW(m)                                                                                \
    (READ(m, 0), READ(m, 1), READ(m, 2), READ(m, 3), READ(m, 4), READ(m, 5), READ(m, 6), READ(m, 7))

void vcpu_id_read_all(uint64_t id[ID_REG_COUNT])
{
    READ_ROW(1);
    READ_ROW(2);
    READ_ROW(3);
    READ_ROW(4);
    READ_ROW(5);
    READ_ROW(6);
    READ_ROW(7);
}
