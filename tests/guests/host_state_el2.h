/* SPDX-License-Identifier: MIT */
/* The host's EL2: set to values of its own, read, and compared with what it was. */
#ifndef HOST_STATE_EL2_H
#define HOST_STATE_EL2_H

#include <stdbool.h>
#include <stdint.h>

/* What a read gives; 0 where the register is not there. */
#define EL2_REGISTERS(X)                                                                           \
    X(HCR, true, hcr_el2)                                                                          \
    X(CPTR, true, cptr_el2)                                                                        \
    X(MDCR, true, mdcr_el2)                                                                        \
    X(HSTR, true, hstr_el2)                                                                        \
    X(CNTHCTL, true, cnthctl_el2)                                                                  \
    X(CNTVOFF, true, cntvoff_el2)                                                                  \
    X(VTTBR, true, vttbr_el2)                                                                      \
    X(VTCR, true, vtcr_el2)                                                                        \
    X(VPIDR, true, vpidr_el2)                                                                      \
    X(VMPIDR, true, vmpidr_el2)                                                                    \
    X(MDSCR, true, mdscr_el1)                                                                      \
    X(ICH_HCR, has_gic_sysregs, ICH_HCR_EL2)                                                       \
    X(ICC_SRE, has_gic_sysregs, ICC_SRE_EL2)                                                       \
    X(HCRX, has_hcx, HCRX_EL2)                                                                     \
    X(VBAR, true, vbar_el2)                                                                        \
    X(TPIDR, true, tpidr_el2)                                                                      \
    X(SCTLR, true, sctlr_el2)                                                                      \
    X(TCR, true, tcr_el2)                                                                          \
    X(TTBR0, true, ttbr0_el2)                                                                      \
    X(MAIR, true, mair_el2)                                                                        \
    X(AMAIR, true, amair_el2)                                                                      \
    X(AFSR0, true, afsr0_el2)                                                                      \
    X(AFSR1, true, afsr1_el2)                                                                      \
    X(TTBR1, has_vhe, TTBR1_EL2)                                                                   \
    X(CONTEXTIDR, has_vhe, CONTEXTIDR_EL2)                                                         \
    X(CNTHP_CVAL, true, cnthp_cval_el2)

#define EL2_ENUM(name, present, reg) EL2_##name,

enum el2_index { EL2_REGISTERS(EL2_ENUM) EL2_COUNT };

struct el2 {
    uint64_t value[EL2_COUNT];
};

/* One way to use the library. */
struct mode {
    const char *name;
    uint32_t percpu_flags, vm_flags;
    bool own_vectors;
    bool puts_fp;     /* its threads have FP registers of their own */
    bool traps_fp;    /* the host's CPTR_EL2 does */
    bool polls;       /* the host routes no interrupt to EL2 */
    bool tge;         /* TGE = 1 also with E2H = 0, as UEFI firmware runs */
    bool other_count; /* the guest's virtual count is not the host's */
};

#define HOST_CNTVOFF UINT64_C(0x5ca1ab1e000)

/* Whether the host is a VHE host. */
extern bool is_vhe;

/* Finds out which of the registers this CPU has. */
void el2_find(void);

struct el2 el2_read(void);

/*
 * The host reads CNTVCT_EL0, which must not be the guest's: no vCPU stays resident. A VHE host reads
 * it without an offset.
 */
bool puts_each_run(const struct mode *mode);

/* Values that neither a reset nor the library would choose. They do not change EL2 itself. */
void el2_make_unusual(const struct mode *mode);

/* What runs at this moment: a check that fails says it, once. */
struct place {
    const char *guest;
    unsigned run;
    uint64_t daif;
    bool failed;
};

extern struct place at;

void check_same(const char *what, uint64_t got, uint64_t want);

void check_el2_same(const struct el2 *got, const struct el2 *want);

/* What the host would notice while a vCPU is resident. The rest of EL2 is the library's then. */
void check_el2_shared(const struct mode *mode, const struct el2 *got, const struct el2 *want);

#endif
