/* SPDX-License-Identifier: MIT */
#include "kick/kick.h"

#include "hw/sysreg.h"

static bool is_here(const struct percpu_state *cpu)
{
    return cpu && cpu->mpidr == READ_SYSREG(mpidr_el1);
}

/*
 * A vCPU that may wait has a reason to go on. Its own put is none to call the hook for: the caller
 * asks vcpu_has_work after it, and may hold a lock that the hook takes.
 */
static void wake(struct vcpu_state *v)
{
    const struct vcpu_host *host = v->vm->host;

    if (host->wake)
        host->wake(host->ctx, &v->pub);
}

void vcpu_call_out(struct vcpu_state *v, uint64_t bit)
{
    /* If that CPU is about to enter the vCPU: asm/run.S says why the kick is not lost. */
    uint64_t token = atomic_fetch_or_explicit(&v->token, bit, memory_order_acq_rel);
    const struct percpu_state *cpu = (const struct percpu_state *)(uintptr_t)(token & ~TOKEN_BITS);

    atomic_thread_fence(memory_order_seq_cst);
    if (is_here(cpu)) {
        if (cpu->putting)
            return;
    } else if (cpu && !(v->vm->flags & VCPU_VM_DIRECT_IRQ) && cpu->host->send_kick) {
        /* With DIRECT_IRQ the guest would take the interrupt itself. */
        cpu->host->send_kick(cpu->host->ctx, cpu->id);
    }
    wake(v);
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

void vcpu_device_wake(struct vcpu *vcpu)
{
    const struct percpu_state *cpu;

    /* The reason is visible before the hook looks whether the vCPU waits: see vcpu_has_work. */
    atomic_thread_fence(memory_order_seq_cst);
    cpu = state_cpu(state_of(vcpu));
    if (!is_here(cpu) || !cpu->putting)
        wake(state_of(vcpu));
}

void vcpu_device_resync(struct vcpu *vcpu)
{
    atomic_fetch_or_explicit(&state_of(vcpu)->token, TOKEN_NOTIFY, memory_order_release);
}

void vcpu_device_postpone(struct vcpu *vcpu)
{
    atomic_fetch_or_explicit(&state_of(vcpu)->token, TOKEN_CALLS, memory_order_relaxed);
}
