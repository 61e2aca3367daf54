/* SPDX-License-Identifier: MIT */
/* Single cases: devices, faults, access rights, and what is not carried out. */
#include "emulate_sides.h"

/* ---- Single cases ---- */

#define LDP_X2_X3_X1 0xa9400c22u /* ldp x2, x3, [x1] */
#define STP_X2_X3_X1 0xa9000c22u
#define LDP_Q2_Q3_X1 0xad400c22u
#define LDR_X2_X1_8  0xf8408422u /* ldr x2, [x1], #8 */
#define LDTR_X2_X1   0xf8400822u
#define LDR_X1_X1_8  0xf8408421u /* ldr x1, [x1], #8: unpredictable */
#define LD1_V2_X1    0x4c407022u /* ld1 { v2.16b }, [x1] */

/* Runs word at PC, with x1 as its address, to its exit. */
static struct vcpu *run_to_fault(uint32_t word, uint64_t x1, uint32_t pstate)
{
    struct setting setting = {.pstate = pstate};

    for (unsigned i = 0; i < 31; i++)
        setting.x[i] = 0x1000 + i;
    setting.x[1] = x1;
    write_word(&library_side, word, pstate == PSTATE_EL0T);
    set(&library_side, &setting);
    CHECK_EQ(testhost_run(library_side.vcpu), VCPU_EXIT_STAGE2_FAULT);
    return library_side.vcpu;
}

/* Nothing has changed: the exit is open, and would come again. */
static void check_untouched(const struct vcpu *vcpu, uint64_t x1)
{
    CHECK_EQ(vcpu->exit.reason, VCPU_EXIT_STAGE2_FAULT);
    CHECK_EQ(vcpu->regs.pc, SLOT);
    for (unsigned i = 0; i < 31; i++)
        CHECK_EQ(vcpu->regs.x[i], i == 1 ? x1 : 0x1000 + i);
}

void devices_come_first(void)
{
    struct vcpu *vcpu;

    test_begin("the VM's devices are asked before the host is");
    vcpu = run_to_fault(LDP_X2_X3_X1, DEVICE + 0x20, PSTATE_EL1H);
    accesses = device_accesses = 0;
    CHECK(emulate(&library_side));
    CHECK_EQ(vcpu->regs.x[2], 0x2008);
    CHECK_EQ(vcpu->regs.x[3], 0x2808);
    CHECK_EQ(device_accesses, 2);
    CHECK_EQ(accesses, 0);
}

void steps(void)
{
    struct vcpu_emulation e;
    struct vcpu *vcpu;

    test_begin("until the last access nothing changes, and an abort may be the answer");
    vcpu = run_to_fault(LDP_X2_X3_X1, WINDOW + 0x40, PSTATE_EL1H);
    CHECK_EQ(vcpu_emulate_begin(vcpu, LDP_X2_X3_X1, &e), VCPU_EMULATE_ACCESS);
    CHECK_EQ(e.access.ipa.value, window_ipa(WINDOW + 0x40));
    CHECK(e.access.size == 8 && !e.access.write);
    e.access.data = 1;
    CHECK_EQ(vcpu_emulate_next(vcpu, &e), VCPU_EMULATE_ACCESS);
    CHECK_EQ(e.access.ipa.value, window_ipa(WINDOW + 0x48));
    check_untouched(vcpu, WINDOW + 0x40);
    CHECK_EQ(vcpu_inject_data_abort(vcpu, WINDOW + 0x48), VCPU_OK);
    CHECK_EQ(vcpu_emulate_next(vcpu, &e), VCPU_ERR_STATE);
    CHECK_EQ(vcpu_emulate_begin(vcpu, LDP_X2_X3_X1, &e), VCPU_ERR_STATE);
    CHECK_EQ(testhost_reg(vcpu, REG_ELR), SLOT);

    test_begin("a pair of which only the second register is at a device");
    vcpu = run_to_fault(LDP_X2_X3_X1, DEVICE - 8, PSTATE_EL1H);
    CHECK_EQ(vcpu->exit.far_el2, DEVICE);
    CHECK_EQ(vcpu_emulate_begin(vcpu, LDP_X2_X3_X1, &e), VCPU_EMULATE_ACCESS);
    CHECK_EQ(e.access.ipa.value, TABLES_IPA + PAGE - 8);
    CHECK_EQ(vcpu_emulate_next(vcpu, &e), VCPU_EMULATE_ACCESS);
    CHECK_EQ(e.access.ipa.value, TEST_HOLE_IPA);

    test_begin("an address where nobody answers");
    vcpu = run_to_fault(LDP_X2_X3_X1, DEVICE + PAGE - 8, PSTATE_EL1H);
    device_accesses = 0;
    CHECK_EQ(vcpu_emulate(vcpu, &emulate_ops, &library_side, &e), VCPU_EMULATE_NOBODY);
    CHECK_EQ(device_accesses, 1);
    CHECK_EQ(e.access.ipa.value, TEST_HOLE_IPA + 0x100000);
    check_untouched(vcpu, DEVICE + PAGE - 8);
}

/* The abort that the CPU takes to EL1, when the first page is RAM, and what comes by the library. */
static void check_abort(uint32_t word, uint64_t x1, uint32_t pstate)
{
    static const uint32_t seen[] = {REG_ESR, REG_FAR, REG_ELR, REG_SPSR};
    struct setting setting = {.pstate = pstate, .x = {[1] = x1}};
    struct vcpu_emulation e;
    struct vcpu *vcpu;

    write_word(&cpu_side, word, false);
    set(&cpu_side, &setting);
    CHECK_EQ(testhost_run(cpu_side.vcpu), VCPU_EXIT_HYPERCALL);
    vcpu = run_to_fault(word, x1, pstate);
    accesses = 0;
    CHECK_EQ(vcpu_emulate(vcpu, &emulate_ops, &library_side, &e), VCPU_EMULATE_DONE);
    CHECK_EQ(vcpu->exit.reason, VCPU_EXIT_NONE);
    CHECK_EQ(accesses, 0);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu->regs.pc, cpu_side.vcpu->regs.pc);
    for (unsigned i = 0; i < sizeof(seen) / sizeof(seen[0]); i++)
        CHECK_EQ(testhost_reg(vcpu, seen[i]), testhost_reg(cpu_side.vcpu, seen[i]));
    CHECK_EQ(testhost_reg(vcpu, REG_ELR), SLOT);
}

void aborts(void)
{
    const uint64_t missing = WINDOW + WINDOW_SIZE;

    test_begin("a pair into a page that the guest's tables do not allow is the guest's own abort");
    for (unsigned i = 0; i < 3; i++) {
        check_abort(LDP_X2_X3_X1, missing - 8, modes[i]);
        check_abort(STP_X2_X3_X1, missing - 8, modes[i]);
        check_abort(LDP_Q2_Q3_X1, missing - 24, modes[i]);
    }
    check_abort(LDP_X2_X3_X1, KERNEL - 8, PSTATE_EL0T);
    check_abort(STP_X2_X3_X1, KERNEL - 8, PSTATE_EL0T);

    test_begin("and so is one whose walk takes an External abort, which the host survives");
    for (unsigned i = 0; i < 3; i++) {
        check_abort(LDP_X2_X3_X1, LOST - 8, modes[i]);
        check_abort(STP_X2_X3_X1, LOST - 8, modes[i]);
    }
    CHECK_EQ(testhost_reg(library_side.vcpu, REG_ESR) & 0x3f, VCPU_FSC_EXTERNAL_WALK + 3);
}

/* An abort where the CPU found, before the tables changed, that stage 1 allows the access. */
static void check_denied(struct vcpu *vcpu, uint32_t word)
{
    struct vcpu_emulation e;

    CHECK_EQ(vcpu_emulate_begin(vcpu, word, &e), VCPU_EMULATE_DONE);
    CHECK_EQ(testhost_reg(vcpu, REG_FAR), KERNEL + 0x40);
    CHECK_EQ(testhost_reg(vcpu, REG_ESR) & 0x3f, VCPU_FSC_PERMISSION + 3);
}

void rights(void)
{
    struct vcpu *vcpu;
    struct vcpu_emulation e;

    test_begin("a page that EL0 may not use any more is an abort for it");
    vcpu = run_to_fault(LDP_X2_X3_X1, KERNEL + 0x40, PSTATE_EL1H);
    vcpu->regs.pstate = PSTATE_EL0T;
    check_denied(vcpu, LDP_X2_X3_X1);

    test_begin("LDTR has EL0's rights, unless PSTATE.UAO is set");
    vcpu = run_to_fault(LDP_X2_X3_X1, KERNEL + 0x40, PSTATE_EL1H);
    vcpu->regs.pstate |= PSTATE_UAO;
    CHECK_EQ(vcpu_emulate_begin(vcpu, LDTR_X2_X1, &e), VCPU_EMULATE_ACCESS);
    vcpu->regs.pstate &= ~(uint64_t)PSTATE_UAO;
    check_denied(vcpu, LDTR_X2_X1);
}

/* The CPU looks at PAN for the first page, and has not come to the second. */
void privileged_access_never(void)
{
    const uint32_t pan = PSTATE_EL1H | PSTATE_PAN;
    struct vcpu *vcpu;
    struct vcpu_emulation e;

    if (!vcpu_percpu_features(testhost_percpu(0))->pan)
        return;
    test_begin(without_pan2 ? "PSTATE.PAN counts without FEAT_PAN2" : "PSTATE.PAN counts");
    check_abort(LDP_X2_X3_X1, KERNEL + PAGE - 8, pan);
    check_abort(STP_X2_X3_X1, KERNEL + PAGE - 8, pan);

    test_begin("for a page of EL1's, at EL0, and for LDTR it does not");
    vcpu = run_to_fault(LDP_X2_X3_X1, KERNEL + 0x40, pan);
    CHECK_EQ(vcpu_emulate_begin(vcpu, LDP_X2_X3_X1, &e), VCPU_EMULATE_ACCESS);
    vcpu = run_to_fault(LDP_X2_X3_X1, WINDOW + 0x40, PSTATE_EL0T);
    vcpu->regs.pstate |= PSTATE_PAN;
    CHECK_EQ(vcpu_emulate_begin(vcpu, LDP_X2_X3_X1, &e), VCPU_EMULATE_ACCESS);
    vcpu = run_to_fault(LDP_X2_X3_X1, WINDOW + 0x40, PSTATE_EL1H);
    vcpu->regs.pstate |= PSTATE_PAN;
    CHECK_EQ(vcpu_emulate_begin(vcpu, LDTR_X2_X1, &e), VCPU_EMULATE_ACCESS);
}

static void check_begin(struct vcpu *vcpu, uint32_t word, int result, enum vcpu_refusal refusal)
{
    const uint64_t x1 = vcpu->regs.x[1];
    struct vcpu_emulation e;

    CHECK_EQ(vcpu_emulate_begin(vcpu, word, &e), result);
    if (result == VCPU_EMULATE_REFUSED)
        CHECK_EQ(e.refusal, refusal);
    check_untouched(vcpu, x1);
}

void not_done(void)
{
    struct vcpu_emulation e;
    struct vcpu *vcpu;

    test_begin("what is refused, and leaves the exit as it was");
    vcpu = run_to_fault(LDR_X2_X1_8, WINDOW + 0x40, PSTATE_EL1H);
    check_begin(vcpu, LDR_X1_X1_8, VCPU_EMULATE_REFUSED, VCPU_REFUSAL_UNPREDICTABLE);
    check_begin(vcpu, LD1_V2_X1, VCPU_EMULATE_REFUSED, VCPU_REFUSAL_STRUCTURE);
    check_begin(vcpu, INSN_HVC(1), VCPU_EMULATE_REFUSED, VCPU_REFUSAL_OTHER);
    vcpu->regs.pstate = PSTATE_USER32;
    check_begin(vcpu, LDR_X2_X1_8, VCPU_EMULATE_REFUSED, VCPU_REFUSAL_AARCH32);

    test_begin("no word is fetched in AArch32 state: it might end behind the guest's memory");
    fetches = 0;
    CHECK_EQ(vcpu_emulate(vcpu, &emulate_ops, &library_side, &e), VCPU_EMULATE_REFUSED);
    CHECK_EQ(e.refusal, VCPU_REFUSAL_AARCH32);
    CHECK_EQ(fetches, 0);
    check_untouched(vcpu, WINDOW + 0x40);
    vcpu = run_to_fault(LDP_X2_X3_X1, WINDOW + PAGE - 4, PSTATE_EL1H);
    check_begin(vcpu, LDP_X2_X3_X1, VCPU_EMULATE_REFUSED, VCPU_REFUSAL_STRADDLE);

    test_begin("a word that is not that of the fault: the guest is run again");
    vcpu = run_to_fault(LDP_X2_X3_X1, WINDOW + 0x40, PSTATE_EL1H);
    check_begin(vcpu, STP_X2_X3_X1, VCPU_EMULATE_RETRY, 0);
    vcpu->regs.x[1] = WINDOW + PAGE + 0x40;
    check_begin(vcpu, LDP_X2_X3_X1, VCPU_EMULATE_RETRY, 0);
    vcpu = run_to_fault(STP_X2_X3_X1, WINDOW + 0x40, PSTATE_EL1H);
    check_begin(vcpu, LDP_X2_X3_X1, VCPU_EMULATE_RETRY, 0);

    test_begin("and so for registers that the program may not use");
    vcpu = run_to_fault(LDP_Q2_Q3_X1, WINDOW + 0x40, PSTATE_EL0T);
    testhost_set_reg(vcpu, REG_CPACR, 0x100000); /* FPEN: EL1 alone */
    check_begin(vcpu, LDP_Q2_Q3_X1, VCPU_EMULATE_RETRY, 0);
    testhost_set_reg(vcpu, REG_CPACR, 0);
    vcpu->regs.pstate = PSTATE_EL1H;
    check_begin(vcpu, LDP_Q2_Q3_X1, VCPU_EMULATE_RETRY, 0);
    testhost_set_reg(vcpu, REG_CPACR, CPACR_ON);
}

void translations(void)
{
    struct vcpu *vcpu = run_to_fault(LDP_X2_X3_X1, WINDOW + 0x40, PSTATE_EL0T);
    const uint64_t par = 0x12345000;
    vcpu_ipa_t ipa;

    test_begin("the guest's tables, as its level may use them, and its PAR_EL1 as it was");
    testhost_set_reg(vcpu, REG_PAR, par);
    CHECK_EQ(vcpu_translate(vcpu, WINDOW + 0x3123, VCPU_ACCESS_WRITE, &ipa), VCPU_OK);
    CHECK_EQ(ipa.value, window_ipa(WINDOW + 0x3123));
    CHECK_EQ(vcpu_translate(vcpu, SLOT, VCPU_ACCESS_READ, &ipa), VCPU_OK);
    CHECK_EQ(vcpu_translate(vcpu, SLOT, VCPU_ACCESS_WRITE, &ipa), VCPU_ERR_NOT_FOUND);
    CHECK_EQ(vcpu_translate(vcpu, KERNEL, VCPU_ACCESS_READ, &ipa), VCPU_ERR_NOT_FOUND);
    CHECK_EQ(vcpu_translate(vcpu, KERNEL, VCPU_ACCESS_WRITE, &ipa), VCPU_ERR_NOT_FOUND);
    CHECK_EQ(vcpu_translate(vcpu, KERNEL, VCPU_ACCESS_EXECUTE, &ipa), VCPU_OK);
    CHECK_EQ(vcpu_translate(vcpu, MISSING, VCPU_ACCESS_EXECUTE, &ipa), VCPU_ERR_NOT_FOUND);
    for (uint32_t access = VCPU_ACCESS_READ; access <= VCPU_ACCESS_EXECUTE; access++) {
        const uint64_t vbar = arch_read(vbar_el2), hcr = arch_read(hcr_el2);

        CHECK_EQ(vcpu_translate(vcpu, LOST, (enum vcpu_access)access, &ipa), VCPU_ERR_NOT_FOUND);
        CHECK_EQ(arch_read(vbar_el2), vbar);
        CHECK_EQ(arch_read(hcr_el2), hcr);
    }
    vcpu->regs.pstate = PSTATE_EL1H;
    CHECK_EQ(vcpu_translate(vcpu, KERNEL, VCPU_ACCESS_READ, &ipa), VCPU_OK);
    CHECK_EQ(vcpu_translate(vcpu, KERNEL, VCPU_ACCESS_WRITE, &ipa), VCPU_OK);
    CHECK_EQ(vcpu_translate(vcpu, SLOT, VCPU_ACCESS_WRITE, &ipa), VCPU_ERR_NOT_FOUND);
    CHECK_EQ(testhost_reg(vcpu, REG_PAR), par);
}

void misuse(void)
{
    struct vcpu *vcpu = run_to_fault(LDP_X2_X3_X1, WINDOW + 0x40, PSTATE_EL1H);
    struct vcpu_emulation e;
    vcpu_ipa_t ipa;
    uint64_t data;

    test_begin("mistakes of the host");
    CHECK_EQ(vcpu_translate(NULL, 0, VCPU_ACCESS_READ, &ipa), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_translate(vcpu, 0, VCPU_ACCESS_READ, NULL), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_emulate_begin(NULL, LDP_X2_X3_X1, &e), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_emulate_begin(vcpu, LDP_X2_X3_X1, NULL), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_emulate_next(NULL, &e), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_emulate_next(vcpu, NULL), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_emulate(vcpu, NULL, NULL, &e), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_emulate_begin(vcpu, LDP_X2_X3_X1, &e), VCPU_EMULATE_ACCESS);
    vcpu->regs.pc += 4;
    CHECK_EQ(vcpu_emulate_next(vcpu, &e), VCPU_ERR_STATE);
    vcpu->regs.pc -= 4;
    CHECK_EQ(vcpu_put(testhost_percpu(0), vcpu), VCPU_OK);
    CHECK_EQ(vcpu_emulate_next(vcpu, &e), VCPU_ERR_STATE);
    CHECK_EQ(vcpu_emulate_begin(vcpu, LDP_X2_X3_X1, &e), VCPU_ERR_STATE);
    CHECK_EQ(vcpu_emulate(vcpu, &emulate_ops, &library_side, &e), VCPU_ERR_STATE);
    CHECK_EQ(vcpu_translate(vcpu, SLOT, VCPU_ACCESS_READ, &ipa), VCPU_ERR_STATE);
    CHECK(!vcpu_device_access(vcpu, vcpu_ipa(TEST_HOLE_IPA), 8, false, &data));
    check_untouched(vcpu, WINDOW + 0x40);
}
