/* SPDX-License-Identifier: MIT */
#include <vcpu/vm.h>

#include "arm/smccc.h"
#include "guest/id.h"
#include "guest/trap.h"
#include "hw/host_memory.h"
#include "hw/ich.h"
#include "hw/id.h"
#include "state/hold.h"
#include "state/state.h"
#include "state/sve.h"

#define KNOWN_FLAGS                                                                                \
    ((uint32_t)(VCPU_VM_DIRECT_IRQ | VCPU_VM_DIRECT_TIMER | VCPU_VM_TRAP_WFI | VCPU_VM_TRAP_WFE |  \
                VCPU_VM_RAW_CALLS | VCPU_VM_TRAP_DEBUG | VCPU_VM_VIRTUAL_GIC | VCPU_VM_SVE |       \
                VCPU_VM_PMU | VCPU_VM_STAGE2_FWB | VCPU_VM_STAGE2_XNX | VCPU_VM_TRAP_SET_WAY |     \
                VCPU_VM_SYSTEM_SUSPEND | VCPU_VM_SYSTEM_OFF2))

/* The guest has the GIC's system registers: physical or virtual ones, not both. */
#define GIC_FLAGS ((uint32_t)(VCPU_VM_DIRECT_IRQ | VCPU_VM_VIRTUAL_GIC))

/* What the guest has beyond the features that every guest can see. */
static unsigned id_with(const struct vcpu_features *features, uint32_t flags)
{
    return (features->gic_sysregs && (flags & GIC_FLAGS) ? ID_WITH_GIC : 0u) |
           (flags & VCPU_VM_SVE ? ID_WITH_SVE : 0u) | (flags & VCPU_VM_PMU ? ID_WITH_PMU : 0u) |
           (features->scxtnum ? ID_WITH_SCXTNUM : 0u);
}

int vcpu_vm_create(const struct vcpu_percpu *block, const struct vcpu_vm_config *config,
                   struct vcpu_vm **result)
{
    const struct percpu_state *cpu = (const struct percpu_state *)block;
    struct vcpu_stage2_shape shape;
    uint64_t id[ID_COUNT];
    struct vcpu_vm *vm;
    vcpu_pa_t page;
    uint8_t ipa_bits;
    int error;

    if (!block || !config || !result || !host_memory_hooks_exist(config->host) ||
        (config->flags & ~KNOWN_FLAGS) || (config->flags & GIC_FLAGS) == GIC_FLAGS ||
        config->max_vcpus == 0 || config->max_vcpus > VCPU_VM_MAX_VCPUS ||
        config->sve_vq > SVE_MAX_VQ)
        return VCPU_ERR_INVALID;
    if (!hold_is_usable(cpu))
        return VCPU_ERR_STATE;
    if (((config->flags & VCPU_VM_SVE) && !cpu->features.sve) ||
        ((config->flags & VCPU_VM_PMU) && !cpu->features.pmu) ||
        ((config->flags & VCPU_VM_STAGE2_FWB) && !cpu->features.s2fwb) ||
        ((config->flags & VCPU_VM_STAGE2_XNX) && !cpu->features.xnx))
        return VCPU_ERR_UNSUPPORTED;
    if (config->vmid == 0 || config->vmid >> cpu->features.vmid_bits)
        return VCPU_ERR_INVALID;
    ipa_bits = config->ipa_bits ? config->ipa_bits : cpu->features.pa_bits;
    error = vcpu_stage2_shape(ipa_bits, cpu->features.pa_bits, cpu->features.vmid_bits, &shape);
    if (error)
        return error;

    vm = host_memory_take(config->host, 1, &page);
    if (!vm)
        return VCPU_ERR_NO_MEMORY;
    vm->host = config->host;
    vm->page = page;
    vm->flags = config->flags;
    vm->vmid = config->vmid;
    vm->max_vcpus = config->max_vcpus;
    vm->features = cpu->features;
    if ((config->flags & VCPU_VM_VIRTUAL_GIC) && cpu->features.gic_sysregs)
        vm->ich_vtr = (uint32_t)READ_ICH_VTR_EL2();
    vm->shape = shape;
    vm->allow_smc = config->allow_smc;
    vm->allow_smc_ctx = config->allow_smc_ctx;
    vm->plain_psci = config->flags & VCPU_VM_RAW_CALLS ? 0 : UINT32_MAX;
    vm->host_owners = SMCCC_OTHER_OWNERS;
    atomic_init(&vm->counter_offset, config->counter_offset);
    atomic_init(&vm->wait_traps, trap_waits(config->flags));
    vcpu_id_read_all(id);
    vcpu_id_for_guest(id, id_with(&cpu->features, config->flags), vm->id);
    vm->when = vcpu_trap_conditions(&cpu->features, config->flags, vm->id);
    if (vm->when & EL1_SVE)
        vm->sve_vq = (uint8_t)vcpu_sve_vq(cpu->features.sve_lengths, config->sve_vq);
    *result = vm;
    return VCPU_OK;
}

int vcpu_vm_destroy(struct vcpu_vm *vm)
{
    if (!vm)
        return VCPU_ERR_INVALID;
    if (vm->vcpus)
        return VCPU_ERR_STATE;
    vm->host->free_pages(vm->host->ctx, vm->page, 1);
    return VCPU_OK;
}

uint8_t vcpu_vm_ipa_bits(const struct vcpu_vm *vm)
{
    return vm->shape.ipa_bits;
}

uint32_t vcpu_vm_stage2_features(const struct vcpu_vm *vm)
{
    return (vm->flags & VCPU_VM_STAGE2_FWB ? VCPU_S2_HAS_FWB : 0u) |
           (vm->flags & VCPU_VM_STAGE2_XNX ? VCPU_S2_HAS_XNX : 0u);
}

uint16_t vcpu_vm_vmid(const struct vcpu_vm *vm)
{
    return vm->vmid;
}

uint16_t vcpu_vm_max_vcpus(const struct vcpu_vm *vm)
{
    return vm->max_vcpus;
}

uint8_t vcpu_vm_pmu_counters(const struct vcpu_vm *vm)
{
    return vm->features.pmu_counters;
}

int vcpu_vm_set_counter_offset(struct vcpu_vm *vm, uint64_t offset)
{
    if (!vm)
        return VCPU_ERR_INVALID;
    for (size_t i = 0; i < vm->max_vcpus; i++) {
        const struct vcpu *vcpu = vcpu_vm_vcpu(vm, i);

        if (vcpu && state_cpu(state_of_const(vcpu)))
            return VCPU_ERR_BUSY;
    }
    atomic_store_explicit(&vm->counter_offset, offset, memory_order_relaxed);
    return VCPU_OK;
}

uint64_t vcpu_vm_counter_offset(const struct vcpu_vm *vm)
{
    return atomic_load_explicit(&vm->counter_offset, memory_order_relaxed);
}
