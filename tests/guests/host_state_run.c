/* SPDX-License-Identifier: MIT */
/* Guests for each way out of vcpu_run, and what the host must find after each of their runs. */
#include "host_state_run.h"

#include <stddef.h>

#include "arch.h"
#include "exit.h"
#include "gic.h"
#include "host_state_el1.h"
#include "irq.h"
#include "string.h"

/* ---- What assembly sees ---- */

_Static_assert(offsetof(struct world, x[11]) == WORLD_X(29), "host_state.h");
_Static_assert(offsetof(struct world, sp_before) == WORLD_SP_BEFORE, "host_state.h");
_Static_assert(offsetof(struct world, sp) == WORLD_SP, "host_state.h");
_Static_assert(offsetof(struct world, sp_el0) == WORLD_SP_EL0, "host_state.h");
_Static_assert(offsetof(struct world, tpidr_el0) == WORLD_TPIDR_EL0, "host_state.h");
_Static_assert(offsetof(struct world, tpidr_el2) == WORLD_TPIDR_EL2, "host_state.h");
_Static_assert(offsetof(struct world, daif) == WORLD_DAIF, "host_state.h");
_Static_assert(offsetof(struct world, spsel) == WORLD_SPSEL, "host_state.h");
_Static_assert(offsetof(struct world, d) == WORLD_D(8), "host_state.h");
_Static_assert(offsetof(struct world, fpcr) == WORLD_FPCR, "host_state.h");
_Static_assert(offsetof(struct world, fpsr) == WORLD_FPSR, "host_state.h");
_Static_assert(offsetof(struct world, fp) == WORLD_FP, "host_state.h");
_Static_assert(offsetof(struct world, result) == WORLD_RESULT, "host_state.h");
_Static_assert(GUEST_HOLE == TEST_HOLE_IPA, "host_state.h");

/* What the last hook found. */
struct found {
    uint64_t x18, sp_el0, tpidr_el0, tpidr_el2;
};

extern struct found host_state_hook;

/* ---- The host's general and FP registers ---- */

struct world host_world(const struct mode *mode, uint64_t daif)
{
    /* TPIDR_EL2 must be good for an interrupt handler, and still another than the platform's. */
    static struct smp_cpu same_cpu;
    struct world world = {
        .sp_el0 = UINT64_C(0x0e105eed0000),
        .tpidr_el0 = UINT64_C(0x7d1d0e10),
        .tpidr_el2 = (uintptr_t)&same_cpu,
        .daif = daif,
        .fpcr = 0x00c00000,
        .fpsr = 0x0800000a,
        .fp = (mode->percpu_flags & VCPU_PERCPU_HOST_FP) != 0,
    };

    same_cpu = *smp_this();
    for (unsigned i = 0; i < 12; i++)
        world.x[i] = UINT64_C(0x40570000c0de0000) + 18 + i;
    for (unsigned i = 0; i < 8; i++)
        world.d[i] = UINT64_C(0xd0d0d0d0f00d0000) + 8 + i;
    return world;
}

void check_world(const struct world *in, const struct world *out)
{
    static const char *const x[] = {"x18", "x19", "x20", "x21", "x22", "x23",
                                    "x24", "x25", "x26", "x27", "x28", "x29"};
    static const char *const d[] = {"d8", "d9", "d10", "d11", "d12", "d13", "d14", "d15"};

    for (unsigned i = 0; i < 12; i++)
        check_same(x[i], out->x[i], in->x[i]);
    check_same("SP", out->sp, out->sp_before);
    check_same("SP_EL0", out->sp_el0, in->sp_el0);
    check_same("TPIDR_EL0", out->tpidr_el0, in->tpidr_el0);
    check_same("TPIDR_EL2", out->tpidr_el2, in->tpidr_el2);
    check_same("DAIF", out->daif, in->daif);
    check_same("SPSel", out->spsel, 1);
    if (!in->fp)
        return;
    for (unsigned i = 0; i < 8; i++)
        check_same(d[i], out->d[i], in->d[i]);
    check_same("FPCR", out->fpcr, in->fpcr);
    check_same("FPSR", out->fpsr, in->fpsr);
}

/* ---- The interrupt: the EL2 timer ---- */

static uint64_t timer_delay;
static const struct vcpu *volatile timer_waits_for;

/* Until the guest has been left for it, it comes again: the host may be quicker than the guest. */
static void timer_handler(void)
{
    if (timer_waits_for && timer_waits_for->exit.reason == VCPU_EXIT_NONE)
        timer_set(timer_now() + timer_delay);
    else
        timer_clear();
}

void run_timer_init(const struct machine *machine)
{
    irq_register(machine->hyp_timer_intid, timer_handler);
    gic_enable(machine->hyp_timer_intid);
    timer_delay = timer_frequency() / 10000;
}

/* ---- One run ---- */

enum {
    ENDS_BY_IRQ = 1,   /* the EL2 timer ends it */
    ENDS_PUT = 2,      /* the vCPU is in no CPU afterwards */
    NEEDS_IRQ = 4,     /* not for a guest that has the interrupts */
    CALLS_IF_CNTP = 8, /* a hypercall instead, if the physical timer is the guest's */
    ASKS_HOST = 16,    /* calls a hook on its way out */
};

struct guest {
    const char *name, *entry;
    int reason;
    unsigned flags;
};

static const struct guest guests[] = {
    {"HVC", guest_hvc, VCPU_EXIT_HYPERCALL, 0},
    {"SMC", guest_smc, VCPU_EXIT_HYPERCALL, 0},
    {"SMC that the host may allow", guest_smccc, VCPU_EXIT_HYPERCALL, ASKS_HOST},
    {"MMIO read", guest_mmio_read, VCPU_EXIT_MMIO_READ, 0},
    {"MMIO write", guest_mmio_write, VCPU_EXIT_MMIO_WRITE, 0},
    {"MMIO without syndrome", guest_mmio_pair, VCPU_EXIT_STAGE2_FAULT, 0},
    {"fetch", guest_fetch, VCPU_EXIT_STAGE2_FAULT, 0},
    {"sysreg read", guest_sysreg_read, VCPU_EXIT_SYSREG_READ, CALLS_IF_CNTP},
    {"sysreg write", guest_sysreg_write, VCPU_EXIT_SYSREG_WRITE, CALLS_IF_CNTP},
    {"answered inside", guest_inside, VCPU_EXIT_HYPERCALL, 0},
    {"WFI", guest_wfi, VCPU_EXIT_WFI, 0},
    {"IRQ", guest_spin, VCPU_EXIT_IRQ, ENDS_BY_IRQ | NEEDS_IRQ},
    {"CPU_OFF", guest_cpu_off, VCPU_EXIT_CPU_DOWN, ENDS_PUT},
    {"SYSTEM_OFF", guest_system_off, VCPU_EXIT_SYSTEM_OFF, 0},
};

static void check_counters(const struct mode *mode, const struct guest *guest,
                           const uint64_t physical[2], uint64_t virtual, uint64_t end)
{
    bool is_shifted =
        !is_vhe && (mode->percpu_flags & VCPU_PERCPU_HOST_CNTPCT) && !(guest->flags & ENDS_PUT);
    uint64_t offset = is_vhe ? 0 : HOST_CNTVOFF;

    check_same("CNTPCT_EL0 runs on", physical[0] <= physical[1] && physical[1] <= end, true);
    if (!is_shifted)
        check_same("CNTVCT_EL0 runs on", virtual + offset >= physical[1] && virtual + offset <= end,
                   true);
}

/* A hook is the host's code: it finds the host's registers. */
static void check_hook(const struct world *in)
{
    check_same("x18 in a hook", host_state_hook.x18, in->x[0]);
    check_same("SP_EL0 in a hook", host_state_hook.sp_el0, in->sp_el0);
    check_same("TPIDR_EL0 in a hook", host_state_hook.tpidr_el0, in->tpidr_el0);
    check_same("TPIDR_EL2 in a hook", host_state_hook.tpidr_el2, in->tpidr_el2);
}

static void run_once(const struct mode *mode, const struct guest *guest, struct vcpu *vcpu,
                     const struct el2 *host, const struct el1 *host_el1)
{
    struct vcpu_percpu *cpu = testhost_percpu(0);
    bool has_cntp = mode->vm_flags & VCPU_VM_DIRECT_TIMER;
    bool calls = (guest->flags & CALLS_IF_CNTP) && has_cntp;
    struct world in = host_world(mode, at.daif), out = {.result = 0};
    uint64_t physical[2], virtual, end;
    struct el2 want = *host, got;
    struct el1 got_el1;

    memset(&host_state_hook, 0, sizeof(host_state_hook));
    testhost_enter_at(vcpu, guest->entry);
    vcpu->regs.x[0] = has_cntp ? GUEST_HAS_CNTP : 0;
    vcpu->exit.reason = VCPU_EXIT_NONE;
    timer_waits_for = vcpu;
    if (guest->flags & ENDS_BY_IRQ)
        timer_set(timer_now() + timer_delay);
    want.value[EL2_CNTHP_CVAL] = arch_read(cnthp_cval_el2);

    physical[0] = timer_now();
    host_state_run(&in, &out, cpu, vcpu);
    physical[1] = timer_now();
    virtual = arch_read(cntvct_el0);
    end = timer_now();
    got = el2_read();
    if (guest->flags & ENDS_BY_IRQ) {
        got.value[EL2_CNTHP_CVAL] = want.value[EL2_CNTHP_CVAL]; /* the handler's */
        timer_clear();
    }

    check_same("reason", (uint64_t)out.result,
               (uint64_t)(calls ? VCPU_EXIT_HYPERCALL : guest->reason));
    check_world(&in, &out);
    if ((guest->flags & ASKS_HOST) ||
        ((guest->flags & ENDS_BY_IRQ) && (mode->percpu_flags & VCPU_PERCPU_IRQ_HOOK)))
        check_hook(&in);
    check_counters(mode, guest, physical, virtual, end);
    check_el2_shared(mode, &got, &want);
    if (guest->flags & ENDS_PUT)
        check_el2_same(&got, &want);
    if ((guest->flags & ENDS_PUT) || puts_each_run(mode)) {
        got_el1 = el1_read();
        check_el1_same(&got_el1, host_el1);
    }
}

/* From a vCPU that was never run to one that was put: loaded, resident, put. */
static void run_guest(struct test_vm *t, const struct mode *mode, const struct guest *guest)
{
    struct vcpu_percpu *cpu = testhost_percpu(0);
    struct vcpu *vcpu = testhost_vcpu(t, 0);
    struct el2 host = el2_read(), now;
    struct el1 host_el1 = el1_read(), now_el1;
    bool is_put = puts_each_run(mode) || (guest->flags & ENDS_PUT);
    unsigned runs = guest->flags & ENDS_PUT ? 1 : 2;
    uint64_t daif = arch_read(daif);

    for (at.run = 1; at.run <= runs && !at.failed; at.run++)
        run_once(mode, guest, vcpu, &host, &host_el1);
    arch_write(daif, at.daif);
    check_same("vcpu_put", (uint64_t)vcpu_put(cpu, vcpu),
               (uint64_t)(is_put ? VCPU_ERR_STATE : VCPU_OK));
    check_same("DAIF after vcpu_put", arch_read(daif), at.daif);
    check_same("vcpu_percpu_put", (uint64_t)vcpu_percpu_put(cpu), VCPU_OK);
    check_same("DAIF after vcpu_percpu_put", arch_read(daif), at.daif);
    arch_write(daif, daif);
    now_el1 = el1_read();
    check_el1_same(&now_el1, &host_el1);
    now = el2_read();
    now.value[EL2_CNTHP_CVAL] = host.value[EL2_CNTHP_CVAL];
    check_el2_same(&now, &host);
    if (vcpu_destroy(vcpu) != VCPU_OK)
        exit_panic("vcpu_destroy");
}

void run_guests(struct test_vm *t, const struct mode *mode)
{
    for (size_t i = 0; i < sizeof(guests) / sizeof(guests[0]); i++) {
        at.guest = guests[i].name;
        if ((guests[i].flags & NEEDS_IRQ) && (mode->vm_flags & VCPU_VM_DIRECT_IRQ))
            continue;
        for (at.daif = 0; at.daif <= 0x3c0 && !at.failed; at.daif += 0x40)
            run_guest(t, mode, &guests[i]);
    }
}
