/* SPDX-License-Identifier: MIT */
#include "gic/registers.h"

#define FRAME_SIZE(gic) ((gic)->version == 3 ? 0x10000u : 0x1000u)

bool vcpu_gic_locate(const struct vcpu_gic *gic, struct gic_cpu *cpu, uint64_t ipa, unsigned size,
                     struct gic_access *access)
{
    uint64_t offset = ipa - gic->distributor;

    access->cpu = cpu;
    access->size = (uint8_t)size;
    if (offset < FRAME_SIZE(gic)) {
        access->frame = GIC_DISTRIBUTOR;
        access->offset = (uint32_t)offset;
        /* With affinity routing bank 0 is in the redistributors only. */
        access->home = gic->version == 3 ? NULL : cpu;
        return true;
    }
    offset = ipa - gic->redistributors;
    if (gic->version != 3 || offset >= gic->max_vcpus * VCPU_GIC_V3_REDISTRIBUTOR_SIZE)
        return false;
    access->frame = offset & GICR_FRAME ? GIC_SGI_BASE : GIC_REDISTRIBUTOR;
    access->offset = (uint32_t)offset & (GICR_FRAME - 1);
    access->home = gic->cpu[offset / VCPU_GIC_V3_REDISTRIBUTOR_SIZE];
    return true;
}

bool vcpu_gic_reads_state(const struct gic_access *access)
{
    return access->frame != GIC_REDISTRIBUTOR &&
           ((access->offset >= GICD_ISPENDR && access->offset < GICD_IPRIORITYR) ||
            (access->offset >= GICD_CPENDSGIR && access->offset < GICD_NO_MORE));
}

/* The bank that register n of an array belongs to. */
static struct gic_bank *bank_of(struct vcpu_gic *gic, const struct gic_access *access, unsigned n)
{
    if (access->frame == GIC_SGI_BASE && n != 0)
        return NULL;
    return gic_bank(gic, access->home, n);
}

static uint32_t read_bits(struct vcpu_gic *gic, const struct gic_access *access,
                          struct gic_news *news)
{
    unsigned n = BITS_NUMBER(access->offset);
    const struct gic_bank *bank = bank_of(gic, access, n);

    if (!bank)
        return 0;
    switch (BITS_ARRAY(access->offset)) {
    case GICD_IGROUPR:
        return bank->group;
    case GICD_ISENABLER:
    case GICD_ICENABLER:
        return bank->enabled;
    case GICD_ISPENDR:
    case GICD_ICPENDR:
        /* What another vCPU has listed is folded there soon: who polls will see it. */
        vcpu_gic_touch(gic, access->home, n, bank->listed, news);
        return gic_pending(bank) | bank->latch_listed;
    default: /* GICD_ISACTIVER, GICD_ICACTIVER */
        vcpu_gic_touch(gic, access->home, n, bank->listed, news);
        return bank->active;
    }
}

static void set_active(struct vcpu_gic *gic, struct gic_bank *bank, unsigned n, uint32_t bits)
{
    bits &= ~bank->active;
    for (uint32_t rest = bits & ~bank->listed; rest; rest &= rest - 1) {
        unsigned i = (unsigned)__builtin_ctz(rest);

        bank->taken[i] = bank->priority[i];
        if (n != 0)
            gic->spis[n - 1].owner[i] = gic->spis[n - 1].target[i];
    }
    bank->active |= bits;
    bank->forced |= bits & bank->listed;
}

static void write_bits(struct vcpu_gic *gic, const struct gic_access *access, uint32_t value,
                       struct gic_news *news)
{
    unsigned n = BITS_NUMBER(access->offset);
    struct gic_bank *bank = bank_of(gic, access, n);
    uint32_t array = BITS_ARRAY(access->offset);

    if (!bank)
        return;
    if (array == GICD_IGROUPR) {
        uint32_t changed = (bank->group ^ value) & bank->valid;

        bank->group ^= changed;
        vcpu_gic_touch(gic, access->home, n, changed, news);
        return;
    }
    value &= bank->valid;
    /* Version 2 has SPENDSGIR and CPENDSGIR for SGIs. */
    if (gic->version == 2 && n == 0 && (array == GICD_ISPENDR || array == GICD_ICPENDR))
        value &= ~((1u << GIC_SGIS) - 1);
    switch (array) {
    case GICD_ISENABLER:
        bank->enabled |= value;
        break;
    case GICD_ICENABLER:
        bank->enabled &= ~value;
        break;
    case GICD_ISPENDR:
        bank->latch |= value;
        break;
    case GICD_ICPENDR:
        vcpu_gic_unlatch(gic, access->home, n, value);
        break;
    case GICD_ISACTIVER:
        set_active(gic, bank, n, value);
        break;
    default: /* GICD_ICACTIVER */
        vcpu_gic_deactivate(gic, access->home, n, value);
        break;
    }
    vcpu_gic_touch(gic, access->home, n, value, news);
}

/* Registers with a byte for each interrupt, read and written one byte or four at a time. */
#define BYTES_INTID(offset) ((offset)&0x3ff)

static uint8_t read_byte(struct vcpu_gic *gic, const struct gic_access *access, uint32_t intid,
                         bool targets)
{
    const struct gic_bank *bank = bank_of(gic, access, intid / 32);

    if (!bank || !(bank->valid >> intid % 32 & 1))
        return 0;
    if (!targets)
        return bank->priority[intid % 32];
    if (gic->version != 2 || gic->max_vcpus == 1)
        return 0;
    /* Those of bank 0 tell each CPU its own number. */
    return intid < GIC_PRIVATE ? (uint8_t)(1u << access->cpu->index)
                               : (uint8_t)gic->spis[intid / 32 - 1].route[intid % 32];
}

static void write_byte(struct vcpu_gic *gic, const struct gic_access *access, uint32_t intid,
                       bool targets, uint8_t value, struct gic_news *news)
{
    unsigned n = intid / 32, i = intid % 32;
    struct gic_bank *bank = bank_of(gic, access, n);

    if (!bank || !(bank->valid >> i & 1))
        return;
    if (!targets) {
        bank->priority[i] = value & GIC_PRIORITIES;
    } else {
        if (gic->version != 2 || gic->max_vcpus == 1 || n == 0)
            return;
        gic->spis[n - 1].route[i] = value & ((1u << gic->max_vcpus) - 1);
        vcpu_gic_route(gic, &gic->spis[n - 1], i);
    }
    vcpu_gic_touch(gic, access->home, n, 1u << i, news);
}

/* ICFGR: two bits for each interrupt, of which the upper one says edge. SGIs are fixed. */
#define CFG_NUMBER(offset) (((offset)&0xff) / 4)

static uint32_t read_cfg(struct vcpu_gic *gic, const struct gic_access *access)
{
    unsigned number = CFG_NUMBER(access->offset);
    const struct gic_bank *bank = bank_of(gic, access, number / 2);
    uint32_t value = 0;

    for (unsigned i = 0; bank && i < 16; i++)
        value |= (bank->edge >> (16 * (number % 2) + i) & 1) << (2 * i + 1);
    return value;
}

static void write_cfg(struct vcpu_gic *gic, const struct gic_access *access, uint32_t value,
                      struct gic_news *news)
{
    unsigned number = CFG_NUMBER(access->offset);
    struct gic_bank *bank = bank_of(gic, access, number / 2);
    uint32_t mask = 0xffffu << (16 * (number % 2)), edge = 0;

    if (!bank || number == 0)
        return;
    for (unsigned i = 0; i < 16; i++)
        edge |= (value >> (2 * i + 1) & 1) << (16 * (number % 2) + i);
    bank->edge = (bank->edge & ~mask) | (edge & mask & bank->valid);
    vcpu_gic_touch(gic, access->home, number / 2, mask, news);
}

/* SPENDSGIR and CPENDSGIR: for each SGI a byte with the CPUs that it is pending from. */
static void write_sources(struct vcpu_gic *gic, struct gic_cpu *cpu, uint32_t offset, uint8_t value)
{
    unsigned sgi = offset & 15;

    if (offset >= GICD_SPENDSGIR)
        cpu->sources[sgi] |= value & (uint8_t)((1u << gic->max_vcpus) - 1);
    else
        cpu->sources[sgi] &= (uint8_t)~value;
    cpu->bank.latch &= ~(1u << sgi);
    cpu->bank.latch |= cpu->sources[sgi] ? 1u << sgi : 0;
}

/* GICD_IROUTER, in memory a byte for each level: Aff3 beside Aff2 to Aff0. */
static uint64_t read_route(const struct vcpu_gic *gic, uint32_t intid)
{
    uint32_t route = gic->spis[intid / 32 - 1].route[intid % 32];

    return (uint64_t)(route >> 24) << 32 | (route & 0xffffff);
}

static void write_route(struct vcpu_gic *gic, uint32_t intid, uint64_t value, struct gic_news *news)
{
    struct gic_spis *spis = &gic->spis[intid / 32 - 1];

    value &= GIC_AFFINITY;
    spis->route[intid % 32] = (uint32_t)(value >> 32 << 24 | (value & 0xffffff));
    vcpu_gic_route(gic, spis, intid % 32);
    vcpu_gic_touch(gic, NULL, intid / 32, 1u << intid % 32, news);
}

static void write_ctlr(struct vcpu_gic *gic, uint32_t value, struct gic_news *news)
{
    const uint32_t enables = GICD_CTLR_EnableGrp0 | GICD_CTLR_EnableGrp1;

    gic->ctlr = (gic->ctlr & ~enables) | (value & enables);
    vcpu_gic_touch_all(gic, news);
}

/* PIDR2 tells the version of the architecture; no product is told. */
static uint32_t read_id(const struct vcpu_gic *gic, uint32_t from_end)
{
    return from_end == GIC_PIDR2
               ? (uint32_t)(FIELD_PREP(PIDR2_ArchRev, gic->version) | PIDR2_JEDEC_DES1_ARM)
               : 0;
}

/* A 64-bit register, of which a word may be read by itself. */
static uint64_t part_of(uint64_t value, const struct gic_access *access)
{
    return access->offset & 4 ? value >> 32 : value;
}

static uint64_t read_redistributor(const struct vcpu_gic *gic, const struct gic_access *access)
{
    const struct gic_cpu *cpu = access->home;
    uint64_t affinity = cpu->affinity;

    if (!cpu->present || access->size < 4)
        return 0;
    if ((access->offset & ~4u) == GICR_TYPER)
        return part_of(
            FIELD_PREP(GICR_TYPER_Affinity_Value, (affinity >> 32) << 24 | (affinity & 0xffffff)) |
                FIELD_PREP(GICR_TYPER_Processor_Number, cpu->index) |
                (vcpu_gic_is_last(gic, cpu) ? GICR_TYPER_Last : 0),
            access);
    if (access->size == 4 && access->offset == GICR_WAKER)
        return cpu->asleep ? GICR_WAKER_ProcessorSleep | GICR_WAKER_ChildrenAsleep : 0;
    return 0;
}

static bool is_byte_array(uint32_t offset)
{
    return offset >= GICD_IPRIORITYR && offset < GICD_ICFGR;
}

static bool is_sgi_sources(const struct vcpu_gic *gic, const struct gic_access *access)
{
    return gic->version == 2 && access->offset >= GICD_CPENDSGIR && access->offset < GICD_NO_MORE;
}

/* The SPI whose IROUTER this is, 0 if it is none. */
static uint32_t route_intid(const struct vcpu_gic *gic, const struct gic_access *access)
{
    uint32_t intid = (access->offset - GICD_IROUTER) / 8;

    return gic->version == 3 && access->frame == GIC_DISTRIBUTOR && access->size >= 4 &&
                   intid >= GIC_PRIVATE && intid < gic->intids
               ? intid
               : 0;
}

static uint64_t read_word(struct vcpu_gic *gic, const struct gic_access *access,
                          struct gic_news *news)
{
    uint32_t offset = access->offset;

    if (offset >= GICD_IGROUPR && offset < GICD_IPRIORITYR)
        return read_bits(gic, access, news);
    if (offset >= GICD_ICFGR && offset < GICD_IGRPMODR)
        return read_cfg(gic, access);
    if (access->frame == GIC_SGI_BASE)
        return 0;
    if (offset == GICD_CTLR)
        return gic->ctlr;
    return offset == GICD_TYPER ? gic->typer : 0;
}

uint64_t vcpu_gic_read(struct vcpu_gic *gic, const struct gic_access *access, struct gic_news *news)
{
    uint32_t offset = access->offset, from_end = FRAME_SIZE(gic) - offset;
    uint64_t value = 0;

    if (offset & (access->size - 1u))
        return 0;
    if (access->size == 4 && from_end <= GIC_ID_SIZE && access->frame != GIC_SGI_BASE)
        return read_id(gic, from_end);
    if (access->frame == GIC_REDISTRIBUTOR)
        return read_redistributor(gic, access);
    if (route_intid(gic, access))
        return part_of(read_route(gic, route_intid(gic, access)), access);
    if (access->size == 4 && !is_byte_array(offset) && !is_sgi_sources(gic, access))
        return read_word(gic, access, news);
    if (access->size != 1 && access->size != 4)
        return 0;
    for (unsigned k = 0; k < access->size; k++) {
        uint8_t byte = 0;

        if (is_byte_array(offset))
            byte = read_byte(gic, access, BYTES_INTID(offset + k), offset >= GICD_ITARGETSR);
        else if (is_sgi_sources(gic, access))
            byte = access->cpu->sources[(offset + k) & 15];
        value |= (uint64_t)byte << (8 * k);
    }
    return value;
}

static void write_word(struct vcpu_gic *gic, const struct gic_access *access, uint32_t value,
                       struct gic_news *news)
{
    uint32_t offset = access->offset;

    if (offset >= GICD_IGROUPR && offset < GICD_IPRIORITYR)
        write_bits(gic, access, value, news);
    else if (offset >= GICD_ICFGR && offset < GICD_IGRPMODR)
        write_cfg(gic, access, value, news);
    else if (access->frame == GIC_DISTRIBUTOR && offset == GICD_CTLR)
        write_ctlr(gic, value, news);
}

void vcpu_gic_write(struct vcpu_gic *gic, const struct gic_access *access, uint64_t value,
                    struct gic_news *news)
{
    uint32_t offset = access->offset, intid = route_intid(gic, access);

    if (offset & (access->size - 1u))
        return;
    if (access->frame == GIC_REDISTRIBUTOR) {
        /* Only told again: an interrupt wakes a vCPU whether it says that it sleeps or not. */
        if (offset == GICR_WAKER && access->size == 4)
            access->home->asleep = value & GICR_WAKER_ProcessorSleep;
    } else if (intid) {
        if (access->size == 4) {
            uint64_t other = read_route(gic, intid);

            value =
                offset & 4 ? value << 32 | (uint32_t)other : (other >> 32 << 32) | (uint32_t)value;
        }
        write_route(gic, intid, value, news);
    } else if (access->size == 4 && !is_byte_array(offset) && !is_sgi_sources(gic, access)) {
        write_word(gic, access, (uint32_t)value, news);
    } else if (access->size == 1 || access->size == 4) {
        for (unsigned k = 0; k < access->size; k++) {
            uint8_t byte = (uint8_t)(value >> (8 * k));

            if (is_byte_array(offset))
                write_byte(gic, access, BYTES_INTID(offset + k), offset >= GICD_ITARGETSR, byte,
                           news);
            else if (is_sgi_sources(gic, access))
                write_sources(gic, access->cpu, offset + k, byte);
        }
    }
}
