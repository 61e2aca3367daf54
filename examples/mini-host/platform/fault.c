/* SPDX-License-Identifier: MIT */
/* The end of the host: an exception of its own, or a report of the stack protector. */
#include <stddef.h>
#include <stdint.h>
#include <stdnoreturn.h>

#include "arch.h"
#include "console.h"
#include "exit.h"
#include "layout.h"
#include "smp.h"

struct fault_frame {
    uint64_t x[31];
    uint64_t sp, pc, spsr, esr, far;
    uint64_t vector;
    uint64_t unused; /* keeps the size a multiple of 16 */
};

_Static_assert(offsetof(struct fault_frame, sp) == FAULT_FRAME_SP, "layout.h");
_Static_assert(offsetof(struct fault_frame, pc) == FAULT_FRAME_PC, "layout.h");
_Static_assert(offsetof(struct fault_frame, esr) == FAULT_FRAME_ESR, "layout.h");
_Static_assert(offsetof(struct fault_frame, vector) == FAULT_FRAME_VECTOR, "layout.h");
_Static_assert(sizeof(struct fault_frame) == FAULT_FRAME_SIZE, "layout.h");

/* For a CPU that faults while it reports a fault. */
uint8_t fault_last_stack[PLATFORM_FAULT_SIZE] __attribute__((aligned(4096)));

noreturn void fault_report(const struct fault_frame *frame);
noreturn void fault_again(void);
noreturn void __stack_chk_fail(void);

noreturn void fault_report(const struct fault_frame *frame)
{
    static const char *const kinds[] = {"synchronous exception", "IRQ", "FIQ", "SError"};
    static const char *const sources[] = {"EL2", "EL2", "a guest", "a 32-bit guest"};

    console_emergency("\nfault: cpu %u: %s from %s: esr %lx far %lx pc %lx sp %lx spsr %lx\n",
                      smp_this()->index, kinds[frame->vector % 4], sources[frame->vector / 4 % 4],
                      frame->esr, frame->far, frame->pc, frame->sp, frame->spsr);
    for (unsigned i = 0; i < 31; i++)
        console_emergency("x%-2u %016lx%s", i, frame->x[i], i % 4 == 3 ? "\n" : " ");
    console_emergency("\n");
    exit_failure();
}

/* Only the device is left to say it, and if that is what faults, nothing is. */
noreturn void fault_again(void)
{
    static uint32_t entered;

    if (__atomic_exchange_n(&entered, 1, __ATOMIC_RELAXED) == 0)
        exit_failure();
    for (;;)
        arch_wfe();
}

/* Debian's libfdt.a is built with the stack protector. */
uintptr_t __stack_chk_guard = (uintptr_t)0x5bd1e995c6a4a793;

noreturn void __stack_chk_fail(void)
{
    exit_panic("a stack frame was overwritten");
}
