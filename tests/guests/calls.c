/* SPDX-License-Identifier: MIT */
/*
 * The filter of calls and its services, as a guest meets them: by HVC and by SMC, and with the
 * machine's own firmware below.
 */
#include <vcpu/calls.h>

#include "state/state.h"
#include "testhost.h"

extern const char smc_call[], hvc_call[];
static const char *const conduits[] = {hvc_call, smc_call};

/* What a guest may leave in the upper half of x0: the function is W0. */
#define DIRTY UINT64_C(0xdeadbeef00000000)

#define WORKAROUND_1 UINT32_C(0x80008000)
#define WORKAROUND_2 UINT32_C(0x80007fff)
#define WORKAROUND_3 UINT32_C(0x80003fff)
#define SAY_DONE     1u

static struct vcpu *guest;

static uint64_t own(unsigned i)
{
    return UINT64_C(0x0101010101010101) * (i + 1);
}

static int call(struct test_vm *t, const char *conduit, uint64_t x0, uint64_t x1)
{
    guest = testhost_vcpu(t, 0);
    testhost_enter_at(guest, conduit);
    for (unsigned i = 2; i < 31; i++)
        guest->regs.x[i] = own(i);
    guest->regs.x[0] = x0;
    guest->regs.x[1] = x1;
    return testhost_run(guest);
}

static void end(void)
{
    MUST(vcpu_percpu_put(testhost_percpu(0)));
    CHECK_EQ(vcpu_destroy(guest), VCPU_OK);
}

/* The call is over, has been answered with this, and has kept what no result is in but x1. */
static void check_answered(uint64_t x0, unsigned results)
{
    CHECK_EQ(guest->exit.reason, VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_exit_imm(&guest->exit), SAY_DONE);
    CHECK_EQ(guest->regs.x[0], x0);
    for (unsigned i = results < 2 ? 2 : results; i < 31; i++)
        CHECK_EQ(guest->regs.x[i], own(i));
}

static void answers(struct test_vm *t, uint64_t x0, uint64_t x1, int64_t answer)
{
    for (unsigned i = 0; i < 2; i++) {
        call(t, conduits[i], x0, x1);
        check_answered((uint64_t)answer, 1);
        end();
    }
}

/* ---- The filter ---- */

static unsigned asked;

static bool policy(void *ctx, struct vcpu *vcpu, uint32_t function_id)
{
    (void)ctx;
    (void)vcpu;
    (void)function_id;
    asked++;
    return false;
}

static const struct vcpu_call_range ranges[] = {
    {VCPU_PSCI_CPU_SUSPEND, VCPU_PSCI_CPU_SUSPEND, VCPU_CALL_DENY},
    {VCPU_PSCI_CPU_SUSPEND | VCPU_SMCCC_64BIT, VCPU_PSCI_CPU_SUSPEND | VCPU_SMCCC_64BIT,
     VCPU_CALL_DENY},
    {VCPU_PSCI_SYSTEM_RESET2, VCPU_PSCI_SYSTEM_RESET2, VCPU_CALL_EXIT},
    {0x82000000, 0x8200ffff, VCPU_CALL_DENY},
    {0x83000000, 0x8300ffff, VCPU_CALL_EXIT},
};

static const struct vcpu_calls filter = {
    .ranges = ranges,
    .range_count = sizeof(ranges) / sizeof(ranges[0]),
};

static void what_is_denied(struct test_vm *t)
{
    asked = 0;
    answers(t, DIRTY | VCPU_PSCI_CPU_SUSPEND, 0, VCPU_PSCI_NOT_SUPPORTED);
    answers(t, VCPU_PSCI_CPU_SUSPEND | VCPU_SMCCC_64BIT, 0, VCPU_PSCI_NOT_SUPPORTED);
    answers(t, VCPU_PSCI_FEATURES, VCPU_PSCI_CPU_SUSPEND, VCPU_PSCI_NOT_SUPPORTED);
    answers(t, DIRTY | 0x82000000, 0, VCPU_PSCI_NOT_SUPPORTED);
    CHECK_EQ(asked, 0);
}

static void what_comes_out(struct test_vm *t)
{
    static const uint32_t ids[] = {VCPU_PSCI_SYSTEM_RESET2, 0x83000001};

    asked = 0;
    for (unsigned i = 0; i < 4; i++) {
        CHECK_EQ(call(t, conduits[i & 1], DIRTY | ids[i / 2], 5), VCPU_EXIT_HYPERCALL);
        CHECK_EQ(guest->exit.smc, i & 1);
        CHECK_EQ(vcpu_exit_imm(&guest->exit), 0);
        CHECK_EQ(guest->regs.x[0], DIRTY | ids[i / 2]);
        CHECK_EQ(guest->regs.pc, testhost_ipa(conduits[i & 1]));
        CHECK_EQ(vcpu_complete_call(guest, 7), VCPU_OK);
        testhost_run(guest);
        check_answered(7, 1);
        end();
    }
    CHECK_EQ(asked, 0);
    answers(t, VCPU_PSCI_FEATURES, VCPU_PSCI_SYSTEM_RESET2, VCPU_PSCI_SUCCESS);
}

static void what_is_as_ever(struct test_vm *t)
{
    answers(t, VCPU_PSCI_VERSION, 0, 0x10003);
    answers(t, VCPU_PSCI_FEATURES, VCPU_PSCI_CPU_ON, VCPU_PSCI_SUCCESS);
    CHECK_EQ(call(t, hvc_call, VCPU_PSCI_SYSTEM_OFF, 0), VCPU_EXIT_SYSTEM_OFF);
    end();
    CHECK_EQ(call(t, smc_call, VCPU_PSCI_SYSTEM_RESET2 | VCPU_SMCCC_64BIT, 0),
             VCPU_EXIT_SYSTEM_RESET);
    end();
    CHECK_EQ(call(t, hvc_call, VCPU_TRNG_VERSION, 0), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_exit_imm(&guest->exit), 0);
    end();
}

/* ---- Services ---- */

static bool entropy(void *ctx, struct vcpu *vcpu, void *bytes, size_t size)
{
    uint8_t *to = bytes;

    CHECK(ctx == &asked);
    CHECK(vcpu == guest);
    for (size_t i = 0; i < size; i++)
        to[i] = (uint8_t)(i + 1);
    return true;
}

static const struct vcpu_calls services = {
    .entropy = entropy,
    .entropy_ctx = &asked,
    .trng_uuid = {1, 2, 3, 4},
    .vendor_uid = {5, 6, 7, 8},
};

static void has_results(struct test_vm *t, uint64_t x0, uint64_t x1, const uint64_t result[4])
{
    for (unsigned i = 0; i < 2; i++) {
        call(t, conduits[i], x0, x1);
        check_answered(result[0], 4);
        for (unsigned n = 1; n < 4; n++)
            CHECK_EQ(guest->regs.x[n], result[n]);
        end();
    }
}

static void random_numbers(struct test_vm *t)
{
    static const uint64_t wide[4] = {0, 0x1817161514131211, 0x100f0e0d0c0b0a09, 0x0807060504030201};
    static const uint64_t narrow[4] = {0, 0, 0x05, 0x04030201};
    static const uint64_t uuid[4] = {1, 2, 3, 4};

    answers(t, DIRTY | VCPU_TRNG_VERSION, 0, 0x10000);
    answers(t, VCPU_TRNG_FEATURES, VCPU_TRNG_RND | VCPU_SMCCC_64BIT, VCPU_PSCI_SUCCESS);
    has_results(t, VCPU_TRNG_GET_UUID, 0, uuid);
    has_results(t, VCPU_TRNG_RND | VCPU_SMCCC_64BIT, 192, wide);
    has_results(t, DIRTY | VCPU_TRNG_RND, DIRTY | 35, narrow);
}

static void the_uid(struct test_vm *t)
{
    static const uint64_t uid[4] = {5, 6, 7, 8};

    has_results(t, VCPU_VENDOR_HYP_UID, 0, uid);
}

/* ---- Mitigations ---- */

static const struct vcpu_percpu *one_cpu[1];
static const struct vcpu_calls mitigations = {.cpus = one_cpu, .cpu_count = 1};

static void are_not_there_unless_the_host_wants(struct test_vm *t)
{
    static const uint32_t ids[] = {WORKAROUND_1, WORKAROUND_2, WORKAROUND_3};

    for (unsigned i = 0; i < 3; i++) {
        answers(t, VCPU_SMCCC_ARCH_FEATURES, ids[i], VCPU_PSCI_NOT_SUPPORTED);
        answers(t, ids[i], 0, VCPU_PSCI_NOT_SUPPORTED);
    }
}

static struct test_vm vm_with(const struct vcpu_calls *calls)
{
    struct test_vm t;

    testhost_vm_with(&t, (struct vcpu_vm_config){.allow_smc = calls == &filter ? policy : NULL});
    CHECK_EQ(vcpu_vm_set_calls(t.vm, calls), VCPU_OK);
    return t;
}

/* QEMU's firmware has no such calls, so it is as the CPU's registers say. */
static void are_as_the_cpu_says(void)
{
    uint64_t midr, pfr0;
    struct test_vm t = vm_with(&mitigations);

    __asm__("mrs %0, midr_el1" : "=r"(midr));
    __asm__("mrs %0, id_aa64pfr0_el1" : "=r"(pfr0));

    bool in_order = (midr >> 4 & 0xfff) >= 0xd03 && (midr >> 4 & 0xfff) <= 0xd05;
    bool csv2 = pfr0 >> 56 & 15;

    answers(&t, VCPU_SMCCC_ARCH_FEATURES, WORKAROUND_1, in_order || csv2 ? 1 : -1);
    answers(&t, VCPU_SMCCC_ARCH_FEATURES, WORKAROUND_2, in_order ? -2 : -1);
    /* On a CPU that needs it not, the call is for nothing, and not the firmware's. */
    answers(&t, WORKAROUND_1, 0, in_order || csv2 ? 0 : -1);
    testhost_vm_free(&t);
}

/* As if the firmware had said that it has the calls. Then QEMU's says that it does not know them. */
static void reach_the_firmware_where_it_has_them(void)
{
    struct percpu_state *cpu = (struct percpu_state *)testhost_percpu(0);
    const struct firmware_answers before = cpu->firmware;
    struct test_vm t;

    cpu->firmware = (struct firmware_answers){.asked = true};
    t = vm_with(&mitigations);
    answers(&t, VCPU_SMCCC_ARCH_FEATURES, WORKAROUND_1, 0);
    answers(&t, VCPU_SMCCC_ARCH_FEATURES, WORKAROUND_2, 0);
    answers(&t, VCPU_SMCCC_ARCH_FEATURES, WORKAROUND_3, 0);
    answers(&t, DIRTY | WORKAROUND_1, 0, VCPU_PSCI_NOT_SUPPORTED);
    answers(&t, WORKAROUND_3, DIRTY, VCPU_PSCI_NOT_SUPPORTED);
    answers(&t, WORKAROUND_2, 1, 0);
    /* No other gets there by it. */
    for (unsigned i = 0; i < 2; i++) {
        CHECK_EQ(call(&t, conduits[i], 0x82000000, 0), VCPU_EXIT_HYPERCALL);
        CHECK_EQ(vcpu_exit_imm(&guest->exit), 0);
        end();
    }
    answers(&t, 0x80008001, 0, VCPU_PSCI_NOT_SUPPORTED);
    answers(&t, VCPU_PSCI_VERSION, 0, 0x10003);
    /* The vCPU is now on a CPU that needs none: the call is for nothing. */
    cpu->firmware.workaround[0] = 1;
    answers(&t, WORKAROUND_1, 0, 0);
    cpu->firmware = before;
    testhost_vm_free(&t);
}

void host_main(const struct machine *machine)
{
    struct test_vm plain, filtered, served;

    CHECK(machine->psci_smc);
    testhost_enable(0);
    CHECK_EQ(vcpu_percpu_ask_firmware(testhost_percpu(0)), VCPU_OK);
    one_cpu[0] = testhost_percpu(0);
    testhost_vm(&plain, 0);
    filtered = vm_with(&filter);
    served = vm_with(&services);

    test_begin("a denied call is not supported, and discovery says so");
    what_is_denied(&filtered);
    test_begin("a call that is to come out does, PSCI's too, without a question to the policy");
    what_comes_out(&filtered);
    test_begin("every other call is as ever");
    what_is_as_ever(&filtered);
    test_begin("random numbers are the host's");
    random_numbers(&served);
    test_begin("the hypervisor's UID is the host's");
    the_uid(&served);
    test_begin("mitigations are not there unless the host wants");
    are_not_there_unless_the_host_wants(&plain);
    are_not_there_unless_the_host_wants(&served);
    test_begin("mitigations are as the CPU says, if the firmware has none");
    are_as_the_cpu_says();
    test_begin("mitigations reach the firmware where it has them, and nothing else does");
    reach_the_firmware_where_it_has_them();
    test_end();
}
