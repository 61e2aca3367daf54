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

bool vcpu_gic_reads_state(const struct gic_access *access)
{
    return access->frame != GIC_REDISTRIBUTOR &&
           ((access->offset >= GICD_ISPENDR && access->offset < GICD_IPRIORITYR) ||
            (access->offset >= GICD_CPENDSGIR && access->offset < GICD_NO_MORE));
}

/* The bank of register n of an array. */
static struct gic_bank *bank_of(struct vcpu_gic *gic, const struct gic_access *access, unsigned n)
{
    if ((access->frame == GIC_SGI_BASE && n != 0) || n >= gic->banks)
        return NULL;
    return gic_bank(gic, access->home, gic_bank_number(gic, n));
}

static uint32_t read_bits(struct vcpu_gic *gic, const struct gic_access *access,
                          struct gic_news *news)
{
    unsigned n = BITS_NUMBER(access->offset);
    const struct gic_bank *bank = bank_of(gic, access, n);

    if (!bank)
        return 0;
    n = gic_bank_number(gic, n);
    switch (BITS_ARRAY(access->offset)) {
    case GICD_IGROUPR:
        return bank->group;
    case GICD_ISENABLER:
    case GICD_ICENABLER:
        return bank->enabled;
    case GICD_ISPENDR:
    case GICD_ICPENDR:
        /*
         * Interrupts that another vCPU has listed are folded soon, so a guest that polls sees the
         * change.
         */
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
    n = gic_bank_number(gic, n);
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

/* Registers with a byte for each interrupt, accessed by one or four bytes. */
#define BYTES_INTID(offset) (0x3ff & (offset))

static uint8_t read_byte(struct vcpu_gic *gic, const struct gic_access *access, uint32_t intid,
                         bool targets)
{
    unsigned n = intid / 32, i = intid % 32;
    const struct gic_bank *bank = bank_of(gic, access, n);

    if (!bank || !(bank->valid >> i & 1))
        return 0;
    if (!targets)
        return bank->priority[i];
    if (gic->max_vcpus == 1)
        return 0;
    /* Those of bank 0 read as the CPU's own number. */
    return n == 0 ? (uint8_t)(1u << access->cpu->index)
                  : (uint8_t)gic->spis[gic_bank_number(gic, n) - 1].route[i];
}

static void write_byte(struct vcpu_gic *gic, const struct gic_access *access, uint32_t intid,
                       bool targets, uint8_t value, struct gic_news *news)
{
    unsigned n = intid / 32, i = intid % 32;
    struct gic_bank *bank = bank_of(gic, access, n);

    if (!bank || !(bank->valid >> i & 1))
        return;
    n = gic_bank_number(gic, n);
    if (!targets) {
        bank->priority[i] = value & GIC_PRIORITIES;
    } else {
        if (gic->max_vcpus == 1 || n == 0)
            return;
        gic->spis[n - 1].route[i] = value & ((1u << gic->max_vcpus) - 1);
        vcpu_gic_route(gic, &gic->spis[n - 1], i);
    }
    vcpu_gic_touch(gic, access->home, n, 1u << i, news);
}

/* ICFGR: two bits for each interrupt; the upper one means edge. SGIs cannot be changed. */
#define CFG_NUMBER(offset) ((0xff & (offset)) / 4)

static uint32_t read_cfg(struct vcpu_gic *gic, const struct gic_access *access)
{
    unsigned number = CFG_NUMBER(access->offset), n = number / 2;
    const struct gic_bank *bank = bank_of(gic, access, n);
    uint32_t value = 0;

    for (unsigned i = 0; bank && i < 16; i++)
        value |= (bank->edge >> (16 * (number % 2) + i) & 1) << (2 * i + 1);
    return value;
}

static void write_cfg(struct vcpu_gic *gic, const struct gic_access *access, uint32_t value,
                      struct gic_news *news)
{
    unsigned number = CFG_NUMBER(access->offset), n = number / 2;
    struct gic_bank *bank = bank_of(gic, access, n);
    uint32_t mask = 0xffffu << (16 * (number % 2)), edge = 0;

    if (!bank || number == 0)
        return;
    for (unsigned i = 0; i < 16; i++)
        edge |= (value >> (2 * i + 1) & 1) << (16 * (number % 2) + i);
    bank->edge = (bank->edge & ~mask) | (edge & mask & bank->valid);
    vcpu_gic_touch(gic, access->home, gic_bank_number(gic, n), mask, news);
}

/* SPENDSGIR and CPENDSGIR: a byte for each SGI, with the CPUs that it is pending from. */
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

/* The SPI of an IROUTER. */
static uint32_t route_intid(const struct gic_access *access)
{
    return (access->offset - GICD_IROUTER) / 8;
}

/*
 * GICD_IROUTER. In memory it is a byte for each affinity level: Aff3 next to Aff2 to Aff0.
 * Registers of SPIs that do not exist read as zero.
 */
static uint64_t read_route(const struct vcpu_gic *gic, uint32_t intid)
{
    uint32_t route = 0;

    if (intid < gic->intids)
        route = gic->spis[gic_bank_number(gic, intid / 32) - 1].route[intid % 32];
    return (uint64_t)(route >> 24) << 32 | (route & 0xffffff);
}

static void write_route(struct vcpu_gic *gic, const struct gic_access *access, uint64_t value,
                        struct gic_news *news)
{
    uint32_t intid = route_intid(access);
    uint64_t other = read_route(gic, intid);
    struct gic_spis *spis;
    unsigned n;

    if (intid >= gic->intids)
        return;
    n = gic_bank_number(gic, intid / 32);
    if (access->size == 4)
        value = access->offset & 4 ? value << 32 | (uint32_t)other
                                   : (other >> 32 << 32) | (uint32_t)value;
    value &= GIC_AFFINITY;
    spis = &gic->spis[n - 1];
    spis->route[intid % 32] = (uint32_t)(value >> 32 << 24 | (value & 0xffffff));
    vcpu_gic_route(gic, spis, intid % 32);
    vcpu_gic_touch(gic, NULL, n, 1u << intid % 32, news);
}

static void write_ctlr(struct vcpu_gic *gic, uint32_t value, struct gic_news *news)
{
    const uint32_t enables = GICD_CTLR_EnableGrp0 | GICD_CTLR_EnableGrp1;

    gic->ctlr = (gic->ctlr & ~enables) | (value & enables);
    vcpu_gic_touch_all(gic, news);
}

/* PIDR2 has the version of the architecture; the product is not identified. */
static uint32_t read_id(const struct vcpu_gic *gic, uint32_t from_end)
{
    return from_end == GIC_PIDR2
               ? (uint32_t)(FIELD_PREP(PIDR2_ArchRev, gic->version) | PIDR2_JEDEC_DES1_ARM)
               : 0;
}

/* A 64-bit register, or one word of it. */
static uint64_t part_of(uint64_t value, const struct gic_access *access)
{
    return access->offset & 4 ? value >> 32 : value;
}

static uint64_t read_redistributor_typer(const struct vcpu_gic *gic, const struct gic_cpu *cpu)
{
    uint64_t affinity = cpu->affinity;

    if (!cpu->present)
        return 0;
    return FIELD_PREP(GICR_TYPER_Affinity_Value, (affinity >> 32) << 24 | (affinity & 0xffffff)) |
           FIELD_PREP(GICR_TYPER_Processor_Number, cpu->index) |
           (vcpu_gic_is_last(gic, cpu) ? GICR_TYPER_Last : 0);
}

/* ---- Which register an offset is ---- */

enum kind {
    RESERVED,
    CTLR,
    TYPER,
    BITS,
    PRIORITY,
    TARGETS,
    CFG,
    SOURCES,
    ROUTE,
    ID,
    RTYPER,
    WAKER
};

/* Frames, as bits: the distributor of either version, and the two of a redistributor. */
#define IN_D3  BIT(GIC_DISTRIBUTOR)
#define IN_RD  BIT(GIC_REDISTRIBUTOR)
#define IN_SGI BIT(GIC_SGI_BASE)
#define IN_D2  BIT(GIC_SGI_BASE + 1)

/* The allowed sizes: 1, 2, 4 and 8 are bits already. */
static const struct {
    uint32_t from, to;
    uint8_t frames, sizes, kind;
} map[] = {
    {GICD_CTLR, GICD_CTLR + 4, IN_D2 | IN_D3, 4, CTLR},
    {GICD_TYPER, GICD_TYPER + 4, IN_D2 | IN_D3, 4, TYPER},
    {GICD_IGROUPR, GICD_IPRIORITYR, IN_D2 | IN_D3 | IN_SGI, 4, BITS},
    {GICD_IPRIORITYR, GICD_ITARGETSR, IN_D2 | IN_D3 | IN_SGI, 1 | 4, PRIORITY},
    {GICD_ITARGETSR, GICD_ICFGR, IN_D2, 1 | 4, TARGETS},
    {GICD_ICFGR, GICD_IGRPMODR, IN_D2 | IN_D3 | IN_SGI, 4, CFG},
    {GICD_CPENDSGIR, GICD_NO_MORE, IN_D2, 1 | 4, SOURCES},
    {GICD_IROUTER + 8 * GIC_PRIVATE, GICD_IROUTER + 8 * GIC_INTIDS, IN_D3, 4 | 8, ROUTE},
    {GICR_TYPER, GICR_TYPER + 8, IN_RD, 4 | 8, RTYPER},
    {GICR_WAKER, GICR_WAKER + 4, IN_RD, 4, WAKER},
    {0x1000 - GIC_ID_SIZE, 0x1000, IN_D2, 4, ID},
    {0x10000 - GIC_ID_SIZE, 0x10000, IN_D3 | IN_RD, 4, ID},
};

static enum kind kind_of(const struct vcpu_gic *gic, const struct gic_access *access)
{
    uint32_t offset = access->offset;
    uint64_t frame = gic->version == 2 ? IN_D2 : BIT(access->frame);

    for (unsigned i = 0; i < sizeof(map) / sizeof(map[0]); i++)
        if (offset >= map[i].from && offset < map[i].to && (map[i].frames & frame) &&
            (map[i].sizes & access->size) && !(offset & (access->size - 1u)))
            return (enum kind)map[i].kind;
    return RESERVED;
}

uint64_t vcpu_gic_read(struct vcpu_gic *gic, const struct gic_access *access, struct gic_news *news)
{
    enum kind kind = kind_of(gic, access);
    uint32_t offset = access->offset;
    uint64_t value = 0;

    switch (kind) {
    case CTLR:
        return gic->ctlr;
    case TYPER:
        return gic->typer;
    case BITS:
        return read_bits(gic, access, news);
    case CFG:
        return read_cfg(gic, access);
    case ROUTE:
        return part_of(read_route(gic, route_intid(access)), access);
    case ID:
        return read_id(gic, FRAME_SIZE(gic) - offset);
    case RTYPER:
        return part_of(read_redistributor_typer(gic, access->home), access);
    case WAKER:
        return access->home->asleep ? GICR_WAKER_ProcessorSleep | GICR_WAKER_ChildrenAsleep : 0;
    case PRIORITY:
    case TARGETS:
    case SOURCES:
        for (unsigned k = access->size; k-- > 0;)
            value = value << 8 | (kind == SOURCES ? access->cpu->sources[(offset + k) & 15]
                                                  : read_byte(gic, access, BYTES_INTID(offset + k),
                                                              kind == TARGETS));
        return value;
    case RESERVED:
        break;
    }
    return 0;
}

void vcpu_gic_write(struct vcpu_gic *gic, const struct gic_access *access, uint64_t value,
                    struct gic_news *news)
{
    enum kind kind = kind_of(gic, access);
    uint32_t offset = access->offset;

    switch (kind) {
    case CTLR:
        write_ctlr(gic, (uint32_t)value, news);
        break;
    case BITS:
        write_bits(gic, access, (uint32_t)value, news);
        break;
    case CFG:
        write_cfg(gic, access, (uint32_t)value, news);
        break;
    case ROUTE:
        write_route(gic, access, value, news);
        break;
    case WAKER:
        /* Kept to be read back only: an interrupt wakes a vCPU whatever this says. */
        access->home->asleep = value & GICR_WAKER_ProcessorSleep;
        break;
    case PRIORITY:
    case TARGETS:
    case SOURCES:
        for (unsigned k = 0; k < access->size; k++, value >>= 8) {
            if (kind == SOURCES)
                write_sources(gic, access->cpu, offset + k, (uint8_t)value);
            else
                write_byte(gic, access, BYTES_INTID(offset + k), kind == TARGETS, (uint8_t)value,
                           news);
        }
        break;
    case TYPER:
    case ID:
    case RTYPER:
    case RESERVED:
        break;
    }
}
