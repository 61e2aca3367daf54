/* SPDX-License-Identifier: MIT */
/* A vCPU goes from one CPU to another and back, and is on one at a time. */
#include <stdatomic.h>

#include <vcpu/emulate.h>

#include "cache.h"
#include "gic.h"
#include "hw/sysreg.h"
#include "irq.h"
#include "rows.h"

extern const char fp_guest[], timer_guest[], count_guest[];

#define COUNT_IPA (TEST_RAM_IPA + 0x100000u)
#define TIMER_DUE 5u /* CNTV_CTL_EL0: ENABLE and ISTATUS */

/* ---- The other CPU ---- */

static void other_cpu(unsigned index)
{
    (void)index;
    testhost_enable(0);
    testhost_gic();
    testhost_serve();
}

/* ---- State ---- */

static struct vcpu *moving;

/* The other CPU has no right to what is in this one's registers. */
static void try_while_it_is_elsewhere(void)
{
    uint64_t value = 0;
    vcpu_ipa_t ipa;

    CHECK_EQ(testhost_run(moving), VCPU_ERR_BUSY);
    CHECK_EQ(vcpu_get_reg(moving, row_id(EL1_TPIDR_EL1), &value), VCPU_ERR_BUSY);
    CHECK_EQ(vcpu_set_reg(moving, row_id(EL1_TPIDR_EL1), 1), VCPU_ERR_BUSY);
    CHECK_EQ(vcpu_inject_undefined(moving), VCPU_ERR_BUSY);
    CHECK_EQ(vcpu_inject_data_abort(moving, 0), VCPU_ERR_BUSY);
    CHECK_EQ(vcpu_inject_instruction_abort(moving, 0), VCPU_ERR_BUSY);
    CHECK_EQ(vcpu_translate(moving, 0, VCPU_ACCESS_READ, &ipa), VCPU_ERR_BUSY);
    CHECK_EQ(vcpu_put(testhost_percpu(1), moving), VCPU_ERR_STATE);
    CHECK_EQ(vcpu_destroy(moving), VCPU_ERR_BUSY);
}

/* To the second hypercall of fp_guest, which tells; and to the first of its next round. */
static void check_fp(void)
{
    run_to_call(moving);
    CHECK_EQ(moving->regs.x[1], 0);
    CHECK_EQ(moving->regs.x[2], moving->regs.x[20]);
    CHECK_EQ(moving->regs.x[3], moving->regs.x[21]);
    run_to_call(moving);
    put();
}

/* Each block is for the CPU that enabled it. */
static void try_another_cpus_block(void)
{
    const struct vcpu_vm_config config = {.host = &testhost_hooks, .vmid = 77, .max_vcpus = 1};
    struct vcpu_vm *none;

    CHECK_EQ(vcpu_vm_create(testhost_percpu(0), &config, &none), VCPU_ERR_STATE);
    CHECK_EQ(vcpu_percpu_put(testhost_percpu(0)), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_percpu_disable(testhost_percpu(0)), VCPU_ERR_STATE);
}

static void fp_moves(struct test_vm *t)
{
    test_begin("what is in one CPU's registers cannot be used on another");
    moving = testhost_vcpu(t, 0);
    testhost_enter_at(moving, fp_guest);
    moving->regs.x[19] = UINT64_C(0xfedcba9876543210);
    moving->regs.x[20] = 0x00c00000; /* FPCR.RMode */
    moving->regs.x[21] = 0x0800009f; /* FPSR.QC and the exceptions */
    run_to_call(moving);
    testhost_on_other(try_while_it_is_elsewhere);

    test_begin("a per-CPU block is refused on another CPU");
    testhost_on_other(try_another_cpus_block);

    test_begin("after vcpu_put a vCPU goes on elsewhere, and back, with its FP registers");
    put();
    for (unsigned round = 0; round < 3; round++) {
        testhost_on_other(check_fp);
        check_fp();
    }
    MUST(vcpu_destroy(moving));
}

/* On CPU n the guest finds the values of round n, and leaves those of the next. */
static void check_rows(void)
{
    const unsigned n = smp_this()->index;

    for (unsigned row = 0; row < EL1_COUNT; row++) {
        if (!row_is_there(row, false) || !row_has_guest_name(row))
            continue;
        row_check(row, row_guest_reads(moving, row), row_value[0][n][row]);
        row_guest_writes(moving, row, row_value[0][n + 1][row]);
    }
    put();
}

static void rows_move(struct test_vm *t)
{
    row_choose_values(false);
    moving = testhost_vcpu(t, 0);
    for (unsigned row = 0; row < EL1_COUNT; row++)
        if (row_is_there(row, false))
            row_host_writes(moving, row, row_value[0][0][row]);
    check_rows();
    testhost_on_other(check_rows);
    for (unsigned row = 0; row < EL1_COUNT; row++)
        if (row_is_there(row, false))
            row_check(row, row_host_reads(moving, row),
                      row_value[0][row_has_guest_name(row) ? 2 : 0][row]);
    MUST(vcpu_destroy(moving));
}

static void check_timer(void)
{
    run_to_call(moving);
    CHECK_EQ(moving->regs.x[0], TIMER_DUE);
    CHECK_EQ(testhost_cntv_ctl(), TIMER_DUE);
    put();
    CHECK_EQ(testhost_cntv_ctl() & 1, 0);
}

static void timer_moves(struct test_vm *t)
{
    moving = testhost_vcpu(t, 0);
    testhost_enter_at(moving, timer_guest);
    moving->regs.x[19] = timer_now();
    check_timer();
    testhost_on_other(check_timer);
    check_timer();
    MUST(vcpu_destroy(moving));
}

/* ---- One at a time ---- */

static int other_result;

static void run_until_kicked(void)
{
    other_result = testhost_run(moving);
    put();
    irq_handle(); /* the kick's SGI */
}

static uint64_t count_of(const struct test_vm *t)
{
    cache_invalidate(testhost_ram(t, COUNT_IPA), sizeof(uint64_t));
    return *(volatile uint64_t *)testhost_ram(t, COUNT_IPA);
}

static void runs_on_one_cpu(struct test_vm *t)
{
    uint64_t last;

    moving = testhost_vcpu(t, 0);
    testhost_enter_at(moving, count_guest);
    moving->regs.x[19] = COUNT_IPA;
    testhost_begin_on_other(run_until_kicked);
    while (count_of(t) == 0)
        ;
    CHECK_EQ(testhost_run(moving), VCPU_ERR_BUSY);
    CHECK_EQ(vcpu_destroy(moving), VCPU_ERR_BUSY);
    CHECK_EQ(vcpu_kick(moving), VCPU_OK);
    testhost_wait_for_other();
    CHECK_EQ(other_result, VCPU_EXIT_KICK);

    /* It is in no CPU now: the next run makes the kick good, and not a guest's instruction. */
    last = count_of(t);
    CHECK_EQ(vcpu_kick(moving), VCPU_OK);
    CHECK_EQ(testhost_run(moving), VCPU_EXIT_KICK);
    CHECK_EQ(count_of(t), last);
    put();
    CHECK_EQ(vcpu_destroy(moving), VCPU_OK);
}

void host_main(const struct machine *machine)
{
    struct test_vm t;

    testhost_enable(0);
    gic_find(machine);
    gic_init();
    testhost_gic();
    testhost_vm(&t, 0);
    if (!smp_start(other_cpu))
        test_fail("the other CPU does not start");

    fp_moves(&t);
    test_begin("and with every register of the table");
    rows_move(&t);
    test_begin("and with its timer");
    timer_moves(&t);
    test_begin("it runs on one CPU at a time, and a kick takes it out");
    runs_on_one_cpu(&t);
    test_end();
}
