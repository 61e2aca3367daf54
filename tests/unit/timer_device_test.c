/* SPDX-License-Identifier: MIT */
/*
 * When the timers tell the interrupt controller and the host, and what a vCPU that waits is to be
 * woken for; on a machine of two CPUs, of which one is the one that the code runs on.
 */
#include "cmocka_all.h"

#include <string.h>

#include <vcpu/device.h>
#include <vcpu/sysreg.h>

#include "fake_host.h"
#include "random.h"
#include "timer/count.h"
#include "timer/cpu.h"

#define CNTPCT VCPU_SYSREG(3, 3, 14, 0, 1)
#define TVAL   VCPU_SYSREG(3, 3, 14, 2, 0)
#define CTL    VCPU_SYSREG(3, 3, 14, 2, 1)
#define CVAL   VCPU_SYSREG(3, 3, 14, 2, 2)

#define ENABLE 1u
#define IMASK  2u

#define NEVER VCPU_TIMER_NEVER
#define VCPUS 2u

static struct machine {
    uint64_t now;
    uint64_t virtual_compare[2]; /* in each CPU */
    uint64_t offset;
    uint16_t max_vcpus;
    struct vcpu vcpu[VCPUS];
    const struct vcpu_device_ops *ops;
    int attach_error;
    /* What the hooks were told: by vCPU, and by CPU. */
    bool level[VCPUS][32];
    bool watched[VCPUS];
    unsigned told[VCPUS][32];
    uint64_t armed[2];
    unsigned arms;
} machine;

static struct vcpu_timer *timer;

/* The core, as far as a device sees it. */

void vcpu_device_watch(struct vcpu *vcpu)
{
    machine.watched[vcpu_index(vcpu)] = true;
}

uint64_t vcpu_vm_counter_offset(const struct vcpu_vm *vm)
{
    assert_ptr_equal(vm, &machine);
    return machine.offset;
}

uint16_t vcpu_vm_max_vcpus(const struct vcpu_vm *vm)
{
    assert_ptr_equal(vm, &machine);
    return machine.max_vcpus;
}

int vcpu_vm_attach(struct vcpu_vm *vm, const struct vcpu_device_ops *ops, void *ctx)
{
    assert_ptr_equal(vm, &machine);
    if (machine.attach_error)
        return machine.attach_error;
    machine.ops = ops;
    assert_non_null(ctx);
    return VCPU_OK;
}

/* The CPU. */

uint64_t vcpu_timer_cpu_count(void)
{
    return machine.now;
}

uint64_t vcpu_timer_cpu_virtual_compare(void)
{
    return machine.virtual_compare[fake.here];
}

/* The host. */

static void set_ppi(void *ctx, struct vcpu *vcpu, uint32_t intid, bool level)
{
    assert_ptr_equal(ctx, &machine);
    assert_true(intid == VCPU_TIMER_VIRTUAL_PPI || intid == VCPU_TIMER_PHYSICAL_PPI);
    machine.level[vcpu_index(vcpu)][intid] = level;
    machine.told[vcpu_index(vcpu)][intid]++;
}

static void arm(void *ctx, struct vcpu *vcpu, uint64_t deadline)
{
    assert_ptr_equal(ctx, &machine);
    assert_in_range(vcpu_index(vcpu), 0, VCPUS - 1);
    assert_int_not_equal(machine.armed[fake.here], deadline);
    machine.armed[fake.here] = deadline;
    machine.arms++;
}

static struct vcpu_timer_config config = {
    .host = &fake_host, .ctx = &machine, .set_ppi = set_ppi, .arm = arm};

static struct vcpu_vm *vm(void)
{
    return (struct vcpu_vm *)&machine;
}

static void forget(void)
{
    fake_reset();
    memset(&machine, 0, sizeof(machine));
    for (unsigned v = 0; v < sizeof(machine.vcpu) / sizeof(machine.vcpu[0]); v++)
        machine.vcpu[v].index = (uint16_t)v;
    machine.max_vcpus = VCPUS;
    machine.armed[0] = machine.armed[1] = NEVER;
    machine.virtual_compare[0] = machine.virtual_compare[1] = NEVER;
}

/* A VM of two vCPUs which are nowhere, at count 1000000, with offset 400000. */
static int set_up(void **state)
{
    (void)state;
    forget();
    machine.now = 1000000;
    machine.offset = 400000;
    if (vcpu_timer_create(vm(), &config, &timer))
        return -1;
    for (unsigned i = 0; i < VCPUS; i++)
        machine.ops->reset(timer, &machine.vcpu[i]);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return vcpu_timer_destroy(timer);
}

static void load(unsigned v)
{
    machine.ops->load(timer, &machine.vcpu[v]);
}

/* What the core does as well: nothing of the guest stays in the CPU. */
static void put(unsigned v)
{
    machine.ops->put(timer, &machine.vcpu[v]);
    machine.virtual_compare[fake.here] = NEVER;
}

static void guest_writes(unsigned v, uint32_t encoding, uint64_t value)
{
    assert_true(machine.ops->sysreg(timer, &machine.vcpu[v], encoding, true, &value));
}

static uint64_t guest_reads(unsigned v, uint32_t encoding)
{
    uint64_t value = 0;

    assert_true(machine.ops->sysreg(timer, &machine.vcpu[v], encoding, false, &value));
    return value;
}

static uint64_t deadline(unsigned v)
{
    return vcpu_timer_deadline(timer, &machine.vcpu[v]);
}

static bool has_work(unsigned v)
{
    return machine.ops->has_work(timer, &machine.vcpu[v]);
}

static bool physical_level(unsigned v)
{
    return machine.level[v][VCPU_TIMER_PHYSICAL_PPI];
}

/* ---- Tests ---- */

static void what_creating_refuses(void **state)
{
    struct vcpu_host host = fake_host;
    struct vcpu_timer_config bad = config;
    struct vcpu_timer *t = NULL;

    (void)state;
    forget();
    assert_int_equal(vcpu_timer_create(NULL, &config, &t), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_timer_create(vm(), NULL, &t), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_timer_create(vm(), &config, NULL), VCPU_ERR_INVALID);
    bad.set_ppi = NULL;
    assert_int_equal(vcpu_timer_create(vm(), &bad, &t), VCPU_ERR_INVALID);
    bad = config;
    bad.host = NULL;
    assert_int_equal(vcpu_timer_create(vm(), &bad, &t), VCPU_ERR_INVALID);
    bad.host = &host;
    host.alloc_pages = NULL;
    assert_int_equal(vcpu_timer_create(vm(), &bad, &t), VCPU_ERR_INVALID);
    host = fake_host;
    host.free_pages = NULL;
    assert_int_equal(vcpu_timer_create(vm(), &bad, &t), VCPU_ERR_INVALID);
    host = fake_host;
    host.phys_to_virt = NULL;
    assert_int_equal(vcpu_timer_create(vm(), &bad, &t), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_timer_destroy(NULL), VCPU_ERR_INVALID);
    fake.allocations_left = 0;
    assert_int_equal(vcpu_timer_create(vm(), &config, &t), VCPU_ERR_NO_MEMORY);
    assert_null(t);
    assert_int_equal(fake.pages, 0);
}

static void memory_is_given_back(void **state)
{
    struct vcpu_timer *t = NULL;

    (void)state;
    forget();
    machine.attach_error = VCPU_ERR_STATE;
    assert_int_equal(vcpu_timer_create(vm(), &config, &t), VCPU_ERR_STATE);
    assert_null(t);
    assert_int_equal(fake.pages, 1);
    assert_int_equal(fake.freed, 1);

    forget();
    machine.max_vcpus = 256;
    assert_int_equal(vcpu_timer_create(vm(), &config, &t), VCPU_OK);
    assert_int_equal(fake.pages, 4);
    assert_int_equal(vcpu_timer_destroy(t), VCPU_OK);
    assert_int_equal(fake.freed, 4);
}

static void a_new_timer_is_off(void **state)
{
    (void)state;
    load(0);
    assert_int_equal(guest_reads(0, CTL), 0);
    assert_int_equal(guest_reads(0, CVAL), 0);
    assert_int_equal(deadline(0), NEVER);
    assert_false(has_work(0));
    put(0);
    assert_int_equal(machine.arms, 0);
    assert_int_equal(machine.told[0][VCPU_TIMER_PHYSICAL_PPI], 0);
    assert_int_equal(machine.told[0][VCPU_TIMER_VIRTUAL_PPI], 0);
}

static void the_guests_count_is_the_machines_less_the_offset(void **state)
{
    (void)state;
    load(0);
    assert_int_equal(guest_reads(0, CNTPCT), 600000);
    machine.now += 5;
    assert_int_equal(guest_reads(0, CNTPCT), 600005);
    guest_writes(0, TVAL, 10);
    assert_int_equal(guest_reads(0, CVAL), 600015);
    put(0);
    machine.offset += 100;
    load(0);
    assert_int_equal(guest_reads(0, CNTPCT), 599905);
    put(0);
}

static void what_is_not_its_own_is_left_to_others(void **state)
{
    uint64_t value = 7;

    (void)state;
    load(0);
    assert_false(machine.ops->sysreg(timer, &machine.vcpu[0], CNTPCT, true, &value));
    assert_false(
        machine.ops->sysreg(timer, &machine.vcpu[0], VCPU_SYSREG(3, 3, 14, 3, 1), false, &value));
    assert_int_equal(value, 7);
    assert_null(machine.ops->mmio);
    put(0);
}

static void a_deadline_is_asked_of_the_host_and_then_reached(void **state)
{
    (void)state;
    load(0);
    guest_writes(0, CVAL, 600100);
    assert_int_equal(machine.arms, 0);
    guest_writes(0, CTL, ENABLE);
    assert_int_equal(machine.armed[0], 1000100);
    assert_int_equal(deadline(0), 1000100);
    assert_false(has_work(0));

    /* Some other interrupt before. */
    machine.now = 1000099;
    machine.ops->sync(timer, &machine.vcpu[0]);
    assert_false(physical_level(0));
    assert_int_equal(machine.arms, 1);

    machine.now = 1000100;
    assert_true(has_work(0));
    assert_int_equal(deadline(0), 0);
    machine.ops->sync(timer, &machine.vcpu[0]);
    assert_true(physical_level(0));
    assert_int_equal(machine.armed[0], NEVER);

    /* It is told once, and has then nothing to wait for. */
    machine.now += 50;
    machine.ops->sync(timer, &machine.vcpu[0]);
    guest_writes(0, CTL, ENABLE);
    assert_int_equal(machine.told[0][VCPU_TIMER_PHYSICAL_PPI], 1);
    assert_int_equal(deadline(0), NEVER);
    assert_false(has_work(0));
    put(0);
}

static void the_level_falls_when_its_condition_ends(void **state)
{
    (void)state;
    load(0);
    guest_writes(0, CVAL, 600000);
    assert_false(physical_level(0));
    guest_writes(0, CTL, ENABLE);
    assert_true(physical_level(0));
    guest_writes(0, CTL, ENABLE | IMASK);
    assert_false(physical_level(0));
    guest_writes(0, CTL, ENABLE);
    assert_true(physical_level(0));
    guest_writes(0, CTL, 0);
    assert_false(physical_level(0));
    guest_writes(0, CTL, ENABLE);
    guest_writes(0, CVAL, 600001);
    assert_false(physical_level(0));
    assert_int_equal(machine.armed[0], 1000001);
    guest_writes(0, TVAL, 0);
    assert_true(physical_level(0));
    guest_writes(0, TVAL, 1);
    assert_false(physical_level(0));
    guest_writes(0, TVAL, 0xffffffff);
    assert_true(physical_level(0));
    put(0);
}

static void a_put_leaves_no_deadline_with_the_cpu(void **state)
{
    (void)state;
    load(0);
    guest_writes(0, CVAL, 600100);
    guest_writes(0, CTL, ENABLE);
    put(0);
    assert_int_equal(machine.armed[0], NEVER);
    assert_int_equal(deadline(0), 1000100);

    /* Elsewhere it is asked for again; and what is past is told at once. */
    fake.here = 1;
    load(0);
    assert_int_equal(machine.armed[1], 1000100);
    assert_int_equal(machine.armed[0], NEVER);
    put(0);
    machine.now = 1000200;
    assert_true(has_work(0));
    load(0);
    assert_true(physical_level(0));
    assert_int_equal(machine.armed[1], NEVER);
    put(0);

    /* The line stays high, and is not told again. */
    load(0);
    assert_int_equal(machine.told[0][VCPU_TIMER_PHYSICAL_PPI], 1);
    guest_writes(0, CTL, 0);
    assert_false(physical_level(0));
    put(0);
}

static void without_a_hook_an_interrupt_is_as_good(void **state)
{
    struct vcpu_timer_config without = config;

    (void)state;
    vcpu_timer_destroy(timer);
    without.arm = NULL;
    assert_int_equal(vcpu_timer_create(vm(), &without, &timer), VCPU_OK);
    machine.ops->reset(timer, &machine.vcpu[0]);
    load(0);
    guest_writes(0, CVAL, 600100);
    guest_writes(0, CTL, ENABLE);
    machine.now = 1000100;
    machine.ops->sync(timer, &machine.vcpu[0]);
    assert_true(physical_level(0));
    put(0);
}

static void the_virtual_timer_of_a_vcpu_that_left_is_remembered(void **state)
{
    (void)state;
    load(0);
    machine.virtual_compare[0] = 600300;
    assert_int_equal(deadline(0), 1000300);
    put(0);
    assert_int_equal(deadline(0), 1000300);
    assert_false(has_work(0));
    fake.here = 1;
    assert_int_equal(deadline(0), 1000300);
    machine.now = 1000300;
    assert_int_equal(deadline(0), 0);
    assert_true(has_work(0));
    assert_int_equal(machine.told[0][VCPU_TIMER_VIRTUAL_PPI], 0);

    /* Resident there, only that CPU knows. */
    load(0);
    machine.virtual_compare[1] = 600500;
    assert_int_equal(deadline(0), 1000500);
    fake.here = 0;
    assert_int_equal(deadline(0), NEVER);
    fake.here = 1;
    put(0);
    assert_false(fake.masked);
}

static void a_virtual_timer_that_is_due_when_it_leaves_is_told(void **state)
{
    (void)state;
    load(0);
    machine.virtual_compare[0] = 600000;
    assert_int_equal(deadline(0), 0);
    assert_true(has_work(0));
    put(0);
    assert_true(machine.level[0][VCPU_TIMER_VIRTUAL_PPI]);
    assert_int_equal(machine.told[0][VCPU_TIMER_VIRTUAL_PPI], 1);
    /* From here on it is the interrupt controller's. */
    assert_int_equal(deadline(0), NEVER);
    assert_false(has_work(0));

    load(0);
    machine.virtual_compare[0] = 600001;
    put(0);
    assert_int_equal(machine.told[0][VCPU_TIMER_VIRTUAL_PPI], 1);
    assert_int_equal(deadline(0), 1000001);
}

static void the_earliest_of_the_two_counts(void **state)
{
    (void)state;
    load(0);
    guest_writes(0, CVAL, 600100);
    guest_writes(0, CTL, ENABLE);
    machine.virtual_compare[0] = 600300;
    assert_int_equal(deadline(0), 1000100);
    put(0);
    assert_int_equal(deadline(0), 1000100);
    load(0);
    machine.virtual_compare[0] = 600050;
    put(0);
    assert_int_equal(deadline(0), 1000050);
    load(0);
    guest_writes(0, CTL, ENABLE | IMASK);
    put(0);
    assert_int_equal(deadline(0), NEVER);
}

static void time_that_stands_still_moves_the_deadline(void **state)
{
    (void)state;
    load(0);
    machine.virtual_compare[0] = 600300;
    guest_writes(0, CVAL, 600100);
    guest_writes(0, CTL, ENABLE);
    put(0);
    machine.now += 5000;
    assert_true(has_work(0));
    machine.offset += 5000;
    assert_false(has_work(0));
    assert_int_equal(deadline(0), 1005100);
    load(0);
    assert_int_equal(machine.armed[0], 1005100);
    put(0);
}

static void vcpus_have_timers_of_their_own(void **state)
{
    (void)state;
    load(0);
    guest_writes(0, CVAL, 600100);
    guest_writes(0, CTL, ENABLE);
    put(0);
    load(1);
    assert_int_equal(machine.armed[0], NEVER);
    assert_int_equal(guest_reads(1, CTL), 0);
    guest_writes(1, CTL, ENABLE);
    assert_true(physical_level(1));
    assert_false(physical_level(0));
    put(1);
    assert_int_equal(deadline(0), 1000100);
    assert_int_equal(deadline(1), NEVER);
}

static void a_reset_turns_all_off(void **state)
{
    (void)state;
    load(0);
    machine.virtual_compare[0] = 600000;
    guest_writes(0, CTL, ENABLE);
    put(0);
    machine.ops->reset(timer, &machine.vcpu[0]);
    assert_false(machine.level[0][VCPU_TIMER_VIRTUAL_PPI]);
    assert_false(machine.level[0][VCPU_TIMER_PHYSICAL_PPI]);
    assert_int_equal(machine.told[0][VCPU_TIMER_VIRTUAL_PPI], 2);
    assert_int_equal(machine.told[0][VCPU_TIMER_PHYSICAL_PPI], 2);

    load(0);
    machine.virtual_compare[0] = 700000;
    guest_writes(0, CVAL, 700000);
    guest_writes(0, CTL, ENABLE);
    put(0);
    machine.ops->reset(timer, &machine.vcpu[0]);
    assert_int_equal(deadline(0), NEVER);
    load(0);
    assert_int_equal(guest_reads(0, CTL), 0);
    assert_int_equal(guest_reads(0, CVAL), 0);
    put(0);
    assert_false(machine.level[0][VCPU_TIMER_VIRTUAL_PPI]);
    /* What was not told is not taken back; nor is anything of a vCPU that has never run. */
    assert_int_equal(machine.told[0][VCPU_TIMER_PHYSICAL_PPI], 2);
    machine.ops->reset(timer, &machine.vcpu[1]);
    assert_int_equal(machine.told[1][VCPU_TIMER_VIRTUAL_PPI], 0);
    assert_int_equal(machine.told[1][VCPU_TIMER_PHYSICAL_PPI], 0);
}

/* Whatever guests and hosts do, in which order: the level and the deadlines by their definition. */
static void anything_in_any_order(void **state)
{
    struct {
        uint64_t cval, ctl, virtual_compare;
        int cpu; /* -1: nowhere */
    } model[VCPUS] = {{.virtual_compare = NEVER, .cpu = -1}, {.virtual_compare = NEVER, .cpu = -1}};
    int resident[2] = {-1, -1};
    uint64_t seed = 3;
    unsigned high = 0, armed = 0;

    (void)state;
    for (unsigned step = 0; step < 200000; step++) {
        uint64_t dice = random64(&seed), value = random64(&seed) % 64;
        unsigned v = dice >> 8 & 1;

        fake.here = dice >> 9 & 1;
        machine.now += dice >> 16 & 7;

        /* On a CPU: what is there gives way, and then one that is nowhere comes. */
        if (dice % 8 == 0) {
            int there = resident[fake.here];

            if (there >= 0) {
                model[there].virtual_compare = machine.virtual_compare[fake.here];
                model[there].cpu = -1;
                put((unsigned)there);
                resident[fake.here] = -1;
            } else if (model[v].cpu < 0) {
                machine.virtual_compare[fake.here] = model[v].virtual_compare;
                load(v);
                resident[fake.here] = (int)v;
                model[v].cpu = (int)fake.here;
            }
            continue;
        }
        if (dice % 64 == 1 && model[0].cpu < 0 && model[1].cpu < 0) {
            machine.offset += value;
            continue;
        }
        if (resident[fake.here] < 0)
            continue;
        v = (unsigned)resident[fake.here];

        uint64_t count = machine.now - machine.offset;

        switch (dice >> 3 & 7) {
        case 0:
            model[v].cval = count + value - 32;
            guest_writes(v, CVAL, model[v].cval);
            break;
        case 1:
            model[v].cval = count + value - 32;
            guest_writes(v, TVAL, (uint32_t)(value - 32));
            break;
        case 2:
        case 3:
            model[v].ctl = value & 3;
            guest_writes(v, CTL, value);
            break;
        case 4:
            machine.virtual_compare[fake.here] = value & 1 ? NEVER : count + value - 32;
            break;
        default:
            machine.ops->sync(timer, &machine.vcpu[v]);
            break;
        }

        /* Just looked at, on this CPU. */
        bool enabled = (model[v].ctl & 3) == ENABLE;
        bool due = enabled && count >= model[v].cval;
        uint64_t virtual_compare = machine.virtual_compare[fake.here];
        uint64_t expected = NEVER;

        if ((dice >> 3 & 7) != 4) {
            assert_int_equal(physical_level(v), due);
            assert_int_equal(machine.armed[fake.here],
                             enabled && !due ? model[v].cval + machine.offset : NEVER);
            high += due;
            armed += enabled && !due;
            if (enabled && !due)
                expected = model[v].cval + machine.offset;
            if (virtual_compare != NEVER && count >= virtual_compare)
                expected = 0;
            else if (virtual_compare != NEVER && virtual_compare + machine.offset < expected)
                expected = virtual_compare + machine.offset;
            assert_int_equal(deadline(v), expected);
            assert_int_equal(has_work(v), expected == 0);
            assert_int_equal(guest_reads(v, CTL),
                             model[v].ctl |
                                 (model[v].ctl & ENABLE && count >= model[v].cval ? 4u : 0));
        }
        assert_true(resident[!fake.here] >= 0 || machine.armed[!fake.here] == NEVER);
    }
    assert_true(high > 1000 && armed > 1000);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_creating_refuses),
        cmocka_unit_test(memory_is_given_back),
        TEST(a_new_timer_is_off),
        TEST(the_guests_count_is_the_machines_less_the_offset),
        TEST(what_is_not_its_own_is_left_to_others),
        TEST(a_deadline_is_asked_of_the_host_and_then_reached),
        TEST(the_level_falls_when_its_condition_ends),
        TEST(a_put_leaves_no_deadline_with_the_cpu),
        TEST(without_a_hook_an_interrupt_is_as_good),
        TEST(the_virtual_timer_of_a_vcpu_that_left_is_remembered),
        TEST(a_virtual_timer_that_is_due_when_it_leaves_is_told),
        TEST(the_earliest_of_the_two_counts),
        TEST(time_that_stands_still_moves_the_deadline),
        TEST(vcpus_have_timers_of_their_own),
        TEST(a_reset_turns_all_off),
        TEST(anything_in_any_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
