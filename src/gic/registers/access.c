/* SPDX-License-Identifier: MIT */
/* The guest's accesses that have no short path. Pure. */
#include "gic/registers/access.h"

#include "gic/registers/registers.h"
#include "gic/update.h"
#include "gic/writes/quiet.h"

/* Finds the register at ipa. false: not one of this controller. */
static bool locate(const struct vcpu_gic *gic, struct gic_cpu *cpu, uint64_t ipa, unsigned size,
                   struct gic_access *access)
{
    uint64_t offset = ipa - gic->distributor;

    access->cpu = cpu;
    access->size = (uint8_t)size;
    if (offset < gic_frame_size(gic)) {
        access->frame = GIC_DISTRIBUTOR;
        access->offset = (uint32_t)offset;
        /* With affinity routing, bank 0 is in the redistributors only. */
        access->home = gic->version == 3 ? NULL : cpu;
        return true;
    }
    offset = ipa - gic->redistributors;
    if (gic->version != 3 || offset >= gic->max_vcpus * VCPU_GIC_V3_REDISTRIBUTOR_SIZE)
        return false;
    access->frame = offset & GICR_FRAME ? GIC_SGI_BASE : GIC_REDISTRIBUTOR;
    access->offset = (uint32_t)offset & (GICR_FRAME - 1);
    access->home = gic_cpu_at(gic, offset / VCPU_GIC_V3_REDISTRIBUTOR_SIZE);
    return true;
}

/* An access to more than one word in memory. */
static __attribute__((noinline)) void
access_state(struct vcpu_gic *gic, const struct gic_access *access, bool write, uint64_t *data)
{
    struct gic_news news;

    vcpu_gic_begin(gic, &news, access->cpu);
    /* Some that are not listed may have been ended; sources of SGIs may be in list registers. */
    if (access->cpu->ends || (gic->version == 2 && access->offset >= GICD_CPENDSGIR)) {
        vcpu_gic_recall(gic, access->cpu, &news);
        news.own = GIC_MANY;
        gic_let_in(gic, &news);
    }
    if (access->home)
        vcpu_gic_open_mail(gic, access->home, &news);
    if (write)
        vcpu_gic_write(gic, access, *data, &news);
    else
        *data = vcpu_gic_read(gic, access, &news);
    vcpu_gic_settle(gic, access->cpu, &news);
}

bool vcpu_gic_access(struct vcpu_gic *gic, struct gic_cpu *cpu, uint64_t ipa, unsigned size,
                     bool write, uint64_t *data)
{
    struct gic_access access;

    /* GICC_DIR is alone in its page. */
    if (gic->version == 2 && gic->told && ipa - gic->deactivation < VCPU_PAGE_SIZE) {
        if (!write)
            *data = 0;
        else if (ipa == gic->deactivation && size == 4)
            vcpu_gic_write_dir(gic, cpu, FIELD_GET(GICC_DIR_INTID, *data));
        return true;
    }
    if (!locate(gic, cpu, ipa, size, &access))
        return false;
    if (write && vcpu_gic_write_quiet(gic, &access, *data))
        return true;
    if (write || vcpu_gic_reads_state(&access))
        access_state(gic, &access, write, data);
    else
        *data = vcpu_gic_read(gic, &access, NULL);
    return true;
}

void vcpu_gic_write_dir(struct vcpu_gic *gic, struct gic_cpu *cpu, uint64_t dir)
{
    uint32_t intid = (uint32_t)FIELD_GET(DIR_INTID, dir);
    struct gic_news news;

    if (intid >= gic->intids)
        return;
    intid = (uint32_t)NOSPEC_INDEX(intid, gic->intids);
    vcpu_gic_begin(gic, &news, cpu);
    vcpu_gic_deactivate(gic, cpu, intid / 32, 1u << intid % 32);
    vcpu_gic_touch(gic, cpu, intid / 32, 1u << intid % 32, &news);
    vcpu_gic_settle(gic, cpu, &news);
}
