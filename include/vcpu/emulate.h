/* SPDX-License-Identifier: MIT */
/*
 * Emulation of loads and stores without a syndrome, access by access.
 *
 * The CPU describes a plain load or store of one general register in ESR_EL2 (ISV = 1). For all
 * others (pairs, pre- and post-index, SIMD&FP, exclusives, atomics, DC ZVA) it reports only the
 * fault: VCPU_EXIT_STAGE2_FAULT with fault.mmio.size = 0. If the address is a device's, the host
 * reads the instruction. The library says which accesses it makes, and does the rest.
 */
#ifndef VCPU_EMULATE_H
#define VCPU_EMULATE_H

#include <vcpu/addr.h>
#include <vcpu/exit.h>
#include <vcpu/types.h>
#include <vcpu/vcpu.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The result of a step. A mistake of the host is a negative error code. */
enum vcpu_emulate_result {
    /*
     * The exit is answered: run again. Either the instruction is done; or the guest's own tables do
     * not allow one of its accesses, none was made, and its EL1 takes the abort.
     */
    VCPU_EMULATE_DONE = 0,
    VCPU_EMULATE_ACCESS = 1, /* the host makes emulation->access */
    /*
     * The instruction is no longer the one that faulted: another vCPU of the guest changed it, or
     * the guest's tables. Nothing has changed. Run again: the guest takes the fault that is due.
     */
    VCPU_EMULATE_RETRY = 2,
    VCPU_EMULATE_REFUSED = 3, /* not emulated: emulation->refusal says why. Nothing changed */
    VCPU_EMULATE_NOBODY = 4,  /* vcpu_emulate: nobody took emulation->access */
};

/* Why the library does not emulate an instruction. */
enum vcpu_refusal {
    VCPU_REFUSAL_NONE = 0,          /* it does */
    VCPU_REFUSAL_OTHER = 1,         /* not a load or store, or an unallocated encoding */
    VCPU_REFUSAL_UNPREDICTABLE = 2, /* it is CONSTRAINED UNPREDICTABLE */
    VCPU_REFUSAL_AARCH32 = 3,       /* the guest is in AArch32 state */
    VCPU_REFUSAL_STRADDLE = 4,      /* a single access lies in two pages */
    VCPU_REFUSAL_FETCH = 5,         /* vcpu_emulate: the fetch hook returned false */
    VCPU_REFUSAL_STRUCTURE = 6,     /* LD1 to LD4, ST1 to ST4 */
    VCPU_REFUSAL_SVE = 7,           /* SVE or SME */
    VCPU_REFUSAL_MTE = 8,           /* memory tags: STG and its like, STGP, DC GVA, DC GZVA */
    VCPU_REFUSAL_PAUTH = 9,         /* LDRAA, LDRAB */
    VCPU_REFUSAL_LS64 = 10,         /* LD64B, ST64B, ST64BV, ST64BV0 */
    VCPU_REFUSAL_MOPS = 11,         /* memory copy and set */
};

/* One access, of 1, 2, 4 or 8 bytes. */
struct vcpu_emulated_access {
    vcpu_ipa_t ipa; /* of the first byte */
    uint64_t data;  /* write: the data, cut to size; read: the host puts the data here */
    uint8_t size;   /* bytes */
    bool write;     /* a store, or the second half of an atomic */
};

/* A decoded load or store, for the library only. */
struct vcpu_load_store {
    int32_t offset;
    uint8_t kind, index; /* enum a64_kind, a64_index of the library */
    uint8_t size;        /* bytes of one register in memory */
    uint8_t count;       /* registers */
    uint8_t rt, rt2, rs, rn;
    uint8_t operation;     /* of an atomic */
    uint8_t option, shift; /* of an offset in register rs */
    bool vector;           /* Rt and Rt2 are SIMD&FP registers */
    bool is_signed, wide;  /* sign-extended; to 64 bits */
    bool unprivileged;     /* with EL0's permissions, unless PSTATE.UAO is set */
};

/* An instruction that is being emulated. The host's memory; it uses only `access` and `refusal`. */
struct vcpu_emulation {
    struct vcpu_emulated_access access; /* that the host makes */
    uint8_t refusal;                    /* enum vcpu_refusal */

    /* For the library only. */
    struct vcpu_load_store instruction;
    uint16_t reads, writes, step; /* the number of each; the number that is done */
    uint64_t pc;                  /* of the instruction */
    uint64_t address;             /* virtual address of the first byte */
    uint64_t base;                /* the new value of the base register */
    vcpu_ipa_t page[2];           /* of the first byte, of the last byte */
    uint64_t data[4];             /* of each access of up to 8 bytes: two registers of 16 at most */
};

/*
 * Translates a virtual address of the guest to an IPA with the guest's stage 1, for a read or write
 * at its present Exception level; PSTATE.PAN does not count. VCPU_ACCESS_EXECUTE translates for a
 * read at EL1, because code that EL0 can execute need not be readable at EL0. On the CPU where the
 * vCPU is resident, while it does not run. The result can be any IPA: the guest chooses its tables.
 *
 *  VCPU_ERR_INVALID    vcpu or ipa is NULL
 *  VCPU_ERR_STATE      vcpu is not resident
 *  VCPU_ERR_BUSY       vcpu is resident on another CPU
 *  VCPU_ERR_NOT_FOUND  the guest's tables do not allow the access
 */
int vcpu_translate(struct vcpu *vcpu, uint64_t va, enum vcpu_access access, vcpu_ipa_t *ipa);

/*
 * Emulates the load or store of the last exit (VCPU_EXIT_STAGE2_FAULT, or an MMIO exit), in steps:
 *
 *   1. The host reads the instruction at PC, with
 *
 *          vcpu_translate(vcpu, vcpu->regs.pc, VCPU_ACCESS_EXECUTE, &ipa)
 *
 *      A translation that fails means the same as VCPU_EMULATE_RETRY. word is the four bytes,
 *      little-endian also if the guest's data is not.
 *   2. vcpu_emulate_begin.
 *   3. While the result is VCPU_EMULATE_ACCESS, the host makes the access and calls
 *      vcpu_emulate_next.
 *
 * The call after the last access ends the exit: only that one writes registers and moves PC. Until
 * then the exit can also be retried or answered with an injected exception; accesses that were made
 * stay made. An emulation is over when the vCPU runs, or when something else writes its registers.
 *
 * The IPA of an access can be any that the guest's tables lead to. For a pair across the end of a
 * page, it can be RAM or another device. A register of 16 bytes is two accesses; a pair is one for
 * each register. Data is as in a register, with the limit at struct vcpu_mmio in vcpu/exit.h.
 *
 * These differ from an access to memory:
 *  - An atomic (FEAT_LSE) is a read and then a write of the result. Only the host can keep others
 *    out between the two. A compare that fails writes nothing.
 *  - A load-exclusive is a load, and sets no monitor. So a store-exclusive fails: its status is 1,
 *    and it makes no access. The architecture always allows that. A guest that tries until it
 *    succeeds tries for ever, as it can on a real machine whose devices have no monitor.
 *  - Acquire and release are up to the host: its accesses come in program order.
 *  - A prefetch makes no access.
 *
 * On the CPU where the vCPU is resident, with interrupts masked or not.
 *
 *  VCPU_ERR_INVALID  vcpu or emulation is NULL
 *  VCPU_ERR_STATE    the last exit is not one of a load or store, or was answered; vcpu is not
 *                    resident
 *  VCPU_ERR_BUSY     vcpu is resident on another CPU
 */
int vcpu_emulate_begin(struct vcpu *vcpu, uint32_t word, struct vcpu_emulation *emulation);
int vcpu_emulate_next(struct vcpu *vcpu, struct vcpu_emulation *emulation);

/* The host's functions for vcpu_emulate, which passes its ctx to them. */
struct vcpu_emulate_ops {
    /*
     * Reads an instruction of the guest. ipa is a multiple of 4, and any that the guest's tables
     * lead to. Returns false if there is no memory at this address.
     */
    bool (*fetch)(void *ctx, struct vcpu *vcpu, vcpu_ipa_t ipa, uint32_t *word);
    /* One access, as `mmio` of vcpu_device_ops. Returns false if nobody takes it. */
    bool (*access)(void *ctx, struct vcpu *vcpu, vcpu_ipa_t ipa, unsigned size, bool write,
                   uint64_t *data);
};

/*
 * All steps at once; never returns VCPU_EMULATE_ACCESS. Each access goes to the VM's devices
 * (vcpu/device.h) and, if none takes it, to ops->access. After VCPU_EMULATE_NOBODY the exit is
 * still open, for an abort.
 *
 * An instruction makes at most 4 accesses, DC ZVA one for each 8 bytes of its block: up to 256
 * (DCZID_EL0.BS = 9). The library masks interrupts only during each access. A host that calls with
 * interrupts enabled takes them between two accesses.
 *
 *  VCPU_ERR_INVALID  vcpu, ops or emulation is NULL
 *  VCPU_ERR_STATE    as for vcpu_emulate_begin
 *  VCPU_ERR_BUSY     as for vcpu_emulate_begin
 */
int vcpu_emulate(struct vcpu *vcpu, const struct vcpu_emulate_ops *ops, void *ctx,
                 struct vcpu_emulation *emulation);

#ifdef __cplusplus
}
#endif

#endif
