/* SPDX-License-Identifier: MIT */
/*
 * A machine for tests of stage 2: the host's pages, table walkers and TLBs. They are as hostile as
 * the architecture allows:
 *  - a store may reach the walkers at once or only at the next DSB, each store by itself;
 *  - whatever a walker can find at a moment is in the TLB from then on, tables included, until an
 *    invalidation for it is complete;
 *  - an invalidation takes effect at the DSB after it, before the stores that the same DSB orders;
 *  - a combined entry is made anew from a stage-2 entry for as long as that one is there;
 *  - an access through a removed entry may be under way until TLBI and DSB were done again.
 * It fails the test when two entries for one address conflict (no break-before-make), when a page
 * goes back to the host that a walker may still read, and on a walk into a page that is no table.
 *
 * It knows the descriptors by the architecture's bit numbers, and nothing of the code under test.
 */
#ifndef VCPU_TESTS_STAGE2_MACHINE_H
#define VCPU_TESTS_STAGE2_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/stage2.h>

#define MACHINE_PAGES   160
#define MACHINE_WATCHES 128

/* What a walk found. */
struct machine_leaf {
    bool valid;
    int level;
    uint64_t base; /* IPA of the entry */
    uint64_t size;
    uint64_t out; /* PA of the entry */
    bool read, write, execute, device;
    bool execute_el0, execute_el1; /* execute: both */
    char type;                     /* 'w' Write-Back, 'n' Non-cacheable, 'E' nGnRE, 'N' nGnRnE */
    bool outer;                    /* Outer Shareable */
};

/* The page or block at the level that maps ipa. Fails the test if a CPU could take it otherwise. */
struct machine_leaf machine_decode(uint64_t descriptor, int level, uint64_t ipa);

/* One instruction of TLB maintenance, as it was asked for. */
struct machine_event {
    char what; /* 'w' DSB ISHST, 'd' DSB ISH, 'i' ISB, 's' select, 'r' restore, 'p' TLBI, 'c' and
                  'a' TLBI and DSB ISH twice */
    uint64_t value; /* 'p' IPAS2E1IS: its operand; 's': VTTBR_EL2 */
};

struct machine {
    struct vcpu_host host;
    bool fwb, xnx;      /* HCR_EL2.FWB = 1; the CPUs have FEAT_XNX */
    int64_t pages_left; /* alloc_pages fails when this is used up; -1: it does not */
    unsigned pages_in_use;
    struct machine_event events[4096];
    unsigned events_count;
};

extern struct machine machine;

/* Everything as new: no page in use, nothing watched, no event. */
void machine_reset(void);

/* Begins to watch the TLBs for these tables; each address watched may have entries in them. */
void machine_attach(const struct vcpu_stage2 *s2);
void machine_watch(uint64_t ipa);

/* The tables leave the machine: no vCPU uses them. */
void machine_detach(void);

/* Walks the tables as they are in memory. */
struct machine_leaf machine_walk(uint64_t ipa);

/* Bytes mapped, found by going over all the tables; *tables is how many there are. */
uint64_t machine_count(unsigned *tables);

/* Nothing stale is in a TLB, and every store is where walkers see it. */
void machine_check_settled(void);

/* Is what every page in use holds as it was at machine_save? */
void machine_save(void);
bool machine_is_as_saved(void);

#endif
