/* SPDX-License-Identifier: MIT */
/* Telling a vCPU something from any CPU. */
#ifndef VCPU_CORE_CALL_H
#define VCPU_CORE_CALL_H

#include "core/state.h"
#include "hw/sysreg.h"

/*
 * Sets a bit of the token and makes the CPU that the vCPU is on, if any, look at it: the bit is
 * there before the interrupt is, so who takes the one sees the other. Called on that very CPU, the
 * vCPU is not in the guest.
 *
 * What the caller wrote is seen with the bit; and what it reads afterwards is read after the bit was
 * set, as a caller needs that looks whether the vCPU sleeps.
 */
static inline void call_out(struct vcpu_state *v, uint64_t bit)
{
    uint64_t token = atomic_fetch_or_explicit(&v->token, bit, memory_order_acq_rel);
    const struct percpu_state *cpu = (const struct percpu_state *)(uintptr_t)(token & ~TOKEN_BITS);
    const struct vcpu_host *host = v->vm->host;

    atomic_thread_fence(memory_order_seq_cst);
    if (cpu && cpu->mpidr != READ_SYSREG(mpidr_el1) && cpu->host->send_kick)
        cpu->host->send_kick(cpu->host->ctx, cpu->id);
    if (host->wake)
        host->wake(host->ctx, &v->pub);
}

#endif
