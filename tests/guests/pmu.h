/* SPDX-License-Identifier: MIT */
/* Shared by the host and the guests of `pmu`. */
#ifndef PMU_H
#define PMU_H

#define SAY_VECTOR 0x100 /* HVC: and the number of the vector, 0 to 15 */

/* name, op1, CRn, CRm, op2; each with op0 = 3. */
/* clang-format off */
#define PMU_REGISTERS(X) \
    X(PMCR, 3, 9, 12, 0) X(PMCNTENSET, 3, 9, 12, 1) X(PMCNTENCLR, 3, 9, 12, 2) \
    X(PMOVSCLR, 3, 9, 12, 3) X(PMSWINC, 3, 9, 12, 4) X(PMSELR, 3, 9, 12, 5) \
    X(PMCEID0, 3, 9, 12, 6) X(PMCEID1, 3, 9, 12, 7) X(PMCCNTR, 3, 9, 13, 0) \
    X(PMXEVTYPER, 3, 9, 13, 1) X(PMXEVCNTR, 3, 9, 13, 2) X(PMUSERENR, 3, 9, 14, 0) \
    X(PMOVSSET, 3, 9, 14, 3) X(PMINTENSET, 0, 9, 14, 1) X(PMINTENCLR, 0, 9, 14, 2) \
    X(PMEVCNTR0, 3, 14, 8, 0) X(PMEVCNTR1, 3, 14, 8, 1) X(PMEVCNTR30, 3, 14, 11, 6) \
    X(PMEVTYPER0, 3, 14, 12, 0) X(PMEVTYPER1, 3, 14, 12, 1) X(PMEVTYPER30, 3, 14, 15, 6) \
    X(PMCCFILTR, 3, 14, 15, 7) X(ID_AA64DFR0, 0, 0, 5, 0) X(ID_DFR0, 0, 0, 1, 2)
/* clang-format on */

/* Bytes from one register's accesses to the next, and from a register's read to its write. */
#define ACCESS_SIZE  16
#define ACCESS_WRITE 8

#endif
