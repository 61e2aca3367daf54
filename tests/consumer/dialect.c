/* SPDX-License-Identifier: MIT */
/* Calls the library's inline functions; in any dialect of C, and in C++. USE names the function. */
#include <vcpu/vcpu.h>

#ifdef __cplusplus
extern "C"
#endif
    int
    USE(struct vcpu *vcpu);

int USE(struct vcpu *vcpu)
{
    if (vcpu_exit_imm(&vcpu->exit) != vcpu_index(vcpu) || vcpu_pa_is_none(vcpu_pa(0)))
        return vcpu_complete_call(vcpu, 0);
    return vcpu_complete_mmio_write(vcpu) + vcpu_complete_mmio_read(vcpu, vcpu_ipa(0).value);
}
