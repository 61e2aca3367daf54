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
    uint32_t next = atomic_load_explicit(&gic->bucket[bucket_of(affinity)], memory_order_acquire);

    while (next && gic->cpu[next - 1]->affinity != affinity)
        next = gic->cpu[next - 1]->alike;
    return (uint16_t)(next - 1);
}

__attribute__((noinline)) void vcpu_gic_route(const struct vcpu_gic *gic, struct gic_spis *spis,
                                              unsigned i)
{
    uint64_t route = spis->route[i];

    if (spis->shared >> i & 1)
        return;
    if (gic->version == 3)
        spis->target[i] = vcpu_gic_find(gic, (route >> 24) << 32 | (route & 0xffffff));
    else /* Of several targets any one may get it: take the first. */
        spis->target[i] = route ? (uint16_t)__builtin_ctzll(route) : GIC_NO_VCPU;
}

/* If it has an affinity, it has none any more. */
static void forget(struct vcpu_gic *gic, struct gic_cpu *cpu)
{
    _Atomic uint32_t *bucket = &gic->bucket[bucket_of(cpu->affinity)];
    uint32_t next = atomic_load_explicit(bucket, memory_order_relaxed);
    uint16_t *at;

    if (!cpu->present)
        return;
    cpu->present = false;
    if (next == cpu->index + 1u) {
        atomic_store_explicit(bucket, cpu->alike, memory_order_relaxed);
        return;
    }
    at = &gic->cpu[next - 1]->alike;
    while (*at != cpu->index + 1)
        at = &gic->cpu[*at - 1]->alike;
    *at = cpu->alike;
}

void vcpu_gic_meet(struct vcpu_gic *gic, struct gic_cpu *cpu, uint64_t affinity)
{
    _Atomic uint32_t *bucket = &gic->bucket[bucket_of(affinity)];
    uint64_t daif = vcpu_cpu_mask();
    uint16_t former;

    vcpu_gic_lock(&gic->lock);
    former = vcpu_gic_find(gic, affinity);
    if (former == cpu->index) {
        gic_unlock(&gic->lock);
        vcpu_cpu_restore(daif);
        return;
    }
    if (former != GIC_NO_VCPU)
        forget(gic, gic->cpu[former]);
    forget(gic, cpu);
    cpu->present = true;
    cpu->affinity = affinity;
    cpu->self_sgi = FIELD_PREP(SGIR_Aff3, affinity >> 32) | FIELD_PREP(SGIR_Aff2, affinity >> 16) |
                    FIELD_PREP(SGIR_Aff1, affinity >> 8) |
                    FIELD_PREP(SGIR_RS, (affinity & 0xff) / 16) | BIT(affinity % 16);
    cpu->alike = (uint16_t)atomic_load_explicit(bucket, memory_order_relaxed);
    /* A vCPU that runs can send it an SGI from here on: all above is released with it. */
    atomic_store_explicit(bucket, cpu->index + 1u, memory_order_release);
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
