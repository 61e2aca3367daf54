/* SPDX-License-Identifier: MIT */
/*
 * A guest that tries, at random, whatever a guest can do to its host and to its neighbours. Each vCPU
 * makes attempts: a few instructions with registers of its choice, at EL1 or EL0, from which its
 * vectors bring it back. A seed says which, so that a finding can be repeated.
 */
#ifndef TESTS_HOSTILE_H
#define TESTS_HOSTILE_H

/* For attempt.S; attempt.c asserts each. */
#define SELF_SIZE_LOG2 9
#define SELF_X         0
#define SELF_SP        0xf8  /* of the attempt: SP_EL1 and SP_EL0 */
#define SELF_PC        0x100 /* and its start */
#define SELF_SPSR      0x108
#define SELF_STACK     0x110 /* where the attempt was called */
#define SELF_ESR       0x118 /* how it ended */
#define SELF_ELR       0x120
#define SELF_FAR       0x128
#define SELF_STEPS     0x130 /* that are left */

#ifndef __ASSEMBLER__

#include <stdbool.h>
#include <stdint.h>

#include <kit/kit.h>

#define MAX_WORDS 8u

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A vCPU's. */
struct self {
    uint64_t x[31];
    uint64_t sp, pc, spsr, stack, esr, elr, far, steps;
    uint64_t random; /* the state of its random numbers */
    uint32_t index;
    uint32_t *code; /* its page */
    uint32_t words; /* of the attempt's code, BRK at the end not counted */
    uint64_t attempts;
} __attribute__((aligned(1 << SELF_SIZE_LOG2)));

/* ---- values.c ---- */

/* A random number, and one below a limit. */
uint64_t any(struct self *self);
uint32_t below(struct self *self, uint64_t limit);

/* One that a mistake may hide behind, and an address of which somebody makes something. */
uint64_t value(struct self *self);
uint64_t address(struct self *self);

/* The physical address of a page: of a device, of nothing, of memory. */
uint64_t place(struct self *self);

/* Memory that an attempt may spoil, and aliases for EL0, below 4 GiB, in the guest's tables. */
#define USER_CODE   UINT64_C(0xc0000000)
#define USER_DATA   UINT64_C(0xc0200000)
#define USER_PLACES UINT64_C(0xc0400000)
#define DATA_PAGES  16u
extern uint8_t hostile_data[DATA_PAGES * 4096];

/* Where the witness has what it looks at; the other one's memory at these addresses is its own. */
#define WITNESS_MEMORY UINT64_C(0x41000000)
#define WITNESS_SIZE   UINT64_C(0x2000000)

/* Maps them, and makes this memory executable. False: no memory for tables. */
bool values_begin(const void *code, uint64_t size);

/* ---- instructions.c, calls.c, walks.c ---- */

/* Nearly all attempts are calls: CPUs go off, on, suspend and reset the machine. */
extern bool hostile_only_calls;

/* Writes the code of an attempt and chooses its registers. */
void choose_instructions(struct self *self);
uint32_t choose_call(struct self *self);

/* Tables for the upper half of the addresses. */
#define WALKS_VA UINT64_C(0xffffff8000000000)
void choose_walks(struct self *self);

/* ---- attempt.c ---- */

/* For all vCPUs, on the first one; for one. */
bool attempts_begin(void);
void attempt_begin(struct self *self, unsigned index, uint64_t seed);

/* Makes one: what is left of the code after an exception is tried as well. */
void attempt(struct self *self);

/* attempt.S: returns with esr, elr and far; the result is the vector's number, 0 to 15. */
uint64_t hostile_enter(struct self *self);
extern struct self hostile_selves[];
extern char hostile_vectors[];

#endif
#endif
