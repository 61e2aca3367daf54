/* SPDX-License-Identifier: MIT */
/* Shared by the host and the guest of `id`. */
#ifndef ID_H
#define ID_H

/* What the guest says: it has read everything at EL1; what EL0 may; the instruction went by. */
#define SAY_READ     1
#define SAY_READ_EL0 2
#define SAY_DONE     3
/* HVC: and the number of the vector, 0 to 15. */
#define SAY_VECTOR 0x100

/* Where it writes what it read, in bytes. */
#define READ_GROUP  0 /* S3_0_C0_C1_0 to C7_7 */
#define READ_MIDR   448
#define READ_CTR    456
#define READ_CLIDR  464
#define READ_DCZID  472
#define READ_CNTFRQ 480
#define READ_CCSIDR 488 /* for CSSELR_EL1 0 to 13 */
#define READ_REVIDR 600
#define READ_AIDR   608
#define READ_MPIDR  616
#define READ_CSSELR 624 /* after the last */
#define READ_SIZE   632

#endif
