/* SPDX-License-Identifier: MIT */
/* Reading the whole space of identification registers: those that are not assigned read as 0. */
#ifndef VCPU_HW_ID_H
#define VCPU_HW_ID_H

#include "arm/id.h"
#include "hw/sysreg.h"

#define ID_READ(id, m, op2) ((id)[ID_REG_INDEX(m, op2)] = READ_SYSREG_S(3, 0, 0, m, op2))
#define ID_READ_ROW(id, m)                                                                         \
    (ID_READ(id, m, 0), ID_READ(id, m, 1), ID_READ(id, m, 2), ID_READ(id, m, 3),                   \
     ID_READ(id, m, 4), ID_READ(id, m, 5), ID_READ(id, m, 6), ID_READ(id, m, 7))

static inline void id_read_all(uint64_t id[ID_REG_COUNT])
{
    ID_READ_ROW(id, 1);
    ID_READ_ROW(id, 2);
    ID_READ_ROW(id, 3);
    ID_READ_ROW(id, 4);
    ID_READ_ROW(id, 5);
    ID_READ_ROW(id, 6);
    ID_READ_ROW(id, 7);
}

#endif
