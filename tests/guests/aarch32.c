/* SPDX-License-Identifier: MIT */
/*
 * AArch32 programs at EL0 under an AArch64 EL1, in A32 and T32: devices, conditions, coprocessor
 * traps, interrupts. On a CPU without AArch32 no vCPU can be put into it.
 */
#include "aarch32_program.h"

/* ---- Legal states ---- */

static void states(void)
{
    /* With flags, Q, GE, IT, T, E, A, I and F. */
    CHECK_EQ(vcpu_set_reg(guest, VCPU_REG_PSTATE, USER32), VCPU_OK);
    CHECK_EQ(vcpu_set_reg(guest, VCPU_REG_PSTATE, USER32 | 0xf80f0000 | PSTATE_T | IT_MASK | 0x3c0),
             VCPU_OK);
    for (unsigned bit = 32; bit < 64; bit++)
        CHECK_EQ(vcpu_set_reg(guest, VCPU_REG_PSTATE, USER32 | UINT64_C(1) << bit),
                 VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_set_reg(guest, VCPU_REG_PC, UINT64_C(1) << 32), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_set_reg(guest, VCPU_REG_PC, CODE_IPA + 2), VCPU_OK);
}

static void programs(void)
{
    test_begin("User mode is a state that a vCPU can be put into");
    states();
    each_access();
    test_begin("two registers, writeback, a list, a vector register: no syndrome");
    accesses_without_syndrome();
    test_begin("PSTATE.IT moves on with each load that is completed");
    it_blocks();
    test_begin("an instruction that fails its condition goes by");
    failed_conditions();
    test_begin("A32: coprocessors and system instructions do no harm");
    try_oddities(false);
    test_begin("T32: coprocessors do no harm");
    try_oddities(true);
    test_begin("a VM without timers: traps of the physical one come out, and can be UNDEFINED");
    timer_traps();
    timers();
    test_begin("the thread registers are those of EL0");
    thread_ids();
    test_begin("a data abort from the host is taken at EL1's vector for AArch32");
    injection(false);
    injection(true);
    test_begin("an interrupt leaves A32 and T32 where they were");
    interrupt(false);
    interrupt(true);
    test_begin("a kick takes A32 code out");
    kick();
}

void host_main(const struct machine *machine)
{
    struct test_vm t;

    testhost_enable(0);
    gic_find(machine);
    gic_init();
    testhost_gic();
    irq_register(EL2_TIMER_PPI, timer_interrupt);
    gic_enable(EL2_TIMER_PPI);
    testhost_vm(&t, 0);
    vm = &t;
    guest = testhost_vcpu(&t, 0);
    testhost_enter_at(guest, el1_vectors);
    if (!smp_start(other_cpu))
        test_fail("the other CPU does not start");

    /* ID_AA64PFR0_EL1.EL0 = 2: AArch64 and AArch32. */
    if ((arch_read(id_aa64pfr0_el1) & 0xf) == 2) {
        programs();
    } else {
        test_begin("without AArch32 no vCPU can be put into it");
        CHECK_EQ(vcpu_set_reg(guest, VCPU_REG_PSTATE, USER32), VCPU_ERR_INVALID);
        CHECK_EQ(reg(VCPU_REG_PSTATE), 0x3c5);
    }
    test_end();
}
