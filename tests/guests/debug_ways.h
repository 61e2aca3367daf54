/* SPDX-License-Identifier: MIT */
/* Shared by the host and the guest of `debug_ways`. */
#ifndef DEBUG_WAYS_H
#define DEBUG_WAYS_H

/* HVC */
#define SAY_READY 0x70
#define SAY_DONE  0x71
#define SAY_HIT   0x72 /* it took an exception */

#endif
