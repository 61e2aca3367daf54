/* SPDX-License-Identifier: MIT */
/* Pure: which vCPU an affinity names, and to which vCPU an SPI goes. */
#include "gic/lists/queue.h"
#include "gic/model.h"

/* Affinities that differ in any field are spread over the buckets. */
static unsigned bucket_of(uint64_t affinity)
{
    return (affinity * 0x9e3779b1u >> 32) % GIC_BUCKETS;
}

uint16_t vcpu_gic_find(const struct vcpu_gic *gic, uint64_t affinity)
{
    uint16_t next = gic->bucket[bucket_of(affinity)];

    while (next && gic->cpu[next - 1]->affinity != affinity)
        next = gic->cpu[next - 1]->alike;
    return (uint16_t)(next - 1);
}

__attribute__((noinline)) void vcpu_gic_route(const struct vcpu_gic *gic, struct gic_spis *spis,
                                              unsigned i)
{
    uint64_t route = spis->route[i];

    if (gic->version == 3)
        spis->target[i] = vcpu_gic_find(gic, (route >> 24) << 32 | (route & 0xffffff));
    else /* Of several targets any one may get it: take the first. */
        spis->target[i] = route ? (uint16_t)__builtin_ctzll(route) : GIC_NO_VCPU;
}

/* If it has an affinity, it has none any more. */
static void forget(struct vcpu_gic *gic, struct gic_cpu *cpu)
{
    uint16_t *at = &gic->bucket[bucket_of(cpu->affinity)];

    if (!cpu->present)
        return;
    while (*at != cpu->index + 1)
        at = &gic->cpu[*at - 1]->alike;
    *at = cpu->alike;
    cpu->present = false;
}

void vcpu_gic_meet(struct vcpu_gic *gic, struct gic_cpu *cpu, uint64_t affinity)
{
    uint16_t former = vcpu_gic_find(gic, affinity), *bucket = &gic->bucket[bucket_of(affinity)];
    uint64_t daif;

    if (former == cpu->index)
        return;
    daif = vcpu_cpu_mask();
    vcpu_gic_lock(&gic->lock);
    if (former != GIC_NO_VCPU)
        forget(gic, gic->cpu[former]);
    forget(gic, cpu);
    cpu->present = true;
    cpu->affinity = affinity;
    cpu->self_sgi = FIELD_PREP(SGIR_Aff3, affinity >> 32) | FIELD_PREP(SGIR_Aff2, affinity >> 16) |
                    FIELD_PREP(SGIR_Aff1, affinity >> 8) |
                    FIELD_PREP(SGIR_RS, (affinity & 0xff) / 16) | BIT(affinity % 16);
    cpu->alike = *bucket;
    *bucket = (uint16_t)(cpu->index + 1);
    if (gic->last < cpu->index)
        gic->last = cpu->index;
    while (!gic->cpu[gic->last]->present)
        gic->last--;
    /* In pieces, with interrupts masked for a few SPIs at a time. */
    for (unsigned intid = GIC_PRIVATE; intid < gic->intids; intid++) {
        if (intid % 8 == 0) {
            gic_unlock(&gic->lock);
            vcpu_cpu_restore(daif);
            daif = vcpu_cpu_mask();
            vcpu_gic_lock(&gic->lock);
        }
        vcpu_gic_route(gic, &gic->spis[intid / 32 - 1], intid % 32);
        vcpu_gic_requeue(gic, NULL, intid / 32, intid % 32, false);
    }
    gic_unlock(&gic->lock);
    vcpu_cpu_restore(daif);
}
