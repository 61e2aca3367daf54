/* SPDX-License-Identifier: MIT */
/* Shared by the host and the guests of `debug_corners`. */
#ifndef DEBUG_CORNERS_H
#define DEBUG_CORNERS_H

/* HVC */
#define SAY_MORE 0x70 /* on the way */
#define SAY_DONE 0x71
#define SAY_HIT  0x72 /* it took an exception */

#endif
