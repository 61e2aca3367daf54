/* SPDX-License-Identifier: MIT */
#include "exits.h"

#include <vcpu/inject.h>
#include <vcpu/psci.h>
#include <vcpu/sysreg.h>

#include "exit.h"
#include "host.h"
#include "terminal.h"

/* A guest that probes wildly must not flood the console. */
#define LOG_LIMIT 16

struct turn {
    struct guest *guest;
    struct vcpu *vcpu;
    enum guest_end end;
};

static bool may_log(void)
{
    static uint32_t lines;

    return __atomic_fetch_add(&lines, 1, __ATOMIC_RELAXED) < LOG_LIMIT;
}

/* A line about what this vCPU did. */
#define SAY(turn, format, ...)                                                                     \
    terminal_print("mini-host: %s: vcpu %u: " format, (turn)->guest->options->name,                \
                   vcpu_index((turn)->vcpu), __VA_ARGS__)

static enum next done(int error)
{
    host_demand(error);
    return NEXT_RUN;
}

static enum next ends(struct turn *turn, enum guest_end end)
{
    turn->end = end;
    return NEXT_END;
}

enum fault { UNDEFINED, DATA_ABORT, INSTRUCTION_ABORT };

/*
 * Answers the exit with an exception. One that leaves PC where it was is the exception of its own
 * vector: from there the guest would come out for ever.
 */
static enum next inject(struct turn *turn, enum fault fault)
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
    SAY(turn, "no exception vector can be reached at 0x%lx", pc);
    return ends(turn, GUEST_FAILED);
}

/* SMCCC: the answer to a call that nobody knows. */
static enum next on_hypercall(struct turn *turn)
{
    return done(vcpu_complete_call(turn->vcpu, (uint64_t)VCPU_PSCI_NOT_SUPPORTED));
}

/* Nothing answers at this address: on a bus that is an external abort. */
static enum next on_nothing(struct turn *turn)
{
    const struct vcpu_exit *exit = &turn->vcpu->exit;

    if (may_log())
        SAY(turn, "%s of %u bytes at 0x%lx, where there is nothing", vcpu_exit_name(exit->reason),
            exit->mmio.size, exit->ipa.value);
    return inject(turn, DATA_ABORT);
}

/* An access to a firmware's flash, which is answered already. */
static bool was_flash(const struct turn *turn)
{
    return turn->guest->files.firmware != NULL && guest_flash_exit(&turn->guest->flash, turn->vcpu);
}

/* In direct mode the UART is mapped, and never the address of an exit. */
static enum next on_mmio(struct turn *turn)
{
    const struct vcpu_exit *exit = &turn->vcpu->exit;
    const struct machine_region *uart = &turn->guest->uart.registers;
    uint64_t offset = exit->ipa.value - uart->base, data = exit->mmio.data;
    bool write = exit->reason == VCPU_EXIT_MMIO_WRITE;

    if (offset >= uart->size)
        return was_flash(turn) ? NEXT_RUN : on_nothing(turn);
    terminal_access(turn->guest->number, offset, exit->mmio.size, write, &data);
    return done(write ? vcpu_complete_mmio_write(turn->vcpu)
                      : vcpu_complete_mmio_read(turn->vcpu, data));
}

static enum next on_sysreg(struct turn *turn)
{
    const struct vcpu_exit *exit = &turn->vcpu->exit;
    const unsigned encoding = exit->sysreg.encoding;

    if (may_log())
        SAY(turn, "%s of S%u_%u_C%u_C%u_%u, which the guest has not", vcpu_exit_name(exit->reason),
            encoding >> 14, encoding >> 11 & 7, encoding >> 7 & 15, encoding >> 3 & 15,
            encoding & 7);
    return inject(turn, UNDEFINED);
}

static enum next on_stage2_fault(struct turn *turn)
{
    const struct vcpu_exit *exit = &turn->vcpu->exit;

    if (was_flash(turn))
        return NEXT_RUN;
    if (exit->fault.cache_maintenance)
        return done(vcpu_complete_skip(turn->vcpu));
    if (may_log())
        SAY(turn, "stage-2 fault at 0x%lx (virtual 0x%lx, esr 0x%lx)", exit->ipa.value,
            exit->far_el2, exit->esr_el2);
    if (exit->fault.access == VCPU_ACCESS_EXECUTE)
        return inject(turn, INSTRUCTION_ABORT);
    return inject(turn, DATA_ABORT);
}

static enum next on_cpu_up(struct turn *turn)
{
    (void)turn;
    return NEXT_UP;
}

static enum next on_cpu_down(struct turn *turn)
{
    (void)turn;
    return NEXT_DOWN;
}

static enum next on_wait(struct turn *turn)
{
    (void)turn;
    return NEXT_WAIT;
}

/* The event that a WFE waits for may be any CPU's SEV, of which nobody tells: it is over at once. */
static enum next on_wfe(struct turn *turn)
{
    return done(vcpu_complete_skip(turn->vcpu));
}

static enum next on_system_off(struct turn *turn)
{
    return ends(turn, GUEST_OFF);
}

/* Of SYSTEM_RESET2 only the architecture's type: resets of a vendor's own this machine has not. */
static enum next on_system_reset(struct turn *turn)
{
    if (turn->vcpu->exit.system_reset.type != 0)
        return done(vcpu_complete_system_reset(turn->vcpu, VCPU_PSCI_INVALID_PARAMETERS));
    return ends(turn, GUEST_RESET);
}

static enum next on_serror(struct turn *turn)
{
    SAY(turn, "an SError came while it ran (esr 0x%lx)", turn->vcpu->exit.esr_el2);
    return ends(turn, GUEST_FAILED);
}

static enum next on_interrupt(struct turn *turn)
{
    (void)turn;
    return NEXT_LOOK;
}

/* What this host does not offer, and what no CPU of today does, is UNDEFINED for the guest. */
static enum next on_other(struct turn *turn)
{
    if (may_log())
        SAY(turn, "%s (esr 0x%lx) at pc 0x%lx", vcpu_exit_name(turn->vcpu->exit.reason),
            turn->vcpu->exit.esr_el2, turn->vcpu->regs.pc);
    return inject(turn, UNDEFINED);
}

static enum next (*const handlers[VCPU_EXIT_REASONS])(struct turn *turn) = {
    [VCPU_EXIT_HYPERCALL] = on_hypercall,
    [VCPU_EXIT_MMIO_READ] = on_mmio,
    [VCPU_EXIT_MMIO_WRITE] = on_mmio,
    [VCPU_EXIT_SYSREG_READ] = on_sysreg,
    [VCPU_EXIT_SYSREG_WRITE] = on_sysreg,
    [VCPU_EXIT_CPU_UP] = on_cpu_up,
    [VCPU_EXIT_CPU_DOWN] = on_cpu_down,
    [VCPU_EXIT_CPU_SUSPEND] = on_wait,
    [VCPU_EXIT_SYSTEM_OFF] = on_system_off,
    [VCPU_EXIT_SYSTEM_RESET] = on_system_reset,
    [VCPU_EXIT_IRQ] = on_interrupt,
    [VCPU_EXIT_FIQ] = on_interrupt,
    [VCPU_EXIT_WFI] = on_wait,
    [VCPU_EXIT_WFE] = on_wfe,
    [VCPU_EXIT_STAGE2_FAULT] = on_stage2_fault,
    [VCPU_EXIT_SERROR] = on_serror,
    [VCPU_EXIT_DEBUG] = on_other,
    [VCPU_EXIT_KICK] = on_interrupt,
    [VCPU_EXIT_UNHANDLED] = on_other,
};

enum next exits_answer(const struct guest_vcpu *self, uint32_t reason, enum guest_end *end)
{
    struct turn turn = {.guest = self->guest, .vcpu = self->vcpu};
    enum next next;

    if (handlers[reason] == NULL)
        exit_panic("an exit that this host does not know: %u", reason);
    next = handlers[reason](&turn);
    *end = turn.end;
    return next;
}

void exits_resume(struct vcpu *vcpu)
{
    if (vcpu->exit.reason == VCPU_EXIT_WFI)
        host_demand(vcpu_complete_skip(vcpu));
    else if (vcpu->exit.reason == VCPU_EXIT_CPU_SUSPEND)
        host_demand(vcpu_complete_suspend(vcpu, VCPU_PSCI_SUCCESS));
}
