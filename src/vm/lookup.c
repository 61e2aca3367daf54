/* SPDX-License-Identifier: MIT */
/* Finds a VM's vCPUs. Other CPUs can create and destroy vCPUs meanwhile. */
#include "state/state.h"

struct vcpu *vcpu_vm_vcpu(const struct vcpu_vm *vm, size_t index)
{
    struct vcpu_state *v;

    if (!vm || index >= vm->max_vcpus)
        return NULL;
    v = atomic_load_explicit(&vm->vcpu[index], memory_order_acquire);
    return v ? &v->pub : NULL;
}

struct vcpu *vcpu_vm_find(const struct vcpu_vm *vm, uint64_t mpidr)
{
    for (size_t i = 0; vm && i < vm->max_vcpus; i++) {
        struct vcpu *vcpu = vcpu_vm_vcpu(vm, i);

        if (vcpu && state_of(vcpu)->mpidr == mpidr)
            return vcpu;
    }
    return NULL;
}
