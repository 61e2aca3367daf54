/* SPDX-License-Identifier: MIT */
/*
 * Each register by its id: what the list has, and what can be written, in a vCPU that is in no CPU,
 * in this one, and in another.
 */
#include "snapshot_vm.h"

#define CNTV_CTL  SYSREG(3, 3, 14, 3, 1)
#define CNTP_CTL  SYSREG(3, 3, 14, 2, 1)
#define AFSR0     SYSREG(3, 0, 5, 1, 0)
#define AFSR1     SYSREG(3, 0, 5, 1, 1)
#define AMAIR     SYSREG(3, 0, 10, 3, 0)
#define VBAR      SYSREG(3, 0, 12, 0, 0)
#define FPCR      SYSREG(3, 3, 4, 4, 0)
#define ICC_PMR   SYSREG(3, 0, 4, 6, 0)
#define ICC_BPR0  SYSREG(3, 0, 12, 8, 3)
#define ICC_AP0R0 SYSREG(3, 0, 12, 8, 4)
#define ICC_AP1R0 SYSREG(3, 0, 12, 9, 0)
#define ICC_BPR1  SYSREG(3, 0, 12, 12, 3)
#define OSLSR     SYSREG(2, 0, 1, 1, 4)
#define MDCCINT   SYSREG(2, 0, 0, 2, 0)
#define PMCCFILTR SYSREG(3, 3, 14, 15, 7)

/* What a timer says of itself may change from one moment to the next. */
static uint64_t steady(uint32_t id, uint64_t value)
{
    return id == CNTV_CTL || id == CNTP_CTL ? value & 3 : value;
}

/* A bit that each CPU has in the register, if it is not 0. */
static unsigned free_bit(uint32_t id)
{
    switch (id) {
    case VCPU_REG_PC:
        return 2;
    case VCPU_REG_PENDING:
    case ICC_PMR:
        return 6;
    case VBAR:
        return 11;
    case OSLSR:
        return 1;
    case MDCCINT:
    case PMCCFILTR:
        return 30;
    case FPCR:
        return 22;
    default:
        return 0;
    }
}

/* What is in it while it is in the CPU: IMPLEMENTATION DEFINED, or, of BPR, no less than a minimum. */
static bool is_the_cpus(uint32_t id)
{
    return id == AFSR0 || id == AFSR1 || id == AMAIR || id == ICC_BPR0 || id == ICC_BPR1;
}

/* What has another value can be given it, and its own again; and nothing else has changed. */
static bool try_register(struct vcpu *vcpu, uint32_t id)
{
    uint64_t was = testhost_reg(vcpu, id), other = was ^ UINT64_C(1) << free_bit(id);
    int error = vcpu_set_reg(vcpu, id, other);

    CHECK(error == VCPU_OK || error == VCPU_ERR_INVALID);
    if (error)
        CHECK_EQ(steady(id, testhost_reg(vcpu, id)), steady(id, was));
    else if (!is_the_cpus(id))
        CHECK_EQ(steady(id, testhost_reg(vcpu, id)), steady(id, other));
    CHECK_EQ(vcpu_set_reg(vcpu, id, was), VCPU_OK);
    CHECK_EQ(steady(id, testhost_reg(vcpu, id)), steady(id, was));
    return !error;
}

static uint32_t ids[MAX_REGS];
static size_t id_count;

static bool is_listed(uint32_t id)
{
    unsigned count = 0;

    for (size_t i = 0; i < id_count; i++)
        count += ids[i] == id;
    CHECK(count <= 1);
    return count;
}

/* Those that only say what there is. */
static bool is_fixed(uint32_t id)
{
    static const uint32_t others[] = {
        SYSREG(3, 1, 0, 0, 1),  SYSREG(3, 3, 0, 0, 1),
        SYSREG(3, 3, 0, 0, 7),                           /* CLIDR CTR DCZID */
        SYSREG(3, 3, 14, 0, 0), SYSREG(3, 0, 12, 12, 5), /* CNTFRQ, ICC_SRE */
        SYSREG(3, 3, 9, 12, 6), SYSREG(3, 3, 9, 12, 7),  /* PMCEID<n>_EL0 */
    };

    /* MIDR_EL1, MPIDR_EL1, and the identification registers; CCSIDR_EL1 for each CSSELR_EL1. */
    if ((id >= SYSREG(3, 0, 0, 0, 0) && id <= SYSREG(3, 0, 0, 7, 7)) ||
        (id < VCPU_REG_V0 && id % 0x10000 == VCPU_SYSREG(3, 1, 0, 0, 0)))
        return true;
    for (unsigned i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (others[i] == id)
            return true;
    return false;
}

static void try_each(struct vcpu *vcpu)
{
    for (size_t i = 0; i < id_count; i++) {
        if (try_register(vcpu, ids[i]) == is_fixed(ids[i])) {
            console_print("id 0x%x\n", ids[i]);
            test_fail("can be written, and should not, or the other way round");
        }
    }
}

static void list_is_complete(struct vcpu *vcpu)
{
    const struct vcpu_features *has = features();
    unsigned gprs = 0;

    id_count = vcpu_list_regs(vcpu, NULL, 0);
    CHECK(id_count < MAX_REGS);
    CHECK_EQ(vcpu_list_regs(vcpu, ids, MAX_REGS), id_count);
    for (unsigned n = 0; n < 31; n++)
        gprs += is_listed(VCPU_REG_X0 + n);
    CHECK_EQ(gprs, 31);
    CHECK(is_listed(VCPU_REG_V(31, 1)) == (has->fp && !has->sve));
    CHECK(is_listed(VCPU_REG_Z(31, 1)) == has->sve);
    CHECK(is_listed(VCPU_REG_FFR(0)) == has->sve);
    CHECK(is_listed(SYSREG(3, 3, 9, 12, 0)) == has->pmu);            /* PMCR_EL0 */
    CHECK(is_listed(SYSREG(3, 4, 5, 2, 3)) == has->ras);             /* VSESR_EL2 */
    CHECK(is_listed(SYSREG(3, 0, 2, 1, 0)) == guest_has_pauth(&to)); /* APIAKeyLo_EL1 */
    CHECK(is_listed(ICC_AP1R0) == (machine->gic.version == 3));
    CHECK(is_listed(ICC_AP0R0) && is_listed(ICC_PMR));
    CHECK(is_listed(CNTP_CTL) && is_listed(CNTV_CTL));
    CHECK(is_listed(SYSREG(2, 0, 0, 1, 5)) && is_listed(SYSREG(2, 0, 1, 1, 4)));
}

static void try_elsewhere(void)
{
    static struct vcpu_reg_value values[MAX_REGS];
    size_t count = MAX_REGS;

    for (size_t i = 0; i < id_count; i++) {
        uint64_t value = 0x5a;

        CHECK_EQ(vcpu_get_reg(to.vcpu, ids[i], &value), VCPU_ERR_BUSY);
        CHECK_EQ(value, 0x5a);
        CHECK_EQ(vcpu_set_reg(to.vcpu, ids[i], value), VCPU_ERR_BUSY);
    }
    CHECK_EQ(vcpu_save(to.vcpu, values, &count), VCPU_ERR_BUSY);
    CHECK_EQ(restore(to.vcpu), VCPU_ERR_BUSY);
    CHECK_EQ(vcpu_list_regs(to.vcpu, NULL, 0), id_count);
}

void each_register(void)
{
    list_is_complete(to.vcpu);
    CHECK_EQ(restore(to.vcpu), VCPU_OK);
    test_begin("each register of a vCPU that is in no CPU");
    try_each(to.vcpu);

    /* Without what interrupts it at once. */
    test_begin("and of one that is in this CPU, and stays there");
    CHECK_EQ(vcpu_reset(to.vcpu, false), VCPU_OK);
    testhost_enter_at(to.vcpu, idle_guest);
    CHECK_EQ(run(&to), VCPU_EXIT_HYPERCALL);
    try_each(to.vcpu);
    CHECK_EQ(run(&to), VCPU_EXIT_HYPERCALL);
    test_begin("but not of one that is in another CPU");
    testhost_on_other(try_elsewhere);
    CHECK_EQ(vcpu_put(testhost_percpu(0), to.vcpu), VCPU_OK);
}
