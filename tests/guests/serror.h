/* SPDX-License-Identifier: MIT */
/* Shared by the host and the guests of `serror`: the immediates of what they say. */
#ifndef SERROR_H
#define SERROR_H

#define SAY_PENDING 1     /* ISR_EL1 is in x0 */
#define SAY_OPEN    2     /* SErrors were unmasked, and whatever was pending has been taken */
#define SAY_DISR    3     /* DISR_EL1 is in x0 */
#define SAY_WAITED  4     /* WFI has ended */
#define SAY_VECTOR  0x100 /* and the number of the vector, 0 to 15 */

#endif
