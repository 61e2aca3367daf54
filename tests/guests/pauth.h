/* SPDX-License-Identifier: MIT */
/* Shared by the host and the guests of `pauth`. */
#ifndef PAUTH_H
#define PAUTH_H

/* X(CRm, op2) of each key register: op0 = 3, op1 = 0, CRn = 2. Keys IA, IB, DA, DB, GA; Lo and Hi. */
#define KEYS(X)   X(1, 0) X(1, 1) X(1, 2) X(1, 3) X(2, 0) X(2, 1) X(2, 2) X(2, 3) X(3, 0) X(3, 1)
#define KEY_COUNT 10

/* The immediates of what the guest says. */
#define SAY_SIGNED        1
#define SAY_AUTHENTICATED 2

#endif
