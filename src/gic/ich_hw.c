/* SPDX-License-Identifier: MIT */
/* The virtual CPU interface of GICv3: system registers. The entry and exit order what they do. */
#include "arm/el2.h"
#include "arm/gic.h"
#include "arm/id.h"
#include "gic/model.h"
#include "hw/el2.h"
#include "hw/ich.h"

/* Each is a table of sixteen instructions: once is enough. */
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

static void fetch(const struct vcpu_gic *gic, struct gic_cpu *cpu)
{
    for (uint32_t slots = cpu->used; slots; slots &= slots - 1) {
        unsigned slot = (unsigned)__builtin_ctz(slots);

        cpu->lr[slot] = read(gic, slot, cpu->lr[slot]);
    }
    cpu->vmcr = (uint32_t)READ_ICH_VMCR_EL2();
    if (cpu->left & GIC_LEFT_ACTIVE)
        cpu->eois = (uint32_t)FIELD_GET(ICH_HCR_EOIcount, READ_ICH_HCR_EL2());
}

static void store(const struct vcpu_gic *gic, struct gic_cpu *cpu)
{
    for (uint32_t slots = cpu->used | cpu->loaded; slots; slots &= slots - 1) {
        unsigned slot = (unsigned)__builtin_ctz(slots);

        write(gic, slot, cpu->lr[slot]);
    }
    cpu->loaded = cpu->used;
    WRITE_ICH_HCR_EL2(cpu->hcr);
}

/* Five bits of priority make one register of 32, each bit more doubles them. */
static void fetch_apr(const struct vcpu_gic *gic, struct gic_cpu *cpu)
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

static void enter(const struct vcpu_gic *gic, const struct gic_cpu *cpu)
{
    WRITE_ICH_VMCR_EL2(cpu->vmcr);
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

static void leave(const struct vcpu_gic *gic)
{
    (void)gic;
    WRITE_ICH_HCR_EL2(0);
}

static bool maintenance(const struct vcpu_gic *gic)
{
    (void)gic;
    return READ_ICH_MISR_EL2() != 0;
}

static const struct gic_interface interface = {
    .fetch = fetch,
    .store = store,
    .read = read,
    .write = write,
    .fetch_apr = fetch_apr,
    .enter = enter,
    .leave = leave,
    .maintenance = maintenance,
};

bool vcpu_gic_probe_ich(struct vcpu_gic *gic)
{
    uint64_t vtr;

    /* System registers are there, and the host uses them. */
    if (!FIELD_GET(ID_AA64PFR0_GIC, READ_SYSREG(id_aa64pfr0_el1)) ||
        !(READ_ICC_SRE_EL2() & ICC_SRE_EL2_SRE))
        return false;
    vtr = READ_ICH_VTR_EL2();
    gic->lrs = (uint8_t)(FIELD_GET(ICH_VTR_ListRegs, vtr) + 1);
    if (gic->lrs > GIC_MAX_LRS)
        gic->lrs = GIC_MAX_LRS;
    gic->prebits = (uint8_t)(FIELD_GET(ICH_VTR_PREbits, vtr) + 1);
    gic->tdir = vtr & ICH_VTR_TDS;
    gic->a3v = vtr & ICH_VTR_A3V;
    gic->interface = &interface;
    return true;
}
