/* SPDX-License-Identifier: MIT */
/* Shared by the host and the guest of `hidden`: the immediates of what the guest says. */
#ifndef HIDDEN_H
#define HIDDEN_H

#define SAY_DONE   0x77  /* HVC or SVC: the instruction before it went by */
#define SAY_VECTOR 0x100 /* HVC: and the number of the vector, 0 to 15 */

#endif
