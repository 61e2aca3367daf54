/* SPDX-License-Identifier: MIT */
/* Creates and destroys a VM's PMUs. Pure. */
#include <vcpu/sysreg.h>

#include "arm/id.h"
#include "hw/host_memory.h"
#include "pmu/cpu.h"
#include "pmu/state.h"

#define PFR0 VCPU_SYSREG(3, 0, 0, 4, 0) /* ID_AA64PFR0_EL1 */
#define DFR0 VCPU_SYSREG(3, 0, 0, 5, 0) /* ID_AA64DFR0_EL1 */

/* What the identification registers show, and the events of this CPU. */
static bool set_shape(struct pmu_shape *shape, const struct vcpu_vm *vm)
{
    uint64_t version = FIELD_GET(ID_AA64DFR0_PMUVER, vcpu_vm_id(vm, DFR0));
    bool aarch32 = FIELD_GET(ID_AA64PFR0_EL0, vcpu_vm_id(vm, PFR0)) == 2;

    if (!version)
        return false;
    shape->counters = pmu_counters(vcpu_vm_pmu_counters(vm));
    shape->pmcr = FIELD_PREP(PMCR_EL0_N, vcpu_vm_pmu_counters(vm)) | (aarch32 ? 0 : PMCR_EL0_LC);
    shape->event = version < PMUVER_V3P1 ? PMEVTYPER_EVENT_V3 : PMEVTYPER_EVENT_V3P1;
    vcpu_pmu_cpu_events(shape->pmceid);
    shape->pmceid[1] &= ~PMCEID1_SLOTS;
    if (version < PMUVER_V3P1) {
        shape->pmceid[0] &= PMCEID_V3;
        shape->pmceid[1] &= PMCEID_V3;
    }
    return true;
}

static bool get_vcpu_pages(struct vcpu_pmu *pmu, unsigned vcpus)
{
    for (unsigned i = 0; i * PMU_VCPUS_A_PAGE < vcpus; i++) {
        vcpu_pa_t pa;

        pmu->page[i] = host_memory_take(pmu->host, 1, &pa);
        if (!pmu->page[i])
            return false;
        pmu->page[i]->pa = pa;
    }
    return true;
}

int vcpu_pmu_create(struct vcpu_vm *vm, const struct vcpu_pmu_config *config,
                    struct vcpu_pmu **result)
{
    const struct vcpu_host *host = config ? config->host : NULL;
    struct vcpu_pmu *pmu;
    struct pmu_shape shape;
    vcpu_pa_t pa;
    int error;

    if (!vm || !result || !host_memory_hooks_exist(host))
        return VCPU_ERR_INVALID;
    if (!set_shape(&shape, vm))
        return VCPU_ERR_STATE;
    pmu = host_memory_take(host, 1, &pa);
    if (!pmu)
        return VCPU_ERR_NO_MEMORY;
    pmu->host = host;
    pmu->set_ppi = config->set_ppi;
    pmu->ctx = config->ctx;
    pmu->pa = pa;
    pmu->shape = shape;
    error = get_vcpu_pages(pmu, vcpu_vm_max_vcpus(vm)) ? vcpu_vm_attach(vm, &vcpu_pmu_device, pmu)
                                                       : VCPU_ERR_NO_MEMORY;
    if (error) {
        vcpu_pmu_destroy(pmu);
        return error;
    }
    *result = pmu;
    return VCPU_OK;
}

int vcpu_pmu_destroy(struct vcpu_pmu *pmu)
{
    if (!pmu)
        return VCPU_ERR_INVALID;
    for (unsigned i = 0; i < PMU_PAGES && pmu->page[i]; i++)
        pmu->host->free_pages(pmu->host->ctx, pmu->page[i]->pa, 1);
    pmu->host->free_pages(pmu->host->ctx, pmu->pa, 1);
    return VCPU_OK;
}
