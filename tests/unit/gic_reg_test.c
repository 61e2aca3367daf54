/* SPDX-License-Identifier: MIT */
/* The CPU interface by the ids of vcpu/reg.h, against ICH_VMCR_EL2 by bit numbers. */
#include "cmocka_all.h"

#include <vcpu/error.h>

#include "gic_machine.h"

#define PMR     VCPU_SYSREG(3, 0, 4, 6, 0)
#define BPR0    VCPU_SYSREG(3, 0, 12, 8, 3)
#define AP0R(n) VCPU_SYSREG(3, 0, 12, 8, 4 + (n))
#define AP1R(n) VCPU_SYSREG(3, 0, 12, 9, n)
#define BPR1    VCPU_SYSREG(3, 0, 12, 12, 3)
#define CTLR    VCPU_SYSREG(3, 0, 12, 12, 4)
#define SGI1R   VCPU_SYSREG(3, 0, 12, 11, 5)
#define SRE     VCPU_SYSREG(3, 0, 12, 12, 5)
#define IGRPEN0 VCPU_SYSREG(3, 0, 12, 12, 6)
#define IGRPEN1 VCPU_SYSREG(3, 0, 12, 12, 7)

/* Each value that a register can have, and what it is in VMCR. */
static const struct {
    uint32_t encoding, value, vmcr;
    uint8_t version; /* 0: of both */
} values[] = {
    {PMR, 0xf8, 0xf8000000, 0},
    {PMR, 0x08, 0x08000000, 0},
    {BPR0, 7, 0x00e00000, 0},
    {BPR1, 5, 0x00140000, 0},
    {IGRPEN0, 1, 1, 0},
    {IGRPEN1, 1, 2, 0},
    {CTLR, 1, 0x10, 0},
    {CTLR, 2, 0x200, 0},
    {CTLR, 3, 0x210, 0},
    {CTLR, 4, 4, 2},
    {CTLR, 8, 8, 2},
};

static const struct {
    uint32_t encoding;
    uint64_t value;
    uint8_t version;
} impossible[] = {
    {PMR, 0x100, 0},
    {BPR0, 8, 0},
    {BPR1, 8, 0},
    {IGRPEN0, 2, 0},
    {IGRPEN1, 2, 0},
    {CTLR, 16, 0},
    {CTLR, 0x100, 0},
    {CTLR, 4, 3},
    {SRE, 6, 3},
    {SRE, 0xf, 3},
    {AP0R(0), UINT64_C(1) << 32, 0},
    {SGI1R, 5 << 24, 3},               /* to nobody */
    {SGI1R, UINT64_C(1) << 40 | 2, 3}, /* there are two vCPUs */
    {SGI1R, UINT64_C(1) << 61 | 1, 3}, /* RES0 */
};

static void start(unsigned version)
{
    struct machine_config config = {
        .version = (uint8_t)version, .vcpus = 2, .spis = 32, .lrs = 4, .tdir = true};

    machine_start(&config);
    machine_load(0, 0);
}

static int reg(unsigned v, uint32_t encoding, enum vcpu_reg_op op, uint64_t *value)
{
    return machine.ops->reg(machine.ctx, &machine.vcpu[v], encoding, op, value);
}

static int set(unsigned v, uint32_t encoding, uint64_t value)
{
    return reg(v, encoding, VCPU_REG_OP_SET, &value);
}

static int check(unsigned v, uint32_t encoding, uint64_t value)
{
    return reg(v, encoding, VCPU_REG_OP_CHECK, &value);
}

static uint64_t get(unsigned v, uint32_t encoding)
{
    uint64_t value = 0xdead;

    assert_int_equal(reg(v, encoding, VCPU_REG_OP_GET, &value), VCPU_OK);
    return value;
}

#define EACH(i, table, v)                                                                          \
    for (size_t i = 0; i < sizeof(table) / sizeof((table)[0]); i++)                                \
        if (!(table)[i].version || (table)[i].version == (v))

static void registers_of_a_resident_vcpu_are_the_hardwares(void **state)
{
    (void)state;
    for (unsigned version = 2; version <= 3; version++) {
        start(version);
        EACH(i, values, version)
        {
            machine_set_vmcr(0, 0);
            assert_int_equal(check(0, values[i].encoding, values[i].value), VCPU_OK);
            assert_int_equal(machine.cpu[0].vmcr, 0);
            assert_int_equal(set(0, values[i].encoding, values[i].value), VCPU_OK);
            assert_int_equal(machine.cpu[0].vmcr, values[i].vmcr);
            assert_int_equal(get(0, values[i].encoding), values[i].value);
            assert_int_equal(set(0, values[i].encoding, 0), VCPU_OK);
            assert_int_equal(machine.cpu[0].vmcr, 0);
            /* What the guest wrote without anybody's knowledge. */
            machine_set_vmcr(0, values[i].vmcr);
            assert_int_equal(get(0, values[i].encoding), values[i].value);
        }
        machine.cpu[0].apr[0][0] = 0x40;
        assert_int_equal(get(0, AP0R(0)), 0x40);
        assert_int_equal(set(0, AP0R(0), 0x80000001), VCPU_OK);
        assert_int_equal(machine.cpu[0].apr[0][0], 0x80000001);
        machine_stop();
    }
}

static void registers_of_one_that_is_nowhere_come_with_it(void **state)
{
    (void)state;
    for (unsigned version = 2; version <= 3; version++) {
        EACH(i, values, version)
        {
            start(version);
            assert_false(machine_has_work(1));
            assert_int_equal(set(1, values[i].encoding, values[i].value), VCPU_OK);
            assert_int_equal(get(1, values[i].encoding), values[i].value);
            assert_int_equal(machine.cpu[0].vmcr, 0);
            /* It may have been in the middle of an interrupt: whoever waits for it looks. */
            assert_true(machine_has_work(1));
            machine_load(1, 1);
            assert_int_equal(machine.cpu[1].vmcr, values[i].vmcr);
            machine_put(1);
            machine_stop();
        }
    }
}

static void what_cannot_be_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    for (unsigned version = 2; version <= 3; version++) {
        start(version);
        machine_set_vmcr(0, 0xa84c0213);
        EACH(i, impossible, version)
        {
            assert_int_equal(check(0, impossible[i].encoding, impossible[i].value),
                             VCPU_ERR_INVALID);
            assert_int_equal(set(0, impossible[i].encoding, impossible[i].value), VCPU_ERR_INVALID);
            assert_int_equal(machine.cpu[0].vmcr, 0xa84c0213);
        }
        machine_stop();
    }
}

static void each_version_has_its_own(void **state)
{
    static const uint32_t v3[] = {PMR,     BPR0,    BPR1,    CTLR,    SRE,
                                  IGRPEN0, IGRPEN1, AP0R(0), AP1R(0), SGI1R};
    uint64_t value = 0;

    (void)state;
    for (unsigned version = 2; version <= 3; version++) {
        unsigned count = 0, known = 0;
        uint32_t encoding;

        start(version);
        for (; (encoding = machine.ops->reg_at(machine.ctx, &machine.vcpu[0], count)); count++)
            for (unsigned i = 0; i < sizeof(v3) / sizeof(v3[0]); i++)
                known += v3[i] == encoding;
        assert_int_equal(count, version == 3 ? 10 : 7);
        assert_int_equal(known, count);
        assert_int_equal(reg(0, AP1R(0), VCPU_REG_OP_GET, &value),
                         version == 3 ? VCPU_OK : VCPU_ERR_NOT_FOUND);
        assert_int_equal(reg(0, SRE, VCPU_REG_OP_GET, &value),
                         version == 3 ? VCPU_OK : VCPU_ERR_NOT_FOUND);
        /* Five bits of priority take one register. */
        assert_int_equal(reg(0, AP0R(1), VCPU_REG_OP_GET, &value), VCPU_ERR_NOT_FOUND);
        assert_int_equal(reg(0, VCPU_SYSREG(3, 0, 12, 12, 0), VCPU_REG_OP_GET, &value),
                         VCPU_ERR_NOT_FOUND);
        machine_stop();
    }
}

/* With EOImode = 1 and ends that nobody sees, others are listed than without. */
static void a_group_that_is_enabled_gets_what_is_pending(void **state)
{
    (void)state;
    start(3);
    machine_write(0, GICD_BASE, 4, 3);
    machine_write(0, SGIS(0) + 0x80, 4, 0x3c);  /* 2 to 5 are of group 1, 0 and 1 are not */
    machine_write(0, SGIS(0) + 0x100, 4, 0x3f); /* enabled */
    machine_write(0, SGIS(0) + 0x200, 4, 0x3f); /* and pending */
    machine_set_vmcr(0, 0xf8000001);
    assert_int_equal(set(0, IGRPEN0, 0), VCPU_OK);
    assert_int_equal(set(0, IGRPEN1, 1), VCPU_OK);
    assert_int_equal(machine.cpu[0].vmcr, 0xf8000002);
    /* There are four list registers: those of group 1 are in them. */
    for (unsigned i = 2; i <= 5; i++) {
        assert_int_equal(machine_ack(0), i);
        machine_eoi(0, i);
    }
    machine_stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registers_of_a_resident_vcpu_are_the_hardwares),
        cmocka_unit_test(registers_of_one_that_is_nowhere_come_with_it),
        cmocka_unit_test(what_cannot_be_is_refused_and_changes_nothing),
        cmocka_unit_test(each_version_has_its_own),
        cmocka_unit_test(a_group_that_is_enabled_gets_what_is_pending),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
