/* SPDX-License-Identifier: MIT */
#include "gic/registers/registers.h"

#include "gic/update.h"
#include "gic/writes/bits.h"

bool vcpu_gic_reads_state(const struct gic_access *access)
{
    return access->frame != GIC_REDISTRIBUTOR &&
           ((access->offset >= GICD_ISPENDR && access->offset < GICD_IPRIORITYR) ||
            (access->offset >= GICD_CPENDSGIR && access->offset < GICD_NO_MORE));
}

/*
 * Pending or active states. The newest are in list registers. Those of other vCPUs are folded soon,
 * so a guest that polls sees the change.
 */
static __attribute__((noinline)) uint32_t
read_state(struct vcpu_gic *gic, const struct gic_access *access, unsigned n, struct gic_news *news)
{
    const struct gic_bank *bank = gic_bank(gic, access->home, n);
    struct gic_seen seen = {0, 0, 0};
    uint32_t fallen = 0;

    if (bank->hw && gic->sources)
        fallen = gic->sources->read(gic, access->home, n, news);
    if (n != 0 || access->home == access->cpu)
        seen = vcpu_gic_see(gic, access->cpu, n);
    vcpu_gic_touch(gic, access->home, n,
                   (bank->listed & ~seen.listed) | (fallen & bank->latch_listed & seen.pending),
                   news);
    if (access->offset < GICD_ISACTIVER)
        return ((bank->latch | (bank->latch_listed & (~seen.listed | seen.pending))) & ~fallen) |
               ((bank->line | bank->message) & ~bank->edge);
    seen.listed &= ~bank->forced;
    return (bank->active & ~seen.listed) | (seen.active & seen.listed);
}

static uint32_t read_bits(struct vcpu_gic *gic, const struct gic_access *access, unsigned n,
                          struct gic_news *news)
{
    const struct gic_bank *bank = gic_bank(gic, access->home, n);

    if (access->offset < GICD_ISENABLER)
        return bank->group;
    return access->offset < GICD_ISPENDR ? bank->enabled : read_state(gic, access, n, news);
}

/* Version 2: the targets of interrupt 32 * n + i. Those of bank 0 read as the CPU's own number. */
static uint8_t read_targets(const struct vcpu_gic *gic, const struct gic_access *access, unsigned n,
                            unsigned i)
{
    if (gic->max_vcpus == 1)
        return 0;
    return n == 0 ? (uint8_t)(1u << access->cpu->index) : (uint8_t)gic->spis[n - 1].route[i];
}

/*
 * Sets the route of an SPI. Returns its bit if that changes something. shared: to one of several vCPUs;
 * if the host does not let the guest have that, to the first.
 */
static __attribute__((noinline)) uint32_t set_route(struct vcpu_gic *gic, struct gic_cpu *cpu,
                                                    unsigned n, unsigned i, uint32_t route,
                                                    bool shared, struct gic_news *news)
{
    struct gic_spis *spis = &gic->spis[n - 1];

    shared &= gic->share != NULL;
    if (spis->route[i] == route && (spis->shared >> i & 1) == shared)
        return 0;
    spis->route[i] = route;
    if (gic->share)
        gic->share->route(gic, cpu, n, i, shared, news);
    vcpu_gic_route(gic, spis, i);
    return 1u << i;
}

/* Version 2. Those of bank 0 are read-only, and with one CPU all are. */
static uint32_t write_targets(struct vcpu_gic *gic, struct gic_cpu *cpu, unsigned n, unsigned i,
                              uint8_t value, struct gic_news *news)
{
    if (gic->max_vcpus == 1 || n == 0)
        return 0;
    value &= (uint8_t)((1u << gic->max_vcpus) - 1);
    return set_route(gic, cpu, n, i, value, value & (value - 1), news);
}

static uint32_t write_priority(struct gic_bank *bank, unsigned i, uint8_t value)
{
    value &= GIC_PRIORITIES;
    if (bank->priority[i] == value)
        return 0;
    bank->priority[i] = value;
    return 1u << i;
}

/* GICD_SETSPI_NSR, CLRSPI_NSR. With one security state, the _SR behind them ignore writes. */
static void write_message(struct vcpu_gic *gic, uint32_t offset, uint64_t value,
                          struct gic_news *news)
{
    uint32_t intid = (uint32_t)FIELD_GET(SETSPI_INTID, value);
    unsigned n, i = intid % 32;

    if (offset % 8 || intid < GIC_PRIVATE || intid >= gic->intids)
        return;
    n = gic_bank_number(gic, intid / 32);
    if (vcpu_gic_message(gic, NULL, n, 1u << i, !(offset & 8)))
        vcpu_gic_touch(gic, NULL, n, 1u << i, news);
}

/* SPENDSGIR and CPENDSGIR: a byte for each SGI, with the CPUs that it is pending from. */
static void write_sources(struct vcpu_gic *gic, struct gic_cpu *cpu, uint32_t offset, uint8_t value,
                          struct gic_news *news)
{
    unsigned sgi = offset & 15;

    if (offset >= GICD_SPENDSGIR)
        cpu->sources[sgi] |= value & (uint8_t)((1u << gic->max_vcpus) - 1);
    else
        cpu->sources[sgi] &= (uint8_t)~value;
    cpu->bank.latch &= ~(1u << sgi);
    cpu->bank.latch |= cpu->sources[sgi] ? 1u << sgi : 0;
    vcpu_gic_touch(gic, cpu, 0, 1u << sgi, news);
}

/* GICD_IROUTER. In memory it is a byte for each affinity level: Aff3 next to Aff2 to Aff0. */
static uint64_t read_route(const struct vcpu_gic *gic, unsigned n, unsigned i)
{
    const struct gic_spis *spis = &gic->spis[n - 1];
    uint32_t route = spis->route[i];

    return FIELD_PREP(IROUTER_Aff3, route >> 24) | (route & 0xffffff) |
           FIELD_PREP(IROUTER_IRM, spis->shared >> i & 1);
}

static uint32_t write_route(struct vcpu_gic *gic, const struct gic_access *access, unsigned n,
                            unsigned i, uint64_t value, struct gic_news *news)
{
    uint64_t other = read_route(gic, n, i);

    if (access->size == 4)
        value = access->offset & 4 ? value << 32 | (uint32_t)other
                                   : (other >> 32 << 32) | (uint32_t)value;
    return set_route(gic, access->cpu, n, i,
                     (uint32_t)(FIELD_GET(IROUTER_Aff3, value) << 24 | (value & 0xffffff)),
                     value & IROUTER_IRM, news);
}

static void write_ctlr(struct vcpu_gic *gic, struct gic_cpu *cpu, uint32_t value,
                       struct gic_news *news)
{
    value = (value ^ gic->ctlr) & (GICD_CTLR_EnableGrp0 | GICD_CTLR_EnableGrp1);
    if (!value)
        return;
    /* RWP with the change, in one store: another vCPU can read it before all have been told. */
    vcpu_gic_begin_write(gic, value);
    news->own = GIC_MANY;
    cpu->write = (struct gic_write){.bits = 1, .offset = GICD_CTLR};
    vcpu_gic_write_piece(gic, cpu, news);
}

/* The product is not identified. */
static uint32_t read_id(const struct vcpu_gic *gic, uint32_t from_end)
{
    return from_end == GIC_PIDR2 ? gic_read_pidr2(gic) : 0;
}

/* A 64-bit register, or one word of it. */
static uint64_t part_of(uint64_t value, const struct gic_access *access)
{
    return access->offset & 4 ? value >> 32 : value;
}

uint64_t vcpu_gic_read_typer(const struct vcpu_gic *gic, const struct gic_cpu *cpu)
{
    uint64_t affinity = cpu->affinity;

    if (!cpu->present)
        return 0;
    return FIELD_PREP(GICR_TYPER_Affinity_Value, (affinity >> 32) << 24 | (affinity & 0xffffff)) |
           FIELD_PREP(GICR_TYPER_Processor_Number, cpu->index) |
           (cpu->index == gic->last ? GICR_TYPER_Last : 0);
}

/* ---- Which register an offset is ---- */

enum kind {
    CTLR,
    TYPER,
    MESSAGE,
    SOURCES,
    ID,
    RCTLR,
    RTYPER,
    WAKER,
    BITS,
    PRIORITY,
    TARGETS,
    CFG,
    ROUTE
};

/* Frames, as bits: the distributor of either version, and the two of a redistributor. */
#define IN_D3  BIT(GIC_DISTRIBUTOR)
#define IN_RD  BIT(GIC_REDISTRIBUTOR)
#define IN_SGI BIT(GIC_SGI_BASE)
#define IN_D2  BIT(GIC_SGI_BASE + 1)

/*
 * Each offset below is less than 2^16. The allowed sizes: 1, 2, 4 and 8 are bits already. per: of
 * registers that interrupts have, the interrupts in 8 bytes.
 */
static const struct row {
    uint16_t from, last;
    uint8_t frames, sizes, kind, per;
} map[] = {
    {GICD_CTLR, GICD_CTLR, IN_D2 | IN_D3, 4, CTLR, 0},
    {GICD_TYPER, GICD_TYPER, IN_D2 | IN_D3, 4, TYPER, 0},
    {GICD_SETSPI_NSR, GICD_CLRSPI_NSR, IN_D3, 2 | 4, MESSAGE, 0},
    {GICD_IGROUPR, GICD_IPRIORITYR - 1, IN_D2 | IN_D3 | IN_SGI, 4, BITS, 64},
    {GICD_IPRIORITYR, GICD_ITARGETSR - 1, IN_D2 | IN_D3 | IN_SGI, 1 | 4, PRIORITY, 8},
    {GICD_ITARGETSR, GICD_ICFGR - 1, IN_D2, 1 | 4, TARGETS, 8},
    {GICD_ICFGR, GICD_IGRPMODR - 1, IN_D2 | IN_D3 | IN_SGI, 4, CFG, 32},
    {GICD_CPENDSGIR, GICD_NO_MORE - 1, IN_D2, 1 | 4, SOURCES, 0},
    {GICD_IROUTER + 8 * GIC_PRIVATE, GICD_IROUTER + 8 * GIC_INTIDS - 1, IN_D3, 4 | 8, ROUTE, 1},
    {GICR_CTLR, GICR_CTLR, IN_RD, 4, RCTLR, 0},
    {GICR_TYPER, GICR_TYPER + 7, IN_RD, 4 | 8, RTYPER, 0},
    {GICR_WAKER, GICR_WAKER, IN_RD, 4, WAKER, 0},
    {0x1000 - GIC_ID_SIZE, 0xfff, IN_D2, 4, ID, 0},
    {0x10000 - GIC_ID_SIZE, 0xffff, IN_D3 | IN_RD, 4, ID, 0},
};

/* NULL: reserved. */
static const struct row *row_of(const struct vcpu_gic *gic, const struct gic_access *access)
{
    uint32_t offset = access->offset;
    uint64_t frame = gic->version == 2 ? IN_D2 : BIT(access->frame);

    for (const struct row *row = map; row < map + sizeof(map) / sizeof(map[0]); row++)
        if (offset >= row->from && offset <= row->last && (row->frames & frame) &&
            (row->sizes & access->size) && !(offset & (access->size - 1u)))
            return row;
    return NULL;
}

/*
 * The first interrupt of such a register: 32 * n + i. Each array begins at a multiple of its size.
 * false: there is none.
 */
static bool find_interrupt(const struct vcpu_gic *gic, const struct gic_access *access,
                           const struct row *row, unsigned *n, unsigned *i)
{
    unsigned intid = access->offset * row->per / 8 % 1024, bank = intid / 32;

    if (bank == 0 ? !access->home : access->frame == GIC_SGI_BASE || bank >= gic->banks)
        return false;
    *n = gic_bank_number(gic, bank);
    *i = intid % 32;
    return true;
}

static uint64_t read_interrupts(struct vcpu_gic *gic, const struct gic_access *access,
                                const struct row *row, struct gic_news *news)
{
    const struct gic_bank *bank;
    uint64_t value = 0;
    unsigned n, i;

    if (!find_interrupt(gic, access, row, &n, &i))
        return 0;
    bank = gic_bank(gic, access->home, n);
    if (row->kind == BITS)
        return read_bits(gic, access, n, news);
    if (row->kind == ROUTE)
        return part_of(read_route(gic, n, i), access);
    if (row->kind == CFG) /* two bits for each interrupt; the upper one means edge */
        for (unsigned k = 0; k < 16; k++)
            value |= (uint64_t)(bank->edge >> (i + k) & 1) << (2 * k + 1);
    else
        for (unsigned k = 0; k < access->size; k++)
            if (bank->valid >> (i + k) & 1)
                value |= (uint64_t)(row->kind == TARGETS ? read_targets(gic, access, n, i + k)
                                                         : bank->priority[i + k])
                         << 8 * k;
    return value;
}

static void write_interrupts(struct vcpu_gic *gic, const struct gic_access *access,
                             const struct row *row, uint64_t value, struct gic_news *news)
{
    struct gic_bank *bank;
    uint32_t changed = 0;
    unsigned n, i;

    if (!find_interrupt(gic, access, row, &n, &i))
        return;
    bank = gic_bank(gic, access->home, n);
    if (row->kind == BITS) {
        vcpu_gic_write_bits(gic, access, n, access->offset < GICD_ISENABLER ? ~0u : (uint32_t)value,
                            (uint32_t)value, news);
    } else if (row->kind == ROUTE) {
        if (bank->valid >> i & 1)
            changed = write_route(gic, access, n, i, value, news);
    } else if (row->kind == CFG) { /* SGIs cannot be changed */
        uint32_t edge = 0;

        for (unsigned k = 0; k < 16; k++)
            edge |= (uint32_t)(value >> (2 * k + 1) & 1) << (i + k);
        vcpu_gic_write_bits(gic, access, n, n + i ? 0xffffu << i : 0, edge, news);
    } else {
        for (unsigned k = 0; k < access->size; k++)
            if (bank->valid >> (i + k) & 1) {
                uint8_t byte = (uint8_t)(value >> 8 * k);

                changed |= row->kind == TARGETS
                               ? write_targets(gic, access->cpu, n, i + k, byte, news)
                               : write_priority(bank, i + k, byte);
            }
    }
    vcpu_gic_touch(gic, access->home, n, changed, news);
}

uint64_t vcpu_gic_read(struct vcpu_gic *gic, const struct gic_access *access, struct gic_news *news)
{
    const struct row *row = row_of(gic, access);
    uint64_t value = 0;

    if (!row)
        return 0;
    switch (row->kind) {
    case CTLR:
        return gic->ctlr;
    case TYPER:
        return gic->typer;
    case ID:
        return read_id(gic, gic_frame_size(gic) - access->offset);
    case RCTLR:
        return access->home->unsettled ? GICR_CTLR_RWP : 0;
    case RTYPER:
        return part_of(vcpu_gic_read_typer(gic, access->home), access);
    case WAKER:
        return gic_read_waker(access->home);
    case MESSAGE:
        return 0;
    case SOURCES:
        for (unsigned k = access->size; k-- > 0;)
            value = value << 8 | access->cpu->sources[(access->offset + k) & 15];
        return value;
    default:
        return read_interrupts(gic, access, row, news);
    }
}

void vcpu_gic_write(struct vcpu_gic *gic, const struct gic_access *access, uint64_t value,
                    struct gic_news *news)
{
    const struct row *row = row_of(gic, access);

    if (!row)
        return;
    switch (row->kind) {
    case CTLR:
        write_ctlr(gic, access->cpu, (uint32_t)value, news);
        break;
    case WAKER:
        /* Kept to be read back only: an interrupt wakes a vCPU whatever this says. */
        access->home->asleep = value & GICR_WAKER_ProcessorSleep;
        break;
    case MESSAGE:
        write_message(gic, access->offset, value, news);
        break;
    case SOURCES:
        for (unsigned k = 0; k < access->size; k++)
            write_sources(gic, access->cpu, access->offset + k, (uint8_t)(value >> 8 * k), news);
        break;
    case TYPER:
    case ID:
    case RCTLR:
    case RTYPER:
        break;
    default:
        write_interrupts(gic, access, row, value, news);
        break;
    }
}
