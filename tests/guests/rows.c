/* SPDX-License-Identifier: MIT */
#include "rows.h"

#include "arch.h"
#include "hw/sysreg.h"
#include "switching.h"

extern const char guest_sp_access[], guest_access[];

uint64_t row_value[2][ROW_ROUNDS][EL1_COUNT];

static const struct {
    const char *name;
    uint32_t id;
    uint32_t when;
    uint64_t reset;
} rows[EL1_COUNT] = {
#define ROW(name, op0, op1, crn, crm, op2, vhe, when, reset)                                       \
    {#name, VCPU_REG_SYSREG + VCPU_SYSREG(op0, op1, crn, crm, op2), when, reset},
    EL1_TABLE(ROW)
#undef ROW
};

/* The place of each register's accesses in guest_access. */
enum {
#define POSITION(table, name) POSITION_##table,
    GUEST_REGISTERS(POSITION)
#undef POSITION
};

static const char *accesses(enum el1_index row)
{
    switch (row) {
#define CASE(table, name)                                                                          \
    case EL1_##table:                                                                              \
        return guest_access + POSITION_##table * ACCESS_SIZE;
        GUEST_REGISTERS(CASE)
#undef CASE
    case EL1_SP_EL1:
        return guest_sp_access;
    default:
        return NULL;
    }
}

void put(void)
{
    MUST(vcpu_percpu_put(testhost_percpu(smp_this()->index)));
}

void run_to_call(struct vcpu *vcpu)
{
    int reason = testhost_run(vcpu);

    CHECK_EQ(reason, VCPU_EXIT_HYPERCALL);
    if (reason == VCPU_EXIT_HYPERCALL)
        MUST(vcpu_complete_call(vcpu, vcpu->regs.x[0]));
}

bool row_is_there(enum el1_index row, bool direct_timer)
{
    const struct vcpu_features *features = vcpu_percpu_features(testhost_percpu(0));

    switch (rows[row].when) {
    case EL1_ALWAYS:
        return true;
    case EL1_SME: /* TPIDR2_EL0, which fine-grained traps hide */
        return features->sme && !features->fgt;
    case EL1_RAS:
        return features->ras;
    case EL1_DIRECT_TIMER:
        return direct_timer;
    case EL1_PAUTH:
        return features->pauth;
    case EL1_SCXTNUM:
        return features->scxtnum;
    default:
        return false;
    }
}

bool row_has_guest_name(enum el1_index row)
{
    return accesses(row) != NULL;
}

uint32_t row_id(enum el1_index row)
{
    return rows[row].id;
}

uint64_t row_reset(enum el1_index row)
{
    return rows[row].reset;
}

static bool is_timer_control(enum el1_index row)
{
    return row == EL1_CNTV_CTL_EL0 || row == EL1_CNTP_CTL_EL0;
}

/* Without ISTATUS, which changes and nobody writes it. */
static uint64_t steady(enum el1_index row, uint64_t value)
{
    return is_timer_control(row) ? value & 3 : value;
}

uint64_t row_guest_reads(struct vcpu *vcpu, enum el1_index row)
{
    testhost_enter_at(vcpu, accesses(row));
    run_to_call(vcpu);
    return steady(row, vcpu->regs.x[0]);
}

void row_guest_writes(struct vcpu *vcpu, enum el1_index row, uint64_t value)
{
    testhost_enter_at(vcpu, accesses(row) + ACCESS_WRITE);
    vcpu->regs.x[0] = value;
    run_to_call(vcpu);
}

uint64_t row_host_reads(const struct vcpu *vcpu, enum el1_index row)
{
    uint64_t value = 0;

    CHECK_EQ(vcpu_get_reg(vcpu, rows[row].id, &value), VCPU_OK);
    return steady(row, value);
}

void row_host_writes(struct vcpu *vcpu, enum el1_index row, uint64_t value)
{
    CHECK_EQ(vcpu_set_reg(vcpu, rows[row].id, value), VCPU_OK);
}

void row_check(enum el1_index row, uint64_t got, uint64_t want)
{
    test_check_eq(got, want, rows[row].name, __FILE__, __LINE__);
}

/* What this CPU's register keeps of a value, tried out while it is nobody's. */
#define TRY(op0, op1, crn, crm, op2)                                                               \
    ({                                                                                             \
        uint64_t old_ = READ_SYSREG_S(op0, op1, crn, crm, op2), kept_;                             \
        WRITE_SYSREG_S(op0, op1, crn, crm, op2, value);                                            \
        kept_ = READ_SYSREG_S(op0, op1, crn, crm, op2);                                            \
        WRITE_SYSREG_S(op0, op1, crn, crm, op2, old_);                                             \
        kept_;                                                                                     \
    })

static uint64_t kept(enum el1_index row, uint64_t value)
{
    uint64_t result = 0;

    switch (row) {
#define CASE(name, op0, op1, crn, crm, op2, vhe, when, reset)                                      \
    case EL1_##name:                                                                               \
        result = arch_is_vhe() ? TRY(op0, vhe, crn, crm, op2) : TRY(op0, op1, crn, crm, op2);      \
        break;
        EL1_TABLE(CASE)
#undef CASE
    default:
        break;
    }
    return steady(row, result);
}

/* Bits that every guest has: of others the library takes none that a guest is not shown. */
static uint64_t defined_bits(enum el1_index row)
{
    switch (row) {
    case EL1_CSSELR_EL1:
        return GENMASK(3, 0);
    case EL1_CPACR_EL1:
        return GENMASK(21, 20);
    case EL1_CNTKCTL_EL1:
        return GENMASK(9, 0);
    case EL1_VDISR_EL2:
        return BIT(31) | GENMASK(24, 0);
    case EL1_VSESR_EL2:
        return GENMASK(24, 0);
    case EL1_TCR_EL1:
        return GENMASK(38, 0);
    default:
        return ~UINT64_C(0);
    }
}

static uint64_t harmless_value(enum el1_index row, unsigned vcpu, unsigned round)
{
    /* UCI, WXN, nTWE, nTWI, UCT, DZE, I, UMA, SA0, C; and the bits that are RES1. */
    const uint64_t sctlr_free = BIT(26) | BIT(19) | BIT(18) | BIT(16) | BIT(15) | BIT(14) |
                                BIT(12) | BIT(9) | BIT(4) | BIT(2);
    const uint64_t sctlr_res1 = 0x30d00800;
    uint64_t value = (row * 64 + vcpu * 8 + round + 1) * UINT64_C(0x9e3779b97f4a7c15);

    value ^= value >> 29;
    if (row == EL1_SCTLR_EL1)
        return (value & sctlr_free) | sctlr_res1;
    if (is_timer_control(row))
        return (value & 1) | 2; /* IMASK */
    return value & defined_bits(row);
}

void row_choose_values(bool direct_timer)
{
    for (unsigned row = 0; row < EL1_COUNT; row++)
        for (unsigned n = 0; n < 2 * ROW_ROUNDS && row_is_there(row, direct_timer); n++)
            row_value[n / ROW_ROUNDS][n % ROW_ROUNDS][row] =
                kept(row, harmless_value(row, n / ROW_ROUNDS, n % ROW_ROUNDS));
}
