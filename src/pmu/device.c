/* SPDX-License-Identifier: MIT */
/* What happens at each event. Pure: it acts on the CPU through pmu/cpu.h. */
#include "arm/esr.h"
#include "arm/pstate.h"
#include "hw/cpu.h"
#include "pmu/cpu.h"
#include "pmu/state.h"

/*
 * Tells the guest's interrupt controller the level. From then until the guest has cleared the
 * overflow, the overflow raises no physical interrupt: see to_cpu.
 */
static void update(struct vcpu_pmu *pmu, struct vcpu *vcpu, struct pmu_vcpu *p)
{
    bool level = pmu_level(&p->guest);

    if (!pmu->set_ppi || level == p->level)
        return;
    p->level = level;
    pmu->set_ppi(pmu->ctx, vcpu, VCPU_PMU_PPI, level);
}

/* After a change of the guest's registers, or a load: writes p to the CPU. */
static void to_cpu(struct vcpu_pmu *pmu, struct vcpu *vcpu, struct pmu_vcpu *p)
{
    update(pmu, vcpu, p);
    vcpu_pmu_cpu_write_guest(&p->guest, !p->level);
}

/*
 * Nothing counts at EL2, so the registers do not change here, and the access can be made to a copy.
 * EL0's accesses come here only if PMUSERENR_EL0, which is in the CPU, allows them: others go to
 * EL1 before MDCR_EL2.TPM is checked.
 */
static bool pmu_sysreg(void *ctx, struct vcpu *vcpu, uint32_t encoding, bool write, uint64_t *value)
{
    struct vcpu_pmu *pmu = ctx;
    struct pmu_vcpu *p = pmu_of(pmu, vcpu);
    bool el0 = FIELD_GET(PSTATE_EL, vcpu->regs.pstate) == 0;
    bool half = FIELD_GET(ESR_EC, vcpu->exit.esr_el2) == EC_CP15_MCR_MRC;

    if (!vcpu_pmu_is_register(encoding))
        return false;
    vcpu_pmu_cpu_fetch(&p->guest);
    if (!vcpu_pmu_access(&pmu->shape, &p->guest, el0, half, encoding, write, value))
        return false;
    if (write)
        to_cpu(pmu, vcpu, p);
    return true;
}

static void pmu_load(void *ctx, struct vcpu *vcpu)
{
    struct vcpu_pmu *pmu = ctx;
    struct pmu_vcpu *p = pmu_of(pmu, vcpu);

    atomic_store_explicit(&p->resident, vcpu_cpu_id(), memory_order_relaxed);
    vcpu_pmu_cpu_read(&p->host);
    to_cpu(pmu, vcpu, p);
}

/* An overflow whose physical interrupt nobody has taken would otherwise be lost for the guest. */
static void pmu_put(void *ctx, struct vcpu *vcpu)
{
    struct vcpu_pmu *pmu = ctx;
    struct pmu_vcpu *p = pmu_of(pmu, vcpu);

    vcpu_pmu_cpu_fetch(&p->guest);
    update(pmu, vcpu, p);
    vcpu_pmu_cpu_write_host(&p->host);
    atomic_store_explicit(&p->resident, 0, memory_order_relaxed);
}

static void pmu_reset(void *ctx, struct vcpu *vcpu)
{
    struct vcpu_pmu *pmu = ctx;
    struct pmu_vcpu *p = pmu_of(pmu, vcpu);

    p->guest = (struct pmu_bank){0};
    update(pmu, vcpu, p);
}

static int pmu_reg(void *ctx, struct vcpu *vcpu, uint32_t encoding, enum vcpu_reg_op op,
                   uint64_t *value)
{
    struct vcpu_pmu *pmu = ctx;
    struct pmu_vcpu *p = pmu_of(pmu, vcpu);
    bool here = atomic_load_explicit(&p->resident, memory_order_relaxed) == vcpu_cpu_id();
    int error;

    if (!vcpu_pmu_is_register(encoding))
        return VCPU_ERR_NOT_FOUND;
    if (here)
        vcpu_pmu_cpu_fetch(&p->guest);
    error = vcpu_pmu_reg(&pmu->shape, &p->guest, encoding, op, value);
    if (op != VCPU_REG_OP_SET || error)
        return error;
    if (here)
        to_cpu(pmu, vcpu, p);
    else
        update(pmu, vcpu, p); /* the vCPU may wait for it */
    return VCPU_OK;
}

static uint32_t pmu_reg_at(void *ctx, const struct vcpu *vcpu, unsigned n)
{
    const struct vcpu_pmu *pmu = ctx;

    (void)vcpu;
    return vcpu_pmu_reg_at(&pmu->shape, n);
}

const struct vcpu_device_ops vcpu_pmu_device = {
    .sysreg = pmu_sysreg,
    .load = pmu_load,
    .put = pmu_put,
    .reset = pmu_reset,
    .reg = pmu_reg,
    .reg_at = pmu_reg_at,
};

int vcpu_pmu_interrupt(struct vcpu_pmu *pmu, struct vcpu *vcpu)
{
    struct pmu_vcpu *p;

    if (!pmu || !vcpu)
        return VCPU_ERR_INVALID;
    p = pmu_of(pmu, vcpu);
    if (atomic_load_explicit(&p->resident, memory_order_relaxed) != vcpu_cpu_id())
        return VCPU_ERR_STATE;
    vcpu_pmu_cpu_fetch(&p->guest);
    to_cpu(pmu, vcpu, p);
    return VCPU_OK;
}
