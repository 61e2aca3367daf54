/* SPDX-License-Identifier: MIT */
/*
 * Exceptions that the host itself takes: by its own vectors, by the library's, and in the moment
 * when those of the world switch stand in VBAR_EL2. And what vcpu_percpu_enable refuses.
 */
#include "vectors_attempt.h"

#include <stddef.h>

#include "arch.h"
#include "gic.h"
#include "irq.h"

typedef int call_t(struct vcpu_percpu *cpu, const struct vcpu_percpu_config *config);
int vectors_call_on_sp0(call_t *f, struct vcpu_percpu *cpu,
                        const struct vcpu_percpu_config *config);
int vectors_call_with_e2h_alone(call_t *f, struct vcpu_percpu *cpu,
                                const struct vcpu_percpu_config *config);

#define PSTATE_USER32 UINT64_C(0x1d0) /* A, I and F masked */

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

/* table: asm/switch.S's, or asm/guard.S's, which lead to them. */
static void test_switch_vectors(const char *table)
{
    uint64_t count = vectors_seen_count;
    struct attempt attempt;

    test_begin("a fault of the world switch itself comes to the host as if it had no vectors");
    attempt = attempt_make(table);
    vectors_try(&attempt, try_brk);
    CHECK_EQ(vectors_seen_count, count + 1);
    CHECK_EQ(vectors_seen.esr_el2, ESR_BRK(VECTORS_BRK));
    check_shown(&vectors_seen, &attempt, SLOT_SYNC, try_brk_at);
    check_unchanged(&attempt);
    CHECK_EQ(attempt.out_vbar, (uintptr_t)vectors_host);

    test_begin("and so does an abort, with its address");
    attempt = attempt_make(table);
    vectors_try(&attempt, try_load);
    CHECK_EQ(vectors_seen_count, count + 2);
    CHECK_EQ(ESR_EC(vectors_seen.esr_el2), EC_DATA_ABORT_SAME);
    CHECK_EQ(vectors_seen.far_el2, UNMAPPED);
    check_shown(&vectors_seen, &attempt, SLOT_SYNC, try_load_at);
    check_unchanged(&attempt);

    test_begin("with SP_EL0 selected as well");
    attempt = attempt_make(table);
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
        attempt = attempt_make(table);
        vectors_resume = (uintptr_t)vectors_back;
        vectors_try(&attempt, table + slot * 0x80);
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
    config.flags = VCPU_PERCPU_SCXTNUM << 1;
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
    config.flags = VCPU_PERCPU_SCXTNUM;
    CHECK_EQ(vcpu_percpu_enable(cpu, &config), VCPU_OK);
    CHECK_EQ(vcpu_percpu_features(cpu)->scxtnum, (arch_read(id_aa64pfr0_el1) >> 57 & 7) != 0);
    CHECK_EQ(vcpu_percpu_disable(cpu), VCPU_OK);
}

void host_main(const struct machine *machine)
{
    gic_find(machine);
    gic_init();
    testhost_gic();
    irq_register(machine->hyp_timer_intid, timer_clear);
    gic_enable(machine->hyp_timer_intid);

    owned_init(machine);
    test_enable_errors();
    test_host_vectors();
    test_guest_slots();
    test_switch_vectors(vcpu_vectors);
    test_switch_vectors(vcpu_guard_vectors);
    test_owned();
    test_stop();
    test_end();
}
