/* SPDX-License-Identifier: MIT */
/*
 * The guest's accesses to the distributor and the redistributors. Pure, under the lock; a read for
 * which vcpu_gic_reads_state returns false does not need it. The accessing vCPU is resident here.
 *
 * Reserved registers, and accesses of a size that a register does not have, read as zero and ignore
 * writes.
 */
#ifndef VCPU_GIC_REGISTERS_H
#define VCPU_GIC_REGISTERS_H

#include "gic/model.h"

enum gic_frame {
    GIC_DISTRIBUTOR,
    GIC_REDISTRIBUTOR, /* RD_base */
    GIC_SGI_BASE,      /* its second frame: bank 0 */
};

struct gic_access {
    struct gic_cpu *cpu;  /* the vCPU that accesses */
    struct gic_cpu *home; /* the vCPU whose bank 0 is accessible; NULL: none */
    uint32_t offset;
    uint8_t size; /* 1, 2, 4 or 8 */
    uint8_t frame;
};

/* Of the distributor, and of each of the two of a redistributor. */
static inline uint32_t gic_frame_size(const struct vcpu_gic *gic)
{
    return gic->version == 3 ? GICR_FRAME : 0x1000;
}

/* GICR_WAKER of a vCPU. Children are asleep as soon as it is. */
static inline uint64_t gic_read_waker(const struct gic_cpu *cpu)
{
    return cpu->asleep ? GICR_WAKER_ProcessorSleep | GICR_WAKER_ChildrenAsleep : 0;
}

/* GICR_TYPER of a vCPU. */
uint64_t vcpu_gic_read_typer(const struct vcpu_gic *gic, const struct gic_cpu *cpu);

/* Registers with a bit for each interrupt; each array has 32 words. */
#define BITS_NUMBER(offset) ((0x7f & (offset)) / 4)
#define BITS_CLEAR(offset)  (0x80 & (offset)) /* of an array that clears bits */

/*
 * The words of the distributor that a guest reads most: control, type, and groups and enables of
 * SPIs. Without the lock. false: not one of them.
 */
static inline bool gic_read_plain(const struct vcpu_gic *gic, uint64_t offset, uint64_t *data)
{
    unsigned n = BITS_NUMBER(offset);

    if (offset >= GICD_ICENABLER || offset % 4)
        return false;
    if (offset <= GICD_TYPER) {
        *data = offset == GICD_CTLR ? gic->ctlr : gic->typer;
        return true;
    }
    if (offset >= GICD_IGROUPR && n != 0 && n < gic->banks) {
        const struct gic_bank *bank = &gic->spis[gic_bank_number(gic, n) - 1].bank;

        *data = offset >= GICD_ISENABLER ? bank->enabled : bank->group;
        return true;
    }
    return false;
}

/* The version of the architecture. */
static inline uint32_t gic_read_pidr2(const struct vcpu_gic *gic)
{
    return (uint32_t)(FIELD_PREP(PIDR2_ArchRev, gic->version) | PIDR2_JEDEC_DES1_ARM);
}

/* Does a read return pending or active states, which may be in list registers? */
bool vcpu_gic_reads_state(const struct gic_access *access);

uint64_t vcpu_gic_read(struct vcpu_gic *gic, const struct gic_access *access,
                       struct gic_news *news);
void vcpu_gic_write(struct vcpu_gic *gic, const struct gic_access *access, uint64_t value,
                    struct gic_news *news);

#endif
