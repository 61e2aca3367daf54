/* SPDX-License-Identifier: MIT */
#include "direct.h"

#include <vcpu/psci.h>

#include "arch.h"
#include "exit.h"
#include "exits.h"
#include "host.h"
#include "life.h"
#include "terminal.h"
#include "timer.h"

/*
 * For the library the target is off from its CPU_OFF exit on, but its CPU may still be about to put
 * it. It is started when it is parked, and not parked again before it was on.
 */
static void cpu_up(struct guest *guest, struct vcpu *vcpu)
{
    struct guest_vcpu *target = vcpu_user(vcpu->exit.cpu_up.target);

    while (__atomic_load_n(&target->parked, __ATOMIC_ACQUIRE) == 0)
        arch_wfe();
    __atomic_add_fetch(&guest->at_large, 1, __ATOMIC_RELAXED);
    host_demand(vcpu_complete_cpu_up(vcpu, VCPU_PSCI_SUCCESS));
    __atomic_store_n(&target->parked, 0, __ATOMIC_RELEASE);
    arch_sev();
}

/* Until it is off. */
static void run(struct guest *guest, struct guest_vcpu *self, struct vcpu_percpu *cpu)
{
    enum next next;

    do {
        int reason = vcpu_run(cpu, self->vcpu);
        uint64_t left = self->guest->options->times ? timer_now() : 0;

        if (reason < 0)
            exit_panic("libvcpu refuses to run a vCPU: %s", vcpu_error_string(reason));
        stats_count(&self->stats, (uint32_t)reason);
        next = exits_answer(self, (uint32_t)reason);
        if (next == NEXT_UP)
            cpu_up(guest, self->vcpu);
        if (next == NEXT_WAIT) {
            /*
             * The guest's interrupts are the physical ones: what wakes this CPU is for the guest.
             */
            arch_wfi();
            exits_resume(self->vcpu);
        }
        if (self->guest->options->times)
            stats_time(&self->stats, (uint32_t)reason, timer_now() - left);
        if (next == NEXT_END)
            life_end_machine(guest, self->end);
    } while (next != NEXT_DOWN);

    if (__atomic_sub_fetch(&guest->at_large, 1, __ATOMIC_ACQ_REL) == 0) {
        terminal_print("mini-host: the last vCPU went off without a SYSTEM_OFF");
        life_end_machine(guest, GUEST_FAILED);
    }
}

noreturn void direct_run(struct guest *guest, unsigned index, struct vcpu_percpu *cpu)
{
    struct guest_vcpu *self = &guest->vcpus[index];

    if (vcpu_power(self->vcpu) == VCPU_POWER_ON)
        run(guest, self, cpu);
    for (;;) {
        vcpu_percpu_put(cpu);
        __atomic_store_n(&self->parked, 1, __ATOMIC_RELEASE);
        arch_sev();
        while (__atomic_load_n(&self->parked, __ATOMIC_ACQUIRE) != 0)
            arch_wfe();
        run(guest, self, cpu);
    }
}
