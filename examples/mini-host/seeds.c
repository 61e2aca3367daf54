/* SPDX-License-Identifier: MIT */
#include "seeds.h"

#include <stddef.h>

#include "arch.h"
#include "entropy.h"
#include "lock.h"
#include "terminal.h"

#define ATTEMPTS 1000u /* RNDR may have nothing for a while */

static struct {
    struct lock lock; /* of the entropy: guests restart on any CPU */
    struct entropy entropy;
    bool are_there;
} seeds;

/* Fills the words. Returns the number of bytes; 0 if the CPU has not enough random numbers. */
static size_t ask_cpu(uint64_t *words, unsigned count)
{
    if (!arch_has_rndr())
        return 0;
    for (unsigned i = 0; i < count; i++) {
        unsigned attempts = 0;

        while (!arch_rndr(&words[i])) {
            if (++attempts == ATTEMPTS)
                return 0;
        }
    }
    return count * sizeof(*words);
}

void seeds_init(const struct machine *machine)
{
    struct {
        uint8_t machine[MACHINE_MAX_SEED];
        uint64_t cpu[4];
    } sources = {{0}, {0}};
    size_t found = machine_take_seed(machine, sources.machine);

    found += ask_cpu(sources.cpu, 4);
    seeds.are_there = found != 0;
    if (seeds.are_there)
        entropy_init(&seeds.entropy, &sources, sizeof(sources));
    else
        terminal_print(
            "mini-host: the machine has no rng-seed and its CPU no FEAT_RNG: guests get no "
            "seeds");
    entropy_wipe(&sources, sizeof(sources));
}

bool seeds_draw(struct guest_fdt_seeds *out)
{
    uint64_t daif;

    if (!seeds.are_there)
        return false;
    daif = lock_acquire(&seeds.lock);
    entropy_draw(&seeds.entropy, out, sizeof(*out));
    lock_release(&seeds.lock, daif);
    return true;
}
