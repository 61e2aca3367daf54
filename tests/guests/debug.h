/* SPDX-License-Identifier: MIT */
/* Shared by the host and the guests of `debug`. */
#ifndef DEBUG_TEST_H
#define DEBUG_TEST_H

#define SAY_DONE 0x77 /* HVC */
#define SAY_MORE 0x78 /* likewise, on the way */

#define SVC_TO_EL1 1 /* SVC: come back as EL1h with DAIF masked */

/* Of the guest's data, from x18 on. */
#define DATA_WATCHED 0x40

#endif
