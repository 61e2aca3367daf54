/* SPDX-License-Identifier: MIT */
/* Which waits are exits, chosen at run time: vcpu_vm_set_traps. */
#include "cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "guest/trap.h"

#define VCPUS   5u
#define TWI     (UINT64_C(1) << 13)
#define TWE     (UINT64_C(1) << 14)
#define ANY_CPU UINT64_C(0x1234567890c0)
#define BOTH    (VCPU_VM_TRAP_WFI | VCPU_VM_TRAP_WFE)

static struct vcpu_vm *vm;
static struct vcpu_state v[VCPUS + 1];

/* No hook is called: there is no host. */
static int set_up(void **state)
{
    (void)state;
    vm = calloc(1, sizeof(*vm) + (VCPUS + 1) * sizeof(vm->vcpu[0]));
    assert_non_null(vm);
    memset(v, 0, sizeof(v));
    vm->max_vcpus = VCPUS;
    vm->wait_traps = (uint32_t)TWI;
    for (unsigned i = 0; i <= VCPUS; i++) {
        v[i].vm = vm;
        v[i].token = TOKEN_ABSENT;
        vm->vcpu[i] = i % 2 == 0 || i == VCPUS ? &v[i] : NULL; /* three of five */
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    free(vm);
    return 0;
}

static void the_flags_are_bits_of_hcr_el2(void **state)
{
    (void)state;
    assert_int_equal(trap_waits(0), 0);
    assert_int_equal(trap_waits(VCPU_VM_TRAP_WFI), TWI);
    assert_int_equal(trap_waits(VCPU_VM_TRAP_WFE), TWE);
    assert_int_equal(trap_waits(UINT32_MAX), TWI | TWE);
    assert_int_equal(trap_waits(~(uint32_t)BOTH), 0);
    assert_int_equal(vcpu_vm_set_traps(vm, VCPU_VM_TRAP_WFE), VCPU_OK);
    assert_int_equal(vm->wait_traps, TWE);
    assert_int_equal(vcpu_vm_set_traps(vm, BOTH), VCPU_OK);
    assert_int_equal(vm->wait_traps, TWI | TWE);
    assert_int_equal(vcpu_vm_set_traps(vm, 0), VCPU_OK);
    assert_int_equal(vm->wait_traps, 0);
}

/* Whatever else is in it: who has it, calls, off. */
static void each_vcpus_next_run_looks(void **state)
{
    (void)state;
    v[0].token = ANY_CPU;
    v[2].token = ANY_CPU | TOKEN_SLOW | TOKEN_KICK;
    v[4].token = TOKEN_ABSENT | TOKEN_OFF;
    assert_int_equal(vcpu_vm_set_traps(vm, 0), VCPU_OK);
    assert_int_equal(v[0].token, ANY_CPU | TOKEN_CHANGED);
    assert_int_equal(v[2].token, ANY_CPU | TOKEN_SLOW | TOKEN_KICK | TOKEN_CHANGED);
    assert_int_equal(v[4].token, TOKEN_ABSENT | TOKEN_OFF | TOKEN_CHANGED);
    assert_int_equal(v[1].token, TOKEN_ABSENT);
    assert_int_equal(v[VCPUS].token, TOKEN_ABSENT); /* what lies behind the last place */
}

static void other_flags_are_refused(void **state)
{
    (void)state;
    assert_int_equal(vcpu_vm_set_traps(NULL, 0), VCPU_ERR_INVALID);
    for (unsigned bit = 0; bit < 32; bit++) {
        if (BOTH >> bit & 1)
            continue;
        assert_int_equal(vcpu_vm_set_traps(vm, BOTH | 1u << bit), VCPU_ERR_INVALID);
        assert_int_equal(vm->wait_traps, TWI);
        assert_int_equal(v[0].token, TOKEN_ABSENT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_flags_are_bits_of_hcr_el2, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_vcpus_next_run_looks, set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_flags_are_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
