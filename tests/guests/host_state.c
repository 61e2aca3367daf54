/* SPDX-License-Identifier: MIT */
/*
 * What the host can count on: after vcpu_run its own state is as before, whatever the guest wrote
 * and however it was left; and after vcpu_put and vcpu_percpu_disable all of EL2 is.
 */
#include "host_state.h"

#include <stddef.h>

#include "arch.h"
#include "exit.h"
#include "gic.h"
#include "irq.h"
#include "string.h"
#include "testhost.h"

/* ---- What assembly sees ---- */

struct world {
    uint64_t x[12]; /* x18 to x29 */
    uint64_t sp_before, sp;
    uint64_t sp_el0, tpidr_el0, tpidr_el2;
    uint64_t daif, spsel;
    uint64_t d[8]; /* d8 to d15 */
    uint64_t fpcr, fpsr;
    uint64_t fp; /* the FP registers are the host's */
    int64_t result;
};

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

void host_state_run(const struct world *in, struct world *out, struct vcpu_percpu *cpu,
                    struct vcpu *vcpu);
void host_state_irq(void *ctx);
bool host_state_allow_smc(void *ctx, struct vcpu *vcpu, uint32_t function_id);
void host_state_spoil_fp(void);

/* What the last hook found. */
extern struct {
    uint64_t x18, sp_el0, tpidr_el0, tpidr_el2;
} host_state_hook;

extern const char guest_hvc[], guest_smc[], guest_smccc[], guest_mmio_read[], guest_mmio_write[],
    guest_mmio_pair[], guest_fetch[], guest_sysreg_read[], guest_sysreg_write[], guest_inside[],
    guest_wfi[], guest_spin[], guest_cpu_off[], guest_system_off[], guest_fp[];

/* ---- The host's EL2 ---- */

#define HCR_FMO  (UINT64_C(1) << 3)
#define HCR_IMO  (UINT64_C(1) << 4)
#define HCR_AMO  (UINT64_C(1) << 5)
#define HCR_TWI  (UINT64_C(1) << 13)
#define HCR_TVM  (UINT64_C(1) << 26)
#define HCR_TRVM (UINT64_C(1) << 30)

#define HCR_ROUTING (HCR_FMO | HCR_IMO | HCR_AMO)

#define CPTR_TFP   (UINT64_C(1) << 10)
#define CPTR_TCPAC (UINT64_C(1) << 31)
/* With E2H = 1 it has CPACR_EL1's layout. */
#define CPTR_VHE_FPEN (UINT64_C(3) << 20)

#define MDCR_TPMCR (UINT64_C(1) << 5)
#define MDCR_TDRA  (UINT64_C(1) << 11)

#define CNTHCTL_EVENT_STREAM UINT64_C(0xfc)
/* EL0PCTEN, EL0VCTEN, EL0VTEN, EL0PTEN: with E2H = 1, what the host's own EL0 may have. */
#define CNTHCTL_VHE_EL0 UINT64_C(0x303)

#define ICH_HCR_TC (UINT64_C(1) << 10)

/* Registers of EL2 that may not be there. */
#define ICH_HCR_EL2    s3_4_c12_c11_0
#define ICC_SRE_EL2    s3_4_c12_c9_5
#define HCRX_EL2       s3_4_c1_c2_2
#define TTBR1_EL2      s3_4_c2_c0_1 /* FEAT_VHE, as the next */
#define CONTEXTIDR_EL2 s3_4_c13_c0_1

/* What a read gives; 0 where the register is not there. */
#define EL2_REGISTERS(X)                                                                           \
    X(HCR, true, hcr_el2)                                                                          \
    X(CPTR, true, cptr_el2)                                                                        \
    X(MDCR, true, mdcr_el2)                                                                        \
    X(HSTR, true, hstr_el2)                                                                        \
    X(CNTHCTL, true, cnthctl_el2)                                                                  \
    X(CNTVOFF, true, cntvoff_el2)                                                                  \
    X(VTTBR, true, vttbr_el2)                                                                      \
    X(VTCR, true, vtcr_el2)                                                                        \
    X(VPIDR, true, vpidr_el2)                                                                      \
    X(VMPIDR, true, vmpidr_el2)                                                                    \
    X(MDSCR, true, mdscr_el1)                                                                      \
    X(ICH_HCR, has_gic_sysregs, ICH_HCR_EL2)                                                       \
    X(ICC_SRE, has_gic_sysregs, ICC_SRE_EL2)                                                       \
    X(HCRX, has_hcx, HCRX_EL2)                                                                     \
    X(VBAR, true, vbar_el2)                                                                        \
    X(TPIDR, true, tpidr_el2)                                                                      \
    X(SCTLR, true, sctlr_el2)                                                                      \
    X(TCR, true, tcr_el2)                                                                          \
    X(TTBR0, true, ttbr0_el2)                                                                      \
    X(MAIR, true, mair_el2)                                                                        \
    X(AMAIR, true, amair_el2)                                                                      \
    X(AFSR0, true, afsr0_el2)                                                                      \
    X(AFSR1, true, afsr1_el2)                                                                      \
    X(TTBR1, has_vhe, TTBR1_EL2)                                                                   \
    X(CONTEXTIDR, has_vhe, CONTEXTIDR_EL2)                                                         \
    X(TPIDRRO_EL0, true, tpidrro_el0)                                                              \
    X(CNTHP_CVAL, true, cnthp_cval_el2)

#define EL2_ENUM(name, present, reg) EL2_##name,
#define EL2_NAME(name, present, reg) #reg,
#define EL2_READ(name, present, reg) arch_read_if(present, reg),
#define arch_read_if(present, reg)   ((present) ? arch_read(reg) : 0)
#define arch_write_if(present, reg, value)                                                         \
    do {                                                                                           \
        if (present)                                                                               \
            arch_write(reg, value);                                                                \
    } while (0)

enum el2_index { EL2_REGISTERS(EL2_ENUM) EL2_COUNT };

static const char *const el2_names[EL2_COUNT] = {EL2_REGISTERS(EL2_NAME)};

struct el2 {
    uint64_t value[EL2_COUNT];
};

static bool has_gic_sysregs, has_hcx, has_vhe;
static bool is_vhe; /* the host */

static struct el2 el2_read(void)
{
    return (struct el2){{EL2_REGISTERS(EL2_READ)}};
}

/* One way to use the library. */
struct mode {
    const char *name;
    uint32_t percpu_flags, vm_flags;
    bool traps_fp;    /* the host's CPTR_EL2 does */
    bool polls;       /* the host routes no interrupt to EL2 */
    bool other_count; /* the guest's virtual count is not the host's */
};

#define HOST_CNTVOFF  UINT64_C(0x5ca1ab1e000)
#define GUEST_CNTVOFF UINT64_C(0x7ea7ab1e0000)

/*
 * The host reads CNTVCT_EL0, which must not be the guest's: no vCPU stays resident. A VHE host reads
 * it without an offset.
 */
static bool puts_each_run(const struct mode *mode)
{
    return mode->other_count && !is_vhe && !(mode->percpu_flags & VCPU_PERCPU_HOST_CNTPCT);
}

static uint64_t unusual_cptr(const struct mode *mode)
{
    uint64_t cptr = arch_read(cptr_el2) | CPTR_TCPAC;

    if (is_vhe)
        return mode->traps_fp ? cptr & ~CPTR_VHE_FPEN : cptr | CPTR_VHE_FPEN;
    return mode->traps_fp ? cptr | CPTR_TFP : cptr & ~CPTR_TFP;
}

/* Values that neither a reset nor the library would choose. They do not change EL2 itself. */
static void el2_make_unusual(const struct mode *mode)
{
    uint64_t routing = mode->polls ? 0 : HCR_FMO | HCR_IMO | HCR_AMO;

    arch_write(hcr_el2,
               (arch_read(hcr_el2) & ~HCR_ROUTING) | routing | HCR_TWI | HCR_TVM | HCR_TRVM);
    arch_write(cptr_el2, unusual_cptr(mode));
    arch_write(mdcr_el2, arch_read(mdcr_el2) | MDCR_TPMCR | MDCR_TDRA);
    arch_write(hstr_el2, 0x2aa5);
    arch_write(cnthctl_el2, 0x5f); /* the event stream on, at bit 5 */
    arch_write(cntvoff_el2, HOST_CNTVOFF);
    arch_write(vttbr_el2, UINT64_C(0x00ab000055555000));
    arch_write(vtcr_el2, 0x80003559);
    arch_write(vpidr_el2, 0x410fabc1);
    arch_write(vmpidr_el2, UINT64_C(0x1280345678));
    arch_write(tpidrro_el0, UINT64_C(0x7d10));
    arch_write(mdscr_el1, 0x1000); /* TDCC: EL0's debug channel traps */
    arch_write_if(has_gic_sysregs, ICH_HCR_EL2, ICH_HCR_TC);
    arch_write_if(has_hcx, HCRX_EL2, 0x1);
    /* What has a namesake at EL1: a restore by the wrong name would go here. */
    arch_write(amair_el2, 0x55);
    arch_write(afsr0_el2, 0xaf5);
    arch_write(afsr1_el2, 0xaf51);
    arch_write_if(has_vhe, TTBR1_EL2, UINT64_C(0x77776000));
    arch_write_if(has_vhe, CONTEXTIDR_EL2, 0xc0de1d);
    arch_isb();
}

/* ---- Checks that say where they failed, once ---- */

static struct {
    const char *guest;
    unsigned run;
    uint64_t daif;
    bool failed;
} at;

static void check_same(const char *what, uint64_t got, uint64_t want)
{
    if (got == want)
        return;
    if (!at.failed)
        console_print("guest %s, run %u, DAIF 0x%lx:\n", at.guest, at.run, at.daif);
    at.failed = true;
    test_check_eq(got, want, what, __FILE__, __LINE__);
}

static void check_el2_same(const struct el2 *got, const struct el2 *want)
{
    for (unsigned i = 0; i < EL2_COUNT; i++)
        check_same(el2_names[i], got->value[i], want->value[i]);
}

/* What the host would notice while a vCPU is resident. The rest of EL2 is the library's then. */
static void check_el2_shared(const struct mode *mode, const struct el2 *got, const struct el2 *want)
{
    const struct {
        enum el2_index index;
        uint64_t mask;
    } shared[] = {
        {EL2_HCR, HCR_ROUTING | ARCH_HCR_TGE | ARCH_HCR_E2H},
        {EL2_CPTR, is_vhe ? CPTR_VHE_FPEN : CPTR_TFP},
        {EL2_CNTHCTL, CNTHCTL_EVENT_STREAM | (is_vhe ? CNTHCTL_VHE_EL0 : 0)},
        {EL2_VBAR, UINT64_MAX},
        {EL2_TPIDR, UINT64_MAX},
        {EL2_SCTLR, UINT64_MAX},
        {EL2_TCR, UINT64_MAX},
        {EL2_TTBR0, UINT64_MAX},
        {EL2_MAIR, UINT64_MAX},
        {EL2_AMAIR, UINT64_MAX},
        {EL2_AFSR0, UINT64_MAX},
        {EL2_AFSR1, UINT64_MAX},
        {EL2_TTBR1, UINT64_MAX},
        {EL2_CONTEXTIDR, UINT64_MAX},
        {EL2_CNTHP_CVAL, UINT64_MAX},
    };

    if (puts_each_run(mode))
        check_el2_same(got, want);
    for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++)
        check_same(el2_names[shared[i].index], got->value[shared[i].index] & shared[i].mask,
                   want->value[shared[i].index] & shared[i].mask);
}

static void check_world(const struct world *in, const struct world *out)
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

/* The host's registers: none of these values is one of the compiler's. */
static struct world host_world(const struct mode *mode, uint64_t daif)
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
                     const struct el2 *host)
{
    struct vcpu_percpu *cpu = testhost_percpu(0);
    bool has_cntp = mode->vm_flags & VCPU_VM_DIRECT_TIMER;
    bool calls = (guest->flags & CALLS_IF_CNTP) && has_cntp;
    struct world in = host_world(mode, at.daif), out = {.result = 0};
    uint64_t physical[2], virtual, end;
    struct el2 want = *host, got;

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
}

/* From a vCPU that was never run to one that was put: loaded, resident, put. */
static void run_guest(struct test_vm *t, const struct mode *mode, const struct guest *guest)
{
    struct vcpu_percpu *cpu = testhost_percpu(0);
    struct vcpu *vcpu = testhost_vcpu(t, 0);
    struct el2 host = el2_read(), now;
    bool is_put = puts_each_run(mode) || (guest->flags & ENDS_PUT);
    unsigned runs = guest->flags & ENDS_PUT ? 1 : 2;
    uint64_t daif = arch_read(daif);

    for (at.run = 1; at.run <= runs && !at.failed; at.run++)
        run_once(mode, guest, vcpu, &host);
    arch_write(daif, at.daif);
    check_same("vcpu_put", (uint64_t)vcpu_put(cpu, vcpu),
               (uint64_t)(is_put ? VCPU_ERR_STATE : VCPU_OK));
    check_same("DAIF after vcpu_put", arch_read(daif), at.daif);
    check_same("vcpu_percpu_put", (uint64_t)vcpu_percpu_put(cpu), VCPU_OK);
    check_same("DAIF after vcpu_percpu_put", arch_read(daif), at.daif);
    arch_write(daif, daif);
    now = el2_read();
    now.value[EL2_CNTHP_CVAL] = host.value[EL2_CNTHP_CVAL];
    check_el2_same(&now, &host);
    if (vcpu_destroy(vcpu) != VCPU_OK)
        exit_panic("vcpu_destroy");
}

/* ---- Modes ---- */

static void enable(const struct mode *mode)
{
    static struct vcpu_host hooks;
    const struct vcpu_percpu_config config = {.host = &hooks, .flags = mode->percpu_flags};

    hooks = testhost_hooks;
    hooks.irq = host_state_irq;
    CHECK_EQ(vcpu_percpu_enable(testhost_percpu(0), &config), VCPU_OK);
}

static void make_vm(struct test_vm *t, const struct mode *mode)
{
    testhost_vm_with(t, (struct vcpu_vm_config){
                            .flags = mode->vm_flags | VCPU_VM_TRAP_WFI,
                            .counter_offset = mode->other_count ? GUEST_CNTVOFF : HOST_CNTVOFF,
                            .allow_smc = host_state_allow_smc,
                        });
}

static void test_mode(const struct mode *mode)
{
    struct vcpu_percpu *cpu = testhost_percpu(0);
    struct el2 before, after;
    struct test_vm t;
    struct vcpu *vcpu;

    test_begin(mode->name);
    at.failed = false;
    el2_make_unusual(mode);
    before = el2_read();
    enable(mode);
    make_vm(&t, mode);
    for (size_t i = 0; i < sizeof(guests) / sizeof(guests[0]); i++) {
        at.guest = guests[i].name;
        if ((guests[i].flags & NEEDS_IRQ) && (mode->vm_flags & VCPU_VM_DIRECT_IRQ))
            continue;
        for (at.daif = 0; at.daif <= 0x3c0 && !at.failed; at.daif += 0x40)
            run_guest(&t, mode, &guests[i]);
    }

    /* Disabling it puts what is resident. */
    vcpu = testhost_vcpu(&t, 0);
    testhost_enter_at(vcpu, guest_hvc);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_percpu_disable(cpu), VCPU_OK);
    after = el2_read();
    after.value[EL2_CNTHP_CVAL] = before.value[EL2_CNTHP_CVAL];
    at.guest = "put by disable";
    check_el2_same(&after, &before);
    testhost_vm_free(&t);
}

/*
 * A vCPU's FP registers, through an exit, through another vCPU's run if there are two, and through
 * a host that uses them itself.
 */
static void fp_of(struct test_vm *t, const struct mode *mode, unsigned vcpus)
{
    struct vcpu_percpu *cpu = testhost_percpu(0);
    struct vcpu *vcpu[2];

    for (unsigned i = 0; i < vcpus; i++) {
        vcpu[i] = testhost_vcpu(t, (uint16_t)i);
        testhost_enter_at(vcpu[i], guest_fp);
        vcpu[i]->regs.x[1] = UINT64_C(0xf10a710000000000) + i * UINT64_C(0x0123456789);
    }
    for (unsigned round = 1; round <= 2; round++) {
        for (unsigned i = 0; i < vcpus; i++) {
            CHECK_EQ(vcpu_run(cpu, vcpu[i]), VCPU_EXIT_HYPERCALL);
            CHECK_EQ(vcpu_exit_imm(&vcpu[i]->exit), round == 1 ? GUEST_FP_READY : GUEST_FP_DONE);
            if (round == 2)
                CHECK_EQ(vcpu[i]->regs.x[0], 0);
            if (mode->percpu_flags & VCPU_PERCPU_HOST_FP)
                host_state_spoil_fp();
            CHECK_EQ(vcpu_complete_call(vcpu[i], 0), VCPU_OK);
        }
    }
    CHECK_EQ(vcpu_percpu_put(cpu), VCPU_OK);
    for (unsigned i = 0; i < vcpus; i++)
        CHECK_EQ(vcpu_destroy(vcpu[i]), VCPU_OK);
}

static void test_fp(const struct mode *mode)
{
    struct test_vm t;

    test_begin(mode->name);
    el2_make_unusual(mode);
    enable(mode);
    testhost_vm_with(&t, (struct vcpu_vm_config){.counter_offset = HOST_CNTVOFF});
    fp_of(&t, mode, 1);
    fp_of(&t, mode, 2);
    testhost_vm_free(&t);
    CHECK_EQ(vcpu_percpu_disable(testhost_percpu(0)), VCPU_OK);
}

/*
 * What each exception writes has namesakes at EL1 as well; without one, a switch leaves them alone.
 */
#define EXCEPTION_REGISTERS(X) X(elr_el2) X(spsr_el2) X(esr_el2) X(far_el2)

static void spoil_exception_registers(void)
{
#define SPOIL(name) arch_write(name, 0xe0c);
    EXCEPTION_REGISTERS(SPOIL)
#undef SPOIL
}

static void check_exception_registers(void)
{
#define SAME(name) check_same(#name, arch_read(name), 0xe0c);
    EXCEPTION_REGISTERS(SAME)
#undef SAME
}

/* Runs that do not enter the guest: an error, and a kick that was there before. */
static void test_not_entered(const struct mode *mode)
{
    struct vcpu_percpu *cpu = testhost_percpu(0);
    struct world in, out = {.result = 0};
    struct el2 before, after;
    struct vcpu *vcpu;
    struct test_vm t;

    el2_make_unusual(mode);
    enable(mode);
    make_vm(&t, mode);
    vcpu = testhost_vcpu(&t, 0);
    before = el2_read();
    at.guest = "without entry";
    for (at.daif = 0; at.daif <= 0x3c0 && !at.failed; at.daif += 0x40) {
        in = host_world(mode, at.daif);
        host_state_run(&in, &out, cpu, vcpu);
        after = el2_read();
        check_same("result", (uint64_t)out.result, (uint64_t)VCPU_ERR_STATE);
        check_world(&in, &out);
        check_el2_same(&after, &before);
    }
    testhost_enter_at(vcpu, guest_hvc);
    at.guest = "kicked before";
    for (at.daif = 0; at.daif <= 0x3c0 && !at.failed; at.daif += 0x40) {
        in = host_world(mode, at.daif);
        MUST(vcpu_kick(vcpu));
        spoil_exception_registers();
        host_state_run(&in, &out, cpu, vcpu);
        after = el2_read();
        check_exception_registers();
        check_same("result", (uint64_t)out.result, VCPU_EXIT_KICK);
        check_world(&in, &out);
        check_el2_shared(mode, &after, &before);
    }
    spoil_exception_registers();
    check_same("vcpu_percpu_put", (uint64_t)vcpu_percpu_put(cpu), VCPU_OK);
    check_exception_registers();
    testhost_vm_free(&t);
    CHECK_EQ(vcpu_percpu_disable(cpu), VCPU_OK);
}

static const struct mode modes[] = {
    {.name = "a host without FP gets all of its state back"},
    {.name = "a host that traps its own FP traps it again", .traps_fp = true},
    {.name = "a host with FP keeps its FP registers", .percpu_flags = VCPU_PERCPU_HOST_FP},
    {.name = "with an interrupt hook", .percpu_flags = VCPU_PERCPU_IRQ_HOOK},
    {.name = "with the library's vectors", .percpu_flags = VCPU_PERCPU_OWN_VECTORS},
    {.name = "a guest that owns the interrupts leaves the host its own",
     .vm_flags = VCPU_VM_DIRECT_IRQ},
    {.name = "a guest that owns the physical timer", .vm_flags = VCPU_VM_DIRECT_TIMER},
    {.name = "a guest with another count does not shift the host's", .other_count = true},
    {.name = "a host that reads CNTPCT_EL0 only",
     .percpu_flags = VCPU_PERCPU_HOST_CNTPCT,
     .other_count = true},
    {.name = "a host that routes no interrupt to EL2", .polls = true},
    {.name = "everything at once",
     .percpu_flags = VCPU_PERCPU_HOST_FP | VCPU_PERCPU_IRQ_HOOK | VCPU_PERCPU_OWN_VECTORS |
                     VCPU_PERCPU_HOST_CNTPCT,
     .vm_flags = VCPU_VM_DIRECT_TIMER,
     .other_count = true},
};

static const struct mode fp_modes[] = {
    {.name = "guests keep their FP registers, in a host without FP"},
    {.name = "guests keep their FP registers, in a host that traps its own", .traps_fp = true},
    {.name = "guests keep their FP registers, in a host that uses FP",
     .percpu_flags = VCPU_PERCPU_HOST_FP},
};

void host_main(const struct machine *machine)
{
    gic_find(machine);
    gic_init();
    testhost_gic();
    irq_register(machine->hyp_timer_intid, timer_handler);
    gic_enable(machine->hyp_timer_intid);
    timer_delay = timer_frequency() / 10000;
    has_gic_sysregs = arch_read(id_aa64pfr0_el1) >> 24 & 0xf;
    has_hcx = arch_read(id_aa64mmfr1_el1) >> 40 & 0xf;
    has_vhe = arch_has_vhe();
    is_vhe = arch_is_vhe();

    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
        test_mode(&modes[i]);
    for (size_t i = 0; i < sizeof(fp_modes) / sizeof(fp_modes[0]); i++)
        test_fp(&fp_modes[i]);
    test_begin("a run that does not enter the guest changes nothing");
    at.failed = false;
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
        test_not_entered(&modes[i]);
    test_end();
}
