/* SPDX-License-Identifier: MIT */
/* What a guest's PMU registers keep, and who may access them. */
#include "pmu_vm.h"

/* ---- Registers ---- */

void version_is_shown(struct vcpu *vcpu)
{
    uint64_t host = arch_read(id_aa64dfr0_el1) >> 8 & 0xf;
    uint64_t host32 = arch_read(id_dfr0_el1) >> 24 & 0xf;

    CHECK_EQ(get(vcpu, R_ID_AA64DFR0) >> 8 & 0xf, host >= 4 ? 4 : host);
    CHECK_EQ(get(vcpu, R_ID_DFR0) >> 24 & 0xf, host32 >= 4 ? 4 : host32);
    CHECK_EQ(vcpu_vm_id(vcpu_vm_of(vcpu), VCPU_SYSREG(3, 0, 0, 5, 0)), get(vcpu, R_ID_AA64DFR0));
    CHECK_EQ(get(vcpu, R_PMCR) >> 11, features()->pmu_counters);
    CHECK_EQ(vcpu_vm_pmu_counters(vcpu_vm_of(vcpu)), features()->pmu_counters);
}

void registers_keep_what_they_may(struct vcpu *vcpu)
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

void absent_ones_are_undefined(struct vcpu *vcpu)
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

void software_increments(struct vcpu *vcpu)
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

/* ---- EL0 ---- */

/* ISS of MRS x1 or MSR x1. */
static uint64_t iss(unsigned crm, unsigned op2, bool write)
{
    return (UINT64_C(3) << 20) | (op2 << 17) | (3u << 14) | (9u << 10) | (1u << 5) | (crm << 1) |
           !write;
}

void el0_has_what_pmuserenr_says(struct vcpu *vcpu)
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

void aarch32_programs(struct vm *vm, struct vcpu *vcpu)
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
