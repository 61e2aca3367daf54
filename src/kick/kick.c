/* SPDX-License-Identifier: MIT */
#include "kick/kick.h"

#include "hw/sysreg.h"

/*
 * Would an interrupt on the CPU make the vCPU exit? A guest with VCPU_VM_DIRECT_IRQ would take it
 * itself.
 */
static bool comes_out(const struct vcpu_state *v, const struct percpu_state *cpu)
{
    return cpu && !(v->vm->flags & VCPU_VM_DIRECT_IRQ) && cpu->mpidr != READ_SYSREG(mpidr_el1);
}

void vcpu_call_out(struct vcpu_state *v, uint64_t bit)
{
    /* If that CPU is about to enter the vCPU: asm/run.S says why the kick is not lost. */
    uint64_t token = atomic_fetch_or_explicit(&v->token, bit, memory_order_acq_rel);
    const struct percpu_state *cpu = (const struct percpu_state *)(uintptr_t)(token & ~TOKEN_BITS);
    const struct vcpu_host *host = v->vm->host;

    atomic_thread_fence(memory_order_seq_cst);
    if (comes_out(v, cpu) && cpu->host->send_kick)
        cpu->host->send_kick(cpu->host->ctx, cpu->id);
    if (host->wake)
        host->wake(host->ctx, &v->pub);
}

int vcpu_kick(struct vcpu *vcpu)
{
    if (!vcpu)
        return VCPU_ERR_INVALID;
    vcpu_call_out(state_of(vcpu), TOKEN_KICK);
    return VCPU_OK;
}

void vcpu_device_notify(struct vcpu *vcpu)
{
    vcpu_call_out(state_of(vcpu), TOKEN_NOTIFY);
}

void vcpu_device_resync(struct vcpu *vcpu)
{
    atomic_fetch_or_explicit(&state_of(vcpu)->token, TOKEN_NOTIFY, memory_order_release);
}
