/* SPDX-License-Identifier: MIT */
#include "exits.h"

#include <vcpu/answer.h>
#include <vcpu/cache.h>
#include <vcpu/emulate.h>
#include <vcpu/psci.h>
#include <vcpu/sysreg.h>

#include "arch.h"
#include "exit.h"
#include "host.h"
#include "terminal.h"

/* A guest that probes wildly must not flood the console. */
#define LOG_LIMIT 16
#define EXIT_TEXT 160

/* Implementer 0, part number 'Q'. */
#define MIDR_MODEL    UINT64_C(0xff00fff0)
#define MIDR_QEMU_MAX UINT64_C(0x510)

#define WFIT     0xd5031020u
#define WFIT_REG 0x1fu

/* QEMU's max reports a WFIT as a WFI (docs/errata.md). Written once. */
static bool wfit_is_wfi;

static bool may_log(void)
{
    static uint32_t lines;

    return __atomic_fetch_add(&lines, 1, __ATOMIC_RELAXED) < LOG_LIMIT;
}

/* A line about what this vCPU did. */
#define SAY(self, format, ...)                                                                     \
    terminal_print("mini-host: %s: vcpu %u: " format, (self)->guest->options->name,                \
                   vcpu_index((self)->vcpu), __VA_ARGS__)

static enum next done(int error)
{
    host_demand(error);
    return NEXT_RUN;
}

static enum next ends(struct guest_vcpu *self, enum guest_end end)
{
    self->end = end;
    return NEXT_END;
}

/* This host has nothing there. A guest that can take no exception would exit like this for ever. */
static enum next refuse(struct guest_vcpu *self)
{
    uint64_t pc = self->vcpu->regs.pc;
    int error = vcpu_refuse(self->vcpu);

    if (error != VCPU_ERR_STATE)
        return done(error);
    SAY(self, "no exception vector can be reached at 0x%lx", pc);
    return ends(self, GUEST_FAILED);
}

static enum next refuse_aloud(struct guest_vcpu *self)
{
    char text[EXIT_TEXT];

    if (may_log()) {
        vcpu_exit_describe(self->vcpu, text, sizeof(text));
        SAY(self, "refused: %s", text);
    }
    return refuse(self);
}

/* SMCCC: the answer to a call that nobody knows. */
static enum next on_hypercall(struct guest_vcpu *self)
{
    return done(vcpu_complete_call(self->vcpu, (uint64_t)VCPU_PSCI_NOT_SUPPORTED));
}

static struct guest_flash *flash_of(const struct guest_vcpu *self)
{
    return self->guest->files.firmware != NULL ? &self->guest->flash : NULL;
}

/* The part of the guest's machine that is left: other devices are its VM's (devices.c), or mapped. */
static bool on_access(void *ctx, struct vcpu *vcpu, vcpu_ipa_t ipa, unsigned size, bool write,
                      uint64_t *data)
{
    struct guest_flash *flash = flash_of(ctx);

    (void)vcpu;
    return flash != NULL && guest_flash_access(flash, ipa.value, size, write, data);
}

/* Answers an access that has a syndrome. False: nobody is there. */
static bool answer(struct guest_vcpu *self, const struct vcpu_mmio *access, bool write)
{
    uint64_t data = access->data;

    if (!on_access(self, self->vcpu, self->vcpu->exit.ipa, access->size, write, &data))
        return false;
    done(write ? vcpu_complete_mmio_write(self->vcpu) : vcpu_complete_mmio_read(self->vcpu, data));
    return true;
}

static enum next on_mmio(struct guest_vcpu *self)
{
    const struct vcpu_exit *exit = &self->vcpu->exit;

    return answer(self, &exit->mmio, exit->reason == VCPU_EXIT_MMIO_WRITE) ? NEXT_RUN
                                                                           : refuse_aloud(self);
}

/* An instruction of the guest's, which it may have written with caches off: rule 3 of vcpu/cache.h. */
static bool on_fetch(void *ctx, struct vcpu *vcpu, vcpu_ipa_t ipa, uint32_t *word)
{
    const struct guest_vcpu *self = ctx;
    uint64_t offset = ipa.value - self->guest->ram.base, data = 0;
    const volatile uint32_t *place = (void *)(uintptr_t)(self->guest->memory + offset);
    struct guest_flash *flash = flash_of(self);

    (void)vcpu;
    if (offset < self->guest->ram.size) {
        host_demand(vcpu_cache_clean((const void *)(uintptr_t)place, sizeof(*place),
                                     guest_has_fwb(self->guest)));
        *word = *place;
        return true;
    }
    if (flash == NULL || !guest_flash_access(flash, ipa.value, sizeof(*word), false, &data))
        return false;
    *word = (uint32_t)data;
    return true;
}

/* A load or store that the CPU does not describe, a pair for one. */
static enum next emulate(struct guest_vcpu *self)
{
    static const struct vcpu_emulate_ops ops = {.fetch = on_fetch, .access = on_access};
    const uint64_t pc = self->vcpu->regs.pc;
    struct vcpu_emulation emulation;
    int result = vcpu_emulate(self->vcpu, &ops, self, &emulation);

    if (result <= VCPU_EMULATE_DONE)
        return done(result);
    if (result == VCPU_EMULATE_RETRY)
        return NEXT_RUN;
    if (may_log() && result == VCPU_EMULATE_NOBODY)
        SAY(self, "%s of %u bytes at 0x%lx, where there is nothing",
            emulation.access.write ? "write" : "read", emulation.access.size,
            emulation.access.ipa.value);
    else if (result == VCPU_EMULATE_REFUSED && may_log())
        SAY(self, "an access at 0x%lx by an instruction that is not emulated (%u), at pc 0x%lx",
            self->vcpu->exit.ipa.value, emulation.refusal, pc);
    return refuse(self);
}

static enum next on_stage2_fault(struct guest_vcpu *self)
{
    const struct vcpu_exit *exit = &self->vcpu->exit;
    const struct vcpu_fault *fault = &exit->fault;
    bool of_data = fault->access != VCPU_ACCESS_EXECUTE && !fault->s1ptw;
    struct guest_flash *flash = flash_of(self);

    if (fault->cache_maintenance)
        return refuse(self);
    if (fault->mmio.size != 0 && fault->ipa_valid &&
        answer(self, &fault->mmio, fault->access == VCPU_ACCESS_WRITE))
        return NEXT_RUN;
    if (of_data && fault->mmio.size == 0)
        return emulate(self);
    if (!of_data && flash != NULL) {
        enum guest_flash_fault result = guest_flash_map(flash, exit->ipa.value);

        if (result == GUEST_FLASH_MAPPED)
            return NEXT_RUN;
        if (result == GUEST_FLASH_NO_TABLE) {
            SAY(self, "no memory for a table that maps its flash at 0x%lx", exit->ipa.value);
            return ends(self, GUEST_FAILED);
        }
    }
    return refuse_aloud(self);
}

static enum next on_cpu_up(struct guest_vcpu *self)
{
    (void)self;
    return NEXT_UP;
}

static enum next on_cpu_down(struct guest_vcpu *self)
{
    (void)self;
    return NEXT_DOWN;
}

static enum next on_wait(struct guest_vcpu *self)
{
    (void)self;
    return NEXT_WAIT;
}

/* A WFI that can be a WFIT. A guest that changes the instruction meanwhile changes its own wait only. */
static __attribute__((noinline)) enum next on_doubtful_wfi(struct guest_vcpu *self)
{
    struct vcpu *vcpu = self->vcpu;
    vcpu_ipa_t ipa;
    uint32_t word;

    if (vcpu->regs.pc % sizeof(word) == 0 &&
        vcpu_translate(vcpu, vcpu->regs.pc, VCPU_ACCESS_EXECUTE, &ipa) == VCPU_OK &&
        on_fetch(self, vcpu, ipa, &word) && (word & ~WFIT_REG) == WFIT)
        vcpu->exit.wait = (struct vcpu_wait){.reg = word & WFIT_REG, .timed = true};
    return NEXT_WAIT;
}

static enum next on_wfi(struct guest_vcpu *self)
{
    return wfit_is_wfi ? on_doubtful_wfi(self) : NEXT_WAIT;
}

/*
 * The event that a WFE waits for can be any CPU's SEV, which the host does not see: so the wait
 * ends at once.
 */
static enum next on_wfe(struct guest_vcpu *self)
{
    return done(vcpu_complete_skip(self->vcpu));
}

/* A guest that hibernates is off too: this host keeps nothing of it for the next time. */
static enum next on_system_off(struct guest_vcpu *self)
{
    return ends(self, GUEST_OFF);
}

/* Only the architectural type of SYSTEM_RESET2: this machine has no vendor's types. */
static enum next on_system_reset(struct guest_vcpu *self)
{
    if (self->vcpu->exit.system_reset.type != 0)
        return refuse(self);
    return ends(self, GUEST_RESET);
}

static enum next on_serror(struct guest_vcpu *self)
{
    SAY(self, "an SError came while it ran (esr 0x%lx)", self->vcpu->exit.esr_el2);
    return ends(self, GUEST_FAILED);
}

static enum next on_interrupt(struct guest_vcpu *self)
{
    (void)self;
    return NEXT_TAKE;
}

static enum next (*const handlers[VCPU_EXIT_REASONS])(struct guest_vcpu *self) = {
    [VCPU_EXIT_HYPERCALL] = on_hypercall,
    [VCPU_EXIT_MMIO_READ] = on_mmio,
    [VCPU_EXIT_MMIO_WRITE] = on_mmio,
    [VCPU_EXIT_SYSREG_READ] = refuse_aloud,
    [VCPU_EXIT_SYSREG_WRITE] = refuse_aloud,
    [VCPU_EXIT_CPU_UP] = on_cpu_up,
    [VCPU_EXIT_CPU_DOWN] = on_cpu_down,
    [VCPU_EXIT_CPU_SUSPEND] = on_wait,
    [VCPU_EXIT_SYSTEM_OFF] = on_system_off,
    [VCPU_EXIT_SYSTEM_RESET] = on_system_reset,
    [VCPU_EXIT_IRQ] = on_interrupt,
    [VCPU_EXIT_FIQ] = on_interrupt,
    [VCPU_EXIT_WFI] = on_wfi,
    [VCPU_EXIT_WFE] = on_wfe,
    [VCPU_EXIT_STAGE2_FAULT] = on_stage2_fault,
    [VCPU_EXIT_SERROR] = on_serror,
    [VCPU_EXIT_DEBUG] = refuse_aloud,
    [VCPU_EXIT_KICK] = on_interrupt,
    [VCPU_EXIT_UNHANDLED] = refuse_aloud,
    [VCPU_EXIT_SYSTEM_SUSPEND] = on_wait,
};

void exits_init(void)
{
    wfit_is_wfi = (arch_read(midr_el1) & MIDR_MODEL) == MIDR_QEMU_MAX;
}

enum next exits_answer(struct guest_vcpu *self, uint32_t reason)
{
    if (handlers[reason] == NULL)
        exit_panic("an exit that this host does not know: %u", reason);
    return handlers[reason](self);
}

void exits_resume(struct vcpu *vcpu)
{
    if (vcpu->exit.reason == VCPU_EXIT_WFI)
        host_demand(vcpu_complete_skip(vcpu));
    else if (vcpu->exit.reason == VCPU_EXIT_CPU_SUSPEND ||
             vcpu->exit.reason == VCPU_EXIT_SYSTEM_SUSPEND)
        host_demand(vcpu_complete_suspend(vcpu, VCPU_PSCI_SUCCESS));
}
