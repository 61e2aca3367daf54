/* SPDX-License-Identifier: MIT */
/* Shared by the host and the guests of the kick test. */
#ifndef KICK_H
#define KICK_H

/* Where a guest counts and looks for a word of the host's, from x1 on. */
#define KICK_COUNT 0
#define KICK_GO    64

/* Immediates of their hypercalls. */
#define KICK_CALL 1

#endif
