/* SPDX-License-Identifier: MIT */
/* Exceptions: a guest sets a function for a kind, which can read and change the registers. */
#ifndef KIT_EXCEPTION_H
#define KIT_EXCEPTION_H

/* For the assembly; exception.c asserts each. */
#define KIT_FRAME_SP   248
#define KIT_FRAME_ELR  256
#define KIT_FRAME_SPSR 264
#define KIT_FRAME_ESR  272
#define KIT_FRAME_FAR  280
#define KIT_FRAME_SIZE 288

#ifndef __ASSEMBLER__

#include <stdint.h>

/* The registers as they were; returning from the handler goes on with what is in here then. */
struct kit_frame {
    uint64_t x[31];
    uint64_t sp; /* the stack pointer that was in use: SP_EL1, or SP_EL0 from EL0 or SPSel = 0 */
    uint64_t elr;
    uint64_t spsr;
    uint64_t esr; /* a change is of no effect, here and below */
    uint64_t far;
};

/* Taken from EL1 with either stack pointer; taken from EL0 in either execution state. */
enum kit_exception {
    KIT_SYNC_CURRENT,
    KIT_IRQ_CURRENT,
    KIT_FIQ_CURRENT,
    KIT_SERROR_CURRENT,
    KIT_SYNC_LOWER,
    KIT_IRQ_LOWER,
    KIT_FIQ_LOWER,
    KIT_SERROR_LOWER,
    KIT_EXCEPTIONS, /* how many there are */
};

/*
 * Runs on the stack of its CPU, with DAIF masked as by the exception. It must not use FP
 * registers: they are not in the frame.
 */
typedef void (*kit_handler_t)(struct kit_frame *frame);

/*
 * Sets the handler for all CPUs and returns the one before; NULL stands for the default, which
 * prints kind, CPU, ESR, ELR and FAR in one line and resets the machine.
 */
kit_handler_t kit_set_handler(enum kit_exception kind, kit_handler_t handler);

/* ESR_EL1.EC, and the size in bytes of the instruction at ELR that made a synchronous exception. */
unsigned int kit_esr_class(uint64_t esr);
unsigned int kit_esr_length(uint64_t esr);

/* Some values of ESR_EL1.EC. */
enum {
    KIT_EC_UNKNOWN = 0x00,
    KIT_EC_FP = 0x07,
    KIT_EC_SVC = 0x15,
    KIT_EC_SYSREG = 0x18,
    KIT_EC_IABORT_LOWER = 0x20,
    KIT_EC_IABORT_CURRENT = 0x21,
    KIT_EC_DABORT_LOWER = 0x24,
    KIT_EC_DABORT_CURRENT = 0x25,
    KIT_EC_BRK = 0x3c,
};

/*
 * Runs code at EL0 on this CPU with arg in its x0, until a handler of a "lower" kind calls
 * kit_el0_leave: its value is the result. Code and stack must be mapped with KIT_USER. The code may
 * change every general register, but d8-d15 are the caller's.
 */
uint64_t kit_el0_run(uint64_t entry, uint64_t stack_top, uint64_t arg);
void kit_el0_leave(struct kit_frame *frame, uint64_t result);

#endif
#endif
