/* SPDX-License-Identifier: MIT */
/*
 * Exceptions that the host itself takes: by its own vectors, by the library's, and in the moment
 * when those of the world switch stand in VBAR_EL2. And what vcpu_percpu_enable refuses.
 */
#include "vectors.h"

#include <stddef.h>

#include "arch.h"
#include "fiq.h"
#include "gic.h"
#include "irq.h"
#include "testhost.h"

/* ---- What assembly sees ---- */

#define HCR_EL2_TWI (UINT64_C(1) << 13)

struct attempt {
    uint64_t x[31];
    uint64_t spsr;
    uint64_t vbar;      /* VBAR_EL2 meanwhile */
    uint64_t host_vbar; /* what the world switch's frame says is the host's */
    uint64_t sp_el0;
    uint64_t out_x[31];
    uint64_t out_nzcv, out_daif, out_vbar;
    uint64_t sp, out_sp;
    uint64_t refault;  /* the frame's word for it */
    uint64_t hcr;      /* HCR_EL2 meanwhile */
    uint64_t host_hcr; /* what the world switch's vCPU says is the host's */
    uint64_t out_hcr;
};

_Static_assert(offsetof(struct attempt, x[30]) == ATTEMPT_X(30), "vectors.h");
_Static_assert(offsetof(struct attempt, spsr) == ATTEMPT_SPSR, "vectors.h");
_Static_assert(offsetof(struct attempt, vbar) == ATTEMPT_VBAR, "vectors.h");
_Static_assert(offsetof(struct attempt, host_vbar) == ATTEMPT_HOST_VBAR, "vectors.h");
_Static_assert(offsetof(struct attempt, sp_el0) == ATTEMPT_SP_EL0, "vectors.h");
_Static_assert(offsetof(struct attempt, out_x[30]) == ATTEMPT_OUT_X(30), "vectors.h");
_Static_assert(offsetof(struct attempt, out_nzcv) == ATTEMPT_OUT_NZCV, "vectors.h");
_Static_assert(offsetof(struct attempt, out_daif) == ATTEMPT_OUT_DAIF, "vectors.h");
_Static_assert(offsetof(struct attempt, out_vbar) == ATTEMPT_OUT_VBAR, "vectors.h");
_Static_assert(offsetof(struct attempt, sp) == ATTEMPT_SP, "vectors.h");
_Static_assert(offsetof(struct attempt, out_sp) == ATTEMPT_OUT_SP, "vectors.h");
_Static_assert(offsetof(struct attempt, refault) == ATTEMPT_REFAULT, "vectors.h");
_Static_assert(offsetof(struct attempt, hcr) == ATTEMPT_HCR, "vectors.h");
_Static_assert(offsetof(struct attempt, host_hcr) == ATTEMPT_HOST_HCR, "vectors.h");
_Static_assert(offsetof(struct attempt, out_hcr) == ATTEMPT_OUT_HCR, "vectors.h");

void vectors_try(struct attempt *attempt, const void *code);
int vectors_run_then_irq(struct vcpu_percpu *cpu, struct vcpu *vcpu);
int vectors_run_then_brk(struct vcpu_percpu *cpu, struct vcpu *vcpu);

typedef int call_t(struct vcpu_percpu *cpu, const struct vcpu_percpu_config *config);
int vectors_call_on_sp0(call_t *f, struct vcpu_percpu *cpu,
                        const struct vcpu_percpu_config *config);
int vectors_call_with_e2h_alone(call_t *f, struct vcpu_percpu *cpu,
                                const struct vcpu_percpu_config *config);

extern const char vectors_host[], vectors_back[];
extern const char try_brk[], try_brk_at[], try_brk_sp0[], try_brk_sp0_at[];
extern const char try_load[], try_load_at[], try_load_sp0[], try_load_sp0_at[];
extern const char try_irq[], try_irq_sp0[], try_fiq[];
extern const char vectors_run_then_irq_at[], vectors_run_then_brk_at[];
extern struct vcpu_host_fault vectors_seen;
extern uint64_t vectors_seen_count, vectors_resume;

extern const char guest_call[], guest_load[], guest_spin[], guest_load32[], guest_spin32[];

/* The library's, of asm/. */
extern const char vcpu_vectors[], vcpu_owned_vectors[];

#define ESR_EC(esr)        ((esr) >> 26 & 0x3f)
#define EC_DATA_ABORT_SAME 0x25
#define ESR_BRK(immediate) (UINT64_C(0xf2000000) | (immediate))
#define SPSR_FLAGS         UINT64_C(0xf0000000)
#define SPSR_EL2H          UINT64_C(0x3c9) /* DAIF masked */
#define SPSR_EL2T          UINT64_C(0x3c8)
#define PSTATE_USER32      UINT64_C(0x1d0) /* A, I and F masked */

#define SLOT(offset)  ((offset) / 0x80)
#define SLOT_SYNC_SP0 SLOT(0x000)
#define SLOT_SYNC     SLOT(0x200)
#define SLOT_IRQ      SLOT(0x280)

/* QEMU virt has its flash here, and EL2's tables nothing. */
#define UNMAPPED UINT64_C(0x1000)

static const struct machine *machine;

/* ---- Attempts ---- */

static uint8_t sp0_stack[256] __attribute__((aligned(16)));

/* Patterns in all registers, and flags that are not all alike. */
static struct attempt attempt_make(const void *vbar)
{
    struct attempt attempt = {
        .spsr = SPSR_EL2H | UINT64_C(0xa0000000),
        .vbar = (uintptr_t)vbar,
        .host_vbar = (uintptr_t)vectors_host,
        .sp_el0 = (uintptr_t)sp0_stack + sizeof(sp0_stack),
        .hcr = arch_read(hcr_el2),
        .host_hcr = arch_read(hcr_el2),
    };

    /* The world switch finds a guest's in the register. The library's own vectors leave it. */
    if (vbar == vcpu_vectors)
        attempt.hcr ^= HCR_EL2_TWI;
    for (unsigned i = 0; i < 31; i++)
        attempt.x[i] = UINT64_C(0x1eaf000000000000) + i * UINT64_C(0x0101010101);
    attempt.x[8] = UNMAPPED;
    return attempt;
}

static void check_registers(const uint64_t *got, const uint64_t *want)
{
    for (unsigned i = 0; i < 31; i++) {
        if (got[i] == want[i])
            continue;
        console_print("x%u: ", i);
        CHECK_EQ(got[i], want[i]);
    }
}

/* Everything is as if nothing had happened. */
static void check_unchanged(const struct attempt *attempt)
{
    check_registers(attempt->out_x, attempt->x);
    CHECK_EQ(attempt->out_nzcv, attempt->spsr & SPSR_FLAGS);
    CHECK_EQ(attempt->out_daif, attempt->spsr & 0x3c0);
    CHECK_EQ(attempt->out_sp, attempt->sp);
    CHECK_EQ(attempt->out_hcr, attempt->host_hcr);
}

/* What an exception handler was shown: all of the state at that instruction. */
static void check_shown(const struct vcpu_host_fault *fault, const struct attempt *attempt,
                        unsigned slot, const void *pc)
{
    uint64_t mode = slot < SLOT_SYNC ? SPSR_EL2T : SPSR_EL2H;

    check_registers(fault->x, attempt->x);
    CHECK_EQ(fault->vector, slot);
    CHECK_EQ(fault->pc, (uintptr_t)pc);
    CHECK_EQ(fault->spsr & (SPSR_FLAGS | 0x3cf), (attempt->spsr & SPSR_FLAGS) | mode);
    CHECK_EQ(fault->sp, attempt->sp);
}

/* ---- A guest ---- */

static struct vcpu *guest_at(struct test_vm *t, const char *entry)
{
    struct vcpu *vcpu = testhost_vcpu(t, 0);

    testhost_enter_at(vcpu, entry);
    vcpu->regs.x[0] = TEST_HOLE_IPA;
    return vcpu;
}

static void guest_done(struct vcpu *vcpu)
{
    CHECK_EQ(vcpu_put(testhost_percpu(0), vcpu), VCPU_OK);
    CHECK_EQ(vcpu_destroy(vcpu), VCPU_OK);
}

/* ---- By default: the host's own vectors ---- */

static void test_host_vectors(void)
{
    struct vcpu_percpu *cpu = testhost_percpu(0);
    uint64_t platform = arch_read(vbar_el2), count;
    struct vcpu *vcpu;
    struct test_vm t;

    test_begin("an IRQ right behind vcpu_run comes to the host's own vectors");
    testhost_enable(0);
    testhost_vm(&t, 0);
    arch_write(vbar_el2, (uintptr_t)vectors_host);
    arch_isb();
    for (unsigned i = 0; i < 2; i++) {
        vcpu = guest_at(&t, i ? guest_spin : guest_load);
        count = vectors_seen_count;
        timer_set(i ? timer_now() + timer_frequency() / 1000 : 0);
        /* Due at once it comes before the guest's first instruction, or with it. */
        CHECK_EQ(vectors_run_then_irq(cpu, vcpu), VCPU_EXIT_IRQ);
        CHECK_EQ(vectors_seen_count, count + 1);
        CHECK_EQ(vectors_seen.vector, SLOT_IRQ);
        CHECK(vectors_seen.pc == (uintptr_t)vectors_run_then_irq_at ||
              vectors_seen.pc == (uintptr_t)vectors_run_then_irq_at + 4);
        guest_done(vcpu);
    }

    test_begin("so does a synchronous exception");
    for (unsigned i = 0; i < 2; i++) {
        vcpu = guest_at(&t, i ? guest_load : guest_call);
        count = vectors_seen_count;
        CHECK_EQ(vectors_run_then_brk(cpu, vcpu), i ? VCPU_EXIT_MMIO_READ : VCPU_EXIT_HYPERCALL);
        CHECK_EQ(vectors_seen_count, count + 1);
        CHECK_EQ(vectors_seen.vector, SLOT_SYNC);
        CHECK_EQ(vectors_seen.esr_el2, ESR_BRK(VECTORS_BRK_AFTER));
        CHECK_EQ(vectors_seen.pc, (uintptr_t)vectors_run_then_brk_at);
        guest_done(vcpu);
    }

    test_begin("vectors that the host changes between two runs stay");
    arch_write(vbar_el2, platform);
    arch_isb();
    vcpu = guest_at(&t, guest_call);
    CHECK_EQ(vcpu_run(cpu, vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(arch_read(vbar_el2), platform);
    arch_write(vbar_el2, (uintptr_t)vectors_host);
    arch_isb();
    CHECK_EQ(vcpu_run(cpu, vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(arch_read(vbar_el2), (uintptr_t)vectors_host);
    arch_write(vbar_el2, platform);
    arch_isb();
    guest_done(vcpu);

    testhost_vm_free(&t);
    CHECK_EQ(vcpu_percpu_disable(cpu), VCPU_OK);
    CHECK_EQ(arch_read(vbar_el2), platform);
}

/* ---- The world switch's vectors ---- */

static void test_guest_slots(void)
{
    struct vcpu_percpu *cpu = testhost_percpu(0);
    struct vcpu *vcpu;
    struct test_vm t;

    testhost_enable(0);
    testhost_vm(&t, 0);
    if (vcpu_percpu_features(cpu)->aarch32_el0) {
        test_begin("a guest in AArch32 state exits like one in AArch64 state");
        vcpu = guest_at(&t, guest_load32);
        CHECK_EQ(vcpu_set_reg(vcpu, VCPU_REG_PSTATE, PSTATE_USER32), VCPU_OK);
        CHECK_EQ(vcpu_run(cpu, vcpu), VCPU_EXIT_MMIO_READ);
        CHECK_EQ(vcpu->exit.ipa.value, TEST_HOLE_IPA);
        CHECK_EQ(vcpu->regs.pc, testhost_ipa(guest_load32));
        CHECK_EQ(vcpu->regs.pstate & 0x1f, 0x10);
        guest_done(vcpu);

        vcpu = guest_at(&t, guest_spin32);
        CHECK_EQ(vcpu_set_reg(vcpu, VCPU_REG_PSTATE, PSTATE_USER32), VCPU_OK);
        timer_set(timer_now() + timer_frequency() / 1000);
        CHECK_EQ(vcpu_run(cpu, vcpu), VCPU_EXIT_IRQ);
        CHECK_EQ(vcpu->regs.pc, testhost_ipa(guest_spin32));
        timer_clear();
        guest_done(vcpu);
    }
    testhost_vm_free(&t);
    CHECK_EQ(vcpu_percpu_disable(cpu), VCPU_OK);
}

static void test_switch_vectors(void)
{
    uint64_t count = vectors_seen_count;
    struct attempt attempt;

    test_begin("a fault of the world switch itself comes to the host as if it had no vectors");
    attempt = attempt_make(vcpu_vectors);
    vectors_try(&attempt, try_brk);
    CHECK_EQ(vectors_seen_count, count + 1);
    CHECK_EQ(vectors_seen.esr_el2, ESR_BRK(VECTORS_BRK));
    check_shown(&vectors_seen, &attempt, SLOT_SYNC, try_brk_at);
    check_unchanged(&attempt);
    CHECK_EQ(attempt.out_vbar, (uintptr_t)vectors_host);

    test_begin("and so does an abort, with its address");
    attempt = attempt_make(vcpu_vectors);
    vectors_try(&attempt, try_load);
    CHECK_EQ(vectors_seen_count, count + 2);
    CHECK_EQ(ESR_EC(vectors_seen.esr_el2), EC_DATA_ABORT_SAME);
    CHECK_EQ(vectors_seen.far_el2, UNMAPPED);
    check_shown(&vectors_seen, &attempt, SLOT_SYNC, try_load_at);
    check_unchanged(&attempt);

    test_begin("with SP_EL0 selected as well");
    attempt = attempt_make(vcpu_vectors);
    vectors_try(&attempt, try_brk_sp0);
    CHECK_EQ(vectors_seen_count, count + 3);
    CHECK_EQ(vectors_seen.esr_el2, ESR_BRK(VECTORS_BRK));
    check_shown(&vectors_seen, &attempt, SLOT_SYNC_SP0, try_brk_sp0_at);
    check_unchanged(&attempt);
    CHECK_EQ(attempt.out_vbar, (uintptr_t)vectors_host);

    /* Masked, as they are there, they do not come; so their slots are entered by hand. */
    test_begin("what cannot be masked goes to the same slot of the host's vectors");
    for (unsigned slot = 0; slot < 8; slot++) {
        if (slot % 4 == 0)
            continue;
        count = vectors_seen_count;
        attempt = attempt_make(vcpu_vectors);
        vectors_resume = (uintptr_t)vectors_back;
        vectors_try(&attempt, vcpu_vectors + slot * 0x80);
        vectors_resume = 0;
        CHECK_EQ(vectors_seen_count, count + 1);
        CHECK_EQ(vectors_seen.vector, slot);
        CHECK_EQ(attempt.out_vbar, (uintptr_t)vectors_host);
        /* x0 was needed on the way: the frame has it. */
        CHECK_EQ(attempt.refault, attempt.x[0]);
        attempt.out_x[0] = vectors_seen.x[0] = attempt.x[0];
        check_registers(vectors_seen.x, attempt.x);
        CHECK_EQ(vectors_seen.sp, attempt.sp);
        check_unchanged(&attempt);
    }
}

/* ---- The library's vectors, from enable to disable ---- */

static struct {
    struct vcpu_host_fault fault;
    unsigned faults, irqs;
    bool brk_in_irq; /* the interrupt's hook faults, too */
    bool is_fiq;
    uint64_t new_spsr; /* 0: as it was */
    uint64_t new_pc;   /* 0: the next instruction */
} hook;

static bool hook_fault(void *ctx, struct vcpu_host_fault *fault)
{
    (void)ctx;
    hook.fault = *fault;
    __atomic_fetch_add(&hook.faults, 1, __ATOMIC_RELEASE);
    if (fault->esr_el2 == ESR_BRK(VECTORS_BRK_STOP))
        return false;
    fault->pc = hook.new_pc ? hook.new_pc : fault->pc + 4;
    if (hook.new_spsr)
        fault->spsr = hook.new_spsr;
    return true;
}

static void brk(void)
{
    __asm__ volatile("brk %0" ::"i"(VECTORS_BRK_HOOK) : "memory");
}

static void hook_irq(void *ctx)
{
    (void)ctx;
    hook.irqs++;
    if (hook.brk_in_irq)
        brk();
    if (hook.is_fiq)
        CHECK(fiq_take(machine));
    else
        irq_handle();
}

static struct vcpu_host hooks;

static int enable_owned(const struct vcpu_host *host)
{
    const struct vcpu_percpu_config config = {
        .host = host, .id = smp_this()->index, .flags = VCPU_PERCPU_OWN_VECTORS};

    return vcpu_percpu_enable(testhost_percpu(smp_this()->index), &config);
}

static void test_owned_faults(void)
{
    struct attempt attempt;

    test_begin("the fault hook is shown a BRK of the host, and the host goes on");
    attempt = attempt_make(vcpu_owned_vectors);
    hook.faults = 0;
    vectors_try(&attempt, try_brk);
    CHECK_EQ(hook.faults, 1);
    CHECK_EQ(hook.fault.esr_el2, ESR_BRK(VECTORS_BRK));
    check_shown(&hook.fault, &attempt, SLOT_SYNC, try_brk_at);
    check_unchanged(&attempt);
    CHECK_EQ(attempt.out_vbar, (uintptr_t)vcpu_owned_vectors);

    test_begin("the fault hook is shown an abort and its address");
    attempt = attempt_make(vcpu_owned_vectors);
    vectors_try(&attempt, try_load);
    CHECK_EQ(hook.faults, 2);
    CHECK_EQ(ESR_EC(hook.fault.esr_el2), EC_DATA_ABORT_SAME);
    CHECK_EQ(hook.fault.far_el2, UNMAPPED);
    check_shown(&hook.fault, &attempt, SLOT_SYNC, try_load_at);
    check_unchanged(&attempt);

    test_begin("faults of a host that has selected SP_EL0");
    attempt = attempt_make(vcpu_owned_vectors);
    vectors_try(&attempt, try_brk_sp0);
    CHECK_EQ(hook.faults, 3);
    CHECK_EQ(hook.fault.esr_el2, ESR_BRK(VECTORS_BRK));
    check_shown(&hook.fault, &attempt, SLOT_SYNC_SP0, try_brk_sp0_at);
    check_unchanged(&attempt);
    vectors_try(&attempt, try_load_sp0);
    CHECK_EQ(hook.faults, 4);
    CHECK_EQ(hook.fault.far_el2, UNMAPPED);
    check_shown(&hook.fault, &attempt, SLOT_SYNC_SP0, try_load_sp0_at);
    check_unchanged(&attempt);

    /* None can be made in QEMU: the slots are entered by hand. */
    test_begin("the fault hook is shown an SError");
    for (unsigned slot = 3; slot < 8; slot += 4) {
        attempt = attempt_make(vcpu_owned_vectors);
        hook.new_pc = (uintptr_t)vectors_back;
        vectors_try(&attempt, vcpu_owned_vectors + slot * 0x80);
        hook.new_pc = 0;
        CHECK_EQ(hook.fault.vector, slot);
        check_registers(hook.fault.x, attempt.x);
        check_unchanged(&attempt);
    }
    CHECK_EQ(hook.faults, 6);

    test_begin("what the fault hook makes of PSTATE is used");
    attempt = attempt_make(vcpu_owned_vectors);
    hook.new_spsr = (attempt.spsr & ~SPSR_FLAGS) | UINT64_C(0x50000000);
    vectors_try(&attempt, try_brk);
    attempt.spsr = hook.new_spsr;
    hook.new_spsr = 0;
    check_unchanged(&attempt);
}

static void test_owned_irqs(void)
{
    struct attempt attempt;
    unsigned taken = testhost_kicks_taken();

    test_begin("the interrupt hook is called for an interrupt of the host");
    attempt = attempt_make(vcpu_owned_vectors);
    hook.irqs = hook.faults = 0;
    gic_send_sgi(0, TEST_KICK_SGI);
    vectors_try(&attempt, try_irq);
    CHECK_EQ(hook.irqs, 1);
    CHECK_EQ(testhost_kicks_taken(), taken + 1);
    check_unchanged(&attempt);

    test_begin("with SP_EL0 selected as well");
    gic_send_sgi(0, TEST_KICK_SGI);
    vectors_try(&attempt, try_irq_sp0);
    CHECK_EQ(hook.irqs, 2);
    CHECK_EQ(testhost_kicks_taken(), taken + 2);
    check_unchanged(&attempt);

    test_begin("the interrupt hook is called for an FIQ of the host");
    fiq_timer(machine, true);
    hook.is_fiq = true;
    timer_set(0);
    vectors_try(&attempt, try_fiq);
    hook.is_fiq = false;
    fiq_timer(machine, false);
    CHECK_EQ(hook.irqs, 3);
    CHECK(!timer_expired());
    check_unchanged(&attempt);

    test_begin("the interrupt hook may fault itself");
    hook.brk_in_irq = true;
    gic_send_sgi(0, TEST_KICK_SGI);
    vectors_try(&attempt, try_irq);
    hook.brk_in_irq = false;
    CHECK_EQ(hook.irqs, 4);
    CHECK_EQ(hook.faults, 1);
    CHECK_EQ(hook.fault.esr_el2, ESR_BRK(VECTORS_BRK_HOOK));
    check_unchanged(&attempt);
}

static void test_owned(void)
{
    struct vcpu_percpu *cpu = testhost_percpu(0);
    uint64_t platform = arch_read(vbar_el2);
    static struct vcpu_host others;
    struct vcpu *vcpu;
    struct test_vm t;

    test_begin("a host without vectors gets the library's");
    CHECK_EQ(enable_owned(&hooks), VCPU_OK);
    CHECK_EQ(arch_read(vbar_el2), (uintptr_t)vcpu_owned_vectors);
    test_owned_faults();
    test_owned_irqs();

    test_begin("the library's vectors are back behind vcpu_run");
    testhost_vm(&t, 0);
    vcpu = guest_at(&t, guest_call);
    hook.faults = 0;
    CHECK_EQ(vectors_run_then_brk(cpu, vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(hook.faults, 1);
    CHECK_EQ(hook.fault.pc, (uintptr_t)vectors_run_then_brk_at);
    testhost_enter_at(vcpu, guest_spin);
    hook.irqs = 0;
    timer_set(timer_now() + timer_frequency() / 1000);
    CHECK_EQ(vectors_run_then_irq(cpu, vcpu), VCPU_EXIT_IRQ);
    CHECK_EQ(hook.irqs, 1);
    CHECK_EQ(arch_read(vbar_el2), (uintptr_t)vcpu_owned_vectors);
    guest_done(vcpu);
    testhost_vm_free(&t);

    test_begin("disabling puts the vectors back that were there");
    CHECK_EQ(vcpu_percpu_disable(cpu), VCPU_OK);
    CHECK_EQ(arch_read(vbar_el2), platform);

    test_begin("the library's vectors serve one host only");
    others = hooks;
    CHECK_EQ(enable_owned(&others), VCPU_ERR_INVALID);
    CHECK_EQ(arch_read(vbar_el2), platform);
    CHECK(vcpu_percpu_features(cpu) == NULL);
    CHECK_EQ(enable_owned(&hooks), VCPU_OK);
    CHECK_EQ(vcpu_percpu_disable(cpu), VCPU_OK);
    CHECK_EQ(arch_read(vbar_el2), platform);
}

/* ---- Enabling ---- */

static void check_refused(struct vcpu_percpu *cpu, const struct vcpu_percpu_config *config)
{
    CHECK_EQ(vcpu_percpu_enable(cpu, config), VCPU_ERR_INVALID);
}

static void test_enable_errors(void)
{
    static struct vcpu_percpu blocks[2];
    struct vcpu_percpu *cpu = &blocks[0];
    struct vcpu_host host = testhost_hooks;
    struct vcpu_percpu_config config = {.host = &host};
    uint64_t vbar = arch_read(vbar_el2), hcr = arch_read(hcr_el2);
    bool vhe = arch_read(id_aa64mmfr1_el1) >> 8 & 0xf;

    test_begin("enable refuses what is not documented");
    check_refused(NULL, &config);
    check_refused(cpu, NULL);
    check_refused((struct vcpu_percpu *)((uintptr_t)cpu + 8), &config);
    config.flags = VCPU_PERCPU_HOST_CNTPCT << 1;
    check_refused(cpu, &config);
    config.flags = 0;
    config.host = NULL;
    check_refused(cpu, &config);
    config.host = &host;
    host.alloc_pages = NULL;
    check_refused(cpu, &config);
    host = testhost_hooks;
    host.free_pages = NULL;
    check_refused(cpu, &config);
    host = testhost_hooks;
    host.phys_to_virt = NULL;
    check_refused(cpu, &config);
    host = testhost_hooks;
    host.irq = NULL;
    config.flags = VCPU_PERCPU_IRQ_HOOK;
    check_refused(cpu, &config);
    config.flags = VCPU_PERCPU_OWN_VECTORS;
    check_refused(cpu, &config);
    config.flags = 0;

    test_begin("enable refuses a CPU that runs on SP_EL0");
    CHECK_EQ(vectors_call_on_sp0(vcpu_percpu_enable, cpu, &config), VCPU_ERR_NOT_EL2);

    if (vhe) {
        test_begin("enable refuses E2H without TGE");
        CHECK_EQ(vectors_call_with_e2h_alone(vcpu_percpu_enable, cpu, &config),
                 VCPU_ERR_UNSUPPORTED);
    }

    test_begin("a CPU that was refused is not enabled, and nothing on it changed");
    CHECK_EQ(arch_read(vbar_el2), vbar);
    CHECK_EQ(arch_read(hcr_el2), hcr);
    CHECK(vcpu_percpu_features(cpu) == NULL);
    CHECK_EQ(vcpu_percpu_disable(cpu), VCPU_ERR_STATE);
    CHECK_EQ(vcpu_percpu_put(cpu), VCPU_ERR_INVALID);
    for (size_t i = 0; i < sizeof(cpu->opaque) / sizeof(cpu->opaque[0]); i++)
        CHECK_EQ(cpu->opaque[i], 0);

    test_begin("enable and disable take turns");
    CHECK_EQ(vcpu_percpu_enable(cpu, &config), VCPU_OK); /* without a hook for interrupts */
    CHECK_EQ(vcpu_percpu_enable(cpu, &config), VCPU_ERR_STATE);
    CHECK(vcpu_percpu_features(cpu) != NULL);
    CHECK_EQ(vcpu_percpu_features(cpu)->vhe, vhe);
    CHECK_EQ(vcpu_percpu_disable(cpu), VCPU_OK);
    CHECK_EQ(vcpu_percpu_disable(cpu), VCPU_ERR_STATE);
    CHECK_EQ(vcpu_percpu_disable(NULL), VCPU_ERR_INVALID);
    CHECK(vcpu_percpu_features(cpu) == NULL);
}

/* ---- A CPU that cannot go on ---- */

static struct {
    int enabled;
    bool started, went_on;
    unsigned irqs;
} broken;

static void broken_cpu(unsigned index)
{
    (void)index;
    testhost_gic();
    broken.enabled = enable_owned(&hooks);
    __atomic_store_n(&broken.started, true, __ATOMIC_RELEASE);
    arch_irq_enable();
    __asm__ volatile("brk %0" ::"i"(VECTORS_BRK_STOP) : "memory");
    __atomic_store_n(&broken.went_on, true, __ATOMIC_RELEASE);
}

static void test_stop(void)
{
    uint64_t end;

    test_begin("a CPU whose fault the hook cannot mend stops, with interrupts masked");
    hook.faults = hook.irqs = 0;
    CHECK_EQ(smp_count(), 2);
    CHECK(smp_start(broken_cpu));
    CHECK(TEST_WAIT_FOR(__atomic_load_n(&hook.faults, __ATOMIC_ACQUIRE) != 0));
    CHECK(__atomic_load_n(&broken.started, __ATOMIC_ACQUIRE));
    CHECK_EQ(broken.enabled, VCPU_OK);
    CHECK_EQ(hook.faults, 1);
    gic_send_sgi(1, TEST_KICK_SGI);
    end = timer_now() + timer_frequency() / 50;
    while (timer_now() < end)
        arch_sev();
    CHECK_EQ(hook.irqs, 0);
    CHECK_EQ(hook.faults, 1);
    CHECK(!__atomic_load_n(&broken.went_on, __ATOMIC_ACQUIRE));
}

void host_main(const struct machine *m)
{
    machine = m;
    hooks = testhost_hooks;
    hooks.irq = hook_irq;
    hooks.fault = hook_fault;

    gic_find(machine);
    gic_init();
    testhost_gic();
    irq_register(machine->hyp_timer_intid, timer_clear);
    gic_enable(machine->hyp_timer_intid);

    test_enable_errors();
    test_host_vectors();
    test_guest_slots();
    test_switch_vectors();
    test_owned();
    test_stop();
    test_end();
}
