/* SPDX-License-Identifier: MIT */
/*
 * A guest that waits with WFIT and WFET (FEAT_WFxT), as a delay of Linux does: until its counter has
 * reached the deadline. All its CPUs do so, one after the other, also beside each other's computing.
 */
#include <kit/kit.h>

#define ROUNDS 20u
#define MS     20u

#define ISAR2      s3_0_c0_c6_2
#define ISAR2_WFXT UINT64_C(0xf)

static bool second_is_done, second_is_right;

/* As numbers, for assemblers that do not know them. */
static void wfit(uint64_t until)
{
    register uint64_t x0 __asm__("x0") = until;

    __asm__ volatile(".inst 0xd5031020" ::"r"(x0) : "memory");
}

static void wfet(uint64_t until)
{
    register uint64_t x0 __asm__("x0") = until;

    __asm__ volatile(".inst 0xd5031000" ::"r"(x0) : "memory");
}

/* No interrupt can come, so WFIT waits for its deadline. A WFET may end at any time. */
static bool wait_in_turns(const char *name)
{
    uint64_t time = kit_counter_frequency() / 1000 * MS;
    bool right = true;

    for (unsigned int n = 0; n < ROUNDS; n++) {
        uint64_t until = kit_counter() + time, turns = 0;

        wfit(until);
        if (kit_counter() < until) {
            kit_printf("%s: WFIT %u came early\n", name, n);
            right = false;
        }
        for (until = kit_counter() + time; kit_counter() < until; turns++)
            wfet(until);
    }
    wfit(0); /* past: it is no wait */
    kit_printf("%s: %u waits.\n", name, ROUNDS);
    return right;
}

static void second(uint64_t arg)
{
    (void)arg;
    second_is_right = wait_in_turns("second");
    __atomic_store_n(&second_is_done, true, __ATOMIC_RELEASE);
}

int guest_main(uint64_t dtb)
{
    (void)dtb;
    if ((kit_mrs(ISAR2) & ISAR2_WFXT) == 0) {
        kit_printf("no FEAT_WFxT\n");
        return 1;
    }
    if (!wait_in_turns("first"))
        return 1;
    if (kit_cpu_start(1, second, 0) != 0)
        return 1;
    while (!__atomic_load_n(&second_is_done, __ATOMIC_ACQUIRE))
        wfit(kit_counter() + kit_counter_frequency() / 1000);
    return second_is_right ? 0 : 1;
}
