/* SPDX-License-Identifier: MIT */
/* A guest that an SError is injected into. */
#ifndef SERROR_GUEST_H
#define SERROR_GUEST_H

#include "arch.h"
#include "gic.h"
#include "irq.h"
#include "serror.h"
#include "testhost.h"
#include <vcpu/device.h>

extern const char serror_vectors[], serror_steps[], serror_device_vectors[], serror_device[],
    serror_esb[], serror_wfi[], serror_udf[];

#define EL2_TIMER_PPI 26u

/* Numbers of the vectors for an SError: by the level that it is taken from. */
#define FROM_EL1T 3u
#define FROM_EL1H 7u
#define FROM_EL0  11u
#define FROM_A32  15u

#define PSTATE_EL0T  UINT64_C(0x0)
#define PSTATE_EL1T  UINT64_C(0x4)
#define PSTATE_EL1H  UINT64_C(0x5)
#define PSTATE_A32   UINT64_C(0x10)
#define MASKED       UINT64_C(0x3c0) /* D, A, I, F */
#define MASKED_BUT_A UINT64_C(0x2c0)
#define HCR_AMO      UINT64_C(0x20)
#define HCR_VSE      UINT64_C(0x100)
#define DISR_A       UINT64_C(0x80000000)

/* ESR_EL1 of an SError, less ISS; and two ISSs: IDS = 1, and AET = 2, EA, DFSC = 0x11. */
#define ESR_SERROR UINT64_C(0xbe000000)
#define ISS_IDS    UINT32_C(0x01c0ffee)
#define ISS_RAS    UINT32_C(0x00000a11)

#define REG(op1, crn, crm, op2) (VCPU_REG_SYSREG + VCPU_SYSREG(3, op1, crn, crm, op2))
#define REG_SCTLR               REG(0, 1, 0, 0)
#define REG_TCR                 REG(0, 2, 0, 2)
#define REG_ELR                 REG(0, 4, 0, 1)
#define REG_ESR                 REG(0, 5, 2, 0)
#define REG_VBAR                REG(0, 12, 0, 0)

extern struct test_vm vm;

extern struct vcpu *vcpu;

struct vcpu_percpu *this_cpu(void);

uint64_t reg(uint32_t id);

void set_reg(uint32_t id, uint64_t value);

bool has_ras(void);

/* Without FEAT_RAS none can be given. */
uint32_t iss(uint32_t with_ras);

void begin(const char *entry, uint64_t pstate);

/* To the guest's next word, which is answered; loads give 0. */
unsigned run_to_call(void);

/* The guest says that it has an SError pending, or none; and so does the library. */
void check_pending(bool pending);

/* It takes one at the vector, and none is left. */
void check_taken(unsigned vector, uint32_t with_iss);

/*
 * serror_steps, which is before its load, and there again afterwards: with SErrors unmasked it takes
 * one, or none; and no more.
 */
void check_opened(bool takes, uint32_t with_iss);

void nothing(void);

void put(void);

void events_of(uint32_t flags);

void unmasked(void);

void deferred(void);

void cleared_by_reset(void);

void waiting(void);

void direct(void);

void moves(void);

void refused(void);

#endif
