/* SPDX-License-Identifier: MIT */
/*
 * The operations that a guest does most, each in as few instructions as possible: reads of plain
 * registers of the distributor, SGIs to itself and to others, a timer's PPI. Pure.
 */
#include <vcpu/sysreg.h>

#include "gic/again.h"
#include "gic/cpu.h"
#include "gic/device.h"
#include "gic/lists/lr.h"
#include "gic/lists/queue.h"
#include "gic/registers/access.h"
#include "gic/registers/registers.h"
#include "gic/update.h"

#define ICC_DIR_EL1    VCPU_SYSREG(3, 0, 12, 11, 1)
#define ICC_SGI1R_EL1  VCPU_SYSREG(3, 0, 12, 11, 5)
#define ICC_ASGI1R_EL1 VCPU_SYSREG(3, 0, 12, 11, 6)
#define ICC_SGI0R_EL1  VCPU_SYSREG(3, 0, 12, 11, 7)
#define ICC_SRE_EL1    VCPU_SYSREG(3, 0, 12, 12, 5)

/* Not inlined, so that the paths without them need no room on the stack. */
#define APART __attribute__((noinline))
#define COLD  __attribute__((cold))

/* An SGI goes to so many vCPUs, up to 300 instructions each, until a look at the host's interrupts. */
#ifndef GIC_SGI_PIECE /* tests/schedule looks after each */
#define GIC_SGI_PIECE 4u
#endif

/* Of the distributor, and of a redistributor. */
#define V3_PIDR2 (0x10000u - GIC_ID_SIZE + GIC_PIDR2)

/* ---- SGIs: to others by mail ---- */

/* For an SGI that gic_list_sgi_again refused. */
static APART COLD void latch(struct vcpu_gic *gic, struct gic_cpu *cpu, unsigned sgi,
                             unsigned senders)
{
    vcpu_gic_lock(&gic->lock);
    gic_latch_sgi(cpu, sgi, senders);
    vcpu_gic_requeue(gic, cpu, 0, sgi, false);
    gic_unlock(&gic->lock);
    atomic_store_explicit(&cpu->dirty, true, memory_order_relaxed);
}

static void send_sgi(struct vcpu_gic *gic, struct gic_cpu *cpu, uint64_t sgir);

/*
 * Takes the SGIs that have come; before that it goes on with its own. Only this CPU says that there is
 * a rest of it: the mail that was seen tells.
 */
static APART void take_mail(struct vcpu_gic *gic, struct gic_cpu *cpu, uint32_t seen)
{
    uint32_t sgis;

    if (__builtin_expect(seen & GIC_MAIL_REST, 0)) {
        gic_stop_sending(cpu);
        send_sgi(gic, cpu, cpu->rest);
        return;
    }
    sgis = atomic_exchange_explicit(&cpu->mail, 0, memory_order_acquire);
    for (; sgis; sgis &= sgis - 1) {
        unsigned sgi = (unsigned)__builtin_ctz(sgis), senders = gic_senders(gic, cpu, sgi);

        /* None: somebody else has taken it. */
        if (senders && ((senders & (senders - 1)) ||
                        !gic_list_sgi_again(gic, cpu, sgi, (unsigned)__builtin_ctz(senders))))
            latch(gic, cpu, sgi, senders);
    }
}

static inline void sync(struct vcpu_gic *gic, struct gic_cpu *cpu, bool between_runs)
{
    uint32_t mail = atomic_load_explicit(&cpu->mail, memory_order_relaxed);

    if (mail)
        take_mail(gic, cpu, mail);
    if (cpu->armed || atomic_load_explicit(&cpu->dirty, memory_order_relaxed))
        vcpu_gic_update(gic, cpu, between_runs);
}

void vcpu_gic_sync(void *ctx, struct vcpu *vcpu)
{
    struct gic_cpu *cpu = gic_cpu_of(ctx, vcpu);

    if (cpu)
        sync(ctx, cpu, true);
}

/* Only who finds the mail empty gives notice: later SGIs are taken together with the first. */
static inline __attribute__((always_inline)) void post(const struct vcpu_gic *gic,
                                                       const struct gic_cpu *sender,
                                                       struct gic_cpu *to, uint16_t index,
                                                       unsigned sgi, bool group1)
{
    if (!to->present || (!group1 && (to->bank.group >> sgi & 1)))
        return;
    if (!atomic_fetch_or_explicit(&to->mail, 1u << sgi, memory_order_release) && to != sender)
        gic_notify(gic, index);
}

/* The same for either version: version 2 keeps the senders too. */
static inline void post_either(const struct vcpu_gic *gic, const struct gic_cpu *sender,
                               uint16_t index, unsigned sgi, bool group1)
{
    struct gic_cpu *to = gic_cpu_at(gic, index);

    if (gic->version == 2)
        atomic_fetch_or_explicit(&to->mail_from[sgi], (uint8_t)(1u << sender->index),
                                 memory_order_relaxed);
    post(gic, sender, to, index, sgi, group1);
}

/* A piece of an SGI to all others. Returns what is left of it: gic_cpu.rest; 0 if nothing is. */
static APART COLD uint64_t post_to_others(const struct vcpu_gic *gic, const struct gic_cpu *cpu,
                                          uint64_t sgir)
{
    unsigned sgi = (unsigned)FIELD_GET(SGIR_INTID, sgir);

    if (!(sgir & GIC_REST_NEXT))
        sgir = (sgir & ~SGIR_TargetList) | GIC_REST_NEXT;
    for (unsigned n = 0; n < GIC_SGI_PIECE; n++, sgir++) {
        uint16_t index = (uint16_t)FIELD_GET(SGIR_TargetList, sgir);

        if (index != cpu->index)
            post(gic, cpu, gic_cpu_at(gic, index), index, sgi, !(sgir & GIC_REST_GROUP0));
        if (index + 1u >= gic->max_vcpus)
            return 0;
    }
    return sgir;
}

/* Likewise, to those of a list. */
static inline uint64_t post_to_list(const struct vcpu_gic *gic, const struct gic_cpu *cpu,
                                    uint64_t sgir)
{
    /* The list is for 16 values of Aff0; RS selects which 16. */
    uint64_t first = FIELD_GET(SGIR_Aff3, sgir) << 32 | FIELD_GET(SGIR_Aff2, sgir) << 16 |
                     FIELD_GET(SGIR_Aff1, sgir) << 8 | FIELD_GET(SGIR_RS, sgir) << 4;
    unsigned sgi = (unsigned)FIELD_GET(SGIR_INTID, sgir), n = GIC_SGI_PIECE;

    for (; sgir & SGIR_TargetList; sgir &= sgir - 1) {
        uint16_t index;

        if (n-- == 0)
            return sgir;
        index = vcpu_gic_find(gic, first | (unsigned)__builtin_ctzll(sgir));
        if (index < gic->max_vcpus) /* or there is none: GIC_NO_VCPU */
            post(gic, cpu, gic_cpu_at(gic, index), index, sgi, !(sgir & GIC_REST_GROUP0));
    }
    return 0;
}

/*
 * Version 3: sends an SGI, or what is left of one: gic_cpu.rest. For an interrupt of the host it is left
 * after a piece. The guest does not go on before it is done, because the vCPU has notice.
 */
static APART void send_sgi(struct vcpu_gic *gic, struct gic_cpu *cpu, uint64_t sgir)
{
    for (;;) {
        sgir = sgir & SGIR_IRM ? post_to_others(gic, cpu, sgir) : post_to_list(gic, cpu, sgir);
        if (!sgir)
            break;
        if (vcpu_cpu_is_interrupted()) {
            gic_send_later(cpu, sgir & GIC_REST);
            vcpu_device_postpone(vcpu_vm_vcpu(gic->vm, cpu->index));
            return;
        }
    }
    if (atomic_load_explicit(&cpu->mail, memory_order_relaxed))
        sync(gic, cpu, false);
}

static APART bool access_other(struct vcpu_gic *gic, struct gic_cpu *cpu, uint32_t encoding,
                               bool write, uint64_t *value)
{
    if (encoding == ICC_SRE_EL1) { /* without an effect on the CPU's, which other guests need */
        *value = ICC_SRE_SYSTEM;
        return true;
    }
    if (!write) /* the others are write-only: a read is UNDEFINED */
        return false;
    switch (encoding) {
    case ICC_SGI0R_EL1:
    case ICC_ASGI1R_EL1: /* with one security state, the alternative is group 0 */
        send_sgi(gic, cpu, (*value & ~GIC_REST_NEXT) | GIC_REST_GROUP0);
        return true;
    case ICC_DIR_EL1:
        vcpu_gic_write_dir(gic, cpu, *value);
        return true;
    default:
        return false;
    }
}

bool vcpu_gic_sysreg(void *ctx, struct vcpu *vcpu, uint32_t encoding, bool write, uint64_t *value)
{
    struct vcpu_gic *gic = ctx;
    struct gic_cpu *cpu = gic_cpu_of(gic, vcpu);

    if (!cpu || gic->version != 3)
        return false;
    if (!write || encoding != ICC_SGI1R_EL1)
        return access_other(gic, cpu, encoding, write, value);
    /* Most SGIs go to itself, or to one other. */
    if ((*value & ~SGIR_INTID) != cpu->self_sgi ||
        !gic_list_sgi_again(gic, cpu, (unsigned)FIELD_GET(SGIR_INTID, *value), 0))
        send_sgi(gic, cpu, *value & ~(GIC_REST_GROUP0 | GIC_REST_NEXT));
    return true;
}

/* GICD_SGIR: version 2 sends SGIs with a store. */
static void write_sgir(struct vcpu_gic *gic, struct gic_cpu *cpu, uint64_t value)
{
    unsigned sgi = (unsigned)FIELD_GET(GICD_SGIR_SGIINTID, value);
    uint64_t filter = FIELD_GET(GICD_SGIR_TargetListFilter, value);
    uint64_t targets = FIELD_GET(GICD_SGIR_CPUTargetList, value);
    uint64_t self = BIT(cpu->index);

    if (filter != SGIR_FILTER_LIST)
        targets = filter == SGIR_FILTER_SELF ? self : filter == SGIR_FILTER_OTHERS ? ~self : 0;
    if (targets == self && gic_list_sgi_again(gic, cpu, sgi, cpu->index))
        return;
    for (targets &= BIT(gic->max_vcpus) - 1; targets; targets &= targets - 1)
        post_either(gic, cpu, (uint16_t)__builtin_ctzll(targets), sgi, true);
    if (atomic_load_explicit(&cpu->mail, memory_order_relaxed))
        sync(gic, cpu, false);
}

/* ---- The distributor ---- */

static APART bool access(struct vcpu_gic *gic, struct vcpu *vcpu, uint64_t ipa, unsigned size,
                         bool write, uint64_t *data)
{
    struct gic_cpu *cpu = gic_cpu_of(gic, vcpu);

    if (!cpu)
        return false;
    if (ipa - gic->distributor != GICD_SGIR || gic->version != 2 || !write || size != 4)
        return vcpu_gic_access(gic, cpu, ipa, size, write, data);
    write_sgir(gic, cpu, *data);
    return true;
}

/* Words of a redistributor that nothing but a write of a guest changes. Without the lock. */
static inline bool read_quiet(const struct vcpu_gic *gic, const struct gic_cpu *cpu,
                              uint64_t offset, uint64_t *data)
{
    switch (offset) {
    case GICR_TYPER:
        *data = (uint32_t)vcpu_gic_read_typer(gic, cpu);
        return true;
    case GICR_TYPER + 4:
        *data = vcpu_gic_read_typer(gic, cpu) >> 32;
        return true;
    case GICR_WAKER:
        *data = gic_read_waker(cpu);
        return true;
    case V3_PIDR2:
        *data = gic_read_pidr2(gic);
        return true;
    case GICR_FRAME + GICD_IGROUPR:
        *data = cpu->bank.group;
        return true;
    case GICR_FRAME + GICD_ISENABLER:
        *data = cpu->bank.enabled;
        return true;
    default:
        return false;
    }
}

/* GICD_IIDR does not say who made it. What is not the controller's, a device behind it may have. */
static APART bool read_other(struct vcpu_gic *gic, struct vcpu *vcpu, uint64_t ipa, uint64_t *data)
{
    uint64_t offset = ipa - gic->redistributors, size = VCPU_GIC_V3_REDISTRIBUTOR_SIZE;
    bool v3 = gic->version == 3;

    if (v3 && offset < gic->max_vcpus * size) {
        if (read_quiet(gic, gic_cpu_at(gic, offset / size), offset % size, data))
            return true;
    } else {
        offset = ipa - gic->distributor;
        if (v3 ? offset >= GICR_FRAME : offset >= VCPU_GIC_V2_DISTRIBUTOR_SIZE && !gic->told)
            return false;
        if (offset == GICD_IIDR || (v3 && offset == V3_PIDR2)) {
            *data = offset == GICD_IIDR ? 0 : gic_read_pidr2(gic);
            return true;
        }
    }
    return access(gic, vcpu, ipa, 4, false, data);
}

/* GICR_TYPER at once, as a guest reads it that looks for its redistributor. */
static APART bool access_sized(struct vcpu_gic *gic, struct vcpu *vcpu, uint64_t ipa, unsigned size,
                               bool write, uint64_t *data)
{
    uint64_t offset = ipa - gic->redistributors, frames = VCPU_GIC_V3_REDISTRIBUTOR_SIZE;

    if (write || size != 8 || gic->version != 3 || offset >= gic->max_vcpus * frames ||
        offset % frames != GICR_TYPER)
        return access(gic, vcpu, ipa, size, write, data);
    *data = vcpu_gic_read_typer(gic, gic_cpu_at(gic, offset / frames));
    return true;
}

bool vcpu_gic_mmio(void *ctx, struct vcpu *vcpu, vcpu_ipa_t ipa, unsigned size, bool write,
                   uint64_t *data)
{
    const struct vcpu_gic *gic = ctx;

    if (write)
        return access(ctx, vcpu, ipa.value, size, write, data);
    if (size != 4)
        return access_sized(ctx, vcpu, ipa.value, size, write, data);
    return gic_read_plain(gic, ipa.value - gic->distributor, data) ||
           read_other(ctx, vcpu, ipa.value, data);
}

/* ---- PPIs ---- */

int vcpu_gic_set_ppi(struct vcpu_gic *gic, struct vcpu *vcpu, uint32_t intid, bool level)
{
    struct gic_cpu *cpu = gic && vcpu ? gic_cpu_of(gic, vcpu) : NULL;

    if (!cpu || intid < GIC_SGIS || intid >= GIC_PRIVATE)
        return VCPU_ERR_INVALID;
    vcpu_gic_move_line(gic, cpu, intid, level);
    return VCPU_OK;
}

int vcpu_gic_forward(struct vcpu_gic *gic, struct vcpu *vcpu, uint32_t intid)
{
    struct gic_cpu *cpu = gic_cpu_of(gic, vcpu);

    if (!gic_is_forwarded(cpu, intid))
        return VCPU_ERR_INVALID;
    if (!gic_is_here(cpu))
        return VCPU_ERR_STATE;
    gic_forward_here(gic, cpu, intid);
    return VCPU_OK;
}
