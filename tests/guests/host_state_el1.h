/* SPDX-License-Identifier: MIT */
/* What the host has at EL1 and EL0 while no vCPU is in the CPU: nothing there is the library's. */
#ifndef HOST_STATE_EL1_H
#define HOST_STATE_EL1_H

#include <stdbool.h>
#include <stdint.h>

/*
 * X(name, is it there, its name with E2H = 0, its name with E2H = 1). What has one name only has it
 * twice.
 */
#define EL1_REGISTERS(X)                                                                           \
    X(SCTLR_EL1, true, sctlr_el1, s3_5_c1_c0_0)                                                    \
    X(CPACR_EL1, true, cpacr_el1, s3_5_c1_c0_2)                                                    \
    X(TTBR0_EL1, true, ttbr0_el1, s3_5_c2_c0_0)                                                    \
    X(TTBR1_EL1, true, ttbr1_el1, s3_5_c2_c0_1)                                                    \
    X(TCR_EL1, true, tcr_el1, s3_5_c2_c0_2)                                                        \
    X(SPSR_EL1, true, spsr_el1, s3_5_c4_c0_0)                                                      \
    X(ELR_EL1, true, elr_el1, s3_5_c4_c0_1)                                                        \
    X(AFSR0_EL1, true, afsr0_el1, s3_5_c5_c1_0)                                                    \
    X(AFSR1_EL1, true, afsr1_el1, s3_5_c5_c1_1)                                                    \
    X(ESR_EL1, true, esr_el1, s3_5_c5_c2_0)                                                        \
    X(FAR_EL1, true, far_el1, s3_5_c6_c0_0)                                                        \
    X(MAIR_EL1, true, mair_el1, s3_5_c10_c2_0)                                                     \
    X(AMAIR_EL1, true, amair_el1, s3_5_c10_c3_0)                                                   \
    X(VBAR_EL1, true, vbar_el1, s3_5_c12_c0_0)                                                     \
    X(CONTEXTIDR_EL1, true, contextidr_el1, s3_5_c13_c0_1)                                         \
    X(CNTKCTL_EL1, true, cntkctl_el1, s3_5_c14_c1_0)                                               \
    X(CNTV_CVAL_EL0, true, cntv_cval_el0, s3_5_c14_c3_2)                                           \
    X(CNTV_CTL_EL0, true, cntv_ctl_el0, s3_5_c14_c3_1)                                             \
    X(CNTP_CVAL_EL0, true, cntp_cval_el0, s3_5_c14_c2_2)                                           \
    X(CNTP_CTL_EL0, true, cntp_ctl_el0, s3_5_c14_c2_1)                                             \
    X(SP_EL1, true, sp_el1, sp_el1)                                                                \
    X(CSSELR_EL1, true, csselr_el1, csselr_el1)                                                    \
    X(PAR_EL1, true, par_el1, par_el1)                                                             \
    X(TPIDR_EL1, true, tpidr_el1, tpidr_el1)                                                       \
    X(TPIDRRO_EL0, true, tpidrro_el0, tpidrro_el0)                                                 \
    X(TPIDR2_EL0, has_sme, s3_3_c13_c0_5, s3_3_c13_c0_5)                                           \
    X(SCXTNUM_EL1, has_scxtnum, s3_0_c13_c0_7, s3_5_c13_c0_7)                                      \
    X(SCXTNUM_EL0, has_scxtnum, s3_3_c13_c0_7, s3_3_c13_c0_7)                                      \
    X(VDISR_EL2, has_ras, s3_4_c12_c1_1, s3_4_c12_c1_1)                                            \
    X(VSESR_EL2, has_ras, s3_4_c5_c2_3, s3_4_c5_c2_3)

#define EL1_ENUM(name, present, plain, vhe) HOST_##name,

enum el1_index { EL1_REGISTERS(EL1_ENUM) EL1_REGISTERS_COUNT };

struct el1 {
    uint64_t value[EL1_REGISTERS_COUNT];
};

struct el1 el1_read(void);

/* Values that no reset, guest or library would choose. The MMU is off, and no timer is due soon. */
void el1_make_unusual(void);

void check_el1_same(const struct el1 *got, const struct el1 *want);

/* Sets the host's own virtual timer. */
void el1_set_virtual_timer(uint64_t cval, uint64_t ctl);

#endif
