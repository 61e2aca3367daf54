/* SPDX-License-Identifier: MIT */
/* What emulate.S says with its hypercalls. */
#ifndef EMULATE_H
#define EMULATE_H

#define SAY_VECTOR 0x100 /* with the number of the vector */
#define SAY_DONE   0x200 /* the instruction behind the one that is tried */
#define SAY_MOVED  0x201

#endif
