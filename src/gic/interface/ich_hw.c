/* SPDX-License-Identifier: MIT */
/*
 * The virtual CPU interface of GICv3: system registers. The exit and the entry order these
 * accesses.
 */
#include "arm/el2.h"
#include "arm/gic.h"
#include "arm/id.h"
#include "gic/model.h"
#include "hw/el2.h"
#include "hw/ich.h"

/* Each is a table of instructions, so they are not inlined. */
static __attribute__((noinline)) uint64_t read(const struct vcpu_gic *gic, unsigned slot,
                                               uint64_t lr)
{
    (void)gic;
    (void)lr;
    return read_ich_lr(slot);
}

static __attribute__((noinline)) void write(const struct vcpu_gic *gic, unsigned slot, uint64_t lr)
{
    (void)gic;
    write_ich_lr(slot, lr);
}

/* Free list registers are used from the lowest on, so these two are nearly always the ones. */
static bool refill(const struct vcpu_gic *gic, unsigned slot, uint64_t lr)
{
    (void)gic;
    switch (slot) {
#define REFILL_LR(n)                                                                               \
    case n:                                                                                        \
        if (FIELD_GET(ICH_LR_State, read_ich_lr(n)))                                               \
            return false;                                                                          \
        write_ich_lr(n, lr);                                                                       \
        return true;
        REFILL_LR(0)
        REFILL_LR(1)
#undef REFILL_LR
    default:
        return false;
    }
}

static uint32_t read_hcr(const struct vcpu_gic *gic)
{
    (void)gic;
    return (uint32_t)READ_ICH_HCR_EL2();
}

static void write_hcr(const struct vcpu_gic *gic, uint32_t hcr)
{
    (void)gic;
    WRITE_ICH_HCR_EL2(hcr);
}

static uint32_t read_vmcr(const struct vcpu_gic *gic)
{
    (void)gic;
    return (uint32_t)READ_ICH_VMCR_EL2();
}

static void write_vmcr(const struct vcpu_gic *gic, uint32_t vmcr)
{
    (void)gic;
    WRITE_ICH_VMCR_EL2(vmcr);
}

/* Five bits of priority need one register of 32 bits; each further bit doubles the number. */
static void read_apr(const struct vcpu_gic *gic, struct gic_cpu *cpu)
{
    cpu->apr[0][0] = (uint32_t)READ_ICH_AP0R_EL2(0);
    cpu->apr[1][0] = (uint32_t)READ_ICH_AP1R_EL2(0);
    if (gic->prebits >= 6) {
        cpu->apr[0][1] = (uint32_t)READ_ICH_AP0R_EL2(1);
        cpu->apr[1][1] = (uint32_t)READ_ICH_AP1R_EL2(1);
    }
    if (gic->prebits >= 7) {
        cpu->apr[0][2] = (uint32_t)READ_ICH_AP0R_EL2(2);
        cpu->apr[1][2] = (uint32_t)READ_ICH_AP1R_EL2(2);
        cpu->apr[0][3] = (uint32_t)READ_ICH_AP0R_EL2(3);
        cpu->apr[1][3] = (uint32_t)READ_ICH_AP1R_EL2(3);
    }
}

static void write_apr(const struct vcpu_gic *gic, const struct gic_cpu *cpu)
{
    WRITE_ICH_AP0R_EL2(0, cpu->apr[0][0]);
    WRITE_ICH_AP1R_EL2(0, cpu->apr[1][0]);
    if (gic->prebits >= 6) {
        WRITE_ICH_AP0R_EL2(1, cpu->apr[0][1]);
        WRITE_ICH_AP1R_EL2(1, cpu->apr[1][1]);
    }
    if (gic->prebits >= 7) {
        WRITE_ICH_AP0R_EL2(2, cpu->apr[0][2]);
        WRITE_ICH_AP1R_EL2(2, cpu->apr[1][2]);
        WRITE_ICH_AP0R_EL2(3, cpu->apr[0][3]);
        WRITE_ICH_AP1R_EL2(3, cpu->apr[1][3]);
    }
}

static bool maintenance(const struct vcpu_gic *gic)
{
    (void)gic;
    return READ_ICH_MISR_EL2() != 0;
}

static const struct gic_interface interface = {
    .read = read,
    .write = write,
    .refill = refill,
    .read_hcr = read_hcr,
    .write_hcr = write_hcr,
    .read_vmcr = read_vmcr,
    .write_vmcr = write_vmcr,
    .read_apr = read_apr,
    .write_apr = write_apr,
    .maintenance = maintenance,
};

bool vcpu_gic_probe_ich(struct vcpu_gic *gic)
{
    uint64_t vtr;

    /* System registers exist, and the host uses them. */
    if (!FIELD_GET(ID_AA64PFR0_GIC, READ_SYSREG(id_aa64pfr0_el1)) ||
        !(READ_ICC_SRE_EL2() & ICC_SRE_EL2_SRE))
        return false;
    vtr = READ_ICH_VTR_EL2();
    gic->all_lrs = (uint8_t)(FIELD_GET(ICH_VTR_ListRegs, vtr) + 1);
    gic->prebits = (uint8_t)(FIELD_GET(ICH_VTR_PREbits, vtr) + 1);
    gic->told = vtr & ICH_VTR_TDS;
    gic->hcr = ICH_HCR_En | (gic->told ? ICH_HCR_TDIR : 0);
    gic->a3v = vtr & ICH_VTR_A3V;
    gic->fixed =
        (uint16_t)(FIELD_PREP(ICC_CTLR_PRIbits, FIELD_GET(ICH_VTR_PRIbits, vtr)) |
                   FIELD_PREP(ICC_CTLR_IDbits, FIELD_GET(ICH_VTR_IDbits, vtr)) |
                   (vtr & ICH_VTR_SEIS ? ICC_CTLR_SEIS : 0) | (gic->a3v ? ICC_CTLR_A3V : 0));
    gic->interface = &interface;
    return true;
}
