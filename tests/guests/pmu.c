/* SPDX-License-Identifier: MIT */
/*
 * A guest's PMU counts what the guest does, wherever it runs and whoever runs beside it; and the
 * host has its own back. Under icount, where an instruction is a cycle, and both are exact.
 */
#include "pmu.h"

#include <vcpu/pmu.h>

#include "testhost.h"

#include "arch.h"
#include "cache.h"
#include "exit.h"
#include "gic.h"
#include "irq.h"

extern const char pmu_vectors[], pmu_accesses[], pmu_rounds[];

#define REGISTER_INDEX(name, op1, crn, crm, op2) R_##name,
enum reg { PMU_REGISTERS(REGISTER_INDEX) REGISTERS };

#define REGISTER_NAME(name, op1, crn, crm, op2) #name,
static const char *const names[REGISTERS] = {PMU_REGISTERS(REGISTER_NAME)};

#define BIT(n) (UINT64_C(1) << (n))

#define E     BIT(0)
#define P     BIT(1)
#define C     BIT(2)
#define LC    BIT(6)
#define CYCLE BIT(31)

/* Filters and events. */
#define NOT_EL1      BIT(31)
#define NOT_EL0      BIT(30)
#define ALSO_EL2     BIT(27)
#define SW_INCR      0x00u
#define INST_RETIRED 0x08u

#define EL1H   UINT64_C(0x3c5)
#define EL0T   UINT64_C(0x3c0)
#define USER32 UINT64_C(0x1d0)

#define EC_UNDEFINED 0x00u
#define EC_CP15      0x03u
#define EC_SVC32     0x11u
#define EC_SVC       0x15u /* what the snippets end with */
#define EC_SYSREG    0x18u

#define REG_VBAR    (VCPU_REG_SYSREG + VCPU_SYSREG(3, 0, 12, 0, 0))
#define REG_ESR     (VCPU_REG_SYSREG + VCPU_SYSREG(3, 0, 5, 2, 0))
#define REG_EVCNTR0 (VCPU_REG_SYSREG + VCPU_SYSREG(3, 3, 14, 8, 0))

/* MDCR_EL2: HPME, so that the host's counters count; MTPME, HPMFZO, HPMFZS, how they do. */
#define HPMN          UINT64_C(0x1f)
#define MDCR_HPME     BIT(7)
#define HOST_CONTROLS (MDCR_HPME | BIT(28) | BIT(29) | BIT(36))

/* The host's instructions from before a vCPU is loaded until after it was put, and more. */
#define HOST_CYCLES 6000u

/* ---- The VMs ---- */

/* What the interrupt controller of a VM was told. */
struct line {
    bool level;
    unsigned told;
};

struct vm {
    struct test_vm vm;
    struct vcpu_pmu *pmu;
    struct line line;
};

static struct vcpu *volatile interrupted; /* whose PMU the host asks at the interrupt */
static struct vcpu_pmu *interrupted_pmu;
static unsigned interrupts;
static int interrupt_result;

static void on_overflow(void)
{
    interrupts++;
    if (interrupted)
        interrupt_result = vcpu_pmu_interrupt(interrupted_pmu, interrupted);
}

static void set_ppi(void *ctx, struct vcpu *vcpu, uint32_t intid, bool level)
{
    struct line *line = ctx;

    (void)vcpu;
    CHECK_EQ(intid, VCPU_PMU_PPI);
    CHECK(line->level != level);
    line->level = level;
    line->told++;
}

static void make_vm(struct vm *vm, uint32_t flags)
{
    const struct vcpu_pmu_config config = {
        .host = &testhost_hooks, .ctx = &vm->line, .set_ppi = set_ppi};

    vm->line = (struct line){0};
    testhost_vm(&vm->vm, flags | VCPU_VM_PMU);
    CHECK_EQ(vcpu_pmu_create(vm->vm.vm, &config, &vm->pmu), VCPU_OK);
}

static struct vcpu *make_vcpu(struct test_vm *vm, uint16_t index)
{
    struct vcpu *vcpu = testhost_vcpu(vm, index);

    CHECK_EQ(vcpu_set_reg(vcpu, REG_VBAR, testhost_ipa(pmu_vectors)), VCPU_OK);
    return vcpu;
}

static void put(void)
{
    MUST(vcpu_percpu_put(testhost_percpu(smp_this()->index)));
}

static uint64_t guest_esr(struct vcpu *vcpu)
{
    uint64_t esr = 0;

    CHECK_EQ(vcpu_get_reg(vcpu, REG_ESR, &esr), VCPU_OK);
    return esr;
}

/* Runs it to its next hypercall; the host's interrupts are taken. Gives the immediate. */
static unsigned run(struct vcpu *vcpu)
{
    int reason;

    do {
        reason = testhost_run(vcpu);
        if (reason == VCPU_EXIT_IRQ)
            irq_handle();
    } while (reason == VCPU_EXIT_IRQ);
    CHECK_EQ(reason, VCPU_EXIT_HYPERCALL);
    return vcpu_exit_imm(&vcpu->exit);
}

/* Runs it until it takes an exception to EL1. Gives ESR_EL1.EC. */
static unsigned run_to_vector(struct vcpu *vcpu)
{
    CHECK(run(vcpu) >= SAY_VECTOR);
    return (unsigned)(guest_esr(vcpu) >> 26 & 0x3f);
}

static unsigned access(struct vcpu *vcpu, uint64_t pstate, enum reg reg, bool write, uint64_t value)
{
    testhost_enter_at(vcpu, pmu_accesses);
    MUST(vcpu_set_reg(vcpu, VCPU_REG_PC,
                      vcpu->regs.pc + reg * ACCESS_SIZE + (write ? ACCESS_WRITE : 0)));
    MUST(vcpu_set_reg(vcpu, VCPU_REG_PSTATE, pstate));
    vcpu->regs.x[1] = value;
    return run_to_vector(vcpu);
}

/* At EL1, where it must work. */
static uint64_t get(struct vcpu *vcpu, enum reg reg)
{
    CHECK_EQ(access(vcpu, EL1H, reg, false, BIT(63)), EC_SVC);
    return vcpu->regs.x[1];
}

static void set(struct vcpu *vcpu, enum reg reg, uint64_t value)
{
    CHECK_EQ(access(vcpu, EL1H, reg, true, value), EC_SVC);
}

static const struct vcpu_features *features(void)
{
    return vcpu_percpu_features(testhost_percpu(smp_this()->index));
}

/* ---- Registers ---- */

static void version_is_shown(struct vcpu *vcpu)
{
    uint64_t host = arch_read(id_aa64dfr0_el1) >> 8 & 0xf;
    uint64_t host32 = arch_read(id_dfr0_el1) >> 24 & 0xf;

    CHECK_EQ(get(vcpu, R_ID_AA64DFR0) >> 8 & 0xf, host >= 4 ? 4 : host);
    CHECK_EQ(get(vcpu, R_ID_DFR0) >> 24 & 0xf, host32 >= 4 ? 4 : host32);
    CHECK_EQ(vcpu_vm_id(vcpu_vm_of(vcpu), VCPU_SYSREG(3, 0, 0, 5, 0)), get(vcpu, R_ID_AA64DFR0));
    CHECK_EQ(get(vcpu, R_PMCR) >> 11, features()->pmu_counters);
    CHECK_EQ(vcpu_vm_pmu_counters(vcpu_vm_of(vcpu)), features()->pmu_counters);
}

static void registers_keep_what_they_may(struct vcpu *vcpu)
{
    uint64_t all = CYCLE | (BIT(features()->pmu_counters) - 1);
    uint64_t event = (arch_read(id_aa64dfr0_el1) >> 8 & 0xf) >= 4 ? 0xffff : 0x3ff;
    const struct {
        enum reg reg;
        uint64_t keeps;
    } rows[] = {
        {R_PMSELR, 0x1f},          {R_PMUSERENR, 0xf},
        {R_PMCCNTR, ~UINT64_C(0)}, {R_PMCCFILTR, NOT_EL1 | NOT_EL0},
        {R_PMEVCNTR1, 0xffffffff}, {R_PMEVTYPER1, NOT_EL1 | NOT_EL0 | event},
        {R_PMCNTENSET, all},       {R_PMCNTENCLR, 0},
        {R_PMINTENSET, all},       {R_PMINTENCLR, 0},
        {R_PMOVSSET, all},         {R_PMOVSCLR, 0},
    };

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        set(vcpu, rows[i].reg, ~UINT64_C(0));
        CHECK_EQ(get(vcpu, rows[i].reg), rows[i].keeps);
        set(vcpu, rows[i].reg, 0);
    }
    /* Selected, they are the same. */
    set(vcpu, R_PMSELR, 1);
    set(vcpu, R_PMXEVTYPER, 0x55);
    set(vcpu, R_PMXEVCNTR, 0x1234);
    CHECK_EQ(get(vcpu, R_PMEVTYPER1), 0x55);
    CHECK_EQ(get(vcpu, R_PMEVCNTR1), 0x1234);
    CHECK_EQ(get(vcpu, R_PMEVCNTR0), 0);
    set(vcpu, R_PMSELR, 31);
    set(vcpu, R_PMXEVTYPER, NOT_EL0);
    CHECK_EQ(get(vcpu, R_PMCCFILTR), NOT_EL0);
    set(vcpu, R_PMCCNTR, 77);
    set(vcpu, R_PMCR, P);
    CHECK_EQ(get(vcpu, R_PMEVCNTR1), 0);
    CHECK_EQ(get(vcpu, R_PMCCNTR), 77);
    set(vcpu, R_PMCR, C);
    CHECK_EQ(get(vcpu, R_PMCCNTR), 0);
}

static void absent_ones_are_undefined(struct vcpu *vcpu)
{
    const enum reg absent[] = {R_PMEVCNTR30, R_PMEVTYPER30};

    for (unsigned i = 0; i < 2; i++)
        for (unsigned write = 0; write < 2; write++)
            CHECK_EQ(access(vcpu, EL1H, absent[i], write, 0), EC_UNDEFINED);
    set(vcpu, R_PMSELR, 30);
    CHECK_EQ(access(vcpu, EL1H, R_PMXEVCNTR, false, 0), EC_UNDEFINED);
    CHECK_EQ(access(vcpu, EL1H, R_PMXEVTYPER, true, 0), EC_UNDEFINED);
    set(vcpu, R_PMSELR, 31);
    CHECK_EQ(access(vcpu, EL1H, R_PMXEVCNTR, true, 0), EC_UNDEFINED);
    CHECK_EQ(access(vcpu, EL1H, R_PMSWINC, false, 0), EC_UNDEFINED);
    CHECK_EQ(access(vcpu, EL1H, R_PMCEID0, true, 0), EC_UNDEFINED);
    set(vcpu, R_PMSELR, 0);
}

static void software_increments(struct vcpu *vcpu)
{
    set(vcpu, R_PMEVTYPER0, SW_INCR);
    set(vcpu, R_PMEVCNTR0, 0xffffffff);
    set(vcpu, R_PMCNTENSET, 1);
    set(vcpu, R_PMSWINC, 1);
    CHECK_EQ(get(vcpu, R_PMEVCNTR0), 0xffffffff); /* PMCR.E = 0 */
    set(vcpu, R_PMCR, E);
    set(vcpu, R_PMSWINC, 2);
    CHECK_EQ(get(vcpu, R_PMEVCNTR0), 0xffffffff);
    set(vcpu, R_PMSWINC, 1);
    CHECK_EQ(get(vcpu, R_PMEVCNTR0), 0);
    CHECK_EQ(get(vcpu, R_PMOVSSET), 1);
    set(vcpu, R_PMOVSCLR, 1);
    set(vcpu, R_PMCR, 0);
    set(vcpu, R_PMCNTENCLR, 1);
}

/* ---- Counting ---- */

/* Counter 0 for instructions, and the cycle counter, from 0 on. */
static void begin_to_count(struct vcpu *vcpu, uint64_t filter)
{
    set(vcpu, R_PMEVTYPER0, INST_RETIRED | filter);
    set(vcpu, R_PMCCFILTR, filter);
    set(vcpu, R_PMCNTENSET, CYCLE | 1);
    set(vcpu, R_PMCR, E | P | C | LC);
}

static void begin_rounds(struct vcpu *vcpu, uint64_t pstate, uint64_t turns, uint64_t rounds)
{
    testhost_enter_at(vcpu, pmu_rounds);
    MUST(vcpu_set_reg(vcpu, VCPU_REG_PSTATE, pstate));
    vcpu->regs.x[3] = turns;
    vcpu->regs.x[4] = rounds;
}

static void complete(struct vcpu *vcpu)
{
    CHECK_EQ(vcpu_complete_call(vcpu, 0), VCPU_OK);
}

/* Everything that a host may do between an exit and the next entry. */
static void delay(unsigned turns)
{
    for (volatile unsigned i = 0; i < turns; i++)
        ;
}

static void stop_counting(struct vcpu *vcpu, uint64_t count[2])
{
    set(vcpu, R_PMCR, LC);
    count[0] = get(vcpu, R_PMEVCNTR0);
    count[1] = get(vcpu, R_PMCCNTR);
}

/* The count of these rounds with a host that takes its time, and is elsewhere meanwhile. */
static void count_rounds(struct vcpu *vcpu, uint64_t turns, uint64_t rounds, unsigned host,
                         void (*between)(void), uint64_t count[2])
{
    begin_to_count(vcpu, 0);
    begin_rounds(vcpu, EL1H, turns, rounds);
    while (run(vcpu) == 1) {
        delay(host);
        between();
        complete(vcpu);
    }
    stop_counting(vcpu, count);
}

static void nothing(void)
{
}

static void host_is_not_counted(struct vcpu *vcpu)
{
    uint64_t quick[2], slow[2], put_each[2], longer[2];

    count_rounds(vcpu, 1000, 10, 0, nothing, quick);
    count_rounds(vcpu, 1000, 10, 20000, nothing, slow);
    count_rounds(vcpu, 1000, 10, 0, put, put_each);
    count_rounds(vcpu, 2000, 10, 0, nothing, longer);
    for (unsigned i = 0; i < 2; i++) {
        CHECK(quick[i] >= 20000 && quick[i] < 20200);
        CHECK_EQ(slow[i], quick[i]);
        CHECK_EQ(put_each[i], quick[i]);
        CHECK_EQ(longer[i] - quick[i], 20000); /* 2 instructions a turn */
    }
}

/* The same rounds where EL1 does not count, and one round of EL0's where EL0 does not. */
static void levels_are_told_apart(struct vcpu *vcpu)
{
    uint64_t count[2];

    begin_to_count(vcpu, NOT_EL1);
    begin_rounds(vcpu, EL1H, 1000, 1);
    CHECK_EQ(run(vcpu), 1);
    stop_counting(vcpu, count);
    CHECK_EQ(count[0], 0);
    CHECK_EQ(count[1], 0);

    /* EL0's HVC is UNDEFINED: its round ends in the vector. */
    begin_to_count(vcpu, NOT_EL1);
    begin_rounds(vcpu, EL0T, 1000, 1);
    CHECK_EQ(run_to_vector(vcpu), EC_UNDEFINED);
    stop_counting(vcpu, count);
    CHECK(count[0] >= 2000 && count[0] < 2010);
    CHECK(count[1] >= 2000 && count[1] < 2010);

    begin_to_count(vcpu, NOT_EL0);
    begin_rounds(vcpu, EL0T, 1000, 1);
    CHECK_EQ(run_to_vector(vcpu), EC_UNDEFINED);
    stop_counting(vcpu, count);
    CHECK(count[0] < 20);
    CHECK(count[1] < 20);
}

/* Three programs on one CPU, in turns; each counts as if alone. */
static void each_counts_its_own(struct vcpu *const vcpu[3])
{
    const uint64_t turns[3] = {500, 3000, 70};
    uint64_t alone[3][2], together[3][2];

    for (unsigned i = 0; i < 3; i++)
        count_rounds(vcpu[i], turns[i], 5, 0, nothing, alone[i]);
    for (unsigned i = 0; i < 3; i++) {
        begin_to_count(vcpu[i], 0);
        begin_rounds(vcpu[i], EL1H, turns[i], 5);
    }
    for (unsigned round = 0; round <= 5; round++) {
        for (unsigned i = 0; i < 3; i++) {
            if (run(vcpu[i]) == 1)
                complete(vcpu[i]);
        }
    }
    for (unsigned i = 0; i < 3; i++) {
        stop_counting(vcpu[i], together[i]);
        CHECK(alone[i][0] >= 10 * turns[i]);
        CHECK_EQ(together[i][0], alone[i][0]);
        CHECK_EQ(together[i][1], alone[i][1]);
    }
}

/* Event counters have 32 bits, whatever those of the CPU have (64 with FEAT_PMUv3p5). */
static void counters_wrap_at_32_bits(struct vcpu *vcpu)
{
    uint64_t value = 0;

    begin_to_count(vcpu, 0);
    set(vcpu, R_PMEVCNTR0, 0xffffff00);
    begin_rounds(vcpu, EL1H, 1000, 1);
    CHECK_EQ(run(vcpu), 1);
    complete(vcpu);
    set(vcpu, R_PMCR, LC);
    CHECK(get(vcpu, R_PMEVCNTR0) >= 2000 - 0x100);
    CHECK(get(vcpu, R_PMEVCNTR0) < 2200 - 0x100);
    CHECK_EQ(vcpu_get_reg(vcpu, REG_EVCNTR0, &value), VCPU_OK);
    CHECK_EQ(value, get(vcpu, R_PMEVCNTR0));
    CHECK_EQ(vcpu_set_reg(vcpu, REG_EVCNTR0, value), VCPU_OK);
    set(vcpu, R_PMOVSCLR, 1);
}

/* ---- Two CPUs ---- */

static struct vcpu *traveller;

static void a_round(void)
{
    CHECK_EQ(run(traveller), 1);
    complete(traveller);
    put();
}

static void counts_move_along(struct vcpu *vcpu)
{
    uint64_t here[2], moving[2];

    count_rounds(vcpu, 400, 6, 0, nothing, here);
    traveller = vcpu;
    begin_to_count(vcpu, 0);
    begin_rounds(vcpu, EL1H, 400, 6);
    put();
    for (unsigned i = 0; i < 3; i++) {
        testhost_on_other(a_round);
        a_round();
    }
    CHECK_EQ(run_to_vector(vcpu), EC_SVC);
    stop_counting(vcpu, moving);
    CHECK(here[0] >= 4800);
    CHECK_EQ(moving[0], here[0]);
    CHECK_EQ(moving[1], here[1]);
    put();
}

/*
 * ---- Overflow ----
 *
 * Of the cycle counter. QEMU under icount looks at an event counter one event before it overflows,
 * and then no more.
 */

static void prepare_overflow(struct vm *vm, struct vcpu *vcpu, uint64_t left)
{
    set(vcpu, R_PMINTENSET, CYCLE);
    begin_to_count(vcpu, 0);
    set(vcpu, R_PMCCNTR, -left);
    begin_rounds(vcpu, EL1H, 100000, 2);
    interrupted = vcpu;
    interrupted_pmu = vm->pmu;
    interrupts = 0;
    interrupt_result = 1;
}

/* Told once, and silent until the guest has cleared it; then again. */
static void overflow_is_a_level(struct vm *vm, struct vcpu *vcpu)
{
    unsigned told = vm->line.told;

    prepare_overflow(vm, vcpu, 5000);
    CHECK_EQ(run(vcpu), 1);
    CHECK_EQ(interrupts, 1);
    CHECK_EQ(interrupt_result, VCPU_OK);
    CHECK(vm->line.level);
    CHECK_EQ(vm->line.told, told + 1);
    CHECK(!gic_is_pending(VCPU_PMU_PPI));
    complete(vcpu);
    CHECK_EQ(run(vcpu), 1); /* a long round without an interrupt, though it is not cleared */
    CHECK_EQ(interrupts, 1);

    CHECK_EQ(get(vcpu, R_PMOVSSET), CYCLE);
    CHECK_EQ(get(vcpu, R_PMINTENSET), CYCLE); /* the mask is not the guest's affair */
    set(vcpu, R_PMOVSCLR, 2);
    CHECK(vm->line.level);
    set(vcpu, R_PMOVSCLR, CYCLE);
    CHECK(!vm->line.level);
    CHECK_EQ(vm->line.told, told + 2);

    prepare_overflow(vm, vcpu, 5000);
    CHECK_EQ(run(vcpu), 1);
    CHECK_EQ(interrupts, 1);
    CHECK(vm->line.level);
    set(vcpu, R_PMCR, LC); /* E = 0: no interrupt */
    CHECK(!vm->line.level);
    set(vcpu, R_PMCR, E);
    CHECK(vm->line.level);
    set(vcpu, R_PMINTENCLR, CYCLE);
    CHECK(!vm->line.level);
    set(vcpu, R_PMCR, 0);
    set(vcpu, R_PMOVSCLR, CYCLE);
    CHECK_EQ(vm->line.told, told + 6);
}

/* The guest makes the overflow itself, by an access. */
static void overflow_by_hand(struct vm *vm, struct vcpu *vcpu)
{
    set(vcpu, R_PMCR, E);
    set(vcpu, R_PMINTENSET, CYCLE);
    set(vcpu, R_PMOVSSET, CYCLE);
    CHECK(vm->line.level);
    CHECK(!gic_is_pending(VCPU_PMU_PPI));
    set(vcpu, R_PMOVSCLR, CYCLE);
    CHECK(!vm->line.level);
    set(vcpu, R_PMINTENCLR, CYCLE);
    set(vcpu, R_PMCR, 0);
}

/* The host has its interrupts masked: it learns of the overflow by a put. */
static void overflow_of_one_that_left(struct vm *vm, struct vcpu *vcpu)
{
    prepare_overflow(vm, vcpu, 5000);
    gic_disable(VCPU_PMU_PPI);
    CHECK_EQ(run(vcpu), 1);
    CHECK(!vm->line.level);
    CHECK(gic_is_pending(VCPU_PMU_PPI));
    put();
    CHECK(vm->line.level);
    CHECK(!gic_is_pending(VCPU_PMU_PPI));
    CHECK_EQ(vcpu_pmu_interrupt(vm->pmu, vcpu), VCPU_ERR_STATE);
    gic_enable(VCPU_PMU_PPI);
    CHECK_EQ(get(vcpu, R_PMOVSSET), CYCLE); /* it is back here */
    CHECK(!gic_is_pending(VCPU_PMU_PPI));
    CHECK_EQ(interrupts, 0);
    set(vcpu, R_PMCR, 0);
    set(vcpu, R_PMOVSCLR, CYCLE);
    CHECK(!vm->line.level);
}

static void reset_lets_the_line_down(struct vm *vm, struct vcpu *vcpu)
{
    set(vcpu, R_PMCR, E);
    set(vcpu, R_PMCCNTR, 99);
    set(vcpu, R_PMINTENSET, 1);
    set(vcpu, R_PMOVSSET, 1);
    CHECK(vm->line.level);
    CHECK_EQ(vcpu_reset(vcpu, false), VCPU_OK);
    CHECK(!vm->line.level);
    CHECK_EQ(vcpu_set_reg(vcpu, REG_VBAR, testhost_ipa(pmu_vectors)), VCPU_OK);
    CHECK_EQ(get(vcpu, R_PMCR) & 0x3f, 0);
    CHECK_EQ(get(vcpu, R_PMOVSSET), 0);
    CHECK_EQ(get(vcpu, R_PMINTENSET), 0);
    CHECK_EQ(get(vcpu, R_PMCCNTR), 0);
}

/* ---- EL0 ---- */

/* ISS of MRS x1 or MSR x1. */
static uint64_t iss(unsigned crm, unsigned op2, bool write)
{
    return (UINT64_C(3) << 20) | (op2 << 17) | (3u << 14) | (9u << 10) | (1u << 5) | (crm << 1) |
           !write;
}

static void el0_has_what_pmuserenr_says(struct vcpu *vcpu)
{
    set(vcpu, R_PMCCNTR, 1234);
    set(vcpu, R_PMUSERENR, 0);
    CHECK_EQ(access(vcpu, EL0T, R_PMCCNTR, false, 0), EC_SYSREG);
    CHECK_EQ(guest_esr(vcpu) & 0x1ffffff, iss(13, 0, false));
    CHECK_EQ(access(vcpu, EL0T, R_PMCCNTR, true, 0), EC_SYSREG);
    CHECK_EQ(guest_esr(vcpu) & 0x1ffffff, iss(13, 0, true));
    CHECK_EQ(access(vcpu, EL0T, R_PMCR, false, 0), EC_SYSREG);
    CHECK_EQ(access(vcpu, EL0T, R_PMUSERENR, false, 5), EC_SVC);
    CHECK_EQ(vcpu->regs.x[1], 0);

    set(vcpu, R_PMUSERENR, 4); /* CR */
    CHECK_EQ(access(vcpu, EL0T, R_PMCCNTR, false, 0), EC_SVC);
    CHECK_EQ(vcpu->regs.x[1], 1234);
    CHECK_EQ(access(vcpu, EL0T, R_PMCCNTR, true, 0), EC_SYSREG);
    CHECK_EQ(access(vcpu, EL0T, R_PMSELR, true, 1), EC_SYSREG);

    set(vcpu, R_PMUSERENR, 8); /* ER */
    set(vcpu, R_PMEVCNTR1, 4321);
    CHECK_EQ(access(vcpu, EL0T, R_PMSELR, true, 1), EC_SVC);
    CHECK_EQ(access(vcpu, EL0T, R_PMXEVCNTR, false, 0), EC_SVC);
    CHECK_EQ(vcpu->regs.x[1], 4321);
    CHECK_EQ(get(vcpu, R_PMSELR), 1);

    set(vcpu, R_PMUSERENR, 1); /* EN */
    CHECK_EQ(access(vcpu, EL0T, R_PMCCNTR, true, 99), EC_SVC);
    CHECK_EQ(get(vcpu, R_PMCCNTR), 99);
    CHECK_EQ(access(vcpu, EL0T, R_PMUSERENR, true, 0), EC_UNDEFINED);
    CHECK_EQ(access(vcpu, EL0T, R_PMINTENSET, false, 0), EC_UNDEFINED);
    set(vcpu, R_PMUSERENR, 0);
}

#define CODE_IPA (TEST_RAM_IPA + 0x100000u)

/* An A32 instruction at EL0, and an SVC. */
static unsigned run_a32(struct vm *vm, struct vcpu *vcpu, uint32_t word)
{
    uint32_t *code = testhost_ram(&vm->vm, CODE_IPA);

    code[0] = word;
    code[1] = 0xef000000;
    cache_clean(code, 8);
    MUST(vcpu_set_reg(vcpu, VCPU_REG_PSTATE, USER32));
    MUST(vcpu_set_reg(vcpu, VCPU_REG_PC, CODE_IPA));
    return run_to_vector(vcpu);
}

/* QEMU has no MRRC of PMCCNTR. */
static void aarch32_programs(struct vm *vm, struct vcpu *vcpu)
{
    const uint32_t read_low = 0xee191f1d;  /* mrc p15, 0, r1, c9, c13, 0 */
    const uint32_t write_low = 0xee091f1d; /* mcr p15, 0, r1, c9, c13, 0 */

    set(vcpu, R_PMCCNTR, UINT64_C(0x1111222233334444));
    set(vcpu, R_PMUSERENR, 0);
    CHECK_EQ(run_a32(vm, vcpu, read_low), EC_CP15);
    set(vcpu, R_PMUSERENR, 1);
    CHECK_EQ(run_a32(vm, vcpu, read_low), EC_SVC32);
    CHECK_EQ(vcpu->regs.x[1], 0x33334444);
    vcpu->regs.x[1] = 0x5555;
    CHECK_EQ(run_a32(vm, vcpu, write_low), EC_SVC32);
    CHECK_EQ(get(vcpu, R_PMCCNTR), UINT64_C(0x1111222200005555));
    set(vcpu, R_PMUSERENR, 0);
}

/* ---- The host's own ---- */

/* Event counter n of the host. */
static void host_select(unsigned n)
{
    arch_write(pmselr_el0, n);
    arch_isb();
}

struct host_pmu {
    uint64_t pmcr, enabled, overflow, interrupt, userenr, selr, cycles, cycle_filter;
    uint64_t counter[31], filter[31];
};

static struct host_pmu host_read(void)
{
    struct host_pmu h = {
        .pmcr = arch_read(pmcr_el0),
        .enabled = arch_read(pmcntenset_el0),
        .overflow = arch_read(pmovsset_el0),
        .interrupt = arch_read(pmintenset_el1),
        .userenr = arch_read(pmuserenr_el0),
        .selr = arch_read(pmselr_el0),
        .cycles = arch_read(pmccntr_el0),
        .cycle_filter = arch_read(pmccfiltr_el0),
    };

    for (unsigned n = 0; n < (h.pmcr >> 11 & 0x1f); n++) {
        host_select(n);
        h.counter[n] = arch_read(pmxevcntr_el0);
        h.filter[n] = arch_read(pmxevtyper_el0);
    }
    host_select((unsigned)h.selr);
    return h;
}

/* Nothing that counts at EL2, so that it stays; and no interrupt, which would be taken. */
static void host_fill(void)
{
    unsigned n = arch_read(pmcr_el0) >> 11 & 0x1f;

    for (unsigned i = 0; i < n; i++) {
        host_select(i);
        arch_write(pmxevtyper_el0, INST_RETIRED | (i % 2 ? NOT_EL0 : NOT_EL1));
        arch_write(pmxevcntr_el0, 0x1000 + i);
    }
    arch_write(pmccfiltr_el0, NOT_EL0);
    arch_write(pmccntr_el0, UINT64_C(0x123456789a));
    arch_write(pmovsclr_el0, ~UINT64_C(0));
    arch_write(pmovsset_el0, 5);
    arch_write(pmintenclr_el1, ~UINT64_C(0));
    arch_write(pmintenset_el1, CYCLE | 2);
    arch_write(pmcntenset_el0, CYCLE | 3);
    arch_write(pmuserenr_el0, 6);
    arch_write(pmcr_el0, E | LC);
    host_select(2);
}

static void host_clear(void)
{
    arch_write(pmcr_el0, P | C);
    arch_write(pmcntenclr_el0, ~UINT64_C(0));
    arch_write(pmintenclr_el1, ~UINT64_C(0));
    arch_write(pmovsclr_el0, ~UINT64_C(0));
    arch_write(pmuserenr_el0, 0);
}

/* The guest fills everything, overflows included. */
static void guest_fill(struct vcpu *vcpu)
{
    uint64_t ignored[2];

    for (unsigned reg = 0; reg < REGISTERS; reg++)
        access(vcpu, EL1H, reg, true, ~UINT64_C(0));
    count_rounds(vcpu, 100, 3, 100, nothing, ignored);
}

static void host_has_its_own_back(struct vcpu *vcpu)
{
    struct host_pmu before, after;

    put();
    host_fill();
    before = host_read();
    CHECK_EQ(before.enabled, CYCLE | 3);
    CHECK_EQ(before.counter[1], 0x1001);
    guest_fill(vcpu);
    put();
    after = host_read();
    CHECK_EQ(after.pmcr, before.pmcr);
    CHECK_EQ(after.enabled, before.enabled);
    CHECK_EQ(after.overflow, before.overflow);
    CHECK_EQ(after.interrupt, before.interrupt);
    CHECK_EQ(after.userenr, before.userenr);
    CHECK_EQ(after.selr, before.selr);
    CHECK_EQ(after.cycles, before.cycles);
    CHECK_EQ(after.cycle_filter, before.cycle_filter);
    for (unsigned n = 0; n < 31; n++) {
        CHECK_EQ(after.counter[n], before.counter[n]);
        CHECK_EQ(after.filter[n], before.filter[n]);
    }
    host_clear();
}

/*
 * The host's cycle counter overflows, at 32 bits, at each moment of the guest's coming: it has
 * wrapped if and only if its overflow is told.
 */
static void host_overflows_are_not_lost(struct vcpu *vcpu)
{
    unsigned wrapped = 0;

    for (unsigned left = 1; left <= HOST_CYCLES; left++) {
        bool overflow, low;

        put();
        host_clear();
        arch_write(pmccfiltr_el0, ALSO_EL2);
        arch_write(pmccntr_el0, BIT(32) - left);
        arch_write(pmcr_el0, E);
        arch_write(pmcntenset_el0, CYCLE);
        arch_isb();
        testhost_enter_at(vcpu, pmu_rounds);
        vcpu->regs.x[3] = 1;
        CHECK_EQ(run(vcpu), 1);
        put();
        arch_write(pmcntenclr_el0, CYCLE);
        arch_isb();
        low = !(arch_read(pmccntr_el0) & BIT(31));
        overflow = arch_read(pmovsset_el0) & CYCLE;
        if (low != overflow)
            test_fail("an overflow and its counter");
        wrapped += low;
    }
    CHECK(wrapped > 0 && wrapped < HOST_CYCLES); /* it was from before until after */
    host_clear();
    arch_write(pmccfiltr_el0, 0);
}

/* A guest sees nothing of what the host had there. */
static void guest_sees_nothing_of_the_host(struct test_vm *vm)
{
    struct vcpu *vcpu;

    put();
    host_fill();
    vcpu = make_vcpu(vm, 3);
    for (unsigned reg = 0; reg < REGISTERS; reg++) {
        if (reg == R_PMCR || reg == R_PMCEID0 || reg == R_PMCEID1 || reg == R_ID_AA64DFR0 ||
            reg == R_ID_DFR0)
            continue;
        if (access(vcpu, EL1H, reg, false, 0) == EC_SVC && vcpu->regs.x[1] != 0)
            test_fail(names[reg]);
    }
    put();
    host_clear();
    MUST(vcpu_destroy(vcpu));
}

/* The host keeps the counters from 2 on, and counts a guest's instructions with one of them. */
static void host_may_keep_counters(struct vm *whole, struct vcpu *of_whole)
{
    struct vcpu_percpu *cpu = testhost_percpu(0);
    uint64_t mdcr = arch_read(mdcr_el2), controls, count[2];
    struct vm *const part = whole + 1;
    struct vcpu *vcpu;

    MUST(vcpu_percpu_disable(cpu));
    arch_write(mdcr_el2, (mdcr & ~HPMN) | HOST_CONTROLS | 2);
    controls = arch_read(mdcr_el2) & HOST_CONTROLS; /* that the CPU has */
    CHECK(controls & MDCR_HPME);
    testhost_enable(0);
    CHECK_EQ(features()->pmu_counters, 2);
    CHECK_EQ(testhost_run(of_whole), VCPU_ERR_UNSUPPORTED);

    make_vm(part, 0);
    vcpu = make_vcpu(&part->vm, 0);
    host_select(3);
    arch_write(pmxevtyper_el0, INST_RETIRED);
    arch_write(pmxevcntr_el0, 0);
    arch_write(pmcntenset_el0, 8);
    CHECK_EQ(get(vcpu, R_PMCR) >> 11, 2);
    set(vcpu, R_PMCNTENSET, ~UINT64_C(0));
    CHECK_EQ(get(vcpu, R_PMCNTENSET), CYCLE | 3);
    set(vcpu, R_PMCNTENCLR, ~UINT64_C(0));
    CHECK_EQ(arch_read(pmcntenset_el0), 8);
    CHECK_EQ(arch_read(mdcr_el2) & HOST_CONTROLS, controls);
    count_rounds(vcpu, 1000, 4, 0, put, count);
    CHECK(count[0] >= 8000);
    host_select(3);
    CHECK(arch_read(pmxevcntr_el0) > count[0]);
    CHECK_EQ(arch_read(pmxevtyper_el0), INST_RETIRED);
    put();
    MUST(vcpu_destroy(vcpu));
    testhost_vm_free(&part->vm);
    MUST(vcpu_pmu_destroy(part->pmu));

    host_clear();
    MUST(vcpu_percpu_disable(cpu));
    arch_write(mdcr_el2, mdcr);
    testhost_enable(0);
}

/* ---- Without ---- */

static void not_there(struct test_vm *vm)
{
    struct vcpu *vcpu = make_vcpu(vm, 0);

    CHECK_EQ(get(vcpu, R_ID_AA64DFR0) >> 8 & 0xf, 0);
    CHECK_EQ(get(vcpu, R_ID_DFR0) >> 24 & 0xf, 0);
    for (unsigned userenr = 0; userenr < 2; userenr++) {
        put();
        arch_write(pmuserenr_el0, userenr ? 0xf : 0); /* the host's, which is of no matter */
        for (unsigned reg = 0; reg < R_ID_AA64DFR0; reg++) {
            for (unsigned write = 0; write < 2; write++) {
                if (access(vcpu, EL1H, reg, write, 0) != EC_UNDEFINED ||
                    access(vcpu, EL0T, reg, write, 0) != EC_UNDEFINED)
                    test_fail(names[reg]);
            }
        }
        put();
        CHECK_EQ(arch_read(pmuserenr_el0), userenr ? 0xf : 0);
    }
    arch_write(pmuserenr_el0, 0);
    MUST(vcpu_destroy(vcpu));
}

/* All of the host's counters stay the host's, as HPMN divides them now: not as it did at enable. */
static void without_one_the_host_divides(struct test_vm *vm)
{
    struct vcpu *vcpu = make_vcpu(vm, 0);
    uint64_t mdcr = arch_read(mdcr_el2);

    for (unsigned hpmn = 1; hpmn <= 2; hpmn++) {
        put();
        arch_write(mdcr_el2, (mdcr & ~HPMN) | hpmn);
        CHECK_EQ(get(vcpu, R_ID_AA64DFR0) >> 8 & 0xf, 0);
        CHECK_EQ(arch_read(mdcr_el2) & HPMN, hpmn);
    }
    put();
    arch_write(mdcr_el2, mdcr);
    MUST(vcpu_destroy(vcpu));
}

static void misuse(struct test_vm *without)
{
    const struct vcpu_pmu_config config = {.host = &testhost_hooks}, no_host = {0};
    struct vcpu_pmu *pmu;

    CHECK_EQ(vcpu_pmu_create(without->vm, &config, &pmu), VCPU_ERR_STATE);
    CHECK_EQ(vcpu_pmu_create(NULL, &config, &pmu), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_pmu_create(without->vm, NULL, &pmu), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_pmu_create(without->vm, &config, NULL), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_pmu_create(without->vm, &no_host, &pmu), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_pmu_destroy(NULL), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_pmu_interrupt(NULL, NULL), VCPU_ERR_INVALID);
}

/* ---- */

static struct vm vms[3];
static struct test_vm without;

static void second_cpu(unsigned index)
{
    (void)index;
    testhost_enable(0);
    testhost_gic();
    testhost_serve();
}

static void counting(struct vcpu *const vcpu[3])
{
    test_begin("the guest's EL1 and EL0 count, each if it is to, and the host does not");
    host_is_not_counted(vcpu[0]);
    levels_are_told_apart(vcpu[0]);
    test_begin("event counters overflow and read as 32 bits");
    counters_wrap_at_32_bits(vcpu[0]);
    test_begin("three vCPUs of two VMs on one CPU count as if alone");
    each_counts_its_own(vcpu);
    put();
    test_begin("counts go with a vCPU from CPU to CPU");
    counts_move_along(vcpu[0]);
}

static void overflows(struct vm *vm, struct vcpu *vcpu)
{
    test_begin("an overflow interrupts once, as a level that the guest lets down");
    overflow_is_a_level(vm, vcpu);
    test_begin("an overflow that the guest itself sets");
    overflow_by_hand(vm, vcpu);
    test_begin("an overflow of a vCPU that leaves its CPU is not lost");
    overflow_of_one_that_left(vm, vcpu);
    test_begin("a reset lets the line down");
    reset_lets_the_line_down(vm, vcpu);
}

void host_main(const struct machine *machine)
{
    struct vcpu *vcpu[3];

    testhost_enable(0);
    gic_find(machine);
    gic_init();
    testhost_gic();
    irq_register(VCPU_PMU_PPI, on_overflow);
    gic_enable(VCPU_PMU_PPI);
    host_clear();
    if (!smp_start(second_cpu))
        test_fail("the other CPU does not start");
    make_vm(&vms[0], 0);
    make_vm(&vms[2], 0);
    testhost_vm(&without, 0);
    vcpu[0] = make_vcpu(&vms[0].vm, 0);
    vcpu[1] = make_vcpu(&vms[0].vm, 1);
    vcpu[2] = make_vcpu(&vms[2].vm, 0);

    test_begin("the ID registers show a PMU of the version that the CPU has, v3p1 at most");
    version_is_shown(vcpu[0]);
    test_begin("registers keep what they may");
    registers_keep_what_they_may(vcpu[0]);
    test_begin("counters that are not there are UNDEFINED");
    absent_ones_are_undefined(vcpu[0]);
    test_begin("software increments");
    software_increments(vcpu[0]);
    counting(vcpu);
    overflows(&vms[0], vcpu[0]);
    test_begin("EL0 has what PMUSERENR_EL0 says, and what it forbids goes to EL1");
    el0_has_what_pmuserenr_says(vcpu[0]);
    test_begin("AArch32 programs have it too");
    aarch32_programs(&vms[0], vcpu[0]);
    test_begin("the host's PMU is as before after a put");
    host_has_its_own_back(vcpu[0]);
    test_begin("an overflow of the host's is not lost when a guest comes");
    host_overflows_are_not_lost(vcpu[0]);
    test_begin("a new guest finds zeros where the host has something");
    guest_sees_nothing_of_the_host(&vms[0].vm);
    test_begin("the host keeps the counters from its HPMN on");
    put();
    host_may_keep_counters(vms, vcpu[0]);
    test_begin("a VM that did not ask has no PMU, at EL1 and EL0");
    not_there(&without);
    test_begin("and leaves all counters the host's, as it divides them");
    without_one_the_host_divides(&without);
    test_begin("what vcpu_pmu_create refuses");
    misuse(&without);
    test_end();
}
