/* SPDX-License-Identifier: MIT */
#include <vcpu/stage2.h>
#include <vcpu/vm.h>

#include "state/state.h"

int vcpu_vm_stage2_create(const struct vcpu_vm *vm, struct vcpu_stage2 *s2)
{
    int error;

    if (!vm)
        return VCPU_ERR_INVALID;
    error = vcpu_stage2_create(s2, vm->host, vm->shape.ipa_bits, vm->features.pa_bits,
                               vm->features.vmid_bits, vm->vmid);
    return error ? error : vcpu_stage2_set_features(s2, vcpu_vm_stage2_features(vm));
}
