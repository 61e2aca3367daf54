/* SPDX-License-Identifier: MIT */
/* The instructions of an attempt. Fields of the encodings are random, and sometimes all of them. */
#include "hostile.h"

#define SYSTEM UINT32_C(0xd5000000)
#define IS_MRS (UINT32_C(1) << 21)
#define NOP    UINT32_C(0xd503201f)

/* MRS, MSR (register), SYS, SYSL: the register's fields, and the whole of op0 3. */
#define OP0(n)                       ((uint32_t)(n) << 19)
#define CRN(n)                       ((uint32_t)(n) << 12)
#define REGISTER(op1, crn, crm, op2) ((op1) << 16 | (crn) << 12 | (crm) << 8 | (op2) << 5)
#define REGISTER_FIELDS              REGISTER(7u, 15u, 15u, 7u)
#define MSR(op1, crn, crm, op2)      (SYSTEM | OP0(3) | REGISTER(op1, crn, crm, op2))

/* Of EL1's without which the vectors are not reached. */
static bool is_vital(uint32_t word)
{
    switch (word & ~UINT32_C(0x1f)) {
    case MSR(0u, 1u, 0u, 0u):  /* SCTLR_EL1 */
    case MSR(0u, 2u, 0u, 0u):  /* TTBR0_EL1 */
    case MSR(0u, 2u, 0u, 2u):  /* TCR_EL1 */
    case MSR(0u, 12u, 0u, 0u): /* VBAR_EL1 */
        return true;
    default:
        return false;
    }
}

/*
 * What ends QEMU itself, at least up to 10.0: it keeps 3 bits of ICC_BPR0_EL1 and ICC_BPR1_EL1, of
 * which the value 8 makes 0, and then asserts that they are not 0.
 */
static bool is_qemus_end(uint32_t word)
{
    word &= ~UINT32_C(0x1f);
    return word == MSR(0u, 12u, 12u, 3u) || word == MSR(0u, 12u, 8u, 3u);
}

/* MRS, MSR, SYS, SYSL; with other values of op0 MSR (immediate), hints, barriers and nothing. */
static uint32_t system_word(struct self *self, uint32_t op0)
{
    static const uint32_t often[] = {
        REGISTER(0u, 1u, 0u, 1u),   /* ACTLR_EL1 */
        REGISTER(0u, 1u, 0u, 2u),   /* CPACR_EL1 */
        REGISTER(0u, 4u, 6u, 0u),   /* ICC_PMR_EL1 */
        REGISTER(0u, 12u, 9u, 0u),  /* ICC_AP1R0_EL1 */
        REGISTER(0u, 12u, 11u, 1u), /* ICC_DIR_EL1 */
        REGISTER(0u, 12u, 11u, 5u), /* ICC_SGI1R_EL1 */
        REGISTER(0u, 12u, 11u, 6u), /* ICC_ASGI1R_EL1 */
        REGISTER(0u, 12u, 11u, 7u), /* ICC_SGI0R_EL1 */
        REGISTER(0u, 12u, 12u, 0u), /* ICC_IAR1_EL1 */
        REGISTER(0u, 12u, 12u, 1u), /* ICC_EOIR1_EL1 */
        REGISTER(0u, 12u, 12u, 4u), /* ICC_CTLR_EL1 */
        REGISTER(0u, 12u, 12u, 5u), /* ICC_SRE_EL1 */
        REGISTER(0u, 12u, 12u, 7u), /* ICC_IGRPEN1_EL1 */
        REGISTER(3u, 14u, 0u, 1u),  /* CNTPCT_EL0 */
        REGISTER(3u, 14u, 2u, 0u),  /* CNTP_TVAL_EL0 */
        REGISTER(3u, 14u, 2u, 1u),  /* CNTP_CTL_EL0 */
        REGISTER(3u, 14u, 2u, 2u),  /* CNTP_CVAL_EL0 */
        REGISTER(3u, 14u, 3u, 0u),  /* CNTV_TVAL_EL0 */
        REGISTER(3u, 14u, 3u, 1u),  /* CNTV_CTL_EL0 */
        REGISTER(3u, 14u, 3u, 2u),  /* CNTV_CVAL_EL0 */
    };
    /* CRn of what has many registers: debug and the GIC, the PMU, the GIC, timers. */
    static const uint32_t groups[] = {CRN(4), CRN(9), CRN(12), CRN(14)};
    uint32_t word;

    do {
        word = SYSTEM | (uint32_t)(any(self) & 0x3fffff);
        if (op0 < 4)
            word = (word & ~OP0(3)) | OP0(op0);
        if (op0 == 3 && below(self, 3) == 0)
            word = (word & ~REGISTER_FIELDS) | often[below(self, COUNT(often))];
        else if (op0 == 3 && below(self, 4) == 0)
            word = (word & ~CRN(15)) | groups[below(self, COUNT(groups))];
        else if (op0 == 1 && below(self, 2) == 0)
            word = (word & ~CRN(15)) | CRN(7 + below(self, 2)); /* caches, AT, TLBs */
    } while (is_vital(word) && (word & IS_MRS) == 0 && below(self, 4096) != 0);
    return word;
}

/* A load, a store, an atomic, a prefetch: all of these encodings, of which most exist. */
static uint32_t memory_word(struct self *self)
{
    uint32_t word = (uint32_t)any(self);

    word = (word & ~(UINT32_C(5) << 25)) | UINT32_C(4) << 25; /* x1x0 in bits 28 to 25 */
    switch (below(self, 6)) {
    case 0: /* exclusives, ordered, CAS */
        word = (word & 0xc0ffffff) | 0x08000000;
        break;
    case 1: /* pairs */
        word = (word & 0xc7ffffff) | 0x28000000;
        break;
    case 2: /* register offsets, atomics */
        word = (word & 0xc0ffffff) | 0x38000000;
        break;
    case 3: /* unsigned offsets: small ones */
        word = (word & 0xc0c00fff) | 0x39000000;
        break;
    case 4: /* SIMD, tags, MOPS */
        word = below(self, 2) == 0 ? (word & 0xbfffffff & ~0x31000000u) | 0x0c000000
                                   : (word & 0xc0ffffff) | 0x19000000;
        break;
    default:
        break;
    }
    return word;
}

static uint32_t maintenance_word(struct self *self)
{
    static const uint32_t words[] = {
        0xd50b7420, /* DC ZVA */
        0xd50b7e20, /* DC CIVAC */
        0xd50b7a20, /* DC CVAC */
        0xd5087620, /* DC IVAC */
        0xd5087640, /* DC ISW */
        0xd5087a40, /* DC CSW */
        0xd5087e40, /* DC CISW */
        0xd50b7520, /* IC IVAU */
        0xd5087800, /* AT S1E1R */
        0xd5087820, /* AT S1E1W */
        0xd5087840, /* AT S1E0R */
        0xd508783f, /* AT S1E1W, XZR */
        0xd50b7460, /* DC GVA */
        0xd50b7480, /* DC GZVA */
        0xd5387400, /* MRS PAR_EL1 */
        0xd5087900, /* AT S1E1RP */
        0xd508871f, /* TLBI VMALLE1 */
        0xd508831f, /* TLBI VMALLE1IS */
        0xd50b7c20, /* DC CVAP */
    };

    return words[below(self, COUNT(words))] | below(self, 31);
}

static uint32_t wait_word(struct self *self)
{
    static const uint32_t words[] = {
        0xd503207f, /* WFI */
        0xd503205f, /* WFE */
        0xd5031020, /* WFIT X0 */
        0xd5031000, /* WFET X0 */
        0xd503209f, /* SEV */
        0xd51be340, /* MSR CNTV_CVAL_EL0, X0 */
        0xd51be321, /* MSR CNTV_CTL_EL0, X1 */
        0xd51be301, /* MSR CNTV_TVAL_EL0, X1 */
        0xd51be240, /* MSR CNTP_CVAL_EL0, X0 */
        0xd51be221, /* MSR CNTP_CTL_EL0, X1 */
        0xd51be202, /* MSR CNTP_TVAL_EL0, X2 */
        0xd503221f, /* ESB */
        0xd50342ff, /* MSR DAIFCLR, #2 */
        0xd518cba0, /* MSR ICC_SGI1R_EL1, X0 */
        0xd518cba3,
    };

    return words[below(self, COUNT(words))];
}

enum kind { REGISTERS, SYSTEM_ANY, OPERATIONS, MEMORY, MAINTENANCE, WAITS, CALLS, ANYTHING };

bool hostile_only_calls;

/* Some kinds more often than others. */
static enum kind kind(struct self *self)
{
    static const enum kind kinds[] = {
        REGISTERS, REGISTERS,   SYSTEM_ANY, OPERATIONS, MEMORY,   MEMORY,
        MEMORY,    MAINTENANCE, WAITS,      CALLS,      ANYTHING,
    };

    if (hostile_only_calls && below(self, 16) != 0)
        return CALLS;
    return kinds[below(self, COUNT(kinds))];
}

static uint32_t word_of(struct self *self, enum kind kind)
{
    switch (kind) {
    case REGISTERS:
        return system_word(self, 3);
    case SYSTEM_ANY:
        return system_word(self, below(self, 8));
    case OPERATIONS:
        return system_word(self, 1);
    case MEMORY:
        return memory_word(self);
    case MAINTENANCE:
        return maintenance_word(self);
    case WAITS:
        return wait_word(self);
    case CALLS:
        return choose_call(self);
    case ANYTHING:
        break;
    }
    return (uint32_t)any(self);
}

void choose_instructions(struct self *self)
{
    const enum kind main = kind(self);

    for (unsigned i = 0; i < COUNT(self->x); i++)
        self->x[i] = below(self, 3) == 0 ? value(self) : address(self);
    self->sp = below(self, 8) == 0 ? address(self) & ~UINT64_C(15)
                                   : (uint64_t)hostile_data + sizeof(hostile_data) / 2;
    self->words = 1 + below(self, MAX_WORDS);
    for (unsigned i = 0; i < self->words; i++) {
        self->code[i] = word_of(self, below(self, 4) == 0 ? kind(self) : main);
        if (is_qemus_end(self->code[i]))
            self->code[i] = NOP;
    }
}
