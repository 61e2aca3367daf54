/* SPDX-License-Identifier: MIT */
/* A reset of the whole controller. Pure. */
#include "gic/update.h"

#include "gic/lists/queue.h"

/* So many interrupts at a time, with interrupts masked. */
#define PIECE 8u

/* The wires are the devices', and what stands for what is the host's: both stay. */
static void reset_bank(struct vcpu_gic *gic, struct gic_cpu *home, unsigned n, unsigned first)
{
    struct gic_bank *bank = gic_bank(gic, home, n);
    uint32_t bits = ((1u << PIECE) - 1) << first;

    /* The PPIs' physical ones were made inactive when the vCPUs were put. */
    if (n != 0) {
        vcpu_gic_release(gic, NULL, n, bits & (bank->latch | bank->active));
        gic->spis[n - 1].shared &= ~bits;
    }
    bank->group &= ~bits;
    bank->enabled &= ~bits;
    bank->active &= ~bits;
    bank->latch &= ~bits;
    bank->soft &= ~bits;
    bank->soft_latch &= ~bits;
    bank->message &= ~bits;
    bank->edge = (bank->edge & ~bits) | (bits & gic_edges_at_reset(n));
    for (unsigned i = first; i < first + PIECE; i++) {
        bank->priority[i] = 0;
        if (n != 0) {
            gic->spis[n - 1].route[i] = gic_route_at_reset(gic);
            vcpu_gic_route(gic, &gic->spis[n - 1], i);
        }
        vcpu_gic_requeue(gic, home, n, i, false);
    }
}

static void reset_cpu(struct vcpu_gic *gic, struct gic_cpu *cpu)
{
    /* Nobody need be told of a write to GICD_CTLR: no group is enabled any more. */
    if (cpu->write.bits && cpu->write.offset == GICD_CTLR)
        vcpu_gic_end_write(gic);
    cpu->write.bits = 0;
    gic_reset_interface(cpu);
    cpu->asleep = true;
    for (unsigned sgi = 0; sgi < GIC_SGIS; sgi++) {
        cpu->sources[sgi] = 0;
        atomic_store_explicit(&cpu->mail_from[sgi], 0, memory_order_relaxed);
    }
    atomic_store_explicit(&cpu->mail, 0, memory_order_relaxed);
    atomic_store_explicit(&cpu->work, false, memory_order_relaxed);
}

static void reset_in_pieces(struct vcpu_gic *gic, struct gic_cpu *home, unsigned n)
{
    for (unsigned first = 0; first < 32; first += PIECE) {
        uint64_t daif = vcpu_cpu_mask();
        struct gic_news news;

        vcpu_gic_begin(gic, &news, NULL);
        gic->ctlr &= ~(GICD_CTLR_EnableGrp0 | GICD_CTLR_EnableGrp1);
        gic->shared = 0;
        reset_bank(gic, home, n, first);
        if (home)
            reset_cpu(gic, home);
        vcpu_gic_end(gic, &news);
        vcpu_cpu_restore(daif);
    }
}

int vcpu_gic_reset(struct vcpu_gic *gic)
{
    if (!gic)
        return VCPU_ERR_INVALID;
    for (unsigned v = 0; v < gic->max_vcpus; v++)
        if (atomic_load_explicit(&gic->cpu[v]->resident, memory_order_relaxed))
            return VCPU_ERR_STATE;
    for (unsigned v = 0; v < gic->max_vcpus; v++)
        reset_in_pieces(gic, gic->cpu[v], 0);
    for (unsigned n = 1; n < gic->banks; n++)
        reset_in_pieces(gic, NULL, n);
    return VCPU_OK;
}
