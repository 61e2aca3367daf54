/* SPDX-License-Identifier: MIT */
/*
 * A guest's calls and the firmware of the machine: none gets there but those that the host's policy
 * allows, and PSCI's not even then. QEMU's firmware would turn the machine off, or put it to sleep.
 */
#include "cache.h"
#include "testhost.h"

extern const char smc_guest[], hvc_guest[];
uint64_t firmware_psci_version(void);

/* What a guest may leave in the upper half of x0: the function is W0. */
#define DIRTY UINT64_C(0xdeadbeef00000000)

#define STANDARD32 UINT32_C(0x84000000)
#define STANDARD64 UINT32_C(0xc4000000)
#define PSCI_LAST  0x1fu
#define SAY_DONE   1u
#define CODE_IPA   (TEST_RAM_IPA + 0x100000u)
#define IMMEDIATES 0x10000u

/* A call in progress: a vCPU of its own, as some calls are its end. */
static struct vcpu *guest;

static void begin(struct test_vm *t, const char *snippet, uint64_t x0)
{
    guest = testhost_vcpu(t, 0);
    testhost_enter_at(guest, snippet);
    guest->regs.x[0] = x0;
    for (unsigned i = 1; i < 31; i++)
        guest->regs.x[i] = 0;
}

static void end(void)
{
    MUST(vcpu_percpu_put(testhost_percpu(0)));
    CHECK_EQ(vcpu_destroy(guest), VCPU_OK);
}

/* The call is over, and has been answered with this. */
static void check_answered(uint64_t x0)
{
    CHECK_EQ(guest->exit.reason, VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_exit_imm(&guest->exit), SAY_DONE);
    CHECK_EQ(guest->regs.x[0], x0);
}

/* ---- The policy ---- */

static unsigned asked;
static uint32_t asked_last;
static uint32_t allowed; /* the one function that may pass; 0: all, for the policy does not look */

static bool policy(void *ctx, struct vcpu *vcpu, uint32_t function_id)
{
    CHECK(ctx == &asked);
    CHECK(vcpu == guest);
    asked++;
    asked_last = function_id;
    return allowed == 0 || function_id == allowed;
}

/* ---- PSCI ---- */

static uint64_t not_supported(void)
{
    return (uint64_t)VCPU_PSCI_NOT_SUPPORTED;
}

static bool wants_all; /* the host wants what is optional, too */

/* By function number, for arguments that are 0: the exit, or 0 and the answer in x0. */
static int psci_exit(unsigned function, bool is64, uint64_t *answer)
{
    *answer = not_supported();
    switch (function) {
    case 0x00:
        if (!is64)
            *answer = 0x10003;
        return 0;
    case 0x01:
    case 0x0c: /* CPU_DEFAULT_SUSPEND */
        return VCPU_EXIT_CPU_SUSPEND;
    case 0x02:
        return is64 ? 0 : VCPU_EXIT_CPU_DOWN;
    case 0x03: /* CPU_ON of itself */
        *answer = (uint64_t)VCPU_PSCI_ALREADY_ON;
        return 0;
    case 0x04: /* AFFINITY_INFO of itself */
        *answer = VCPU_POWER_ON;
        return 0;
    case 0x06:
        if (!is64)
            *answer = 2;
        return 0;
    case 0x08:
        return is64 ? 0 : VCPU_EXIT_SYSTEM_OFF;
    case 0x09:
        return is64 ? 0 : VCPU_EXIT_SYSTEM_RESET;
    case 0x12: /* SYSTEM_RESET2, warm */
        return VCPU_EXIT_SYSTEM_RESET;
    case 0x0e: /* SYSTEM_SUSPEND */
        return wants_all ? VCPU_EXIT_SYSTEM_SUSPEND : 0;
    case 0x15: /* SYSTEM_OFF2 */
        return wants_all ? VCPU_EXIT_SYSTEM_OFF : 0;
    default: /* MEM_PROTECT and all the others */
        return 0;
    }
}

static void try_psci(struct test_vm *t, const char *snippet, unsigned function, bool is64)
{
    uint64_t answer;
    int expected = psci_exit(function, is64, &answer);
    uint32_t id = (is64 ? STANDARD64 : STANDARD32) + function;

    begin(t, snippet, DIRTY | id);
    /* Of a 32-bit call the arguments are W1 to W3. */
    for (unsigned i = 1; i < 4 && !is64; i++)
        guest->regs.x[i] = DIRTY;
    testhost_run(guest);
    if (expected)
        CHECK_EQ(guest->exit.reason, expected);
    else
        check_answered(answer);
    end();
}

static void psci_stays_here(struct test_vm *t)
{
    asked = 0;
    for (unsigned function = 0; function <= PSCI_LAST; function++) {
        for (unsigned is64 = 0; is64 < 2; is64++) {
            try_psci(t, smc_guest, function, is64);
            try_psci(t, hvc_guest, function, is64);
        }
    }
    CHECK_EQ(asked, 0);
}

/* FEATURES says of each function what calling it does. */
static void features_are_true(struct test_vm *t)
{
    for (unsigned function = 0; function <= PSCI_LAST; function++) {
        for (unsigned is64 = 0; is64 < 2; is64++) {
            uint64_t answer;
            bool is_there = psci_exit(function, is64, &answer) || answer != not_supported();
            /* Of SYSTEM_OFF2 they are its types. */
            uint64_t flags = function == 0x15 ? VCPU_PSCI_HIBERNATE_OFF : VCPU_PSCI_SUCCESS;

            /* FEATURES of function 0, as psci_exit has it, is none. */
            if (function == 0x0a)
                is_there = !is64;
            begin(t, hvc_guest, VCPU_PSCI_FEATURES);
            guest->regs.x[1] = DIRTY | ((is64 ? STANDARD64 : STANDARD32) + function);
            testhost_run(guest);
            check_answered(is_there ? flags : not_supported());
            end();
        }
    }
}

/* ---- Other calls ---- */

/* SiP, OEM, standard services behind PSCI's, hypervisor, trusted OS and applications; yielding. */
static const uint32_t foreign[] = {0x82000000, 0xc2000001, 0x83000000, 0x84000020, 0x84000050,
                                   0xc4000060, 0x86000000, 0xb2000000, 0xbf00ff01, 0xb0000000,
                                   0x00000000, 0x32000004, 0x7fffffff};
#define FOREIGN_COUNT (sizeof(foreign) / sizeof(foreign[0]))

static void comes_out(struct test_vm *t, const char *snippet, uint32_t id, bool smc)
{
    begin(t, snippet, DIRTY | id);
    CHECK_EQ(testhost_run(guest), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(guest->exit.smc, smc);
    CHECK_EQ(vcpu_exit_imm(&guest->exit), 0);
    CHECK_EQ(guest->regs.x[0], DIRTY | id);
    CHECK_EQ(guest->regs.pc, testhost_ipa(snippet));
    CHECK_EQ(vcpu_complete_call(guest, 0x1234), VCPU_OK);
    testhost_run(guest);
    check_answered(0x1234);
    end();
}

static void without_policy(struct test_vm *t)
{
    asked = 0;
    for (unsigned i = 0; i < FOREIGN_COUNT; i++) {
        comes_out(t, smc_guest, foreign[i], true);
        comes_out(t, hvc_guest, foreign[i], false);
    }
    CHECK_EQ(asked, 0);
}

/* One that says no is asked once for each SMC, by the number in W0, and for no HVC. */
static void with_policy_that_refuses(struct test_vm *t)
{
    allowed = UINT32_MAX;
    for (unsigned i = 0; i < FOREIGN_COUNT; i++) {
        asked = 0;
        comes_out(t, smc_guest, foreign[i], true);
        CHECK_EQ(asked, 1);
        CHECK_EQ(asked_last, foreign[i]);
        comes_out(t, hvc_guest, foreign[i], false);
        CHECK_EQ(asked, 1);
    }
}

/* ---- One call that passes ---- */

static uint64_t own(unsigned i)
{
    return UINT64_C(0x0101010101010101) * (i + 1);
}

static void one_call_passes(struct test_vm *raw)
{
    allowed = VCPU_PSCI_VERSION;
    asked = 0;
    begin(raw, smc_guest, DIRTY | VCPU_PSCI_VERSION);
    for (unsigned i = 1; i < 31; i++)
        guest->regs.x[i] = own(i);
    testhost_run(guest);
    check_answered(firmware_psci_version());
    CHECK_EQ(asked, 1);
    /* SMCCC 1.1: x4 to x17 are kept but for results, and this call has none there. Nor has an SMC
     * anything to do with x18 and up. */
    for (unsigned i = 4; i < 31; i++)
        CHECK_EQ(guest->regs.x[i], own(i));
    end();
}

static void and_no_other(struct test_vm *raw)
{
    allowed = VCPU_PSCI_VERSION;
    asked = 0;
    comes_out(raw, hvc_guest, VCPU_PSCI_VERSION, false);
    CHECK_EQ(asked, 0);
    for (unsigned function = 1; function <= PSCI_LAST; function++) {
        comes_out(raw, smc_guest, STANDARD32 + function, true);
        comes_out(raw, smc_guest, STANDARD64 + function, true);
    }
    comes_out(raw, smc_guest, STANDARD64, true);
    CHECK_EQ(asked, 2 * PSCI_LAST + 1);
}

/* ---- Immediates ---- */

#define INSN_HVC UINT32_C(0xd4000002)
#define INSN_SMC UINT32_C(0xd4000003)

/* Each immediate but 0, with a number in x0 that would be PSCI's if the immediate were 0. */
static void every_immediate(struct test_vm *t, uint32_t instruction, bool smc)
{
    uint32_t *code = testhost_ram(t, CODE_IPA);
    unsigned wrong = 0;

    for (uint32_t imm = 0; imm < IMMEDIATES; imm++)
        code[imm] = instruction | imm << 5;
    cache_clean(code, IMMEDIATES * 4);
    begin(t, smc_guest, 0);
    CHECK_EQ(vcpu_set_entry(guest, vcpu_ipa(CODE_IPA + 4)), VCPU_OK);
    asked = 0;
    allowed = 0;
    for (uint32_t imm = 1; imm < IMMEDIATES; imm++) {
        guest->regs.x[0] = DIRTY | VCPU_PSCI_SYSTEM_OFF;
        if (testhost_run(guest) != VCPU_EXIT_HYPERCALL || vcpu_exit_imm(&guest->exit) != imm ||
            guest->exit.smc != smc || guest->regs.pc != CODE_IPA + imm * 4 ||
            vcpu_complete_call(guest, 0) != VCPU_OK) {
            wrong++;
            break;
        }
    }
    CHECK_EQ(wrong, 0);
    CHECK_EQ(asked, 0);
    end();
}

static void is_asked_at_the_hosts_call(void)
{
    static struct vcpu_percpu off;

    CHECK_EQ(vcpu_percpu_ask_firmware(NULL), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_percpu_ask_firmware(&off), VCPU_ERR_STATE);
    CHECK_EQ(vcpu_percpu_ask_firmware(testhost_percpu(0)), VCPU_OK);
}

void host_main(const struct machine *machine)
{
    const struct vcpu_vm_config with_policy = {.allow_smc = policy, .allow_smc_ctx = &asked};
    struct test_vm plain, all, lax, raw;

    (void)machine;
    testhost_enable(0);
    test_begin("the host can have it asked about mitigations");
    is_asked_at_the_hosts_call();
    testhost_vm(&plain, 0);
    testhost_vm(&all, VCPU_VM_SYSTEM_SUSPEND | VCPU_VM_SYSTEM_OFF2);
    testhost_vm_with(&lax, with_policy);
    testhost_vm_with(&raw, (struct vcpu_vm_config){.flags = VCPU_VM_RAW_CALLS,
                                                   .allow_smc = policy,
                                                   .allow_smc_ctx = &asked});

    test_begin("PSCI never reaches the firmware, not even with a policy that allows all");
    psci_stays_here(&lax);
    test_begin("PSCI_FEATURES tells each function that is there");
    features_are_true(&plain);
    test_begin("and those that the host wants");
    wants_all = true;
    psci_stays_here(&all);
    features_are_true(&all);
    test_begin("without a policy every other call is the host's");
    without_policy(&plain);
    test_begin("a policy is asked for each SMC, and for no HVC");
    with_policy_that_refuses(&lax);
    test_begin("the call that a policy allows passes, and x4 and up are kept");
    one_call_passes(&raw);
    test_begin("and no other does");
    and_no_other(&raw);
    test_begin("HVC: every immediate comes out");
    every_immediate(&lax, INSN_HVC, false);
    test_begin("SMC: every immediate comes out");
    every_immediate(&lax, INSN_SMC, true);
    test_end();
}
