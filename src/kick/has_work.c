/* SPDX-License-Identifier: MIT */
/* The other side of kick.c: has a vCPU that waits a reason to go on? Pure. */
#include <vcpu/vcpu.h>

#include "arm/el2.h"
#include "device/device.h"
#include "kick/wait.h"

/* Apart, so that plain waits do not pay for a stack frame. */
static __attribute__((noinline)) bool has_timed_work(const struct vcpu_state *v)
{
    return vcpu_wait_deadline(&v->pub) == 0 || vcpu_device_has_work(v);
}

bool vcpu_has_work(const struct vcpu *vcpu)
{
    const struct vcpu_state *v = state_of_const(vcpu);
    uint64_t token;

    /*
     * After the caller's mark that the vCPU waits; the fence in vcpu_call_out is the other side's.
     */
    atomic_thread_fence(memory_order_seq_cst);
    token = atomic_load_explicit(&v->token, memory_order_acquire);
    if (token & TOKEN_OFF)
        return false;
    if ((token & TOKEN_CALLS) || atomic_load_explicit(&v->lines, memory_order_relaxed) ||
        (__atomic_load_n(&vcpu->regs.hcr_el2, __ATOMIC_RELAXED) & HCR_EL2_VSE))
        return true;
    return wait_may_end(vcpu) ? has_timed_work(v) : vcpu_device_has_work(v);
}
