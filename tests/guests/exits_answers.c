/* SPDX-License-Identifier: MIT */
/* The answer to whatever a host does not know, and what it is for the guest. */
#include <vcpu/answer.h>

#include "exits_guest.h"

#define EC_UNKNOWN    0x00
#define EC_IABT       0x21
#define EC_DABT       0x25
#define EC_BRK        0x3c
#define ESR_WNR       (1u << 6)
#define FSC(esr)      (0x3f & (esr))
#define SYNC_EXTERNAL 0x10

/* The vCPU about to run the snippet, with these arguments, exits for this reason. */
static struct vcpu *exited(const char *snippet, int reason, uint64_t x0, uint64_t x1, uint64_t x2)
{
    struct vcpu *vcpu = at(snippet);

    vcpu->regs.x[0] = x0;
    vcpu->regs.x[1] = x1;
    vcpu->regs.x[2] = x2;
    CHECK_EQ(testhost_run(vcpu), reason);
    return vcpu;
}

/* And is refused. */
static struct vcpu *refused(const char *snippet, int reason, uint64_t x0, uint64_t x1, uint64_t x2)
{
    struct vcpu *vcpu = exited(snippet, reason, x0, x1, x2);

    CHECK_EQ(vcpu_refuse(vcpu), VCPU_OK);
    CHECK_EQ(vcpu->exit.reason, VCPU_EXIT_NONE);
    return vcpu;
}

static void calls_and_waits(void)
{
    struct vcpu *vcpu;

    test_begin("refused: calls are not supported");
    vcpu = refused(call_smccc, VCPU_EXIT_HYPERCALL, 0x86000001, 0, 0);
    CHECK(came_to_mark(vcpu, call_smccc));
    CHECK_EQ(vcpu->regs.x[0], UINT64_MAX);
    vcpu = refused(call_smc, VCPU_EXIT_HYPERCALL, 0x86000001, 0, 0);
    CHECK(came_to_mark(vcpu, call_smc));
    CHECK_EQ(vcpu->regs.x[0], UINT64_MAX);

    test_begin("waits end at once");
    vcpu = refused(wait_wfi, VCPU_EXIT_WFI, 0, 0, 0);
    CHECK(came_to_mark(vcpu, wait_wfi));
    vcpu = at(wait_wfe);
    for (int n = 0; n < 3 && testhost_run(vcpu) == VCPU_EXIT_WFE; n++)
        CHECK_EQ(vcpu_refuse(vcpu), VCPU_OK);
    CHECK_EQ(vcpu_exit_imm(&vcpu->exit), MARK);

    test_begin("a BRK is the guest's");
    vcpu = refused(debug_brk, VCPU_EXIT_DEBUG, 0, 0, 0);
    CHECK(came_to_vector(vcpu, EC_BRK));
    CHECK_EQ(vcpu->regs.x[10] & 0xffff, 0x77);
}

static void power(void)
{
    const struct vcpu_config off = {.index = 5, .mpidr = 0x105, .off = true};
    struct vcpu *vcpu, *target;

    test_begin("no other vCPU is turned on");
    at(call_smccc);
    MUST(vcpu_create(vm.vm, &off, &target));
    vcpu = refused(call_smccc, VCPU_EXIT_CPU_UP, 0xc4000003, 0x105, testhost_ipa(call_hvc));
    CHECK_EQ(vcpu_power(target), VCPU_POWER_OFF);
    CHECK(came_to_mark(vcpu, call_smccc));
    CHECK_EQ(vcpu->regs.x[0], (uint64_t)VCPU_PSCI_DENIED);

    test_begin("and if the target is reset meanwhile, the guest makes its call again");
    vcpu = exited(call_smccc, VCPU_EXIT_CPU_UP, 0xc4000003, 0x105, testhost_ipa(call_hvc));
    MUST(vcpu_reset(target, true));
    CHECK_EQ(vcpu_refuse(vcpu), VCPU_OK);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_CPU_UP);
    CHECK_EQ(vcpu_refuse(vcpu), VCPU_OK);
    CHECK(came_to_mark(vcpu, call_smccc));
    MUST(vcpu_destroy(target));

    test_begin("a suspend ends at once, that of the system is denied");
    vcpu = refused(call_smccc, VCPU_EXIT_CPU_SUSPEND, 0xc4000001, 3, 0);
    CHECK(came_to_mark(vcpu, call_smccc));
    CHECK_EQ(vcpu->regs.x[0], 0);
    vcpu = refused(call_smccc, VCPU_EXIT_SYSTEM_SUSPEND, 0xc400000e, testhost_ipa(call_hvc), 0x99);
    CHECK(came_to_mark(vcpu, call_smccc));
    CHECK_EQ(vcpu->regs.x[0], (uint64_t)VCPU_PSCI_DENIED);

    test_begin("a reset of a vendor's type has an invalid parameter");
    vcpu = refused(call_smccc, VCPU_EXIT_SYSTEM_RESET, 0x84000012, 0x80000001, 0);
    CHECK(came_to_mark(vcpu, call_smccc));
    CHECK_EQ((uint32_t)vcpu->regs.x[0], (uint32_t)VCPU_PSCI_INVALID_PARAMETERS);
}

static void accesses(void)
{
    struct vcpu *vcpu;

    test_begin("where nothing is, a load and a store are aborted");
    vcpu = refused(load_w, VCPU_EXIT_MMIO_READ, TEST_HOLE_IPA, 0, 0);
    CHECK(came_to_vector(vcpu, EC_DABT));
    CHECK_EQ(vcpu->regs.x[10] & ESR_WNR, 0);
    CHECK_EQ(FSC(vcpu->regs.x[10]), SYNC_EXTERNAL);
    CHECK_EQ(vcpu->regs.x[11], testhost_ipa(load_w));
    CHECK_EQ(vcpu->regs.x[12], TEST_HOLE_IPA);
    vcpu = refused(store_w, VCPU_EXIT_MMIO_WRITE, TEST_HOLE_IPA, 0, 0);
    CHECK(came_to_vector(vcpu, EC_DABT));
    CHECK_EQ(vcpu->regs.x[10] & ESR_WNR, ESR_WNR);

    test_begin("so is one without a syndrome, and a fetch");
    vcpu = refused(load_pair, VCPU_EXIT_STAGE2_FAULT, TEST_HOLE_IPA, 0, 0);
    CHECK(came_to_vector(vcpu, EC_DABT));
    CHECK_EQ(FSC(vcpu->regs.x[10]), SYNC_EXTERNAL);
    vcpu = refused(jump, VCPU_EXIT_STAGE2_FAULT, TEST_HOLE_IPA, 0, 0);
    CHECK(came_to_vector(vcpu, EC_IABT));
    CHECK_EQ(FSC(vcpu->regs.x[10]), SYNC_EXTERNAL);
    CHECK_EQ(vcpu->regs.x[12], TEST_HOLE_IPA);

    test_begin("a system register that is not there is UNDEFINED");
    vcpu = refused(sysreg_read, VCPU_EXIT_SYSREG_READ, 0, 0, 0);
    CHECK(came_to_vector(vcpu, EC_UNKNOWN));
    vcpu = refused(sysreg_write, VCPU_EXIT_SYSREG_WRITE, 0, 0, 0);
    CHECK(came_to_vector(vcpu, EC_UNKNOWN));
}

/* QEMU's own exit of the kind is there only with caches: so the exit is made. */
static void made(void)
{
    static const uint32_t unanswered[] = {VCPU_EXIT_NONE, VCPU_EXIT_IRQ, VCPU_EXIT_FIQ,
                                          VCPU_EXIT_KICK};
    static const uint32_t last[] = {VCPU_EXIT_CPU_DOWN, VCPU_EXIT_SYSTEM_OFF,
                                    VCPU_EXIT_SYSTEM_RESET, VCPU_EXIT_SERROR};
    struct vcpu *vcpu = at(sysreg_read);

    test_begin("cache maintenance of what is not mapped is skipped");
    vcpu->exit =
        (struct vcpu_exit){.reason = VCPU_EXIT_STAGE2_FAULT, .fault = {.cache_maintenance = true}};
    CHECK_EQ(vcpu_refuse(vcpu), VCPU_OK);
    CHECK_EQ(vcpu->regs.pc, testhost_ipa(sysreg_read) + 4);

    test_begin("unless its walk failed");
    vcpu = at(sysreg_read);
    vcpu->exit = (struct vcpu_exit){.reason = VCPU_EXIT_STAGE2_FAULT,
                                    .fault = {.cache_maintenance = true, .s1ptw = true}};
    CHECK_EQ(vcpu_refuse(vcpu), VCPU_OK);
    CHECK(came_to_vector(vcpu, EC_DABT));

    test_begin("an abort that is not stage 2's is the guest's abort");
    for (unsigned i = 0; i < 4; i++) {
        static const struct {
            uint32_t esr, ec, fsc;
        } aborts[] = {
            {0x92000050, EC_DABT, SYNC_EXTERNAL}, /* a store */
            {0x92000035, EC_DABT, 0x35},          /* an atomic access */
            {0x92000011, EC_DABT, SYNC_EXTERNAL}, /* a tag check */
            {0x82000030, EC_IABT, SYNC_EXTERNAL}, /* a TLB conflict */
        };

        vcpu = at(sysreg_read);
        vcpu->exit = (struct vcpu_exit){
            .reason = VCPU_EXIT_UNHANDLED, .esr_el2 = aborts[i].esr, .far_el2 = 0x1234};
        CHECK_EQ(vcpu_refuse(vcpu), VCPU_OK);
        CHECK(came_to_vector(vcpu, aborts[i].ec));
        CHECK_EQ(FSC(vcpu->regs.x[10]), aborts[i].fsc);
        CHECK_EQ(vcpu->regs.x[10] & ESR_WNR, aborts[i].esr & ESR_WNR);
        CHECK_EQ(vcpu->regs.x[12], 0x1234);
    }

    test_begin("what nobody knows is UNDEFINED");
    vcpu = at(sysreg_read);
    vcpu->exit = (struct vcpu_exit){.reason = VCPU_EXIT_UNHANDLED};
    CHECK_EQ(vcpu_refuse(vcpu), VCPU_OK);
    CHECK(came_to_vector(vcpu, EC_UNKNOWN));

    test_begin("interrupts and kicks have no answer, and the end has none");
    vcpu = at(sysreg_read);
    for (unsigned i = 0; i < 4; i++) {
        vcpu->exit = (struct vcpu_exit){.reason = unanswered[i]};
        CHECK_EQ(vcpu_refuse(vcpu), VCPU_OK);
        vcpu->exit = (struct vcpu_exit){.reason = last[i]};
        CHECK_EQ(vcpu_refuse(vcpu), VCPU_ERR_STATE);
        CHECK_EQ(vcpu->exit.reason, last[i]);
        CHECK_EQ(vcpu->regs.pc, testhost_ipa(sysreg_read));
    }
    CHECK_EQ(vcpu_refuse(NULL), VCPU_ERR_INVALID);
}

static void ends(void)
{
    struct vcpu *vcpu;

    test_begin("a guest without a vector is at its end");
    vcpu = at(jump);
    MUST(vcpu_set_reg(vcpu, VCPU_REG_SYSREG + VCPU_SYSREG(3, 0, 12, 0, 0), TEST_HOLE_IPA));
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_STAGE2_FAULT);
    CHECK_EQ(vcpu_refuse(vcpu), VCPU_OK);
    CHECK_EQ(vcpu->regs.pc, TEST_HOLE_IPA + 0x200);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_STAGE2_FAULT);
    CHECK_EQ(vcpu_refuse(vcpu), VCPU_ERR_STATE);
}

void answers(void)
{
    testhost_vm(&vm,
                VCPU_VM_TRAP_WFI | VCPU_VM_TRAP_WFE | VCPU_VM_TRAP_DEBUG | VCPU_VM_SYSTEM_SUSPEND);
    calls_and_waits();
    power();
    accesses();
    made();
    ends();
}
