/* SPDX-License-Identifier: MIT */
/* Shared by the guests and the host that looks at them. */
#ifndef LINES_H
#define LINES_H

/* The HVC by which a guest says that it has come this far. A vector says its slot's number. */
#define LINES_CALL 32

#endif
