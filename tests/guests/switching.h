/* SPDX-License-Identifier: MIT */
/* Shared by the host and the guests of `switching`. */
#ifndef SWITCHING_H
#define SWITCHING_H

/*
 * The registers of the world-switch table that a guest can name: X(the table's name, the guest's).
 * S-names where an assembler may lack the extension. DISR_EL1 is VDISR_EL2 while HCR_EL2.AMO is
 * set. SP_EL1 is the guest's SP; VSESR_EL2 is seen in the syndrome of a virtual SError only.
 */
#define GUEST_REGISTERS(X)                                                                         \
    X(CSSELR_EL1, csselr_el1)                                                                      \
    X(CPACR_EL1, cpacr_el1)                                                                        \
    X(TTBR0_EL1, ttbr0_el1)                                                                        \
    X(TTBR1_EL1, ttbr1_el1)                                                                        \
    X(SPSR_EL1, spsr_el1)                                                                          \
    X(ELR_EL1, elr_el1)                                                                            \
    X(AFSR0_EL1, afsr0_el1)                                                                        \
    X(AFSR1_EL1, afsr1_el1)                                                                        \
    X(ESR_EL1, esr_el1)                                                                            \
    X(FAR_EL1, far_el1)                                                                            \
    X(PAR_EL1, par_el1)                                                                            \
    X(MAIR_EL1, mair_el1)                                                                          \
    X(AMAIR_EL1, amair_el1)                                                                        \
    X(VBAR_EL1, vbar_el1)                                                                          \
    X(CONTEXTIDR_EL1, contextidr_el1)                                                              \
    X(TPIDR_EL1, tpidr_el1)                                                                        \
    X(TPIDRRO_EL0, tpidrro_el0)                                                                    \
    X(TPIDR2_EL0, S3_3_C13_C0_5)                                                                   \
    X(SCXTNUM_EL1, S3_0_C13_C0_7)                                                                  \
    X(SCXTNUM_EL0, S3_3_C13_C0_7)                                                                  \
    X(CNTKCTL_EL1, cntkctl_el1)                                                                    \
    X(APIAKeyLo_EL1, S3_0_C2_C1_0)                                                                 \
    X(APIAKeyHi_EL1, S3_0_C2_C1_1)                                                                 \
    X(APIBKeyLo_EL1, S3_0_C2_C1_2)                                                                 \
    X(APIBKeyHi_EL1, S3_0_C2_C1_3)                                                                 \
    X(APDAKeyLo_EL1, S3_0_C2_C2_0)                                                                 \
    X(APDAKeyHi_EL1, S3_0_C2_C2_1)                                                                 \
    X(APDBKeyLo_EL1, S3_0_C2_C2_2)                                                                 \
    X(APDBKeyHi_EL1, S3_0_C2_C2_3)                                                                 \
    X(APGAKeyLo_EL1, S3_0_C2_C3_0)                                                                 \
    X(APGAKeyHi_EL1, S3_0_C2_C3_1)                                                                 \
    X(VDISR_EL2, S3_0_C12_C1_1)                                                                    \
    X(CNTV_CVAL_EL0, cntv_cval_el0)                                                                \
    X(CNTV_CTL_EL0, cntv_ctl_el0)                                                                  \
    X(CNTP_CVAL_EL0, cntp_cval_el0)                                                                \
    X(CNTP_CTL_EL0, cntp_ctl_el0)                                                                  \
    X(TCR_EL1, tcr_el1)                                                                            \
    X(SCTLR_EL1, sctlr_el1)

/* Bytes from one register's accesses to the next, and from a register's read to its write. */
#define ACCESS_SIZE  16
#define ACCESS_WRITE 8

#endif
