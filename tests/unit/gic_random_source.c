/* SPDX-License-Identifier: MIT */
/* Interrupts of the random runs that physical sources have, or messages. */
#include "gic_random.h"

bool is_forwarded(const struct run *run, uint32_t intid)
{
    return run->follows && (intid == 27 || (intid >= 32 && intid % 16 == 8));
}

bool *asserted(unsigned v, uint32_t intid)
{
    return intid < 32 ? &machine.ppi_asserted[v][intid] : &machine.spi_asserted[intid];
}

void forward(struct run *run)
{
    for (unsigned v = 0; v < run->vcpus; v++)
        for (uint32_t intid = 16; intid < (v ? 32 : INTIDS); intid++) {
            unsigned *active, here = machine.on[v];

            if (!is_forwarded(run, intid) || !*asserted(v, intid) ||
                (intid < 32 && here == NOWHERE))
                continue;
            fake.here = intid < 32 ? here : below(run, run->cpus);
            active = machine_physical(fake.here, intid);
            if (*active)
                continue;
            *active = 1;
            if (intid < 32)
                vcpu_gic_set_ppi(machine.gic, &machine.vcpu[v], intid, true);
            else
                vcpu_gic_set_line(machine.gic, intid, true);
        }
}

void look(struct run *run, unsigned v, uint32_t intid)
{
    unsigned how = below(run, 5), n = intid / 32;

    if (intid < 32 || how < 3)
        ensure_on(run, v);
    if (how == 0)
        machine_read(v, bank_base(run, v, n) + 0x200 + 4 * n, 4);
    else if (how < 3)
        write_bits(run, v, v, how == 1 ? 0x100 : 0x180, n, 1u << intid % 32);
    else
        for (unsigned w = 0; w < run->vcpus; w++) {
            if (machine.on[w] == NOWHERE)
                continue;
            if (how == 4)
                put(run, w);
            else if (machine_has_work(w))
                machine.ops->sync(machine.ctx, &machine.vcpu[w]);
            fake.here = how == 3 ? machine.on[w] : 0;
            if (how == 3)
                vcpu_gic_maintenance(machine.gic, &machine.vcpu[w]);
        }
}

void drive_source(struct run *run, unsigned v, uint32_t intid, bool level)
{
    if (intid < 32)
        ensure_on(run, v);
    *asserted(v, intid) = irq_of(run, v, intid)->line = level;
    if (level)
        forward(run);
    else
        look(run, v, intid);
}

void put(struct run *run, unsigned v)
{
    machine_put(v);
    if (is_forwarded(run, 27) && machine.ppi_asserted[v][27])
        vcpu_gic_set_ppi(machine.gic, &machine.vcpu[v], 27, true);
}

void message(struct run *run, unsigned v)
{
    uint32_t intid = 32 + below(run, SPIS);
    struct irq *irq = irq_of(run, v, intid);
    bool set = run->late || below(run, 3);

    if (is_forwarded(run, intid))
        return;
    if (run->version == 3 && below(run, 2)) {
        machine_write(v, GICD_BASE + 0x40 + (set ? 0 : 8), below(run, 2) ? 2 : 4, intid);
    } else {
        fake.here = below(run, run->cpus);
        assert_int_equal(vcpu_gic_msi(machine.gic, intid, set), VCPU_OK);
    }
    if (irq->edge) {
        irq->latch = set;
        irq->raised += set;
    } else {
        irq->message = set;
    }
}
