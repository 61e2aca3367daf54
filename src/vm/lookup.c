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
    /* A guest's CPU_ON comes here with interrupts masked, so each vCPU is to cost little. */
    for (size_t i = 0, end = vm ? vm->max_vcpus : 0; i < end; i++) {
        struct vcpu_state *v = atomic_load_explicit(&vm->vcpu[i], memory_order_acquire);

        if (v && v->mpidr == mpidr)
            return &v->pub;
    }
    return NULL;
}
