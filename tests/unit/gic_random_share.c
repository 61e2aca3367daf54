/* SPDX-License-Identifier: MIT */
/* Routes, of SPIs that one vCPU takes and of those that any of several takes, in the model. */
#include "gic_random.h"

#include "gic/model.h"

bool is_for(const struct irq *irq, unsigned v)
{
    return irq->target & SHARED ? irq->target >> v & 1 : irq->target == v;
}

/* Does the vCPU take part, whatever it masks? */
static bool takes_part(const struct run *run, unsigned v, const struct irq *irq)
{
    return is_for(irq, v) && (run->vmcr[v] >> irq->group & 1);
}

bool others_may_have(struct run *run, unsigned v, uint32_t intid)
{
    const struct irq *irq = irq_of(run, v, intid);

    if (intid < 32 || !(irq->target & SHARED))
        return false;
    for (unsigned other = 0; other < run->vcpus; other++)
        if (other != v && takes_part(run, other, irq))
            return true;
    return false;
}

void access_route(struct run *run, unsigned v)
{
    uint32_t intid = 32 + below(run, SPIS);
    unsigned target = below(run, run->vcpus + 1);
    bool share = run->shares && below(run, 2);
    unsigned all = (1u << run->vcpus) - 1;

    if (run->version == 2 && run->vcpus == 1)
        return; /* the one CPU is the target of all */
    if (run->version == 3) {
        uint64_t route = target | (uint64_t)share << 31;

        machine_write(v, GICD_BASE + 0x6000 + 8 * intid, 8, route);
        assert_int_equal(machine_read(v, GICD_BASE + 0x6000 + 8 * intid, 8), route);
        target = share ? SHARED | all : target;
    } else {
        unsigned set = share ? all & ~(1u << target) : 1u << target;

        machine_write(v, GICD_BASE + 0x800 + intid, 1, set);
        assert_int_equal(machine_read(v, GICD_BASE + 0x800 + intid, 1), set & all);
        if (share)
            target = set & (set - 1) ? SHARED | set
                     : set           ? (unsigned)__builtin_ctz(set)
                                     : run->vcpus;
    }
    irq_of(run, v, intid)->target = target;
}

/* Does the vCPU run with an interrupt that it can take, or was it told that there is one? */
static bool has_one(unsigned v)
{
    return machine.on[v] == NOWHERE ? atomic_load(&machine.gic->cpu[v]->work)
                                    : virtual_signals(&machine.cpu[machine.on[v]]);
}

/* Of those who take part, if nobody masks it and one is in a CPU: somebody has it or was told. */
static void check_somebody_has(struct run *run, uint32_t intid)
{
    bool resident = false, somebody = false;

    for (unsigned v = 0; v < run->vcpus; v++) {
        if (!takes_part(run, v, irq_of(run, v, intid)))
            continue;
        if (!is_signalled(run, v, intid))
            return;
        resident |= machine.on[v] != NOWHERE;
        somebody |= has_one(v);
    }
    assert_true(somebody || !resident);
}

void check_work(struct run *run)
{
    for (uint32_t intid = 32; intid < INTIDS; intid++)
        if (run->spi[intid - 32].target & SHARED)
            check_somebody_has(run, intid);
    for (unsigned v = 0; v < run->vcpus; v++) {
        bool surely = best_priority(run, v, true) != 0x100, work;

        machine.vcpu[v].exit.reason = below(run, 2) ? VCPU_EXIT_WFI : VCPU_EXIT_IRQ;
        work = machine_has_work(v);

        if (machine.on[v] != NOWHERE && (surely || best_priority(run, v, false) == 0x100))
            assert_int_equal(work, surely);
        /* One that is nowhere may be woken for nothing, but never sleep on. */
        else if (surely && !(is_forwarded(run, 27) && is_signalled(run, v, 27)))
            assert_true(work);
    }
}
