/* SPDX-License-Identifier: MIT */
/* The PMUs of a VM. */
#ifndef VCPU_PMU_STATE_H
#define VCPU_PMU_STATE_H

#include <stdatomic.h>

#include <vcpu/device.h>
#include <vcpu/pmu.h>

#include "pmu/model.h"

/*
 * The PMU of one vCPU. It belongs to the CPU where the vCPU is resident, or to the one that resets
 * it while it is not resident.
 */
struct pmu_vcpu {
    _Atomic uint64_t resident; /* MPIDR_EL1 of the CPU where it is resident; 0: not resident */
    bool level;                /* the last level that set_ppi got */
    struct pmu_bank guest;     /* counters and overflows are in the CPU while it is resident */
    struct pmu_bank host;      /* the host's, of that CPU */
};

#define PMU_VCPUS_A_PAGE 3u
#define PMU_PAGES        (VCPU_VM_MAX_VCPUS / PMU_VCPUS_A_PAGE + 1)

struct pmu_page {
    vcpu_pa_t pa;
    struct pmu_vcpu vcpu[PMU_VCPUS_A_PAGE];
};

struct vcpu_pmu {
    const struct vcpu_host *host;
    void (*set_ppi)(void *ctx, struct vcpu *vcpu, uint32_t intid, bool level);
    void *ctx;
    vcpu_pa_t pa;
    struct pmu_shape shape;
    struct pmu_page *page[PMU_PAGES];
};

_Static_assert(sizeof(struct pmu_page) <= VCPU_PAGE_SIZE, "one page");
_Static_assert(sizeof(struct vcpu_pmu) <= VCPU_PAGE_SIZE, "one page");

static inline struct pmu_vcpu *pmu_of(struct vcpu_pmu *pmu, const struct vcpu *vcpu)
{
    unsigned index = vcpu_index(vcpu);

    return &pmu->page[index / PMU_VCPUS_A_PAGE]->vcpu[index % PMU_VCPUS_A_PAGE];
}

/* The PMUs as a device of their VM: ctx is the struct vcpu_pmu. */
extern const struct vcpu_device_ops vcpu_pmu_device;

#endif
