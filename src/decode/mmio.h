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

/* What the instruction does, but for the data. Valid only if decode_mmio_is_valid. */
static inline void decode_mmio_syndrome(uint64_t esr, struct vcpu_mmio *mmio)
{
    mmio->size = (uint8_t)(1u << FIELD_GET(ISS_DABT_SAS, esr));
    mmio->reg = (uint8_t)FIELD_GET(ISS_DABT_SRT, esr);
    mmio->sign_extend = FIELD_GET(ISS_DABT_SSE, esr);
    mmio->reg64 = FIELD_GET(ISS_DABT_SF, esr);
    mmio->acquire_release = FIELD_GET(ISS_DABT_AR, esr);
}

/* What a store stores. */
static inline uint64_t decode_mmio_data(const struct vcpu_mmio *mmio, const uint64_t x[31])
{
    return register_cut(register_read(x, mmio->reg), mmio->size);
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

/* The same with the class and the fault code: a translation fault of a lower Exception level. */
#define DECODE_MMIO_FAULT_MASK (ESR_EC | DECODE_MMIO_MASK)
#define DECODE_MMIO_FAULT      (FIELD_PREP(ESR_EC, EC_DATA_ABORT_LOWER) | DECODE_MMIO_VALID)

static inline bool decode_mmio_is_translation_fault(uint64_t esr)
{
    /* One comparison for the levels 0 to 3; level -1 has a code apart and is rare. */
    return (esr & (DECODE_MMIO_FAULT_MASK | FSC_KIND)) ==
               (DECODE_MMIO_FAULT | FSC_TRANSLATION_L0) ||
           (esr & (DECODE_MMIO_FAULT_MASK | ISS_ABORT_FSC)) ==
               (DECODE_MMIO_FAULT | FSC_TRANSLATION_LM1);
}

/* FAR_EL2 has the offset in the page, whatever granule the guest's tables have. */
static inline vcpu_ipa_t decode_ipa(uint64_t far, uint64_t hpfar)
{
    return vcpu_ipa((hpfar & HPFAR_FIPA) << 8 | (far & GENMASK(11, 0)));
}

/*
 * If the exception is an MMIO access, fills exit, all but esr_el2, which the vectors have stored
 * already. Otherwise stores nothing and returns false. On the path of every MMIO exit: a look at
 * the instructions that come of it is part of any change here.
 */
static inline bool decode_mmio(uint64_t esr, uint64_t far, uint64_t hpfar, const uint64_t x[31],
                               struct vcpu_exit *exit)
{
    if (!decode_mmio_is_translation_fault(esr))
        return false;

    exit->far_el2 = far;
    exit->ipa = decode_ipa(far, hpfar);
    decode_mmio_syndrome(esr, &exit->mmio);
    if (esr & ISS_ABORT_WNR) {
        exit->reason = VCPU_EXIT_MMIO_WRITE;
        exit->mmio.data = decode_mmio_data(&exit->mmio, x);
        return true;
    }
    exit->reason = VCPU_EXIT_MMIO_READ;
    exit->mmio.data = 0;
    return true;
}

#endif
