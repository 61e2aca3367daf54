/* SPDX-License-Identifier: MIT */
/* The timers under events in any order, against a model. */
#include "timer_machine.h"

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
        TEST(anything_in_any_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
