/* SPDX-License-Identifier: MIT */
/*
 * Two guests in one image. With "watch" on its command line it is the witness: it looks whether its
 * memory, its registers and its share of the CPU stay its own. Else it attacks: all vCPUs but the
 * first make attempts, and the first one turns them on again, and resets all after a while.
 */
#include "hostile.h"

#define ROUND ((volatile uint64_t *)UINT64_C(0x43000000)) /* a reset leaves it as it is */

extern char kit_secondary_entry[];

/* The number behind a name in the words of the command line. */
static uint64_t number(const char *words, const char *name, uint64_t otherwise)
{
    const size_t length = strlen(name);
    uint64_t found = 0;

    for (; words != NULL && *words != '\0'; words++) {
        if (strncmp(words, name, length) != 0)
            continue;
        for (words += length; *words >= '0' && *words <= '9'; words++)
            found = found * 10 + (uint64_t)(*words - '0');
        return found;
    }
    return otherwise;
}

/* ---- The attacker ---- */

static uint64_t round_seed;
static bool all_started; /* before that a CPU_ON of an attempt would find no function to call */

static void attack(uint64_t index)
{
    struct self *self = &hostile_selves[index];

    while (!__atomic_load_n(&all_started, __ATOMIC_ACQUIRE))
        kit_yield();
    kit_gic_cpu_init();
    kit_irq_enable(KIT_IRQ_VIRTUAL_TIMER);
    attempt_begin(self, (unsigned)index, round_seed * 64 + self->attempts * 8 + index);
    for (;;)
        attempt(self);
}

static void attack_all(const char *words)
{
    const uint64_t milliseconds = number(words, "round=", 50);
    const unsigned vcpus = (unsigned)number(words, "vcpus=", 2);
    const uint64_t patience = kit_counter_frequency() / 1000 * number(words, "stuck=", 40);
    uint64_t end = kit_counter() + kit_counter_frequency() / 1000 * milliseconds;
    uint64_t sum = 0, made[KIT_MAX_CPUS] = {0}, last[KIT_MAX_CPUS];
    bool stuck = false;

    round_seed = number(words, "seed=", 1) * 1000000 + ++*ROUND;
    hostile_only_calls = number(words, "calls=", 0) != 0;
    if (!attempts_begin())
        return;
    for (unsigned i = 1; i < vcpus; i++) {
        last[i] = kit_counter();
        kit_cpu_start(i, attack, i);
    }
    for (uint64_t at = 0; at < WITNESS_SIZE; at += KIT_PAGE_SIZE)
        kit_write64(WITNESS_MEMORY + at, round_seed);
    __atomic_store_n(&all_started, true, __ATOMIC_RELEASE);
    while (kit_counter() < end && !stuck) {
        for (unsigned i = 1; i < vcpus; i++)
            kit_smccc(KIT_PSCI_CPU_ON_64, i, (uint64_t)kit_secondary_entry, i);
        kit_delay_us(200);
        stuck = false;
        for (unsigned i = 1; i < vcpus; i++) {
            if (hostile_selves[i].attempts != made[i]) {
                made[i] = hostile_selves[i].attempts;
                last[i] = kit_counter();
            }
            stuck = stuck || kit_counter() - last[i] > patience;
        }
    }
    for (unsigned i = 1; i < vcpus; i++)
        sum += made[i];
    kit_printf("round %lu: %lu attempts.\n", *ROUND, sum);
}

/* ---- The witness ---- */

#define WORDS (WITNESS_SIZE / sizeof(uint64_t))

static uint64_t pattern(uint64_t i)
{
    return (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
}

static int watch(const char *words)
{
    const uint64_t milliseconds = number(words, "for=", 2000);
    const uint64_t end = kit_counter() + kit_counter_frequency() / 1000 * milliseconds;
    volatile uint64_t *memory = (volatile uint64_t *)WITNESS_MEMORY;
    uint64_t longest = 0, before, wrong = 0;

    for (uint64_t i = 0; i < WORDS; i++)
        memory[i] = pattern(i);
    before = kit_counter();
    while (before < end) {
        uint64_t now = kit_counter();

        if (now - before > longest)
            longest = now - before;
        before = now;
    }
    for (uint64_t i = 0; i < WORDS; i++)
        wrong += memory[i] != pattern(i);
    kit_printf("the longest gap: %lu ns; %lu words are wrong.\n",
               longest * (1000000000 / kit_counter_frequency()), wrong);
    return wrong != 0;
}

int guest_main(uint64_t dtb)
{
    const char *words = kit_fdt_chosen(dtb, "bootargs", &(uint32_t){0});

    if (words != NULL && strncmp(words, "watch", 5) == 0)
        return watch(words);
    kit_gic_init(dtb);
    attack_all(words);
    if (*ROUND >= number(words, "rounds=", 10))
        return 0;
    kit_reset();
}
