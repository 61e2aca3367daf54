/* SPDX-License-Identifier: MIT */
/*
 * The load or store of a data abort with a valid syndrome, and the fast path of what such an abort
 * mostly is: a stage-2 translation fault, that is, a device register.
 */
#ifndef VCPU_DECODE_MMIO_H
#define VCPU_DECODE_MMIO_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/exit.h>

#include "arm/esr.h"
#include "decode/register.h"

/* What the instruction does. Valid only if decode_mmio_is_valid. */
static inline unsigned decode_mmio_size(uint64_t esr)
{
    return 1u << FIELD_GET(ISS_DABT_SAS, esr);
}

static inline uint64_t decode_mmio_reg(uint64_t esr)
{
    return FIELD_GET(ISS_DABT_SRT, esr);
}

/* What a store stores. */
static inline uint64_t decode_mmio_data(uint64_t esr, const uint64_t x[31])
{
    return register_cut(register_read(x, decode_mmio_reg(esr)), decode_mmio_size(esr));
}

/*
 * Bits 23:14 describe one load or store of one register: ISV says that they are valid, S1PTW that
 * the fault is not the instruction's own, CM that it is no load or store, LST that it is 64 bytes.
 */
#define DECODE_MMIO_MASK  (ISS_DABT_ISV | ISS_DABT_LST | ISS_ABORT_CM | ISS_ABORT_S1PTW)
#define DECODE_MMIO_VALID ISS_DABT_ISV

static inline bool decode_mmio_is_valid(uint64_t esr)
{
    return (esr & DECODE_MMIO_MASK) == DECODE_MMIO_VALID;
}

/*
 * FAR_EL2 has the offset in the page, whatever granule the guest's tables have. HPFAR_EL2.FIPA is
 * IPA[55:12] at bit 4; above it are RES0 bits, and NS, which the shift drops.
 */
static inline vcpu_ipa_t decode_ipa(uint64_t far, uint64_t hpfar)
{
    const uint64_t offset = GENMASK(11, 0);

    return vcpu_ipa((hpfar << 8 & ~offset) | (far & offset));
}

/* Fills exit, all but esr_el2, for the load or store of a valid syndrome. Returns the reason. */
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
 * If a data abort of a lower Exception level is an MMIO access, fills exit, all but esr_el2, which
 * the vectors have stored already, and returns the reason. Otherwise stores nothing and returns 0.
 *
 * On the path of every MMIO exit: a look at the instructions that come of it is part of any change
 * here. One mask finds a translation fault of level 0 to 3 with no reason against it, and tells
 * load from store. FnV and EA are 0 in such a fault, but make it a mask of one instruction. Level
 * -1, which has a code apart, is left to vcpu_decode_data_abort.
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
 * Would decode_mmio take it, and does it move a word without sign extension to or from Wt? From
 * AArch32 it may be more than one of these.
 */
static inline bool decode_mmio_is_word(uint64_t esr)
{
    uint64_t fault =
        esr & (ISS_DABT_ISV | ISS_DABT_SAS | ISS_DABT_SSE | ISS_DABT_LST | ISS_ABORT_FNV |
               ISS_ABORT_EA | ISS_ABORT_CM | ISS_ABORT_S1PTW | FSC_KIND);

    return fault == (ISS_DABT_ISV | FIELD_PREP(ISS_DABT_SAS, 2) | FSC_TRANSLATION_L0);
}

#endif
