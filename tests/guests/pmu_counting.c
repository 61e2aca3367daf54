/* SPDX-License-Identifier: MIT */
/* What a guest's counters count. */
#include "pmu_vm.h"

/* ---- Counting ---- */

void begin_to_count(struct vcpu *vcpu, uint64_t filter)
{
    set(vcpu, R_PMEVTYPER0, INST_RETIRED | filter);
    set(vcpu, R_PMCCFILTR, filter);
    set(vcpu, R_PMCNTENSET, CYCLE | 1);
    set(vcpu, R_PMCR, E | P | C | LC);
}

void begin_rounds(struct vcpu *vcpu, uint64_t pstate, uint64_t turns, uint64_t rounds)
{
    testhost_enter_at(vcpu, pmu_rounds);
    MUST(vcpu_set_reg(vcpu, VCPU_REG_PSTATE, pstate));
    vcpu->regs.x[3] = turns;
    vcpu->regs.x[4] = rounds;
}

void complete(struct vcpu *vcpu)
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

void count_rounds(struct vcpu *vcpu, uint64_t turns, uint64_t rounds, unsigned host,
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

void nothing(void)
{
}

void host_is_not_counted(struct vcpu *vcpu)
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

void levels_are_told_apart(struct vcpu *vcpu)
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

void each_counts_its_own(struct vcpu *const vcpu[3])
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

void counters_wrap_at_32_bits(struct vcpu *vcpu)
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

void counts_move_along(struct vcpu *vcpu)
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
