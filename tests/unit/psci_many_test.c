/* SPDX-License-Identifier: MIT */
/* Calls of PSCI that look at many vCPUs: an interrupt of the host comes between. */
#include "power_machine.h"

#include <limits.h>

#define MANY  256u
#define PIECE 64u

static struct vcpu_state v[MANY];

static int start(void **state)
{
    (void)state;
    vm = calloc(1, sizeof(*vm) + MANY * sizeof(vm->vcpu[0]));
    vm->max_vcpus = MANY;
    vm->shape.ipa_bits = 40;
    vm->flags = VCPU_VM_SYSTEM_SUSPEND;
    for (unsigned i = 0; i < MANY; i++) {
        v[i] = (struct vcpu_state){.vm = vm, .mpidr = i, .power = VCPU_POWER_OFF};
        vm->vcpu[i] = &v[i];
    }
    v[0].mpidr = 0x100000000;
    v[0].power = VCPU_POWER_ON;
    looks = UINT_MAX;
    return 0;
}

static int stop(void **state)
{
    (void)state;
    free(vm);
    return 0;
}

static enum outcome calls(uint64_t x0, uint64_t x1, uint64_t x2)
{
    v[0].pub.regs.x[0] = x0;
    v[0].pub.regs.x[1] = x1;
    v[0].pub.regs.x[2] = x2;
    return vcpu_psci_call(&v[0]);
}

/* As often as there are pieces, and not once for what is found in the first. */
static void the_host_is_asked_for_each_piece(void **state)
{
    (void)state;
    assert_int_equal(calls(0xc4000004, 0, 1), OUTCOME_DONE);
    assert_int_equal(v[0].pub.regs.x[0], VCPU_POWER_OFF);
    assert_in_range(UINT_MAX - looks, MANY / PIECE - 1, MANY / PIECE);
    v[1].power = VCPU_POWER_ON;
    looks = 0;
    assert_int_equal(calls(0xc4000004, 0, 1), OUTCOME_DONE);
    assert_int_equal(v[0].pub.regs.x[0], VCPU_POWER_ON);
}

/* PC stays, and so do the registers: the guest makes the call again. */
static void for_an_interrupt_the_call_is_made_again(void **state)
{
    const struct {
        uint64_t x0, x1, x2;
    } call[] = {{0xc4000004, 0, 1}, {0xc4000004, 0x7777, 0}, {0xc400000e, 0, 0}};

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        for (looks = 0; looks < MANY / PIECE - 1;) {
            unsigned before = looks;

            assert_int_equal(calls(call[i].x0, call[i].x1, call[i].x2), OUTCOME_AGAIN);
            assert_int_equal(v[0].pub.regs.x[0], call[i].x0);
            looks = before + 1;
        }
        looks = UINT_MAX;
        assert_int_equal(calls(call[i].x0, call[i].x1, call[i].x2),
                         i == 2 ? OUTCOME_HOST : OUTCOME_DONE);
    }
}

/* The machine's interrupts are the guest's, which can have them masked: the call would never end. */
static void a_direct_guest_is_not_interrupted(void **state)
{
    (void)state;
    vm->flags = VCPU_VM_DIRECT_IRQ | VCPU_VM_SYSTEM_SUSPEND;
    looks = 0;
    assert_int_equal(calls(0xc4000004, 0, 1), OUTCOME_DONE);
    assert_int_equal(calls(0xc400000e, 0, 0), OUTCOME_HOST);
}

#undef TEST
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_host_is_asked_for_each_piece),
        TEST(for_an_interrupt_the_call_is_made_again),
        TEST(a_direct_guest_is_not_interrupted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
