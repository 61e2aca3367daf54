/* SPDX-License-Identifier: MIT */
/*
 * A VHE host has an EL0 of its own (HCR_EL2.TGE = 1). Its programs run between the runs of a guest,
 * once the host has put the vCPU, as if there were none; and the guest as if there were no programs.
 */
#include "vhe_el0.h"

#include <stddef.h>

#include <vcpu/cache.h>

#include "arch.h"
#include "exit.h"
#include "gic.h"
#include "irq.h"
#include "string.h"
#include "testhost.h"

struct user {
    uint64_t x[8];
    uint64_t sp, pc, pstate;
    uint64_t esr, vector; /* of the exception that ended its run */
};

struct fp_state {
    uint64_t v[32][2];
    uint64_t fpcr;
} __attribute__((aligned(16)));

_Static_assert(offsetof(struct user, x[7]) == USER_X(7), "vhe_el0.h");
_Static_assert(offsetof(struct user, sp) == USER_SP_PC, "vhe_el0.h");
_Static_assert(offsetof(struct user, pstate) == USER_PSTATE, "vhe_el0.h");
_Static_assert(offsetof(struct user, vector) == USER_VECTOR, "vhe_el0.h");
_Static_assert(offsetof(struct fp_state, fpcr) == FP_STATE_FPCR, "vhe_el0.h");

void vhe_el0_enter(struct user *user);
void vhe_el0_fp_save(struct fp_state *state);
void vhe_el0_fp_restore(const struct fp_state *state);

extern const char user_fill[], user_check[], user_count[], user_load[], user_spin[], guest_fill[],
    guest_check[];

/* Slots of the vectors: from EL0, synchronous and IRQ. */
#define SLOT_SYNC 8u
#define SLOT_IRQ  9u

#define ESR_CLASS(esr)    ((esr) >> 26 & 0x3f)
#define CLASS_FP          0x07u
#define CLASS_MSR_MRS     0x18u
#define CLASS_FETCH_ABORT 0x20u /* from a lower level, as the next */
#define CLASS_DATA_ABORT  0x24u
#define ESR_SVC(imm)      (UINT64_C(0x15) << 26 | 1u << 25 | (imm)) /* EC, IL */

#define PSTATE_DAIF UINT64_C(0x3c0)
#define PSTATE_AIF  UINT64_C(0x340)

#define CPTR_FPEN        (UINT64_C(3) << 20)
#define CPTR_FPEN_NO_EL0 (UINT64_C(1) << 20)
#define CNTHCTL_EL0VCTEN (UINT64_C(1) << 1)

static const struct machine *machine;
static struct test_vm vm;
static struct vcpu *vcpu;

/* ---- The host's EL0 ---- */

/*
 * Programs are in the upper half of the EL2&0 regime, of 25 bits with one block of 2 MiB at its
 * bottom: Normal Write-Back, read and executed by EL0 only (AP = 3, PXN), for what EL0 can write is
 * never executed with SCTLR_EL2.WXN.
 */
#define USER_BASE  UINT64_C(0xfffffffffe000000)
#define USER_SIZE  0x200000u
#define TCR_T1SZ   (UINT64_C(0x3f) << 16)
#define TCR_T1SZ25 (UINT64_C(39) << 16)
#define TCR_EPD1   (UINT64_C(1) << 23)
#define TCR_WALKS1 (UINT64_C(0x35) << 24) /* IRGN1, ORGN1, SH1 */
#define USER_BLOCK (UINT64_C(1) << 53 | 1u << 10 | 3u << 8 | 3u << 6 | 1u << 2 | 1u)

static void make_user(void)
{
    static uint64_t table[16] __attribute__((aligned(128)));
    uint64_t ram = memory_alloc(USER_SIZE / MEMORY_PAGE_SIZE, USER_SIZE);

    if (ram == MEMORY_NONE)
        exit_panic("no memory for programs");
    memcpy((void *)ram, snippets_start, (size_t)(snippets_end - snippets_start));
    MUST(vcpu_cache_clean((const void *)ram, USER_SIZE, false));
    vcpu_cache_drop_code();
    table[0] = ram | USER_BLOCK;
    arch_dsb();
    arch_write(S3_4_C2_C0_1, (uintptr_t)table); /* TTBR1_EL2 */
    arch_write(tcr_el2, (arch_read(tcr_el2) & ~(TCR_T1SZ | TCR_EPD1)) | TCR_T1SZ25 | TCR_WALKS1);
    arch_isb();
}

#define USER_SP      UINT64_C(0x5eed5bac0)
#define USER_TPIDRRO UINT64_C(0x7d1d5e0)
#define USER_FPCR    0x00c00000u
#define GUEST_FPCR   0x00400000u

static struct user user = {.sp = USER_SP};

static void run_user_at(uint64_t pc, uint64_t seed, uint64_t pstate)
{
    uint64_t daif = arch_irq_save();

    user.pc = pc;
    user.pstate = pstate;
    user.x[0] = seed;
    user.x[1] = USER_FPCR;
    vhe_el0_enter(&user);
    arch_irq_restore(daif);
}

static void run_user(const char *entry, uint64_t seed, uint64_t pstate)
{
    run_user_at(USER_BASE + (uint64_t)(entry - snippets_start), seed, pstate);
}

static void check_call(unsigned imm)
{
    CHECK_EQ(user.vector, SLOT_SYNC);
    CHECK_EQ(user.esr, ESR_SVC(imm));
}

static void check_user(uint64_t seed)
{
    run_user(user_check, seed, PSTATE_DAIF);
    check_call(2);
    CHECK_EQ(user.x[1], 0); /* FP registers that are others */
    CHECK_EQ(user.x[2], USER_FPCR);
    CHECK_EQ(user.x[3], seed);
    CHECK_EQ(user.x[4], USER_TPIDRRO);
    CHECK_EQ(user.x[5], USER_SP);
}

/* ---- The guest ---- */

static void run_guest(const char *entry, uint64_t seed, unsigned imm)
{
    testhost_enter_at(vcpu, entry);
    vcpu->regs.x[0] = seed;
    vcpu->regs.x[1] = GUEST_FPCR;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_exit_imm(&vcpu->exit), imm);
}

static void check_guest(uint64_t seed)
{
    run_guest(guest_check, seed, 2);
    CHECK_EQ(vcpu->regs.x[1], 0);
    CHECK_EQ(vcpu->regs.x[2], GUEST_FPCR);
    CHECK_EQ(vcpu->regs.x[3], seed);
    CHECK_EQ(vcpu->regs.x[4], seed);
    CHECK_EQ(vcpu->regs.x[5], seed);
}

static void put(void)
{
    CHECK_EQ(vcpu_percpu_put(testhost_percpu(0)), VCPU_OK);
}

/* ---- ---- */

/* The host moves the FP registers of its programs itself, as it does between two of them. */
static void take_turns(void)
{
    static struct fp_state fp;

    for (unsigned round = 0; round < 4; round++) {
        uint64_t program = UINT64_C(0x1057000000000) + round,
                 guest = UINT64_C(0x6e57000000000) + round;

        run_user(user_fill, program, PSTATE_DAIF);
        check_call(1);
        vhe_el0_fp_save(&fp);
        run_guest(guest_fill, guest, 1);
        put();
        vhe_el0_fp_restore(&fp);
        check_user(program);
        check_guest(guest);
        put();
    }
}

/* What the host allows its EL0 is not what a guest is allowed, or allows its own. */
static void permissions(void)
{
    uint64_t cnthctl = arch_read(cnthctl_el2), cptr = arch_read(cptr_el2);

    for (unsigned round = 0; round < 4; round++) {
        bool counter = round & 1, fp = round & 2;

        arch_write(cnthctl_el2, counter ? cnthctl | CNTHCTL_EL0VCTEN : cnthctl & ~CNTHCTL_EL0VCTEN);
        arch_write(cptr_el2, (cptr & ~CPTR_FPEN) | (fp ? CPTR_FPEN : CPTR_FPEN_NO_EL0));
        arch_isb();
        run_guest(guest_fill, round, 1);
        put();
        run_user(user_count, 0, PSTATE_DAIF);
        CHECK_EQ(user.vector, SLOT_SYNC);
        CHECK_EQ(ESR_CLASS(user.esr), counter ? ESR_CLASS(ESR_SVC(3)) : CLASS_MSR_MRS);
        CHECK(!counter || user.x[0] != 0);
        run_user(user_fill, 0, PSTATE_DAIF);
        CHECK_EQ(user.vector, SLOT_SYNC);
        CHECK_EQ(ESR_CLASS(user.esr), fp ? ESR_CLASS(ESR_SVC(1)) : CLASS_FP);
    }
    arch_write(cnthctl_el2, cnthctl);
    arch_write(cptr_el2, cptr);
    arch_isb();
}

static void memory(void)
{
    const uint64_t places[] = {(uintptr_t)&user, (uintptr_t)host_main, vm.ram};

    run_guest(guest_fill, 1, 1);
    put();
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        run_user(user_load, places[i], PSTATE_DAIF);
        CHECK_EQ(user.vector, SLOT_SYNC);
        CHECK_EQ(ESR_CLASS(user.esr), CLASS_DATA_ABORT);
        run_user_at(places[i], 0, PSTATE_DAIF);
        CHECK_EQ(user.vector, SLOT_SYNC);
        CHECK_EQ(ESR_CLASS(user.esr), CLASS_FETCH_ABORT);
    }
    run_user(user_load, USER_BASE, PSTATE_DAIF);
    check_call(4);
}

static bool timer_came;

static void timer_handler(void)
{
    timer_came = true;
    timer_clear();
}

static void interrupts(void)
{
    run_guest(guest_fill, 1, 1);
    put();
    CHECK(!gic_is_pending(machine->virtual_timer_intid));
    timer_came = false;
    timer_set(timer_now() + timer_frequency() / 1000);
    run_user(user_spin, 0, PSTATE_AIF);
    CHECK_EQ(user.vector, SLOT_IRQ);
    irq_handle();
    CHECK(timer_came);
}

static void with(uint32_t flags)
{
    testhost_enable(flags);
    testhost_vm(&vm, 0);
    vcpu = testhost_vcpu(&vm, 0);
    test_begin("programs of the host and a guest that take turns keep what is theirs");
    take_turns();
    test_begin("what the host's EL0 may do is what the host says");
    permissions();
    test_begin("the host's own memory is not among it, nor the guest's");
    memory();
    test_begin("interrupts at the host's EL0 are the host's, and none is of the guest's timer");
    interrupts();
    testhost_vm_free(&vm);
    CHECK_EQ(vcpu_percpu_disable(testhost_percpu(0)), VCPU_OK);
}

void host_main(const struct machine *m)
{
    machine = m;
    gic_find(machine);
    gic_init();
    testhost_gic();
    irq_register(machine->hyp_timer_intid, timer_handler);
    gic_enable(machine->hyp_timer_intid);
    make_user();
    arch_write(tpidrro_el0, USER_TPIDRRO);

    with(0);
    console_print("And with a host that uses FP registers itself:\n");
    with(VCPU_PERCPU_HOST_FP);
    test_end();
}
