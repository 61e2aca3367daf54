/* SPDX-License-Identifier: MIT */
/* Shared by the host and the guests of `sve`: the immediates of what the guests say. */
#ifndef SVE_H
#define SVE_H

#define SAY_LOADED  1
#define SAY_STORED  2
#define SAY_LENGTHS 3

#endif
