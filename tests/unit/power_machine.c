/* SPDX-License-Identifier: MIT */
#include "power_machine.h"

#include <limits.h>

#include "hw/cpu.h"

unsigned resets; /* of devices */
uint64_t token_at_reset, comes_after_reset;

void vcpu_device_reset(struct vcpu_state *v)
{
    resets++;
    token_at_reset = v->token;
    v->token |= comes_after_reset;
}

_Alignas(VCPU_PERCPU_ALIGN) struct percpu_state cpu;

void vcpu_switch_put(struct percpu_state *at, bool from_guest)
{
    struct vcpu_state *v = at->resident;

    (void)from_guest;
    at->resident = NULL;
    v->token = (v->token & (TOKEN_CALLS | TOKEN_OFF)) | TOKEN_ABSENT;
}

unsigned looks = UINT_MAX;

bool vcpu_cpu_is_interrupted(void)
{
    if (looks == 0)
        return true;
    looks--;
    return false;
}

bool elsewhere; /* what is in a CPU is in another one's */

bool vcpu_switch_leave(const struct vcpu_state *v)
{
    if (!state_cpu(v))
        return true;
    if (elsewhere)
        return false;
    vcpu_switch_put(&cpu, false);
    return true;
}

void load(struct vcpu *which)
{
    struct vcpu_state *v = state_of(which);

    if (cpu.resident)
        vcpu_switch_put(&cpu, false);
    cpu.resident = v;
    v->token = (uintptr_t)&cpu | (v->token & TOKEN_CALLS);
}

vcpu_pa_t alloc_pages(void *ctx, size_t count)
{
    (void)ctx;
    return vcpu_pa((uintptr_t)aligned_alloc(VCPU_PAGE_SIZE, count * VCPU_PAGE_SIZE));
}

void free_pages(void *ctx, vcpu_pa_t pa, size_t count)
{
    (void)ctx;
    (void)count;
    free((void *)(uintptr_t)pa.value);
}

void *phys_to_virt(void *ctx, vcpu_pa_t pa)
{
    (void)ctx;
    return (void *)(uintptr_t)pa.value;
}

const struct vcpu_host host = {
    .alloc_pages = alloc_pages, .free_pages = free_pages, .phys_to_virt = phys_to_virt};

struct vcpu_vm *vm;
struct vcpu *vcpu[VCPUS];

const uint64_t mpidr[VCPUS] = {0, 1, 2, 0x100, UINT64_C(0x100000000)};

int setup(void **state)
{
    (void)state;
    vm = calloc(1, sizeof(*vm) + VCPUS * sizeof(vm->vcpu[0]));
    vm->host = &host;
    vm->max_vcpus = VCPUS;
    vm->shape.ipa_bits = 40;
    for (uint16_t i = 0; i < VCPUS; i++) {
        const struct vcpu_config config = {.index = i, .mpidr = mpidr[i], .off = i == 2};

        assert_int_equal(vcpu_create(vm, &config, &vcpu[i]), VCPU_OK);
    }
    cpu.resident = NULL;
    elsewhere = false;
    return 0;
}

int teardown(void **state)
{
    (void)state;
    for (unsigned i = 0; i < VCPUS; i++)
        vcpu_reset(vcpu[i], true);
    for (unsigned i = 0; i < VCPUS; i++)
        assert_int_equal(vcpu_destroy(vcpu[i]), VCPU_OK);
    free(vm);
    return 0;
}

int guest_calls(struct vcpu *v, uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3)
{
    int reason = 0;

    v->exit.esr_el2 = HVC_ESR;
    v->exit.reason = VCPU_EXIT_HYPERCALL;
    v->regs.x[0] = x0;
    v->regs.x[1] = x1;
    v->regs.x[2] = x2;
    v->regs.x[3] = x3;
    switch (vcpu_psci_call(state_of(v))) {
    case OUTCOME_DONE:
        v->exit.reason = VCPU_EXIT_NONE;
        break;
    case OUTCOME_OFF:
        reason = (int)v->exit.reason;
        vcpu_power_off(state_of(v)); /* from here on v may be another CPU's */
        break;
    case OUTCOME_HOST:
        reason = (int)v->exit.reason;
        assert_int_not_equal(reason, VCPU_EXIT_HYPERCALL);
        break;
    default:
        fail_msg("PSCI has no such outcome");
    }
    return reason;
}

int64_t answered(struct vcpu *v, uint64_t x0, uint64_t x1, uint64_t x2)
{
    assert_int_equal(guest_calls(v, x0, x1, x2, 0), 0);
    return (int64_t)v->regs.x[0];
}

int turn_on(unsigned caller, unsigned target)
{
    return guest_calls(vcpu[caller], 0xc4000003, mpidr[target], ENTRY, 0x77);
}

int turn_off(unsigned n)
{
    load(vcpu[n]);
    return guest_calls(vcpu[n], 0x84000002, 0, 0, 0);
}
