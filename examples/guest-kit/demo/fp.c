/* SPDX-License-Identifier: MIT */
/* The one file of the demo that is built with FP registers. */
#include "fp.h"

uint64_t fp_square_root_of_two(void)
{
    double root = 1.0;

    for (int i = 0; i < 6; i++)
        root = (root + 2.0 / root) / 2.0;
    return (uint64_t)(root * 1000000.0);
}
