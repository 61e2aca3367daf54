/* SPDX-License-Identifier: MIT */
/* Which waits of a VM's guests are exits, chosen again at run time. */
#include "guest/trap.h"
#include "state/state.h"

int vcpu_vm_set_traps(struct vcpu_vm *vm, uint32_t flags)
{
    if (!vm || (flags & ~TRAP_WAIT_FLAGS))
        return VCPU_ERR_INVALID;
    atomic_store_explicit(&vm->wait_traps, trap_waits(flags), memory_order_relaxed);
    for (size_t i = 0; i < vm->max_vcpus; i++) {
        struct vcpu *vcpu = vcpu_vm_vcpu(vm, i);

        if (vcpu)
            atomic_fetch_or_explicit(&state_of(vcpu)->token, TOKEN_CHANGED, memory_order_release);
    }
    return VCPU_OK;
}
