/* SPDX-License-Identifier: MIT */
/* Shared by the host and the guest of `inject`. */
#ifndef INJECT_H
#define INJECT_H

/* The immediate of the HVC with which vector n speaks, less n. */
#define SAY_VECTOR 0x100

#endif
