/* SPDX-License-Identifier: MIT */
/* Power states of a VM's vCPUs: single calls, their answers, and vcpu_reset. */
#include "power_machine.h"

static void a_caller_that_turns_off_lets_its_target_go(void **state)
{
    (void)state;
    assert_int_equal(turn_on(0, 2), VCPU_EXIT_CPU_UP);
    assert_int_equal(turn_off(0), VCPU_EXIT_CPU_DOWN);
    assert_int_equal(vcpu_power(vcpu[2]), VCPU_POWER_OFF);
    assert_int_equal(turn_on(1, 2), VCPU_EXIT_CPU_UP);
}

static void a_caller_that_asks_for_another_lets_the_first_go(void **state)
{
    (void)state;
    assert_int_equal(turn_off(3), VCPU_EXIT_CPU_DOWN);
    assert_int_equal(turn_on(0, 2), VCPU_EXIT_CPU_UP);
    assert_int_equal(turn_on(0, 3), VCPU_EXIT_CPU_UP);
    assert_int_equal(vcpu_power(vcpu[2]), VCPU_POWER_OFF);
    assert_int_equal(vcpu_complete_cpu_up(vcpu[0], VCPU_PSCI_SUCCESS), VCPU_OK);
    assert_int_equal(vcpu_power(vcpu[2]), VCPU_POWER_OFF);
    assert_int_equal(vcpu_power(vcpu[3]), VCPU_POWER_ON);
}

static void targets_and_addresses_are_checked(void **state)
{
    (void)state;
    assert_int_equal(answered(vcpu[0], 0xc4000003, 9, ENTRY), INVALID_PARAMETERS);
    assert_int_equal(answered(vcpu[0], 0xc4000003, 2, UINT64_C(1) << 40), INVALID_ADDRESS);
    assert_int_equal(answered(vcpu[0], 0xc4000003, 0, ENTRY), ALREADY_ON);
    assert_int_equal(answered(vcpu[0], 0xc4000001, 0x10000, UINT64_C(1) << 40), INVALID_ADDRESS);
    assert_int_equal(vcpu_power(vcpu[2]), VCPU_POWER_OFF);
}

/* Level n: Aff<n> and above count. On if one is on, off if all are, else pending. */
static void affinity_levels(void **state)
{
    (void)state;
    assert_int_equal(answered(vcpu[0], 0xc4000004, 2, 0), VCPU_POWER_OFF);
    /* Its cluster, whatever Aff0 says; and a cluster, a package, that there is not. */
    assert_int_equal(answered(vcpu[0], 0xc4000004, 2, 1), VCPU_POWER_ON);
    assert_int_equal(answered(vcpu[0], 0xc4000004, 0x55, 1), VCPU_POWER_ON);
    assert_int_equal(answered(vcpu[0], 0xc4000004, 0x55, 0), INVALID_PARAMETERS);
    assert_int_equal(answered(vcpu[0], 0xc4000004, 0x200, 1), INVALID_PARAMETERS);
    assert_int_equal(answered(vcpu[0], 0xc4000004, 0x200, 2), VCPU_POWER_ON);
    assert_int_equal(answered(vcpu[0], 0xc4000004, 0x10000, 2), INVALID_PARAMETERS);
    assert_int_equal(answered(vcpu[0], 0xc4000004, 0x10000, 3), VCPU_POWER_ON);
    assert_int_equal(answered(vcpu[0], 0xc4000004, UINT64_C(0x200000000), 3), INVALID_PARAMETERS);

    assert_int_equal(turn_off(3), VCPU_EXIT_CPU_DOWN);
    assert_int_equal(answered(vcpu[0], 0xc4000004, 0x100, 1), VCPU_POWER_OFF);
    assert_int_equal(answered(vcpu[0], 0xc4000004, 0x100, 2), VCPU_POWER_ON);
    assert_int_equal(turn_on(1, 3), VCPU_EXIT_CPU_UP);
    assert_int_equal(answered(vcpu[0], 0xc4000004, 0x1ff, 1), VCPU_POWER_ON_PENDING);
    assert_int_equal(answered(vcpu[0], 0xc4000004, 0x100, 2), VCPU_POWER_ON);
}

static void a_suspended_vcpu_is_on(void **state)
{
    (void)state;
    assert_int_equal(guest_calls(vcpu[1], 0xc4000001, 0x10001, ENTRY, 5), VCPU_EXIT_CPU_SUSPEND);
    assert_int_equal(answered(vcpu[0], 0xc4000004, 1, 0), VCPU_POWER_ON);
    assert_int_equal(answered(vcpu[0], 0xc4000003, 1, ENTRY), ALREADY_ON);
}

static void what_a_power_down_state_keeps(void **state)
{
    struct vcpu_state *v = state_of(vcpu[1]);

    (void)state;
    resets = 0;
    v->lines = HCR_EL2_VI | HCR_EL2_VSE; /* an SError goes with the power */
    v->el1[EL1_CNTV_CTL_EL0] = 1;
    v->el1[EL1_CNTV_CVAL_EL0] = 0x1234;
    v->el1[EL1_CNTKCTL_EL1] = 3;
    v->el1[EL1_VBAR_EL1] = 0x800;
    v->el1[EL1_SCTLR_EL1] = 1;
    v->stale_tlb = false;
    load(vcpu[1]);
    assert_int_equal(guest_calls(vcpu[1], 0xc4000001, 0x10001, ENTRY, 5), VCPU_EXIT_CPU_SUSPEND);
    elsewhere = true;
    assert_int_equal(vcpu_complete_suspend(vcpu[1], VCPU_PSCI_SUCCESS), VCPU_ERR_BUSY);
    elsewhere = false;
    assert_int_equal(vcpu_complete_suspend(vcpu[1], VCPU_PSCI_SUCCESS), VCPU_OK);
    assert_null(state_cpu(v));
    assert_int_equal(vcpu[1]->regs.pc, ENTRY);
    assert_int_equal(vcpu[1]->regs.x[0], 5);
    assert_int_equal(vcpu[1]->regs.pstate, 0x3c5);
    assert_int_equal(v->el1[EL1_VBAR_EL1], 0);
    assert_int_equal(v->el1[EL1_CNTKCTL_EL1], 0);
    assert_int_equal(v->el1[EL1_SCTLR_EL1], SCTLR_EL1_RES1);
    assert_true(v->stale_tlb);
    /* What may have woken it is there. */
    assert_int_equal(v->el1[EL1_CNTV_CTL_EL0], 1);
    assert_int_equal(v->el1[EL1_CNTV_CVAL_EL0], 0x1234);
    assert_int_equal(v->lines, HCR_EL2_VI);
    assert_int_equal(resets, 0);
}

/* The same for the system's, of which the vCPU is the last one. */
static void the_system_wakes_at_its_entry(void **state)
{
    (void)state;
    vm->flags = VCPU_VM_SYSTEM_SUSPEND;
    for (unsigned i = 0; i < VCPUS; i++)
        if (i != 1)
            state_of(vcpu[i])->power = VCPU_POWER_OFF;
    load(vcpu[1]);
    vcpu[1]->regs.pc = 0x1000;
    assert_int_equal(guest_calls(vcpu[1], 0xc400000e, ENTRY, 5, 0), VCPU_EXIT_SYSTEM_SUSPEND);
    assert_int_equal(vcpu_complete_suspend(vcpu[1], VCPU_PSCI_DENIED), VCPU_OK);
    assert_int_equal((int64_t)vcpu[1]->regs.x[0], DENIED);
    assert_int_equal(vcpu[1]->regs.pc, 0x1004);
    assert_int_equal(guest_calls(vcpu[1], 0xc400000e, ENTRY, 5, 0), VCPU_EXIT_SYSTEM_SUSPEND);
    assert_int_equal(vcpu_complete_suspend(vcpu[1], VCPU_PSCI_SUCCESS), VCPU_OK);
    assert_null(state_cpu(state_of(vcpu[1])));
    assert_int_equal(vcpu[1]->regs.pc, ENTRY);
    assert_int_equal(vcpu[1]->regs.x[0], 5);
    assert_int_equal(vcpu[1]->exit.reason, VCPU_EXIT_NONE);
}

static void a_status_that_is_not_success_goes_on_behind_the_call(void **state)
{
    (void)state;
    vcpu[1]->regs.pc = 0x1000;
    assert_int_equal(guest_calls(vcpu[1], 0xc4000001, 0x10001, ENTRY, 5), VCPU_EXIT_CPU_SUSPEND);
    assert_int_equal(vcpu_complete_suspend(vcpu[1], VCPU_PSCI_DENIED), VCPU_OK);
    assert_int_equal((int64_t)vcpu[1]->regs.x[0], DENIED);
    assert_int_equal(vcpu[1]->regs.pc, 0x1004);
    assert_int_equal(vcpu_complete_suspend(vcpu[1], VCPU_PSCI_DENIED), VCPU_ERR_STATE);
}

static void resets_of_the_system(void **state)
{
    struct vcpu *v = vcpu[0];

    (void)state;
    v->regs.pc = 0x1000;
    assert_int_equal(guest_calls(v, 0xc4000012, 0x80000003, 0xfedcba9876543210, 0),
                     VCPU_EXIT_SYSTEM_RESET);
    assert_true(v->exit.system_reset.extended);
    assert_int_equal(v->exit.system_reset.type, 0x80000003);
    assert_int_equal(v->exit.system_reset.cookie, 0xfedcba9876543210);
    assert_int_equal(vcpu_complete_system_reset(v, VCPU_PSCI_SUCCESS), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_complete_system_reset(v, (enum vcpu_psci_status) - 10), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_complete_system_reset(NULL, VCPU_PSCI_DENIED), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_complete_system_reset(v, VCPU_PSCI_INVALID_PARAMETERS), VCPU_OK);
    assert_int_equal((int64_t)v->regs.x[0], INVALID_PARAMETERS);
    assert_int_equal(v->regs.pc, 0x1004);
    assert_int_equal(vcpu_complete_system_reset(v, VCPU_PSCI_INVALID_PARAMETERS), VCPU_ERR_STATE);

    assert_int_equal(guest_calls(v, 0x84000009, 0x80000003, 1, 0), VCPU_EXIT_SYSTEM_RESET);
    assert_false(v->exit.system_reset.extended);
    assert_int_equal(v->exit.system_reset.type, 0);
    assert_int_equal(v->exit.system_reset.cookie, 0);
    assert_int_equal(vcpu_complete_system_reset(v, VCPU_PSCI_DENIED), VCPU_ERR_STATE);
}

/* Another CPU's SGI, for example: the devices have it already, and no reset follows. */
static void a_reset_keeps_what_comes_after_that_of_the_devices(void **state)
{
    struct vcpu_state *v = state_of(vcpu[1]);

    (void)state;
    for (int off = 0; off < 2; off++) {
        for (uint64_t late = 0; late <= TOKEN_NOTIFY; late += TOKEN_NOTIFY) {
            v->token |= TOKEN_CALLS | TOKEN_CHANGED;
            comes_after_reset = late;
            assert_int_equal(vcpu_reset(vcpu[1], off), VCPU_OK);
            assert_false(token_at_reset & TOKEN_CALLS);
            assert_int_equal(v->token & ~(uint64_t)TOKEN_CHANGED,
                             TOKEN_ABSENT | late | (off ? TOKEN_OFF : 0));
        }
    }
    comes_after_reset = TOKEN_KICK;
    assert_int_equal(vcpu_reset(vcpu[1], false), VCPU_OK);
    comes_after_reset = 0;
    assert_true(v->token & TOKEN_KICK);
}

static void a_reset_vcpu_is_as_it_was_created(void **state)
{
    struct vcpu_state *v = state_of(vcpu[1]), *other = state_of(vcpu[4]);

    (void)state;
    v->has_root = other->has_root = true;
    v->vttbr = 0x1000;
    assert_int_equal(vcpu_set_entry(vcpu[1], vcpu_ipa(ENTRY)), VCPU_OK);
    memset(vcpu[1]->regs.x, 0x5a, sizeof(vcpu[1]->regs.x));
    memset(v->el1, 0x5a, sizeof(v->el1));
    memset(&v->simd, 0x5a, sizeof(v->simd));
    v->debug.os_lock = false;
    v->lines = HCR_EL2_VF | HCR_EL2_VSE;
    v->stale_tlb = false;
    vcpu[1]->exit.reason = VCPU_EXIT_WFI;
    load(vcpu[1]);
    v->token |= TOKEN_KICK;
    resets = 0;

    assert_int_equal(vcpu_reset(NULL, false), VCPU_ERR_INVALID);
    elsewhere = true;
    assert_int_equal(vcpu_reset(vcpu[1], false), VCPU_ERR_BUSY);
    assert_int_equal(vcpu[1]->exit.reason, VCPU_EXIT_WFI);
    elsewhere = false;
    assert_int_equal(vcpu_reset(vcpu[1], false), VCPU_OK);
    assert_int_equal(resets, 1);

    /* Number 4 was not touched since it was created. */
    assert_memory_equal(&vcpu[1]->regs, &vcpu[4]->regs, sizeof(vcpu[1]->regs));
    assert_memory_equal(&vcpu[1]->exit, &vcpu[4]->exit, sizeof(vcpu[1]->exit));
    assert_memory_equal(v->el1, other->el1, sizeof(v->el1));
    assert_memory_equal(&v->debug, &other->debug, sizeof(v->debug));
    assert_memory_equal(&v->simd, &other->simd, sizeof(v->simd));
    assert_int_equal(v->token, other->token);
    assert_int_equal(v->lines, 0);
    assert_false(v->has_entry);
    assert_true(v->stale_tlb);
    assert_true(v->has_root);
    assert_int_equal(v->vttbr, 0x1000);

    assert_int_equal(vcpu_reset(vcpu[1], true), VCPU_OK);
    assert_int_equal(v->token, TOKEN_ABSENT | TOKEN_OFF);
    assert_int_equal(vcpu_power(vcpu[1]), VCPU_POWER_OFF);
}

/* In whatever order the vCPUs are reset, each is what it was reset to. */
static void an_open_call_does_not_outlive_the_reset_of_the_vm(void **state)
{
    (void)state;
    for (unsigned order = 0; order < 2; order++) {
        assert_int_equal(vcpu_reset(vcpu[2], true), VCPU_OK);
        assert_int_equal(turn_on(0, 2), VCPU_EXIT_CPU_UP);
        assert_int_equal(vcpu_reset(vcpu[order ? 2 : 0], false), VCPU_OK);
        assert_int_equal(vcpu_reset(vcpu[order ? 0 : 2], false), VCPU_OK);
        assert_int_equal(vcpu_power(vcpu[0]), VCPU_POWER_ON);
        assert_int_equal(vcpu_power(vcpu[2]), VCPU_POWER_ON);
        assert_int_equal(vcpu_complete_cpu_up(vcpu[0], VCPU_PSCI_SUCCESS), VCPU_ERR_STATE);
    }
}

/* What is over leaves nothing behind that a reset could take for an open call. */
static void a_reset_ends_no_call_for_another(void **state)
{
    (void)state;
    assert_int_equal(turn_on(0, 2), VCPU_EXIT_CPU_UP);
    assert_int_equal(vcpu_complete_cpu_up(vcpu[0], VCPU_PSCI_SUCCESS), VCPU_OK);
    assert_int_equal(turn_off(3), VCPU_EXIT_CPU_DOWN);
    assert_int_equal(turn_on(0, 3), VCPU_EXIT_CPU_UP);
    assert_int_equal(vcpu_reset(vcpu[2], true), VCPU_OK);
    assert_int_equal(vcpu_power(vcpu[3]), VCPU_POWER_ON_PENDING);
    assert_int_equal(vcpu_complete_cpu_up(vcpu[0], VCPU_PSCI_SUCCESS), VCPU_OK);
    assert_int_equal(vcpu_power(vcpu[3]), VCPU_POWER_ON);
}

/* No function that the library says it has not got does anything. */
static void calls_that_are_not_there_change_nothing(void **state)
{
    (void)state;
    for (uint64_t fn = 0; fn < 0x20; fn++) {
        for (unsigned form = 0; form < 2; form++) {
            uint64_t id = (form ? 0xc4000000 : 0x84000000) + fn;

            if (answered(vcpu[0], 0x8400000a, id, 0) != NOT_SUPPORTED)
                continue;
            assert_int_equal(answered(vcpu[0], id, 2, ENTRY), NOT_SUPPORTED);
            assert_int_equal(vcpu_power(vcpu[2]), VCPU_POWER_OFF);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_caller_that_turns_off_lets_its_target_go),
        TEST(a_caller_that_asks_for_another_lets_the_first_go),
        TEST(targets_and_addresses_are_checked),
        TEST(affinity_levels),
        TEST(a_suspended_vcpu_is_on),
        TEST(what_a_power_down_state_keeps),
        TEST(the_system_wakes_at_its_entry),
        TEST(a_status_that_is_not_success_goes_on_behind_the_call),
        TEST(resets_of_the_system),
        TEST(a_reset_keeps_what_comes_after_that_of_the_devices),
        TEST(a_reset_vcpu_is_as_it_was_created),
        TEST(an_open_call_does_not_outlive_the_reset_of_the_vm),
        TEST(a_reset_ends_no_call_for_another),
        TEST(calls_that_are_not_there_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
