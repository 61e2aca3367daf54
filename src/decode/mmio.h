/* SPDX-License-Identifier: MIT */
/*
 * The load or store of a data abort with a valid syndrome; and the fast path for the most frequent
 * one: a stage-2 translation fault, that is, an access to a device register.
 */
#ifndef VCPU_DECODE_MMIO_H
#define VCPU_DECODE_MMIO_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/exit.h>

#include "arm/esr.h"
#include "decode/register.h"

/* The load or store. Valid only if decode_mmio_is_valid. */
static inline unsigned decode_mmio_size(uint64_t esr)
{
    return 1u << FIELD_GET(ISS_DABT_SAS, esr);
}

static inline uint64_t decode_mmio_reg(uint64_t esr)
{
    return FIELD_GET(ISS_DABT_SRT, esr);
}

/* The data of a store. */
static inline uint64_t decode_mmio_data(uint64_t esr, const uint64_t x[31])
{
    return register_cut(register_read(x, decode_mmio_reg(esr)), decode_mmio_size(esr));
}

/*
 * Bits 23:14 describe one load or store of one register if ISV = 1 and these are 0: S1PTW (the
 * fault is on the walk, not on the instruction's own access), CM (not a load or store), LST (64
 * bytes).
 */
#define DECODE_MMIO_MASK  (ISS_DABT_ISV | ISS_DABT_LST | ISS_ABORT_CM | ISS_ABORT_S1PTW)
#define DECODE_MMIO_VALID ISS_DABT_ISV

static inline bool decode_mmio_is_valid(uint64_t esr)
{
    return (esr & DECODE_MMIO_MASK) == DECODE_MMIO_VALID;
}

/*
 * FAR_EL2 has the offset in the page, whatever granule the guest's tables have. HPFAR_EL2.FIPA has
 * IPA[55:12] from bit 4 on. The shift drops the bits above it: RES0 bits, and NS.
 */
static inline vcpu_ipa_t decode_ipa(uint64_t far, uint64_t hpfar)
{
    const uint64_t offset = GENMASK(11, 0);

    return vcpu_ipa((hpfar << 8 & ~offset) | (far & offset));
}

/* Fills exit, except esr_el2, for the load or store of a valid syndrome. Returns the reason. */
static inline uint64_t decode_mmio_fill(uint64_t esr, uint64_t far, uint64_t hpfar, bool store,
                                        const uint64_t x[31], struct vcpu_exit *exit)
{
    exit->mmio.size = (uint8_t)decode_mmio_size(esr);
    if (store)
        exit->mmio.data = decode_mmio_data(esr, x);
    exit->far_el2 = far;
    exit->ipa = decode_ipa(far, hpfar);
    exit->smc = 0;
    exit->reason = store ? VCPU_EXIT_MMIO_WRITE : VCPU_EXIT_MMIO_READ;
    return exit->reason;
}

/*
 * If a data abort of a lower Exception level is an MMIO access, fills exit and returns the reason.
 * It does not set esr_el2: the vectors have stored it. Otherwise stores nothing and returns 0.
 *
 * This is on the path of every MMIO exit: after a change look at the instructions. One mask finds a
 * translation fault of level 0 to 3 without a bit that excludes it, and tells a load from a store.
 * FnV and EA are 0 in such a fault; with them the mask is one instruction. Level -1 has another
 * code: vcpu_decode_data_abort handles it.
 */
static inline uint64_t decode_mmio(uint64_t esr, uint64_t far, uint64_t hpfar, const uint64_t x[31],
                                   struct vcpu_exit *exit)
{
    const uint64_t load = FSC_TRANSLATION_L0, store = FSC_TRANSLATION_L0 | ISS_ABORT_WNR;
    uint64_t fault = esr & (ISS_DABT_LST | ISS_ABORT_FNV | ISS_ABORT_EA | ISS_ABORT_CM |
                            ISS_ABORT_S1PTW | ISS_ABORT_WNR | FSC_KIND);

    if (!(esr & ISS_DABT_ISV))
        return 0;
    if (fault == load)
        return decode_mmio_fill(esr, far, hpfar, false, x, exit);
    if (fault == store)
        return decode_mmio_fill(esr, far, hpfar, true, x, exit);
    return 0;
}

/*
 * Would decode_mmio take it, and is it an access without sign extension? The caller looks at
 * PSTATE.nRW: after an AArch32 instruction there is more to do.
 */
#define DECODE_MMIO_PLAIN                                                                          \
    (ISS_DABT_ISV | ISS_DABT_SSE | ISS_DABT_LST | ISS_ABORT_FNV | ISS_ABORT_EA | ISS_ABORT_CM |    \
     ISS_ABORT_S1PTW | FSC_KIND)

static inline bool decode_mmio_is_plain(uint64_t esr)
{
    return (esr & DECODE_MMIO_PLAIN) == (ISS_DABT_ISV | FSC_TRANSLATION_L0);
}

/* The same for an access of a word, from or to Wt. */
static inline bool decode_mmio_is_word(uint64_t esr)
{
    return (esr & (DECODE_MMIO_PLAIN | ISS_DABT_SAS)) ==
           (ISS_DABT_ISV | FIELD_PREP(ISS_DABT_SAS, 2) | FSC_TRANSLATION_L0);
}

/* And for a load of a doubleword. */
static inline bool decode_mmio_is_doubleword_load(uint64_t esr)
{
    return (esr & (DECODE_MMIO_PLAIN | ISS_DABT_SAS | ISS_ABORT_WNR)) ==
           (ISS_DABT_ISV | FIELD_PREP(ISS_DABT_SAS, 3) | FSC_TRANSLATION_L0);
}

#endif
