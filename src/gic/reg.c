/* SPDX-License-Identifier: MIT */
/*
 * The CPU interface's registers for vcpu/reg.h: those that are in ICH_VMCR_EL2 and the active
 * priorities, or in GICH_VMCR and GICH_APR.
 */
#include <vcpu/sysreg.h>

#include "gic/cpu.h"
#include "gic/device.h"
#include "gic/update.h"

#define ICC_PMR_EL1     VCPU_SYSREG(3, 0, 4, 6, 0)
#define ICC_BPR0_EL1    VCPU_SYSREG(3, 0, 12, 8, 3)
#define ICC_AP0R0_EL1   VCPU_SYSREG(3, 0, 12, 8, 4) /* to ICC_AP0R3_EL1 */
#define ICC_AP1R0_EL1   VCPU_SYSREG(3, 0, 12, 9, 0)
#define ICC_BPR1_EL1    VCPU_SYSREG(3, 0, 12, 12, 3)
#define ICC_CTLR_EL1    VCPU_SYSREG(3, 0, 12, 12, 4)
#define ICC_SGI1R_EL1   VCPU_SYSREG(3, 0, 12, 11, 5)
#define ICC_SRE_EL1     VCPU_SYSREG(3, 0, 12, 12, 5)
#define ICC_IGRPEN0_EL1 VCPU_SYSREG(3, 0, 12, 12, 6)
#define ICC_IGRPEN1_EL1 VCPU_SYSREG(3, 0, 12, 12, 7)
#define APR_N           3u /* n of ICC_AP<m>R<n>_EL1 */

static const uint16_t registers[] = {
    ICC_CTLR_EL1,      ICC_SRE_EL1,     ICC_PMR_EL1,       ICC_BPR0_EL1,
    ICC_BPR1_EL1,      ICC_AP0R0_EL1,   ICC_AP0R0_EL1 + 1, ICC_AP0R0_EL1 + 2,
    ICC_AP0R0_EL1 + 3, ICC_AP1R0_EL1,   ICC_AP1R0_EL1 + 1, ICC_AP1R0_EL1 + 2,
    ICC_AP1R0_EL1 + 3, ICC_IGRPEN0_EL1, ICC_IGRPEN1_EL1,   ICC_SGI1R_EL1,
};

/* Registers of version 3 that are in no word: see access_sre and access_rest. */
static bool is_apart(uint32_t encoding)
{
    return encoding == ICC_SRE_EL1 || encoding == ICC_SGI1R_EL1;
}

/* The field of VMCR that this register is; 0 if it is not one field. */
static uint32_t field_of(uint32_t encoding)
{
    switch (encoding) {
    case ICC_PMR_EL1:
        return ICH_VMCR_VPMR;
    case ICC_BPR0_EL1:
        return ICH_VMCR_VBPR0;
    case ICC_BPR1_EL1:
        return ICH_VMCR_VBPR1;
    case ICC_IGRPEN0_EL1:
        return ICH_VMCR_VENG0;
    case ICC_IGRPEN1_EL1:
        return ICH_VMCR_VENG1;
    default:
        return 0;
    }
}

/*
 * One register of 32 bits for five bits of priority; each further bit doubles the number. Version 2
 * has one.
 */
static uint32_t *active_priorities(const struct vcpu_gic *gic, struct gic_cpu *cpu,
                                   uint32_t encoding)
{
    unsigned n = encoding & APR_N, group = (encoding & ~APR_N) == ICC_AP1R0_EL1;

    if ((!group && (encoding & ~APR_N) != ICC_AP0R0_EL1) || n >> (gic->prebits - 5u) ||
        (group && gic->version == 2))
        return NULL;
    return &cpu->apr[group][n];
}

/* The bits of ICC_CTLR_EL1 that are in VMCR. */
static const struct {
    uint32_t ctlr, vmcr;
} controls[] = {
    {ICC_CTLR_CBPR, ICH_VMCR_VCBPR},
    {ICC_CTLR_EOImode, ICH_VMCR_VEOIM},
    {GICC_CTLR_AckCtl, ICH_VMCR_VAckCtl}, /* from here on version 2 only */
    {GICC_CTLR_FIQEn, ICH_VMCR_VFIQEn},
};

static int access_control(const struct vcpu_gic *gic, uint32_t *vmcr, bool write, uint64_t *value)
{
    uint64_t ctlr = gic->fixed;
    uint32_t now = *vmcr;

    for (unsigned i = 0; i < (gic->version == 2 ? 4 : 2); i++) {
        uint64_t from = write ? *value & controls[i].ctlr : now & controls[i].vmcr;

        ctlr |= from ? controls[i].ctlr : 0;
        now = from ? now | controls[i].vmcr : now & ~controls[i].vmcr;
    }
    if (write && *value != ctlr)
        return VCPU_ERR_INVALID;
    *value = ctlr;
    *vmcr = now;
    return VCPU_OK;
}

static int access_field(uint32_t *vmcr, uint32_t field, bool write, uint64_t *value)
{
    if (!write) {
        *value = FIELD_GET(field, *vmcr);
        return VCPU_OK;
    }
    if (*value > FIELD_GET(field, field))
        return VCPU_ERR_INVALID;
    *vmcr = (*vmcr & ~field) | (uint32_t)FIELD_PREP(field, *value);
    return VCPU_OK;
}

static int access_sre(bool write, uint64_t *value)
{
    if (!write)
        *value = ICC_SRE_SYSTEM;
    return *value == ICC_SRE_SYSTEM ? VCPU_OK : VCPU_ERR_INVALID;
}

/* The SGI that the guest has sent, and the library not yet to all of its targets. */
static int access_rest(const struct vcpu_gic *gic, struct gic_cpu *cpu, struct vcpu *vcpu,
                       enum vcpu_reg_op op, uint64_t *value)
{
    uint64_t targets = FIELD_GET(SGIR_TargetList, *value);

    if (op == VCPU_REG_OP_GET) {
        uint32_t mail = atomic_load_explicit(&cpu->mail, memory_order_relaxed);

        *value = mail & GIC_MAIL_REST ? cpu->rest : 0;
        return VCPU_OK;
    }
    if (*value & ~GIC_REST)
        return VCPU_ERR_INVALID;
    if (*value && (*value & SGIR_IRM ? targets >= gic->max_vcpus : !targets))
        return VCPU_ERR_INVALID;
    if (op == VCPU_REG_OP_CHECK)
        return VCPU_OK;
    gic_stop_sending(cpu);
    if (*value) {
        gic_send_later(cpu, *value);
        vcpu_device_notify(vcpu); /* with the mail not empty, nobody else wakes it */
    }
    return VCPU_OK;
}

/* The word in memory that holds the register; NULL if there is none. */
static uint32_t *word_of(const struct vcpu_gic *gic, struct gic_cpu *cpu, uint32_t encoding)
{
    if (field_of(encoding) || encoding == ICC_CTLR_EL1)
        return &cpu->vmcr;
    return active_priorities(gic, cpu, encoding);
}

static int access_word(const struct vcpu_gic *gic, uint32_t *word, uint32_t encoding, bool write,
                       uint64_t *value)
{
    uint32_t field = field_of(encoding);

    if (encoding == ICC_CTLR_EL1)
        return access_control(gic, word, write, value);
    return access_field(word, field ? field : UINT32_MAX, write, value);
}

/* Enables and EOImode decide what is listed. */
static void set(struct vcpu_gic *gic, struct gic_cpu *cpu, uint32_t *word, uint32_t value)
{
    bool here = gic_is_here(cpu);
    struct gic_news news;

    vcpu_gic_begin(gic, &news, cpu);
    if (here)
        vcpu_gic_recall(gic, cpu, &news);
    *word = value;
    if (here) {
        gic->interface->write_vmcr(gic, cpu->vmcr);
        gic->interface->write_apr(gic, cpu);
        vcpu_gic_present(gic, cpu, &news);
    } else {
        /* The next load finds out whether it has any. */
        atomic_store_explicit(&cpu->work, true, memory_order_relaxed);
        vcpu_gic_end(gic, &news);
    }
}

int vcpu_gic_reg(void *ctx, struct vcpu *vcpu, uint32_t encoding, enum vcpu_reg_op op,
                 uint64_t *value)
{
    struct vcpu_gic *gic = ctx;
    struct gic_cpu *cpu = gic_cpu_of(gic, vcpu);
    uint32_t *word = cpu ? word_of(gic, cpu, encoding) : NULL, trial;
    bool write = op != VCPU_REG_OP_GET;
    int error;

    if (cpu && gic->version == 3 && is_apart(encoding))
        return encoding == ICC_SRE_EL1 ? access_sre(write, value)
                                       : access_rest(gic, cpu, vcpu, op, value);
    if (!word)
        return VCPU_ERR_NOT_FOUND;
    /* vcpu_save has put it, and reads more registers than a write to interrupts has pieces. */
    if (!write && cpu->write.bits && !gic_is_here(cpu))
        vcpu_gic_go_on_writing(gic, cpu);
    if (gic_is_here(cpu)) {
        cpu->vmcr = gic->interface->read_vmcr(gic);
        gic->interface->read_apr(gic, cpu);
    }
    trial = *word;
    error = access_word(gic, &trial, encoding, write, value);
    if (!error && op == VCPU_REG_OP_SET)
        set(gic, cpu, word, trial);
    return error;
}

uint32_t vcpu_gic_reg_at(void *ctx, const struct vcpu *vcpu, unsigned n)
{
    const struct vcpu_gic *gic = ctx;
    struct gic_cpu *cpu = gic_cpu_of(gic, vcpu);

    for (unsigned i = 0; cpu && i < sizeof(registers) / sizeof(registers[0]); i++) {
        bool there =
            is_apart(registers[i]) ? gic->version == 3 : word_of(gic, cpu, registers[i]) != NULL;

        if (there && n-- == 0)
            return registers[i];
    }
    return 0;
}
