/* SPDX-License-Identifier: MIT */
/* The result of an emulated instruction, and the PC and PSTATE after it. */
#ifndef VCPU_DECODE_COMPLETE_H
#define VCPU_DECODE_COMPLETE_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/exit.h>

#include "arm/pstate.h"
#include "decode/mmio.h"
#include "decode/register.h"

/* Xt after a load of data, by the syndrome. A write of Wt clears the upper half of Xt. */
static inline uint64_t complete_load(uint64_t esr, uint64_t data)
{
    unsigned unused = register_unused_bits(decode_mmio_size(esr));

    data <<= unused;
    data = esr & ISS_DABT_SSE ? (uint64_t)((int64_t)data >> unused) : data >> unused;
    return esr & ISS_DABT_SF ? data : (uint32_t)data;
}

/*
 * PSTATE.IT after an instruction. IT[7:5] is the base condition; IT[4:0] is a queue of its last
 * bits, and shifts left with each instruction. The block ends when three zeroes follow.
 */
static inline uint64_t complete_advance_it(uint64_t pstate)
{
    uint64_t it = FIELD_GET(PSTATE32_IT_HI, pstate) << 2 | FIELD_GET(PSTATE32_IT_LO, pstate);

    if (it & GENMASK(2, 0))
        it = (it & GENMASK(7, 5)) | (it << 1 & GENMASK(4, 0));
    else
        it = 0;
    return (pstate & ~(PSTATE32_IT_HI | PSTATE32_IT_LO)) | FIELD_PREP(PSTATE32_IT_HI, it >> 2) |
           FIELD_PREP(PSTATE32_IT_LO, it);
}

/*
 * Moves PC past an instruction that was emulated or skipped, as if it had been executed: the next
 * one is no branch target (BTYPE), and a software step is done (SS). il is ESR_EL2.IL: only T32 has
 * 16-bit instructions. Bits 11:10 are BTYPE in AArch64, but part of IT in AArch32.
 */
static inline void complete_advance(uint64_t *pc, uint64_t *pstate, bool il)
{
    uint64_t from = *pstate; /* read once: for the compiler *pc could be the same object */

    if (from & PSTATE_NRW) {
        *pc = (uint32_t)(*pc + (il ? 4 : 2));
        *pstate = complete_advance_it(from) & ~PSTATE_SS;
    } else {
        *pc += 4;
        *pstate = from & ~(PSTATE_BTYPE | PSTATE_SS);
    }
}

#endif
