/* SPDX-License-Identifier: MIT */
/* Two guests beside each other: the CPU carries out what one does, the library what the other does. */
#ifndef EMULATE_SIDES_H
#define EMULATE_SIDES_H

#include "arch.h"
#include "cache.h"
#include "emulate.h"
#include "emulate_words.h"
#include "random.h"
#include "string.h"
#include "testhost.h"
#include <stddef.h>
#include <vcpu/device.h>
#include <vcpu/emulate.h>
#include <vcpu/inject.h>

/* The guests' addresses: tables, vector registers, the window, the instruction, a device. */
#define TABLES_IPA  (TEST_RAM_IPA + 0x100000u)
#define WINDOW      (TEST_RAM_IPA + 0x200000u)
#define PAGE        0x1000u
#define PAGES       16u
#define WINDOW_SIZE (PAGES * PAGE)
#define SLOT        (TEST_RAM_IPA + 0x280000u)
#define DEVICE      (TEST_RAM_IPA + 0x290000u) /* at TEST_HOLE_IPA; before it RAM, then nothing */
#define KERNEL      (TEST_RAM_IPA + 0x2a0000u) /* a page of EL1's, behind one of all */
#define MISSING     (TEST_RAM_IPA + 0x2b0000u) /* no page */
#define LOST        (TEST_RAM_IPA + 0x400000u) /* its table is where nothing answers; before it RAM */

#define REG(op1, crn, crm, op2) (VCPU_REG_SYSREG + VCPU_SYSREG(3, op1, crn, crm, op2))
#define REG_CPACR               REG(0, 1, 0, 2)
#define REG_SPSR                REG(0, 4, 0, 0)
#define REG_ELR                 REG(0, 4, 0, 1)
#define REG_ESR                 REG(0, 5, 2, 0)
#define REG_FAR                 REG(0, 6, 0, 0)
#define REG_PAR                 REG(0, 7, 4, 0)

#define PSTATE_EL0T   0x3c0u
#define PSTATE_EL1H   0x3c5u
#define PSTATE_USER32 0x1d0u
#define PSTATE_UAO    0x800000u
#define PSTATE_PAN    0x400000u

extern const uint32_t modes[];

#define INSN_HVC(imm) (0xd4000002u | (uint32_t)(imm) << 5)
#define CPACR_ON      UINT64_C(0x300000) /* FPEN */

struct side {
    struct test_vm t;
    struct vcpu *vcpu;
    uint64_t v[32][2];
};

extern struct side cpu_side, library_side;

extern uint8_t image[WINDOW_SIZE];

extern uint64_t seed;

uint64_t draw(void);

/* Pages of the window are not in the order of their addresses. */
uint64_t window_ipa(uint64_t va);

extern bool without_pan2; /* of the sides that are made from now on */

void make_side(struct side *side, uint32_t flags, const struct vcpu_device_ops *device);

void write_word(const struct side *side, uint32_t word, bool el0);

void set_vectors(struct side *side, uint64_t v[32][2]);

extern unsigned fetches, accesses, device_accesses;

extern const struct vcpu_emulate_ops emulate_ops;

extern const struct vcpu_device_ops device_ops;

/* Carries out the exit's instruction. */
bool emulate(struct side *side);

struct setting {
    uint64_t x[31], sp, other_sp;
    uint32_t pstate;
};

void set(const struct side *side, const struct setting *setting);

void try_word(const char *name, uint32_t word, const struct setting *setting, uint64_t va);

void all_classes(unsigned rounds);

void devices_come_first(void);

void steps(void);

void aborts(void);

void rights(void);

void privileged_access_never(void);

void not_done(void);

void translations(void);

void misuse(void);

#endif
