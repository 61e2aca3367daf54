/* SPDX-License-Identifier: MIT */
#include <vcpu/percpu.h>

#include "cpu/block.h"
#include "cpu/probe.h"
#include "guest/id.h"
#include "hw/el2.h"
#include "hw/host_memory.h"
#include "hw/id.h"
#include "hw/tlb.h"
#include "state/hold.h"
#include "switch/simd.h"
#include "switch/switch.h"

#define KNOWN_FLAGS                                                                                \
    ((uint32_t)(VCPU_PERCPU_HOST_FP | VCPU_PERCPU_IRQ_HOOK | VCPU_PERCPU_HOST_CNTPCT |             \
                VCPU_PERCPU_SCXTNUM))

static bool config_is_valid(const struct vcpu_percpu_config *config)
{
    return host_memory_hooks_exist(config->host) && !(config->flags & ~KNOWN_FLAGS) &&
           (config->host->irq || !(config->flags & VCPU_PERCPU_IRQ_HOOK));
}

static int probe(uint32_t flags, struct vcpu_features *features, uint64_t *kind)
{
    uint64_t id[ID_COUNT], pmcr = 0, icc_sre = 0;
    int error;

    vcpu_id_read_all(id);
    *kind = vcpu_id_kind(id);
    if (vcpu_probe_has_pmu(id))
        pmcr = READ_SYSREG(pmcr_el0);
    if (vcpu_probe_has_gic_sysregs(id))
        icc_sre = READ_ICC_SRE_EL2();
    error = vcpu_probe_features(id, READ_SYSREG(hcr_el2), pmcr, icc_sre, features);
    if (error)
        return error;
    if (features->sve)
        features->sve_lengths = vcpu_simd_sve_lengths();
    features->pmu_counters = vcpu_probe_guest_counters(pmcr, READ_SYSREG(mdcr_el2));
    if (!probe_may_use_scxtnum(id[ID_AA64PFR0_EL1], flags))
        features->scxtnum = false;
    return VCPU_OK;
}

int vcpu_percpu_enable(struct vcpu_percpu *block, const struct vcpu_percpu_config *config)
{
    struct percpu_state *cpu = percpu_of(block);
    struct vcpu_features features;
    uint64_t kind;
    int error;

    if (!block || (uintptr_t)block % VCPU_PERCPU_ALIGN || !config || !config_is_valid(config))
        return VCPU_ERR_INVALID;
    if (cpu->enabled)
        return VCPU_ERR_STATE;
    error = vcpu_probe_level(READ_SYSREG(currentel), READ_SYSREG(spsel));
    if (error)
        return error;
    error = probe(config->flags, &features, &kind);
    if (error)
        return error;
    if ((config->flags & VCPU_PERCPU_HOST_FP) && !features.fp)
        return VCPU_ERR_UNSUPPORTED;

    vcpu_block_fill(cpu, config, READ_SYSREG(mpidr_el1), &features);
    cpu->kind = kind;
    /* Software that ran here before may have left entries with any VMID. */
    tlbi_alle1();
    dsb_nsh();
    isb();
    return VCPU_OK;
}

static void put_resident(struct percpu_state *cpu)
{
    uint64_t daif = daif_mask_all();

    if (cpu->resident)
        vcpu_switch_put(cpu, false);
    daif_restore(daif);
}

int vcpu_percpu_disable(struct vcpu_percpu *block)
{
    struct percpu_state *cpu = percpu_of(block);

    if (!block)
        return VCPU_ERR_INVALID;
    if (!hold_is_usable(cpu))
        return VCPU_ERR_STATE;
    put_resident(cpu);
    if (cpu->owned_vectors) {
        WRITE_SYSREG(vbar_el2, cpu->vbar);
        isb();
    }
    /* The rest stays: see cpu/block.h. */
    __atomic_store_n(&cpu->enabled, false, __ATOMIC_RELAXED);
    return VCPU_OK;
}

const struct vcpu_features *vcpu_percpu_features(const struct vcpu_percpu *block)
{
    const struct percpu_state *cpu = (const struct percpu_state *)block;

    /* Any CPU: the features were written before. */
    return cpu && __atomic_load_n(&cpu->enabled, __ATOMIC_ACQUIRE) ? &cpu->features : NULL;
}

int vcpu_percpu_put(struct vcpu_percpu *block)
{
    struct percpu_state *cpu = percpu_of(block);

    if (!block || !hold_is_usable(cpu))
        return VCPU_ERR_INVALID;
    put_resident(cpu);
    return VCPU_OK;
}

struct vcpu *vcpu_percpu_resident(struct vcpu_percpu *block)
{
    struct percpu_state *cpu = percpu_of(block);

    return block && hold_is_usable(cpu) && cpu->resident ? &cpu->resident->pub : NULL;
}

int vcpu_put(struct vcpu_percpu *block, struct vcpu *vcpu)
{
    struct percpu_state *cpu = percpu_of(block);
    uint64_t daif;
    bool resident;

    if (!block || !vcpu)
        return VCPU_ERR_INVALID;
    if (!hold_is_usable(cpu))
        return VCPU_ERR_STATE;
    daif = daif_mask_all();
    resident = cpu->resident == state_of(vcpu);
    if (resident)
        vcpu_switch_put(cpu, false);
    daif_restore(daif);
    return resident ? VCPU_OK : VCPU_ERR_STATE;
}
