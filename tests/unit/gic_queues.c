/* SPDX-License-Identifier: MIT */
#include "gic_queues.h"

#include "cmocka_all.h"

#include <string.h>

#include "gic/model.h"
#include "gic_machine.h"

static bool bit_of(uint32_t bits, unsigned i)
{
    return bits >> i & 1;
}

static unsigned seen[MACHINE_VCPUS][32], spis_seen[1024];

/* Walks a ring, and counts whom it meets. */
static void walk(const struct vcpu_gic *gic, unsigned v, unsigned kind, unsigned level)
{
    const struct gic_cpu *cpu = gic->cpu[v];
    unsigned first = cpu->head[32 * kind + level], intid = first, turns = 0;

    do {
        const struct gic_bank *bank = intid < 32 ? &cpu->bank : &gic->spis[intid / 32 - 1].bank;
        unsigned i = intid % 32, next = bank->link[i].next;
        bool active = bit_of(bank->active, i);
        const struct gic_bank *after = next < 32 ? &cpu->bank : &gic->spis[next / 32 - 1].bank;

        assert_int_equal(after->link[next % 32].prev, intid);
        assert_int_equal(kind == 2, active);
        if (!active)
            assert_int_equal(kind, bit_of(bank->group, i));
        assert_int_equal(level, (active ? bank->taken[i] : bank->priority[i]) / 8);
        if (intid < 32)
            seen[v][intid]++;
        else
            spis_seen[intid]++;
        if (intid >= 32) {
            const struct gic_spis *spis = &gic->spis[intid / 32 - 1];

            assert_int_equal(v, active ? spis->owner[i] : spis->target[i]);
        }
        intid = next;
        assert_in_range(++turns, 1, 1020);
    } while (intid != first);
}

static bool is_waiting(const struct gic_bank *bank, unsigned i, bool somebodys)
{
    bool line = bit_of(bank->line | bank->message, i) && !bit_of(bank->edge | bank->hw, i);
    bool pending = (bit_of(bank->latch, i) || line) && bit_of(bank->enabled, i);

    return !bit_of(bank->listed, i) && (pending || bit_of(bank->active, i)) && somebodys;
}

void queues_check(void)
{
    const struct vcpu_gic *gic = machine.gic;

    memset(seen, 0, sizeof(seen));
    memset(spis_seen, 0, sizeof(spis_seen));
    for (unsigned v = 0; v < machine.config.vcpus; v++)
        for (unsigned kind = 0; kind < 3; kind++)
            for (unsigned level = 0; level < 32; level++)
                if (bit_of(gic->cpu[v]->levels[kind], level))
                    walk(gic, v, kind, level);
    for (unsigned v = 0; v < machine.config.vcpus; v++)
        for (unsigned i = 0; i < 32; i++)
            assert_int_equal(seen[v][i], is_waiting(&gic->cpu[v]->bank, i, true));
    for (unsigned intid = 32; intid < gic->intids; intid++) {
        const struct gic_spis *spis = &gic->spis[intid / 32 - 1];
        unsigned i = intid % 32;
        unsigned whose = bit_of(spis->bank.active, i) ? spis->owner[i] : spis->target[i];

        assert_int_equal(spis_seen[intid],
                         is_waiting(&spis->bank, i, whose < machine.config.vcpus));
    }
}
