/* SPDX-License-Identifier: MIT */
/* Calls of a guest: HVC, SMC, PSCI, SMCCC. */
#include "exits_guest.h"

/* ---- Calls ---- */

void calls(void)
{
    struct vcpu *vcpu;

    test_begin("HVC: immediate, PC at it until completed, result in x0");
    vcpu = at(call_hvc);
    vcpu->regs.x[0] = 5;
    vcpu->regs.x[17] = 17;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu->exit.reason, VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_exit_imm(&vcpu->exit), 0x1234);
    CHECK_EQ(vcpu->exit.smc, 0);
    CHECK_EQ(vcpu->exit.esr_el2, 0x5a001234);
    CHECK_EQ(vcpu->exit.far_el2, 0);
    CHECK_EQ(vcpu->exit.ipa.value, 0);
    CHECK_EQ(vcpu->regs.pc, testhost_ipa(call_hvc));
    CHECK_EQ(vcpu->regs.x[17], 17);
    test_begin("HVC: run again without completing does it again");
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_exit_imm(&vcpu->exit), 0x1234);
    CHECK_EQ(vcpu->regs.pc, testhost_ipa(call_hvc));
    test_begin("HVC: completed once and not twice");
    CHECK_EQ(vcpu_complete_call(vcpu, 99), VCPU_OK);
    CHECK_EQ(vcpu->regs.x[0], 99);
    CHECK_EQ(vcpu->exit.reason, VCPU_EXIT_NONE);
    CHECK_EQ(vcpu_complete_call(vcpu, 100), VCPU_ERR_STATE);
    CHECK_EQ(vcpu->regs.x[0], 99);
    CHECK(came_to_mark(vcpu, call_hvc));

    test_begin("SMC: the same, with smc set");
    vcpu = at(call_smc);
    vcpu->regs.x[0] = 5;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_exit_imm(&vcpu->exit), 0xabcd);
    CHECK_EQ(vcpu->exit.smc, 1);
    CHECK_EQ(vcpu->regs.pc, testhost_ipa(call_smc));
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu->regs.pc, testhost_ipa(call_smc));
    CHECK_EQ(vcpu_complete_call(vcpu, 7), VCPU_OK);
    CHECK(came_to_mark(vcpu, call_smc));

    test_begin("HVC answered by UNDEFINED: the guest's vector, ELR at the HVC");
    vcpu = at(call_hvc);
    vcpu->regs.x[0] = 5;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_inject_undefined(vcpu), VCPU_OK);
    CHECK_EQ(vcpu->exit.reason, VCPU_EXIT_NONE);
    CHECK(came_to_vector(vcpu, 0));
    CHECK_EQ(vcpu->regs.x[11], testhost_ipa(call_hvc));
}

/* ---- PSCI and SMCCC ---- */

uint64_t answered(const char *snippet, uint64_t x0, uint64_t x1, uint64_t x2)
{
    struct vcpu *vcpu = at(snippet);

    vcpu->regs.x[0] = x0;
    vcpu->regs.x[1] = x1;
    vcpu->regs.x[2] = x2;
    vcpu->regs.x[4] = 0x4444;
    vcpu->regs.x[17] = 0x1717;
    CHECK(came_to_mark(vcpu, snippet));
    CHECK_EQ(vcpu->regs.x[4], 0x4444);
    CHECK_EQ(vcpu->regs.x[17], 0x1717);
    return vcpu->regs.x[0];
}

void psci(void)
{
    static const char *const conduits[] = {call_smccc, call_smccc_smc};
    struct vcpu_config off = {.index = 5, .mpidr = 0x105, .off = true};
    struct vcpu *vcpu, *target;

    for (unsigned i = 0; i < 2; i++) {
        const char *const way = conduits[i];

        test_begin(i ? "PSCI by SMC" : "PSCI by HVC");
        CHECK_EQ(answered(way, 0x84000000, 0, 0), 0x10003);
        CHECK_EQ(answered(way, 0x80000000, 0, 0), 0x10002);
        /* Only W0 names the function. */
        CHECK_EQ(answered(way, 0xdeadbeef84000000, 0, 0), 0x10003);
        CHECK_EQ(answered(way, 0x84000006, 0, 0), 2);
        CHECK_EQ(answered(way, 0x8400000a, 0x84000003, 0), 0);
        CHECK_EQ(answered(way, 0x8400000a, 0xc4000003, 0), 0);
        CHECK_EQ(answered(way, 0x8400000a, 0x84000014, 0), UINT64_MAX);
        CHECK_EQ(answered(way, 0x84000014, 0, 0), UINT64_MAX); /* MEM_PROTECT_CHECK_RANGE */
        CHECK_EQ(answered(way, 0xc400000e, 0, 0), UINT64_MAX); /* SYSTEM_SUSPEND */
        CHECK_EQ(answered(way, 0xdead0000c400000e, 0, 0), UINT64_MAX);
        CHECK_EQ(answered(way, 0x80008000, 0, 0), UINT64_MAX); /* SMCCC_ARCH_WORKAROUND_1 */
        CHECK_EQ(answered(way, 0xc4000004, 0, 0), 0);          /* itself: on */
        CHECK_EQ(answered(way, 0xc4000004, 0x77, 0), (uint64_t)-2);
    }

    test_begin("PSCI: CPU_ON is checked, comes out once, starts the target from a reset state");
    vcpu = at(call_smccc);
    CHECK_EQ(vcpu_create(vm.vm, &off, &target), VCPU_OK);
    CHECK_EQ(vcpu_set_ept_root(target, vcpu_stage2_root(&vm.s2)), VCPU_OK);
    CHECK_EQ(vcpu_power(target), VCPU_POWER_OFF);
    CHECK_EQ(testhost_run(target), VCPU_ERR_STATE);
    target->regs.x[5] = 0xbad;
    vcpu->regs.x[0] = 0xffffffff84000003; /* 32 bits: the upper halves say nothing */
    vcpu->regs.x[1] = 0xffffffff00000105;
    vcpu->regs.x[2] = 0xffffffff00000000 | testhost_ipa(call_hvc);
    vcpu->regs.x[3] = 0xffffffff00000042;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_CPU_UP);
    CHECK(vcpu->exit.cpu_up.target == target);
    CHECK_EQ(vcpu->exit.cpu_up.entry, testhost_ipa(call_hvc));
    CHECK_EQ(vcpu->exit.cpu_up.context, 0x42);
    CHECK_EQ(vcpu_power(target), VCPU_POWER_ON_PENDING);
    CHECK_EQ(vcpu_complete_cpu_up(vcpu, VCPU_PSCI_SUCCESS), VCPU_OK);
    CHECK_EQ(vcpu_complete_cpu_up(vcpu, VCPU_PSCI_SUCCESS), VCPU_ERR_STATE);
    CHECK_EQ(vcpu->regs.x[0], 0);
    CHECK_EQ(vcpu_power(target), VCPU_POWER_ON);
    CHECK(came_to_mark(vcpu, call_smccc));
    CHECK_EQ(testhost_run(target), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(target->regs.x[0], 0x42);
    CHECK_EQ(target->regs.x[5], 0);
    CHECK_EQ(vcpu_exit_imm(&target->exit), 0x1234);

    test_begin("PSCI: CPU_ON of one that is on, of none, at an odd address");
    MUST(vcpu_percpu_put(testhost_percpu(0)));
    CHECK_EQ(answered(call_smccc, 0xc4000003, 0x105, testhost_ipa(call_hvc)), (uint64_t)-4);
    CHECK_EQ(answered(call_smccc, 0xc4000003, 0x106, testhost_ipa(call_hvc)), (uint64_t)-2);
    CHECK_EQ(answered(call_smccc, 0xc4000003, 0xff00000000000105, 0), (uint64_t)-2);
    CHECK_EQ(answered(call_smccc, 0xc4000003, 0x105, 0x40000002), (uint64_t)-9);

    test_begin("PSCI: CPU_OFF leaves no state in the CPU, and AFFINITY_INFO says so");
    target->regs.x[0] = 0x84000002;
    MUST(vcpu_set_entry(target, vcpu_ipa(testhost_ipa(call_smccc))));
    CHECK_EQ(testhost_run(target), VCPU_EXIT_CPU_DOWN);
    CHECK_EQ(vcpu_power(target), VCPU_POWER_OFF);
    CHECK_EQ(testhost_run(target), VCPU_ERR_STATE);
    CHECK_EQ(vcpu_put(testhost_percpu(0), target), VCPU_ERR_STATE);
    CHECK_EQ(answered(call_smccc, 0xc4000004, 0x105, 0), 1);
    MUST(vcpu_percpu_put(testhost_percpu(0)));

    test_begin("PSCI: a refused CPU_ON leaves the target off, and the caller has the status");
    vcpu = at(call_smccc);
    vcpu->regs.x[0] = 0xc4000003;
    vcpu->regs.x[1] = 0x105;
    vcpu->regs.x[2] = testhost_ipa(call_hvc);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_CPU_UP);
    CHECK_EQ(vcpu_complete_cpu_up(vcpu, VCPU_PSCI_DENIED), VCPU_OK);
    CHECK_EQ(vcpu->regs.x[0], (uint64_t)-3);
    CHECK_EQ(vcpu_power(target), VCPU_POWER_OFF);
    CHECK_EQ(vcpu_destroy(target), VCPU_OK);

    test_begin("PSCI: CPU_SUSPEND to standby goes on behind it, to power-down at its entry");
    vcpu = at(call_smccc);
    vcpu->regs.x[0] = 0xc4000001;
    vcpu->regs.x[1] = 0x3;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_CPU_SUSPEND);
    CHECK_EQ(vcpu->exit.suspend.power_state, 3);
    CHECK(!vcpu->exit.suspend.power_down);
    CHECK_EQ(vcpu_complete_suspend(vcpu, VCPU_PSCI_SUCCESS), VCPU_OK);
    CHECK_EQ(vcpu->regs.x[0], 0);
    CHECK(came_to_mark(vcpu, call_smccc));
    vcpu = at(call_smccc);
    vcpu->regs.x[0] = 0xc4000001;
    vcpu->regs.x[1] = 0x10000;
    vcpu->regs.x[2] = testhost_ipa(call_hvc);
    vcpu->regs.x[3] = 0x99;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_CPU_SUSPEND);
    CHECK(vcpu->exit.suspend.power_down);
    CHECK_EQ(vcpu_complete_suspend(vcpu, VCPU_PSCI_SUCCESS), VCPU_OK);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu->regs.x[0], 0x99);
    CHECK_EQ(vcpu->regs.x[2], 0);
    CHECK_EQ(vcpu->regs.pc, testhost_ipa(call_hvc));

    test_begin("PSCI: CPU_DEFAULT_SUSPEND is a power-down");
    vcpu = at(call_smccc);
    vcpu->regs.x[0] = 0xc400000c;
    vcpu->regs.x[1] = testhost_ipa(call_hvc);
    vcpu->regs.x[2] = 0x99;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_CPU_SUSPEND);
    CHECK_EQ(vcpu->exit.suspend.power_state, 0x10000);
    CHECK_EQ(vcpu_complete_suspend(vcpu, VCPU_PSCI_SUCCESS), VCPU_OK);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu->regs.x[0], 0x99);
    CHECK_EQ(vcpu->regs.pc, testhost_ipa(call_hvc));

    test_begin("PSCI: SYSTEM_OFF and SYSTEM_RESET come out");
    vcpu = at(call_smccc_smc);
    vcpu->regs.x[0] = 0x84000008;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_SYSTEM_OFF);
    vcpu = at(call_smccc);
    vcpu->regs.x[0] = 0xffffffff84000009;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_SYSTEM_RESET);

    test_begin("a call that is not PSCI's or Arm's is the host's, with its arguments");
    vcpu = at(call_smccc);
    vcpu->regs.x[0] = 0x86000001;
    vcpu->regs.x[1] = 0x11;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu->regs.x[0], 0x86000001);
    CHECK_EQ(vcpu->regs.x[1], 0x11);
    CHECK_EQ(vcpu->regs.pc, testhost_ipa(call_smccc));
    CHECK_EQ(vcpu_complete_call(vcpu, 3), VCPU_OK);
    CHECK(came_to_mark(vcpu, call_smccc));
}
