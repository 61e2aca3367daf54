/* SPDX-License-Identifier: MIT */
/*
 * Power states of a VM's vCPUs: every order of what two callers, their host and the vCPU that they
 * turn on can do, against a model; and two callers that are threads.
 */
#include "cmocka_all.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "device/device.h"
#include "psci/call.h"
#include "switch/switch.h"
#include "vm/power.h"

enum {
    NOT_SUPPORTED = -1,
    INVALID_PARAMETERS = -2,
    DENIED = -3,
    ALREADY_ON = -4,
    ON_PENDING = -5,
    INVALID_ADDRESS = -9,
};

#define ENTRY   UINT64_C(0x40080000)
#define HVC_ESR UINT64_C(0x5a000000) /* EC 0x16, IL */

/* ---- What the pure part asks of CPUs and devices ---- */

static unsigned resets; /* of devices */

void vcpu_device_reset(struct vcpu_state *v)
{
    (void)v;
    resets++;
}

/* The one CPU of this test holds a vCPU by having its address in the token. */
static _Alignas(VCPU_PERCPU_ALIGN) struct percpu_state cpu;

void vcpu_switch_put(struct percpu_state *at, bool from_guest)
{
    struct vcpu_state *v = at->resident;

    (void)from_guest;
    at->resident = NULL;
    v->token = (v->token & (TOKEN_CALLS | TOKEN_OFF)) | TOKEN_ABSENT;
}

static bool elsewhere; /* what is in a CPU is in another one's */

bool vcpu_switch_leave(const struct vcpu_state *v)
{
    if (!state_cpu(v))
        return true;
    if (elsewhere)
        return false;
    vcpu_switch_put(&cpu, false);
    return true;
}

/* As vcpu_run does. */
static void load(struct vcpu *vcpu)
{
    struct vcpu_state *v = state_of(vcpu);

    if (cpu.resident)
        vcpu_switch_put(&cpu, false);
    cpu.resident = v;
    v->token = (uintptr_t)&cpu | (v->token & TOKEN_CALLS);
}

/* ---- A VM ---- */

#define VCPUS 5u

static vcpu_pa_t alloc_pages(void *ctx, size_t count)
{
    (void)ctx;
    return vcpu_pa((uintptr_t)aligned_alloc(VCPU_PAGE_SIZE, count * VCPU_PAGE_SIZE));
}

static void free_pages(void *ctx, vcpu_pa_t pa, size_t count)
{
    (void)ctx;
    (void)count;
    free((void *)(uintptr_t)pa.value);
}

static void *phys_to_virt(void *ctx, vcpu_pa_t pa)
{
    (void)ctx;
    return (void *)(uintptr_t)pa.value;
}

static const struct vcpu_host host = {
    .alloc_pages = alloc_pages, .free_pages = free_pages, .phys_to_virt = phys_to_virt};

static struct vcpu_vm *vm;
static struct vcpu *vcpu[VCPUS];

/* Three in one cluster, one each in the next and in another package. Number 2 is off. */
static const uint64_t mpidr[VCPUS] = {0, 1, 2, 0x100, UINT64_C(0x100000000)};

static int setup(void **state)
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

static int teardown(void **state)
{
    (void)state;
    for (unsigned i = 0; i < VCPUS; i++)
        vcpu_reset(vcpu[i], true);
    for (unsigned i = 0; i < VCPUS; i++)
        assert_int_equal(vcpu_destroy(vcpu[i]), VCPU_OK);
    free(vm);
    return 0;
}

/* The guest's call, as the run loop carries it out: an exit reason, or 0 and the answer in x0. */
static int guest_calls(struct vcpu *v, uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3)
{
    struct psci_call call = {.kind = PSCI_NONE};
    int reason = 0;

    v->exit.esr_el2 = HVC_ESR;
    v->exit.reason = VCPU_EXIT_HYPERCALL;
    v->regs.x[0] = x0;
    v->regs.x[1] = x1;
    v->regs.x[2] = x2;
    v->regs.x[3] = x3;
    vcpu_psci_decode(v->regs.x, &call);
    assert_int_not_equal(call.kind, PSCI_NONE);
    switch (vcpu_psci_call(state_of(v), &call)) {
    case OUTCOME_DONE:
        v->exit.reason = VCPU_EXIT_NONE;
        break;
    case OUTCOME_OFF:
        reason = (int)v->exit.reason;
        vcpu_power_off(state_of(v)); /* from here on v may be another CPU's */
        break;
    case OUTCOME_HOST:
        reason = (int)v->exit.reason;
        break;
    default:
        fail_msg("PSCI has no such outcome");
    }
    return reason;
}

static int64_t answered(struct vcpu *v, uint64_t x0, uint64_t x1, uint64_t x2)
{
    assert_int_equal(guest_calls(v, x0, x1, x2, 0), 0);
    return (int64_t)v->regs.x[0];
}

static int turn_on(unsigned caller, unsigned target)
{
    return guest_calls(vcpu[caller], 0xc4000003, mpidr[target], ENTRY, 0x77);
}

static int turn_off(unsigned n)
{
    load(vcpu[n]);
    return guest_calls(vcpu[n], 0x84000002, 0, 0, 0);
}

/* ---- Every order ---- */

/* Callers are 0 and 1, the target is 2. What can happen: */
enum event {
    CALL0,    /* caller 0 asks for CPU_ON, or is run again with its exit open */
    CALL1,    /* caller 1 */
    SUCCEED0, /* the host completes caller 0's */
    SUCCEED1, /* caller 1's */
    DENY0,    /* the host refuses caller 0's */
    INJECT1,  /* the host answers caller 1's exit with an exception: vcpu_power_cancel */
    OFF,      /* the target turns itself off */
    RESET,    /* the host resets the target, to be off */
    RESET_ON, /* to be on */
    DESTROY,  /* the host tries to destroy it, when it may not */
    EVENTS,
};

struct model {
    enum vcpu_power power;
    int by;       /* whose CPU_ON is open, -1: nobody's */
    bool exit[2]; /* is this caller's last exit a CPU_UP? */
    bool fresh;   /* the target was started and has done nothing yet */
};

static void model_call(struct model *m, int caller, int *reason, int64_t *x0)
{
    *reason = 0;
    if (m->power == VCPU_POWER_ON) {
        *x0 = ALREADY_ON;
    } else if (m->by >= 0 && m->by != caller) {
        *x0 = ON_PENDING;
    } else {
        m->power = VCPU_POWER_ON_PENDING;
        m->by = caller;
        *reason = VCPU_EXIT_CPU_UP;
    }
    m->exit[caller] = *reason != 0;
}

static int model_complete(struct model *m, int caller, bool success)
{
    if (!m->exit[caller] || m->by != caller)
        return VCPU_ERR_STATE;
    m->power = success ? VCPU_POWER_ON : VCPU_POWER_OFF;
    m->by = -1;
    m->exit[caller] = false;
    m->fresh = success;
    return VCPU_OK;
}

static void check_started(const struct vcpu *target)
{
    assert_int_equal(target->regs.pc, ENTRY);
    assert_int_equal(target->regs.x[0], 0x77);
    assert_int_equal(target->regs.x[1], 0);
    assert_int_equal(target->exit.reason, VCPU_EXIT_NONE);
}

static void step(struct model *m, enum event event)
{
    struct vcpu *target = vcpu[2];
    int64_t x0 = 0;
    int reason, caller, expected;

    switch (event) {
    case CALL0:
    case CALL1:
        caller = event == CALL1;
        model_call(m, caller, &reason, &x0);
        assert_int_equal(turn_on((unsigned)caller, 2), reason);
        if (!reason)
            assert_int_equal((int64_t)vcpu[caller]->regs.x[0], x0);
        break;
    case SUCCEED0:
    case SUCCEED1:
        caller = event == SUCCEED1;
        target->regs.x[1] = 0xbad;
        expected = model_complete(m, caller, true);
        assert_int_equal(vcpu_complete_cpu_up(vcpu[caller], VCPU_PSCI_SUCCESS), expected);
        if (expected == VCPU_OK) {
            assert_int_equal(vcpu[caller]->regs.x[0], 0);
            check_started(target);
        }
        break;
    case DENY0:
        expected = model_complete(m, 0, false);
        assert_int_equal(vcpu_complete_cpu_up(vcpu[0], VCPU_PSCI_DENIED), expected);
        if (expected == VCPU_OK)
            assert_int_equal((int64_t)vcpu[0]->regs.x[0], DENIED);
        break;
    case INJECT1:
        vcpu_power_cancel(state_of(vcpu[1]));
        vcpu[1]->exit.reason = VCPU_EXIT_NONE;
        m->exit[1] = false;
        if (m->by == 1) {
            m->by = -1;
            m->power = VCPU_POWER_OFF;
        }
        break;
    case OFF:
        if (m->power != VCPU_POWER_ON)
            break;
        assert_int_equal(turn_off(2), VCPU_EXIT_CPU_DOWN);
        m->power = VCPU_POWER_OFF;
        break;
    case RESET:
    case RESET_ON:
        assert_int_equal(vcpu_reset(target, event == RESET), VCPU_OK);
        m->power = event == RESET ? VCPU_POWER_OFF : VCPU_POWER_ON;
        m->by = -1;
        break;
    case DESTROY:
        if (m->power == VCPU_POWER_ON_PENDING)
            assert_int_equal(vcpu_destroy(target), VCPU_ERR_BUSY);
        break;
    case EVENTS:
        break;
    }
    assert_int_equal(vcpu_power(target), m->power);
    /* What may be run is what is on. */
    assert_int_equal((state_of(target)->token & TOKEN_OFF) == 0, m->power == VCPU_POWER_ON);
    /* And that is what another one is told. */
    assert_int_equal(answered(vcpu[3], 0x84000004, 2, 0), m->power);
}

#define STEPS 6u

static void every_order_of_two_callers(void **state)
{
    unsigned orders = 1;

    (void)state;
    for (unsigned i = 0; i < STEPS; i++)
        orders *= EVENTS;
    for (unsigned order = 0; order < orders; order++) {
        struct model model = {.power = VCPU_POWER_OFF, .by = -1};
        unsigned rest = order;

        for (unsigned i = 0; i < STEPS; i++, rest /= EVENTS)
            step(&model, (enum event)(rest % EVENTS));
        vcpu_reset(vcpu[0], false);
        vcpu_reset(vcpu[1], false);
        vcpu_reset(vcpu[2], true);
    }
}

/* ---- At the same moment ---- */

#define TRIES 300000u

static atomic_uint having; /* callers whose CPU_ON is open */
static atomic_uint won, overlapped;

/* As often as it can it makes the target its own, and lets it go again. */
static void *compete(void *argument)
{
    unsigned caller = *(unsigned *)argument;

    for (unsigned i = 0; i < TRIES; i++) {
        if (turn_on(caller, 2) != VCPU_EXIT_CPU_UP)
            continue;
        won++;
        if (++having != 1)
            overlapped++;
        for (volatile unsigned while_open = 0; while_open < 200; while_open++)
            ;
        having--;
        if (vcpu_complete_cpu_up(vcpu[caller], VCPU_PSCI_DENIED) != VCPU_OK)
            overlapped++;
    }
    return NULL;
}

static void of_two_callers_at_once_one_wins(void **state)
{
    pthread_t thread[2];
    unsigned number[2] = {0, 1};

    (void)state;
    having = won = overlapped = 0;
    for (unsigned i = 0; i < 2; i++)
        pthread_create(&thread[i], NULL, compete, &number[i]);
    for (unsigned i = 0; i < 2; i++)
        pthread_join(thread[i], NULL);
    assert_int_equal(overlapped, 0);
    assert_true(won > 0);
    assert_int_equal(vcpu_power(vcpu[2]), VCPU_POWER_OFF);
}

/* ---- Single calls ---- */

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

/* ---- vcpu_reset ---- */

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

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_order_of_two_callers),
        TEST(of_two_callers_at_once_one_wins),
        TEST(a_caller_that_turns_off_lets_its_target_go),
        TEST(a_caller_that_asks_for_another_lets_the_first_go),
        TEST(targets_and_addresses_are_checked),
        TEST(affinity_levels),
        TEST(a_suspended_vcpu_is_on),
        TEST(what_a_power_down_state_keeps),
        TEST(a_status_that_is_not_success_goes_on_behind_the_call),
        TEST(resets_of_the_system),
        TEST(a_reset_vcpu_is_as_it_was_created),
        TEST(an_open_call_does_not_outlive_the_reset_of_the_vm),
        TEST(a_reset_ends_no_call_for_another),
        TEST(calls_that_are_not_there_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
