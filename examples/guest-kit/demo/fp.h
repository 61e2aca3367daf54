/* SPDX-License-Identifier: MIT */
#ifndef DEMO_FP_H
#define DEMO_FP_H

#include <stdint.h>

/* In millionths, cut. Integers only in the signature: the caller is built without FP registers. */
uint64_t fp_square_root_of_two(void);

#endif
