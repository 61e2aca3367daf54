/* SPDX-License-Identifier: MIT */
#include "calls_vm.h"

#include "cmocka_all.h"

#include <string.h>

#include "hw/smc.h"

struct vcpu_state v;
struct vcpu_vm vm;
_Alignas(VCPU_PERCPU_ALIGN) struct percpu_state cpus[2];
struct vcpu_calls calls;
const struct vcpu_percpu *const both[2] = {(const void *)&cpus[0], (const void *)&cpus[1]};

const struct vcpu_features *vcpu_percpu_features(const struct vcpu_percpu *cpu)
{
    return ((const struct percpu_state *)cpu)->enabled ? &cpus[0].features : NULL;
}

/* The machine's firmware: what it was asked last, and how often. */
static uint32_t asked_last;
static unsigned asked;

int32_t vcpu_smc_alone(uint32_t function)
{
    asked_last = function;
    asked++;
    return -7;
}

int set_up(void **state)
{
    (void)state;
    memset(&v, 0, sizeof(v));
    memset(&vm, 0, sizeof(vm));
    memset(cpus, 0, sizeof(cpus));
    calls = (struct vcpu_calls){0};
    cpus[0].enabled = cpus[1].enabled = true;
    v.vm = &vm;
    v.token = (uintptr_t)&cpus[0];
    return 0;
}

void set(void)
{
    assert_int_equal(vcpu_vm_set_calls(&vm, &calls), VCPU_OK);
}

enum call_verdict call(uint64_t x0, uint64_t x1)
{
    uint64_t *x = v.pub.regs.x;

    x[0] = x0;
    x[1] = x1;
    x[2] = x[3] = 0x77;
    return vm.decide_call(&v);
}

void answers(uint64_t x0, uint64_t x1, int64_t answer)
{
    assert_int_equal(call(x0, x1), CALL_ANSWERED);
    assert_int_equal(v.pub.regs.x[0], answer);
}

/* Once, and the guest gets its W0 and keeps the rest. */
void reaches_the_firmware(uint64_t x0, uint32_t function)
{
    unsigned before = asked;

    answers(x0, 0x55, -7);
    assert_int_equal(asked, before + 1);
    assert_int_equal(asked_last, function);
    assert_int_equal(v.pub.regs.x[1], 0x55);
    assert_int_equal(v.pub.regs.x[2], 0x77);
    assert_int_equal(v.pub.regs.x[3], 0x77);
}

void is_the_librarys(uint64_t x0, uint64_t x1)
{
    assert_int_equal(call(x0, x1), CALL_LIBRARY);
    assert_int_equal(v.pub.regs.x[0], x0);
    assert_int_equal(v.pub.regs.x[1], x1);
}
