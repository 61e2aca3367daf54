/* SPDX-License-Identifier: MIT */
/*
 * Exceptions for the guest, taken to its EL1 as the architecture would take them at the vCPU's PC.
 * A vCPU that does not run; on the CPU where its state is, or on any after vcpu_put. The last exit
 * is answered by them: its reason becomes VCPU_EXIT_NONE, and PC is that of the vector.
 */
#ifndef VCPU_INJECT_H
#define VCPU_INJECT_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/vcpu.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The instruction at PC is UNDEFINED. VCPU_ERR_INVALID: NULL. */
int vcpu_inject_undefined(struct vcpu *vcpu);

/*
 * A synchronous external abort on the access, or the fetch, at the virtual address. In FAR_EL1 goes
 * far. VCPU_ERR_INVALID: NULL.
 */
int vcpu_inject_data_abort(struct vcpu *vcpu, uint64_t far);
int vcpu_inject_instruction_abort(struct vcpu *vcpu, uint64_t far);

#ifdef __cplusplus
}
#endif

#endif
