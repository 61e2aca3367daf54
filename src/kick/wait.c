/* SPDX-License-Identifier: MIT */
/* A wait that ends by itself: WFIT and WFET (FEAT_WFxT). Pure. */
#include "kick/wait.h"

#include "decode/register.h"
#include "hw/count.h"
#include "hw/cpu.h"

/*
 * The deadline is in the register that the instruction names, and nowhere else: so it moves with the
 * vCPU, and ends with the exit. Of a vCPU that runs meanwhile on another CPU the exit can be a new
 * one between two reads: then the register's number can be any byte, and the result is a hint.
 */
static __attribute__((noinline)) uint64_t deadline_of(const struct vcpu *vcpu)
{
    const struct vcpu_exit *exit = &vcpu->exit;
    const struct vcpu_vm *vm = state_of_const(vcpu)->vm;
    uint32_t reason = __atomic_load_n(&exit->reason, __ATOMIC_RELAXED);
    unsigned reg = __atomic_load_n(&exit->wait.reg, __ATOMIC_RELAXED) % 32u;
    uint64_t deadline = 0;

    if (reason != VCPU_EXIT_WFI && reason != VCPU_EXIT_WFE)
        return VCPU_TIMER_NEVER;
    if (reg != REGISTER_ZERO)
        deadline = __atomic_load_n(&vcpu->regs.x[reg], __ATOMIC_RELAXED);
    return count_deadline(vcpu_cpu_count(),
                          atomic_load_explicit(&vm->counter_offset, memory_order_relaxed),
                          deadline);
}

uint64_t vcpu_wait_deadline(const struct vcpu *vcpu)
{
    return wait_may_end(vcpu) ? deadline_of(vcpu) : VCPU_TIMER_NEVER;
}
