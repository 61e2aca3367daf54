/* SPDX-License-Identifier: MIT */
/* A reset of the whole controller. Pure. */
#include "gic/update.h"

#include "gic/lists/queue.h"

/* The wires are the devices', and what stands for what is the host's: both stay. */
static void reset_bank(struct vcpu_gic *gic, struct gic_cpu *home, unsigned n)
{
    struct gic_bank *bank = gic_bank(gic, home, n);

    /* The PPIs' physical ones were made inactive when the vCPUs were put. */
    if (n != 0)
        vcpu_gic_release(gic, NULL, n, bank->latch | bank->active);
    bank->group = bank->enabled = bank->active = 0;
    bank->latch = bank->soft = bank->message = 0;
    bank->edge = gic_edges_at_reset(n);
    for (unsigned i = 0; i < 32; i++) {
        bank->priority[i] = 0;
        if (n != 0) {
            gic->spis[n - 1].route[i] = gic_route_at_reset(gic);
            vcpu_gic_route(gic, &gic->spis[n - 1], i);
        }
        vcpu_gic_requeue(gic, home, n, i, false);
    }
}

static void reset_cpu(struct gic_cpu *cpu)
{
    gic_reset_interface(cpu);
    cpu->asleep = true;
    for (unsigned sgi = 0; sgi < GIC_SGIS; sgi++) {
        cpu->sources[sgi] = 0;
        atomic_store_explicit(&cpu->mail_from[sgi], 0, memory_order_relaxed);
    }
    atomic_store_explicit(&cpu->mail, 0, memory_order_relaxed);
    atomic_store_explicit(&cpu->work, false, memory_order_relaxed);
}

/* In pieces, with interrupts masked for one bank at a time. */
static void reset_piece(struct vcpu_gic *gic, struct gic_cpu *home, unsigned n)
{
    uint64_t daif = vcpu_cpu_mask();
    struct gic_news news;

    vcpu_gic_begin(gic, &news, NULL);
    gic->ctlr &= ~(GICD_CTLR_EnableGrp0 | GICD_CTLR_EnableGrp1);
    reset_bank(gic, home, n);
    if (home)
        reset_cpu(home);
    vcpu_gic_end(gic, &news);
    vcpu_cpu_restore(daif);
}

int vcpu_gic_reset(struct vcpu_gic *gic)
{
    if (!gic)
        return VCPU_ERR_INVALID;
    for (unsigned v = 0; v < gic->max_vcpus; v++)
        if (atomic_load_explicit(&gic->cpu[v]->resident, memory_order_relaxed))
            return VCPU_ERR_STATE;
    for (unsigned v = 0; v < gic->max_vcpus; v++)
        reset_piece(gic, gic->cpu[v], 0);
    for (unsigned n = 1; n < gic->banks; n++)
        reset_piece(gic, NULL, n);
    return VCPU_OK;
}
