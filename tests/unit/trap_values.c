/* SPDX-License-Identifier: MIT */
#include "trap_values.h"

void write_id(const struct shown *shown, uint64_t id[56])
{
    memset(id, 0, 56 * sizeof(id[0]));
    id[(4 - 1) * 8 + 0] = shown->pfr0;
    id[(4 - 1) * 8 + 1] = shown->pfr1;
    id[(6 - 1) * 8 + 0] = shown->isar0;
    id[(6 - 1) * 8 + 1] = shown->isar1;
    id[(6 - 1) * 8 + 2] = shown->isar2;
    id[(7 - 1) * 8 + 1] = shown->mmfr1;
}

struct el2_state el2_shown(const struct vcpu_features *features, uint32_t flags, struct shown shown)
{
    uint64_t id[56];
    struct el2_state el2;

    write_id(&shown, id);
    memset(&el2, 0xa5, sizeof(el2));
    vcpu_trap_el2(features, flags, id, 0x80023559, 0x123456789, &el2);
    return el2;
}

struct el2_state el2_of(const struct vcpu_features *features, uint32_t flags)
{
    return el2_shown(features, flags, (struct shown){0});
}

uint32_t conditions_shown(const struct vcpu_features *features, uint32_t flags, struct shown shown)
{
    uint64_t id[56];

    write_id(&shown, id);
    return vcpu_trap_conditions(features, flags, id);
}
