/* SPDX-License-Identifier: MIT */
/*
 * Loads and stores without a syndrome, decoded and carried out access by access.
 *
 * The CPU describes a plain load or store of one general register in ESR_EL2 (ISV = 1). Of all
 * others (pairs, pre- and post-index, SIMD&FP, exclusives, atomics, DC ZVA) it says only that they
 * faulted: VCPU_EXIT_STAGE2_FAULT with fault.mmio.size = 0. If that is at a device, the host reads
 * the instruction, and the library says what accesses it makes and does the rest.
 */
#ifndef VCPU_EMULATE_H
#define VCPU_EMULATE_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/addr.h>
#include <vcpu/exit.h>
#include <vcpu/vcpu.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What comes of a step; a mistake of the host's is a negative error code. */
enum vcpu_emulate_result {
    /*
     * The exit is complete: run again. The instruction is done; or the guest's own tables do not
     * allow one of its accesses, none was made, and its EL1 takes the abort.
     */
    VCPU_EMULATE_DONE = 0,
    VCPU_EMULATE_ACCESS = 1, /* emulation->access is to be made */
    /*
     * The instruction is not that of the fault any more: another of the guest's CPUs changed it, or
     * its tables. Run again, and it takes the fault that is due. Nothing has changed.
     */
    VCPU_EMULATE_RETRY = 2,
    VCPU_EMULATE_REFUSED = 3, /* the library does not do it: emulation->refusal. Nothing changed */
    VCPU_EMULATE_NOBODY = 4,  /* vcpu_emulate: nobody answers emulation->access */
};

/* Why the library does not carry out an instruction. */
enum vcpu_refusal {
    VCPU_REFUSAL_NONE = 0,
    VCPU_REFUSAL_OTHER = 1,         /* no load or store, or one that is not allocated */
    VCPU_REFUSAL_UNPREDICTABLE = 2, /* one that the architecture leaves CONSTRAINED UNPREDICTABLE */
    VCPU_REFUSAL_AARCH32 = 3,       /* the guest is in AArch32 state */
    VCPU_REFUSAL_STRADDLE = 4,      /* one single access is in two pages */
    VCPU_REFUSAL_FETCH = 5,         /* vcpu_emulate: the hook cannot read the instruction */
    VCPU_REFUSAL_STRUCTURE = 6,     /* LD1 to LD4, ST1 to ST4 */
    VCPU_REFUSAL_SVE = 7,           /* SVE or SME */
    VCPU_REFUSAL_MTE = 8,           /* memory tags: STG and its like, STGP, DC GVA, DC GZVA */
    VCPU_REFUSAL_PAUTH = 9,         /* LDRAA, LDRAB */
    VCPU_REFUSAL_LS64 = 10,         /* LD64B, ST64B, ST64BV, ST64BV0 */
    VCPU_REFUSAL_MOPS = 11,         /* memory copy and set */
};

/* One access, of 1, 2, 4 or 8 bytes. */
struct vcpu_emulated_access {
    vcpu_ipa_t ipa;
    uint64_t data; /* of a write, cut to the size; of a read, what the host puts there */
    uint8_t size;
    bool write;
};

/* A load or store, as its word describes it. The library's. */
struct vcpu_load_store {
    int32_t offset;
    uint8_t kind, index; /* enum a64_kind, a64_index of the library */
    uint8_t size;        /* bytes that one register has in memory */
    uint8_t count;       /* registers */
    uint8_t rt, rt2, rs, rn;
    uint8_t operation;     /* of an atomic */
    uint8_t option, shift; /* of an offset in a register, which is rs */
    bool vector;           /* Rt and Rt2 are SIMD&FP registers */
    bool is_signed, wide;  /* the sign is extended; to 64 bits */
    bool unprivileged;     /* with EL0's rights, unless PSTATE.UAO is set */
};

/* An instruction that is being carried out, in the host's memory. `access` and `refusal` are for it. */
struct vcpu_emulation {
    struct vcpu_emulated_access access;
    uint8_t refusal; /* enum vcpu_refusal */

    /* The library's. */
    struct vcpu_load_store instruction;
    uint16_t reads, writes, step; /* how many of each there are; how many of all are done */
    uint64_t pc;                  /* of the instruction */
    uint64_t address;             /* of its first byte, virtual */
    uint64_t base;                /* what becomes of the base register */
    vcpu_ipa_t page[2];           /* that of the first byte, that of the last */
    uint64_t data[4];             /* of each access, up to 8 bytes: two of 16 at most */
};

/*
 * The IPA of the guest's virtual address by its own stage 1, as its present Exception level may
 * read or write it, PSTATE.PAN aside. VCPU_ACCESS_EXECUTE: as its EL1 may read it, for what can be
 * executed at EL0 need not be readable there. On the CPU where the vCPU is resident, while it does
 * not run. The guest chooses its tables, and so any IPA.
 *
 *  VCPU_ERR_INVALID    NULL
 *  VCPU_ERR_STATE      it is resident on no CPU
 *  VCPU_ERR_BUSY       it is on another CPU
 *  VCPU_ERR_NOT_FOUND  the guest's tables do not allow it
 */
int vcpu_translate(struct vcpu *vcpu, uint64_t va, enum vcpu_access access, vcpu_ipa_t *ipa);

/*
 * Begins to carry out the load or store of the last exit (VCPU_EXIT_STAGE2_FAULT, or an MMIO exit).
 * word is the instruction at its PC: four bytes, little-endian whatever the guest's data is, at
 *
 *     vcpu_translate(vcpu, vcpu->regs.pc, VCPU_ACCESS_EXECUTE, &ipa)
 *
 * where a translation that fails means what VCPU_EMULATE_RETRY means. Then, as long as the result
 * is VCPU_EMULATE_ACCESS, the host makes the access and calls vcpu_emulate_next, which ends the
 * exit after the last one: registers are written, and PC moves, only there. Until then the exit may
 * also be retried or answered with a vcpu_inject_ call; accesses that were made are made.
 *
 * The IPA of an access may be any that the guest's tables lead to: that of a pair across the end of
 * a page may be of RAM, or of another device. A register of 16 bytes is two accesses, and a pair
 * one for each register. Of what memory has and a device access has not:
 *  - an atomic (FEAT_LSE) is a read and then a write with what was read; nothing keeps others out
 *    between them but the host. A compare that fails writes nothing;
 *  - a load-exclusive is a load and sets no monitor. So a store-exclusive fails: its status is 1,
 *    and no access is made. That is always allowed, and a guest that tries until it succeeds tries
 *    for ever, as it may on a machine whose devices have no monitor;
 *  - acquire and release are the host's: its accesses come in the order of the program;
 *  - a prefetch makes no access.
 * Data is as in a register, with the limit that vcpu/exit.h tells of at struct vcpu_mmio.
 *
 * An emulation is over when the vCPU runs, or its registers are written by others.
 * On the CPU where the vCPU is resident, with interrupts masked or not.
 *
 *  VCPU_ERR_INVALID  NULL
 *  VCPU_ERR_STATE    the last exit is none that a load or store causes, or was completed; the vCPU
 *                    is resident on no CPU
 *  VCPU_ERR_BUSY     it is on another CPU
 */
int vcpu_emulate_begin(struct vcpu *vcpu, uint32_t word, struct vcpu_emulation *emulation);
int vcpu_emulate_next(struct vcpu *vcpu, struct vcpu_emulation *emulation);

/* The host's part, for vcpu_emulate. ctx is what that was given. */
struct vcpu_emulate_ops {
    /*
     * Reads an instruction of the guest. ipa is any that its tables lead to, and a multiple of 4.
     * false: there is no memory at this address.
     */
    bool (*fetch)(void *ctx, struct vcpu *vcpu, vcpu_ipa_t ipa, uint32_t *word);
    /* One access, as that of vcpu_device_ops. false: nobody answers. */
    bool (*access)(void *ctx, struct vcpu *vcpu, vcpu_ipa_t ipa, unsigned size, bool write,
                   uint64_t *data);
};

/*
 * All of the above at once: never VCPU_EMULATE_ACCESS. Each access goes to the VM's devices
 * (vcpu/device.h) and, if none takes it, to ops. After VCPU_EMULATE_NOBODY the exit is open still,
 * for an abort. Errors as of vcpu_emulate_begin.
 */
int vcpu_emulate(struct vcpu *vcpu, const struct vcpu_emulate_ops *ops, void *ctx,
                 struct vcpu_emulation *emulation);

#ifdef __cplusplus
}
#endif

#endif
