/* SPDX-License-Identifier: MIT */
/* Every exit reason, every shape of MMIO, and where PC is after each way to go on. */
#include "exits_guest.h"

/* ---- The rest ---- */

static void registers(void)
{
    struct vcpu *vcpu;

    test_begin("a trapped MRS: encoding, completed into Xt");
    vcpu = at(sysreg_read);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_SYSREG_READ);
    CHECK_EQ(vcpu->exit.sysreg.encoding, VCPU_SYSREG(3, 3, 14, 2, 2));
    CHECK(!vcpu->exit.sysreg.write);
    CHECK_EQ(vcpu->regs.pc, testhost_ipa(sysreg_read));
    CHECK_EQ(vcpu_complete_sysreg_write(vcpu), VCPU_ERR_STATE);
    CHECK_EQ(vcpu_complete_sysreg_read(vcpu, 0x8877665544332211), VCPU_OK);
    CHECK_EQ(vcpu->regs.x[3], 0x8877665544332211);
    CHECK(came_to_mark(vcpu, sysreg_read));
    test_begin("a trapped MSR: value, and XZR writes 0");
    vcpu = at(sysreg_write);
    vcpu->regs.x[3] = 0x1234567890;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_SYSREG_WRITE);
    CHECK_EQ(vcpu->exit.sysreg.value, 0x1234567890);
    CHECK_EQ(vcpu_complete_sysreg_read(vcpu, 0), VCPU_ERR_STATE);
    CHECK_EQ(vcpu_complete_sysreg_write(vcpu), VCPU_OK);
    CHECK(came_to_mark(vcpu, sysreg_write));
    vcpu = at(sysreg_write_zr);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_SYSREG_WRITE);
    CHECK_EQ(vcpu->exit.sysreg.value, 0);
    test_begin("a trapped MRS answered by UNDEFINED");
    vcpu = at(sysreg_read);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_SYSREG_READ);
    CHECK_EQ(vcpu_inject_undefined(vcpu), VCPU_OK);
    CHECK(came_to_vector(vcpu, 0));
    CHECK_EQ(vcpu->regs.x[10], 0x02000000);
    CHECK_EQ(vcpu->regs.x[11], testhost_ipa(sysreg_read));
    test_begin("the physical timer is the host's unless it is given away");
    vcpu = at(timer_read);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_SYSREG_READ);
    CHECK_EQ(vcpu->exit.sysreg.encoding, VCPU_SYSREG(3, 3, 14, 2, 1));
    test_begin("MPIDR_EL1 is the vCPU's, ID registers are read without an exit");
    vcpu = at(id_read);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu->regs.x[4], UINT64_C(1) << 31);
    CHECK_EQ(vcpu->regs.x[3] & 0xf0, 0x10);   /* EL1 is AArch64 only */
    CHECK_EQ(vcpu->regs.x[3] >> 8 & 0xff, 0); /* no EL2, no EL3 */
}

static void waits(void)
{
    struct vcpu *vcpu;
    struct test_vm trapping;

    test_begin("WFE and WFI come out where the VM wants them, and are gone on from");
    testhost_vm(&trapping, VCPU_VM_TRAP_WFI | VCPU_VM_TRAP_WFE | VCPU_VM_TRAP_DEBUG);
    vcpu = testhost_vcpu(&trapping, 0);
    testhost_enter_at(vcpu, wait_wfi);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_WFI);
    CHECK_EQ(vcpu->regs.pc, testhost_ipa(wait_wfi));
    CHECK_EQ(vcpu_complete_skip(vcpu), VCPU_OK);
    CHECK_EQ(vcpu_complete_skip(vcpu), VCPU_ERR_STATE);
    CHECK(came_to_mark(vcpu, wait_wfi));
    testhost_enter_at(vcpu, wait_wfe);
    /* An implementation may trap the first WFE too, or none that does not wait. */
    for (int n = 0; n < 3 && testhost_run(vcpu) == VCPU_EXIT_WFE; n++)
        CHECK_EQ(vcpu_complete_skip(vcpu), VCPU_OK);
    CHECK_EQ(vcpu->exit.reason, VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_exit_imm(&vcpu->exit), MARK);

    test_begin("BRK comes out where the VM wants debug exceptions, with its immediate");
    testhost_enter_at(vcpu, debug_brk);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_DEBUG);
    CHECK_EQ(vcpu->exit.debug.exception_class, 0x3c);
    CHECK_EQ(vcpu->exit.debug.comment, 0x77);
    CHECK_EQ(vcpu->regs.pc, testhost_ipa(debug_brk));
    CHECK_EQ(vcpu_complete_skip(vcpu), VCPU_OK);
    CHECK(came_to_mark(vcpu, debug_brk));
    testhost_vm_free(&trapping);

    test_begin("BRK stays with the guest otherwise");
    vcpu = at(debug_brk);
    CHECK(came_to_vector(vcpu, 0x3c));
    CHECK_EQ(vcpu->regs.x[11], testhost_ipa(debug_brk));
}

void host_main(const struct machine *machine)
{
    (void)machine;
    testhost_enable(0);
    testhost_vm(&vm, 0);
    calls();
    psci();
    mmio();
    faults();
    walks();
    registers();
    waits();
    answers();
    test_end();
}
