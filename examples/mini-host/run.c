/* SPDX-License-Identifier: MIT */
#include "run.h"

#include <vcpu/inject.h>
#include <vcpu/psci.h>
#include <vcpu/sysreg.h>

#include "arch.h"
#include "console.h"
#include "exit.h"
#include "timer.h"

/* A guest that probes wildly must not flood the console. */
#define LOG_LIMIT 16

enum next {
    NEXT_RUN,    /* enter it again */
    NEXT_PARK,   /* it is off */
    NEXT_OFF,    /* the guest ended as it should */
    NEXT_FAILED, /* it ended otherwise */
};

struct turn {
    struct guest *guest;
    struct vcpu *vcpu;
};

static bool may_log(void)
{
    static uint32_t lines;

    return __atomic_fetch_add(&lines, 1, __ATOMIC_RELAXED) < LOG_LIMIT;
}

/* For the library's calls that cannot fail here: an error is a bug of this host. */
static enum next done(int error)
{
    if (error != VCPU_OK)
        exit_panic("libvcpu refuses to complete an exit: %s", vcpu_error_string(error));
    return NEXT_RUN;
}

enum fault { UNDEFINED, DATA_ABORT, INSTRUCTION_ABORT };

/*
 * Answers the exit with an exception. One that leaves PC where it was is the exception of its own
 * vector: from there the guest would come out for ever.
 */
static enum next inject(const struct turn *turn, enum fault fault)
{
    struct vcpu *vcpu = turn->vcpu;
    uint64_t pc = vcpu->regs.pc, far = vcpu->exit.far_el2;

    switch (fault) {
    case UNDEFINED:
        done(vcpu_inject_undefined(vcpu));
        break;
    case DATA_ABORT:
        done(vcpu_inject_data_abort(vcpu, far));
        break;
    case INSTRUCTION_ABORT:
        done(vcpu_inject_instruction_abort(vcpu, far));
        break;
    }
    if (vcpu->regs.pc != pc)
        return NEXT_RUN;
    console_print("mini-host: vcpu %u: no exception vector can be reached at 0x%lx\n",
                  vcpu_index(vcpu), pc);
    return NEXT_FAILED;
}

/* SMCCC: the answer to a call that nobody knows. */
static enum next on_hypercall(const struct turn *turn)
{
    return done(vcpu_complete_call(turn->vcpu, (uint64_t)VCPU_PSCI_NOT_SUPPORTED));
}

/* Nothing answers at this address: on a bus that is an external abort. */
static enum next on_mmio(const struct turn *turn)
{
    const struct vcpu_exit *exit = &turn->vcpu->exit;

    if (may_log())
        console_print("mini-host: vcpu %u: %s of %u bytes at 0x%lx, where there is nothing\n",
                      vcpu_index(turn->vcpu), vcpu_exit_name(exit->reason), exit->mmio.size,
                      exit->ipa.value);
    return inject(turn, DATA_ABORT);
}

static enum next on_sysreg(const struct turn *turn)
{
    const struct vcpu_exit *exit = &turn->vcpu->exit;
    const char *name = vcpu_sysreg_name(exit->sysreg.encoding);

    if (may_log())
        console_print("mini-host: vcpu %u: %s of %s (0x%x), which the guest has not\n",
                      vcpu_index(turn->vcpu), vcpu_exit_name(exit->reason),
                      name != NULL ? name : "an unknown register", exit->sysreg.encoding);
    return inject(turn, UNDEFINED);
}

static enum next on_stage2_fault(const struct turn *turn)
{
    const struct vcpu_exit *exit = &turn->vcpu->exit;

    if (exit->fault.cache_maintenance)
        return done(vcpu_complete_skip(turn->vcpu));
    if (may_log())
        console_print("mini-host: vcpu %u: stage-2 fault at 0x%lx (virtual 0x%lx, esr 0x%lx)\n",
                      vcpu_index(turn->vcpu), exit->ipa.value, exit->far_el2, exit->esr_el2);
    if (exit->fault.access == VCPU_ACCESS_EXECUTE)
        return inject(turn, INSTRUCTION_ABORT);
    return inject(turn, DATA_ABORT);
}

/*
 * The target is off for the library as soon as its CPU_OFF came out, but its CPU may still be about
 * to put its state away. It is started when it is parked, and not parked again before it was on.
 */
static enum next on_cpu_up(const struct turn *turn)
{
    struct guest *guest = turn->guest;
    struct guest_cpu *target = &guest->cpus[vcpu_index(turn->vcpu->exit.cpu_up.target)];

    while (__atomic_load_n(&target->parked, __ATOMIC_ACQUIRE) == 0)
        arch_wfe();
    __atomic_add_fetch(&guest->running, 1, __ATOMIC_RELAXED);
    done(vcpu_complete_cpu_up(turn->vcpu, VCPU_PSCI_SUCCESS));
    __atomic_store_n(&target->parked, 0, __ATOMIC_RELEASE);
    arch_sev();
    return NEXT_RUN;
}

static enum next on_cpu_down(const struct turn *turn)
{
    if (__atomic_sub_fetch(&turn->guest->running, 1, __ATOMIC_RELAXED) != 0)
        return NEXT_PARK;
    console_print("mini-host: the last vCPU went off without a SYSTEM_OFF\n");
    return NEXT_FAILED;
}

/* The guest's interrupts are the physical ones: what wakes this CPU is for the guest. */
static enum next on_cpu_suspend(const struct turn *turn)
{
    arch_wfi();
    return done(vcpu_complete_suspend(turn->vcpu, VCPU_PSCI_SUCCESS));
}

static enum next on_wait(const struct turn *turn)
{
    if (turn->vcpu->exit.reason == VCPU_EXIT_WFI)
        arch_wfi();
    return done(vcpu_complete_skip(turn->vcpu));
}

static enum next on_system_off(const struct turn *turn)
{
    (void)turn;
    return NEXT_OFF;
}

static enum next on_system_reset(const struct turn *turn)
{
    console_print("mini-host: vcpu %u resets the machine\n", vcpu_index(turn->vcpu));
    return NEXT_FAILED;
}

static enum next on_serror(const struct turn *turn)
{
    console_print("mini-host: an SError came while vcpu %u ran (esr 0x%lx)\n",
                  vcpu_index(turn->vcpu), turn->vcpu->exit.esr_el2);
    return NEXT_FAILED;
}

static enum next on_kick(const struct turn *turn)
{
    (void)turn;
    return NEXT_RUN;
}

/* What this host does not offer, and what no CPU of today does, is UNDEFINED for the guest. */
static enum next on_other(const struct turn *turn)
{
    if (may_log())
        console_print("mini-host: vcpu %u: %s (esr 0x%lx) at pc 0x%lx\n", vcpu_index(turn->vcpu),
                      vcpu_exit_name(turn->vcpu->exit.reason), turn->vcpu->exit.esr_el2,
                      turn->vcpu->regs.pc);
    return inject(turn, UNDEFINED);
}

/* NULL: cannot come out of a guest that has the interrupts to itself. */
static enum next (*const handlers[VCPU_EXIT_REASONS])(const struct turn *turn) = {
    [VCPU_EXIT_HYPERCALL] = on_hypercall,
    [VCPU_EXIT_MMIO_READ] = on_mmio,
    [VCPU_EXIT_MMIO_WRITE] = on_mmio,
    [VCPU_EXIT_SYSREG_READ] = on_sysreg,
    [VCPU_EXIT_SYSREG_WRITE] = on_sysreg,
    [VCPU_EXIT_CPU_UP] = on_cpu_up,
    [VCPU_EXIT_CPU_DOWN] = on_cpu_down,
    [VCPU_EXIT_CPU_SUSPEND] = on_cpu_suspend,
    [VCPU_EXIT_SYSTEM_OFF] = on_system_off,
    [VCPU_EXIT_SYSTEM_RESET] = on_system_reset,
    [VCPU_EXIT_WFI] = on_wait,
    [VCPU_EXIT_WFE] = on_wait,
    [VCPU_EXIT_STAGE2_FAULT] = on_stage2_fault,
    [VCPU_EXIT_SERROR] = on_serror,
    [VCPU_EXIT_DEBUG] = on_other,
    [VCPU_EXIT_KICK] = on_kick,
    [VCPU_EXIT_UNHANDLED] = on_other,
};

static enum next run_until_off(struct guest *guest, struct guest_cpu *self, struct vcpu_percpu *cpu)
{
    const struct turn turn = {.guest = guest, .vcpu = self->vcpu};
    enum next next;

    do {
        int reason = vcpu_run(cpu, self->vcpu);
        uint64_t left = timer_now();

        if (reason < 0)
            exit_panic("libvcpu refuses to run a vCPU: %s", vcpu_error_string(reason));
        if (handlers[reason] == NULL)
            exit_panic("an exit that cannot be: %s", vcpu_exit_name((uint32_t)reason));
        next = handlers[reason](&turn);
        stats_add(&self->stats, (uint32_t)reason, timer_now() - left);
    } while (next == NEXT_RUN);
    return next;
}

/*
 * The other vCPUs may still run: with the interrupts the guest's, nothing makes them come out. They
 * go down with the machine.
 */
static noreturn void finish(struct guest *guest, bool success)
{
    struct stats sum = {.count = {0}};

    while (__atomic_exchange_n(&guest->ended, 1, __ATOMIC_ACQ_REL) != 0)
        arch_wfe(); /* another CPU is about to do all this */
    for (unsigned i = 0; i < guest->cpu_count; i++)
        stats_sum(&sum, &guest->cpus[i].stats);
    console_resume();
    console_print("\nmini-host: the guest %s\n", success ? "powered off" : "failed");
    stats_print(&sum);
    if (success)
        exit_success();
    exit_failure();
}

noreturn void run_vcpu(struct guest *guest, unsigned index, struct vcpu_percpu *cpu)
{
    struct guest_cpu *self = &guest->cpus[index];
    bool is_on = vcpu_power(self->vcpu) == VCPU_POWER_ON;

    for (;;) {
        enum next next = is_on ? run_until_off(guest, self, cpu) : NEXT_PARK;

        if (next != NEXT_PARK)
            finish(guest, next == NEXT_OFF);
        vcpu_percpu_put(cpu);
        __atomic_store_n(&self->parked, 1, __ATOMIC_RELEASE);
        arch_sev();
        while (__atomic_load_n(&self->parked, __ATOMIC_ACQUIRE) != 0)
            arch_wfe();
        is_on = true;
    }
}
