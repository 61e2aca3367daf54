/* SPDX-License-Identifier: MIT */
#include "debug_machine.h"

int set_up(void **state)
{
    struct machine *m = calloc(1, sizeof(*m));

    if (!m)
        return -1;
    *state = m;
    m->vm = calloc(1, sizeof(*m->vm));
    m->v = calloc(1, sizeof(*m->v));
    if (!m->vm || !m->v)
        return -1;
    m->v->vm = m->vm;
    m->vm->id[ID_AA64DFR0_EL1] = DFR0(2, 2, 4);
    m->features.debug_breakpoints = 6;
    m->features.debug_watchpoints = 4;
    m->vm->features = m->features;
    m->v->pub.regs.pc = 0x1000;
    return 0;
}

int tear_down(void **state)
{
    struct machine *m = *state;

    free(m->v);
    free(m->vm);
    free(m);
    return 0;
}

uint64_t control_of(const struct machine *m, enum debug_kind kind, unsigned n)
{
    return vcpu_debug_comparator(m->v, &m->features, kind, n).control;
}
