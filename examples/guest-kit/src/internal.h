/* SPDX-License-Identifier: MIT */
/* The functions and data that the kit's parts, and its assembly, share. */
#ifndef KIT_INTERNAL_H
#define KIT_INTERNAL_H

#include <stdint.h>

#include <kit/exception.h>

/* Called by start.S. */
_Noreturn void kit_start(uint64_t dtb);
_Noreturn void kit_secondary_start(uint64_t cpu);

/* Called by vectors.S. */
void kit_exception(struct kit_frame *frame, uint64_t kind);

/* In start.S and vectors.S; not C functions. */
extern char kit_secondary_entry[], kit_el0_resume[];
extern uint64_t kit_root_table[], kit_spare_tables[][512];

/* Sets up the UART if nobody has. */
void kit_console_start(void);

/* Gives this CPU the number 0. */
void kit_cpu_first(void);

#endif
