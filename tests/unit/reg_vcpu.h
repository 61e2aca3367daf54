/* SPDX-License-Identifier: MIT */
/* A vCPU made by hand, whose registers are reached by id: no CPU is asked, the mocks only count. */
#ifndef VCPU_TESTS_REG_VCPU_H
#define VCPU_TESTS_REG_VCPU_H

#include "cmocka_all.h"

#include <string.h>

#include <vcpu/reg.h>

#include "debug/debug.h"
#include "hw/cpu.h"
#include "kick/kick.h"
#include "random.h"
#include "reg/reg.h"
#include "state/hold.h"
#include "switch/el1.h"
#include "switch/switch.h"
#include "switch/vector.h"
#include "vm/power.h"

#define B(n)                            (UINT64_C(1) << (n))
#define ROW_ID(op0, op1, crn, crm, op2) (0x10000u + VCPU_SYSREG(op0, op1, crn, crm, op2))
#define SCTLR_EL1                       ROW_ID(3, 0, 1, 0, 0)
#define CPACR_EL1                       ROW_ID(3, 0, 1, 0, 2)
#define TCR_EL1                         ROW_ID(3, 0, 2, 0, 2)
#define FAR_EL1                         ROW_ID(3, 0, 6, 0, 0)
#define TPIDR2_EL0                      ROW_ID(3, 3, 13, 0, 5)
#define SCXTNUM_EL1                     ROW_ID(3, 0, 13, 0, 7)
#define SCXTNUM_EL0                     ROW_ID(3, 3, 13, 0, 7)
#define VSESR_EL2                       ROW_ID(3, 4, 5, 2, 3)
#define VDISR_EL2                       ROW_ID(3, 4, 12, 1, 1)
#define MDSCR_EL1                       ROW_ID(2, 0, 0, 2, 2)
#define OSLSR_EL1                       ROW_ID(2, 0, 1, 1, 4)
#define CLAIMCLR                        ROW_ID(2, 0, 7, 9, 6)
#define DEVICE_REG                      VCPU_SYSREG(3, 0, 4, 6, 0)
#define DEVICE_ID                       (0x10000u + DEVICE_REG)

#define MAX_IDS 2048u

extern struct vcpu_vm vm;
extern struct vcpu_state v;
extern uint8_t z[32 * 256 + 17 * 32];

extern bool elsewhere, masked;
extern uint64_t called;
extern unsigned fetches, stores, takes;

extern uint64_t device_value;
extern bool device_was_masked;

int device_reg(void *ctx, struct vcpu *vcpu, uint32_t encoding, enum vcpu_reg_op op,
               uint64_t *value);

uint32_t device_reg_at(void *ctx, const struct vcpu *vcpu, unsigned n);

extern const struct vcpu_device_ops without_registers;
extern const struct vcpu_device_ops device;

void make(uint32_t when, uint8_t vq);

int setup(void **state);

uint64_t get(uint32_t id);

int set(uint32_t id, uint64_t value);

extern uint32_t ids[MAX_IDS];

/* What makes a bit of a control register one that the guest has: a field of an ID register. */
static const struct {
    uint32_t id;
    uint8_t last, first; /* bits */
    uint8_t reg, shift, least;
    uint32_t when;
} feature_bits[] = {
    {SCTLR_EL1, 13, 13, 0, 0, 0, EL1_PAUTH},
    {SCTLR_EL1, 27, 27, 0, 0, 0, EL1_PAUTH},
    {SCTLR_EL1, 31, 30, 0, 0, 0, EL1_PAUTH},
    {SCTLR_EL1, 6, 6, ID_REG_INDEX(7, 2), 32, 1, 0},   /* LSE2 */
    {SCTLR_EL1, 10, 10, ID_REG_INDEX(6, 1), 40, 1, 0}, /* SPECRES */
    {SCTLR_EL1, 21, 21, 0, 0, 16, 0},                  /* IESB */
    {SCTLR_EL1, 25, 24, 0, 0, 16, 0},                  /* big-endian data */
    {SCTLR_EL1, 34, 32, 0, 0, 16, 0},                  /* CMOW, MSCEn, EnFPM */
    {SCTLR_EL1, 36, 35, ID_REG_INDEX(4, 1), 0, 1, 0},  /* BT */
    {SCTLR_EL1, 43, 37, 0, 0, 16, 0},                  /* MTE */
    {SCTLR_EL1, 44, 44, ID_REG_INDEX(4, 1), 4, 1, 0},  /* SSBS */
    {SCTLR_EL1, 56, 45, 0, 0, 16, 0},                  /* TWED, TME, LS64 */
    {SCTLR_EL1, 57, 57, ID_REG_INDEX(7, 1), 20, 3, 0}, /* PAN3 */
    {SCTLR_EL1, 63, 58, 0, 0, 16, 0},                  /* MTE, SME, NMI, TIDCP */
    {TCR_EL1, 39, 39, ID_REG_INDEX(7, 1), 0, 1, 0},    /* HAFDBS */
    {TCR_EL1, 40, 40, ID_REG_INDEX(7, 1), 0, 2, 0},
    {TCR_EL1, 42, 41, ID_REG_INDEX(7, 1), 12, 1, 0}, /* HPDS */
    {TCR_EL1, 50, 43, ID_REG_INDEX(7, 1), 12, 2, 0},
    {TCR_EL1, 52, 51, 0, 0, 0, EL1_PAUTH},
    {TCR_EL1, 54, 53, 0, 0, 0, EL1_SVE},
    {TCR_EL1, 56, 55, ID_REG_INDEX(7, 2), 60, 1, 0}, /* E0PD */
    {TCR_EL1, 61, 57, 0, 0, 16, 0},                  /* MTE, LPA2 */
    {CPACR_EL1, 17, 16, 0, 0, 0, EL1_SVE},
    {CPACR_EL1, 25, 24, 0, 0, 16, 0}, /* SME */
    {CPACR_EL1, 29, 28, 0, 0, 16, 0}, /* POE, trace */
};

extern struct vcpu_state copy;

extern struct vcpu_reg_value saved[MAX_IDS];

size_t save(void);

#endif
