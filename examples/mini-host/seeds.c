/* SPDX-License-Identifier: MIT */
#include "seeds.h"

#include <stddef.h>

#include "arch.h"
#include "bare-metal/wipe.h"
#include "entropy.h"
#include "lock.h"
#include "terminal.h"

#define ATTEMPTS 1000u /* RNDR may have nothing for a while */

static struct {
    struct lock lock; /* of the entropy: guests restart on any CPU */
    struct entropy entropy;
    bool are_there;
} seeds;

/* Fills the words. False: the CPU has not enough random numbers. */
static bool ask_cpu(uint64_t *words, unsigned count)
{
    if (!arch_has_rndr())
        return false;
    for (unsigned i = 0; i < count; i++) {
        unsigned attempts = 0;

        while (!arch_rndr(&words[i])) {
            if (++attempts == ATTEMPTS)
                return false;
        }
    }
    return true;
}

void seeds_init(const struct machine *machine)
{
    struct {
        uint8_t machine[MACHINE_MAX_SEED];
        uint64_t cpu[4];
    } sources = {{0}, {0}};
    size_t size = machine_take_seed(machine, sources.machine);
    const char *refused = entropy_refuse_seed(sources.machine, size);
    bool from_cpu = ask_cpu(sources.cpu, 4);

    seeds.are_there = refused == NULL || from_cpu;
    if (seeds.are_there)
        entropy_init(&seeds.entropy, &sources, sizeof(sources));
    else
        terminal_print("mini-host: the machine has %s and its CPU %s: guests get no seeds", refused,
                       arch_has_rndr() ? "an RNDR without random numbers" : "no FEAT_RNG");
    wipe(&sources, sizeof(sources));
}

bool seeds_are_there(void)
{
    return seeds.are_there;
}

bool seeds_draw(struct guest_fdt_seeds *out)
{
    return seeds_draw_bytes(out, sizeof(*out));
}

bool seeds_draw_bytes(void *out, size_t size)
{
    uint64_t daif;

    if (!seeds.are_there)
        return false;
    daif = lock_acquire(&seeds.lock);
    entropy_draw(&seeds.entropy, out, size);
    lock_release(&seeds.lock, daif);
    return true;
}
