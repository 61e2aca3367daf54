/* SPDX-License-Identifier: MIT */
/* A trapped MRS, MSR or system instruction. */
#ifndef VCPU_DECODE_SYSREG_H
#define VCPU_DECODE_SYSREG_H

#include <vcpu/exit.h>
#include <vcpu/sysreg.h>

#include "arm/esr.h"
#include "decode/register.h"

/* Parts of a VCPU_SYSREG encoding. */
#define SYSREG_OP2 GENMASK(2, 0)
#define SYSREG_CRM GENMASK(6, 3)
#define SYSREG_CRN GENMASK(10, 7)
#define SYSREG_OP1 GENMASK(13, 11)
#define SYSREG_OP0 GENMASK(15, 14)

/* On the path of each SGI that a guest of a virtual GIC sends. */
static inline uint32_t decode_sysreg_encoding(uint64_t esr)
{
    return VCPU_SYSREG(FIELD_GET(ISS_SYS_OP0, esr), FIELD_GET(ISS_SYS_OP1, esr),
                       FIELD_GET(ISS_SYS_CRN, esr), FIELD_GET(ISS_SYS_CRM, esr),
                       FIELD_GET(ISS_SYS_OP2, esr));
}

/* Fills exit, except esr_el2. */
static inline void decode_sysreg(uint64_t esr, const uint64_t x[31], struct vcpu_exit *exit)
{
    uint8_t reg = (uint8_t)FIELD_GET(ISS_SYS_RT, esr);
    bool write = !(esr & ISS_SYS_READ);

    exit->far_el2 = 0;
    exit->ipa = vcpu_ipa(0);
    exit->smc = 0;
    exit->reason = write ? VCPU_EXIT_SYSREG_WRITE : VCPU_EXIT_SYSREG_READ;
    exit->sysreg = (struct vcpu_sysreg_access){
        .encoding = decode_sysreg_encoding(esr),
        .reg = reg,
        .write = write,
        .value = write ? register_read(x, reg) : 0,
    };
}

/*
 * The register of an AArch32 program's MCR, MRC, MCRR or MRRC of coprocessor 15, as its AArch64
 * encoding; 0 if no guest has it. The registers that EL0 has and a VM can trap are the physical
 * timer's and the performance monitor's.
 */
uint32_t vcpu_decode_cp15(uint64_t esr);

/* MCRR, MRRC: 64 bits in two registers. */
static inline bool decode_cp15_is_pair(uint64_t esr)
{
    return FIELD_GET(ESR_EC, esr) == EC_CP15_MCRR_MRRC;
}

/* The data of a write, and where the data of a read goes. The registers have 32 bits. */
static inline uint64_t decode_cp15_data(uint64_t esr, const uint64_t x[31])
{
    uint64_t low = (uint32_t)register_read(x, FIELD_GET(ISS_SYS_RT, esr));

    return decode_cp15_is_pair(esr) ? low | register_read(x, FIELD_GET(ISS_MCRR_RT2, esr)) << 32
                                    : low;
}

static inline void decode_cp15_load(uint64_t esr, uint64_t x[31], uint64_t value)
{
    register_write(x, FIELD_GET(ISS_SYS_RT, esr), (uint32_t)value);
    if (decode_cp15_is_pair(esr))
        register_write(x, FIELD_GET(ISS_MCRR_RT2, esr), value >> 32);
}

#endif
