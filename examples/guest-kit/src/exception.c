/* SPDX-License-Identifier: MIT */
/* Passes exceptions to the guest's handlers. */
#include <kit/exception.h>

#include <stddef.h>

#include <kit/console.h>
#include <kit/cpu.h>
#include <kit/smccc.h>

#include "internal.h"

#define ESR_EC(esr) ((esr) >> 26 & 0x3f)
#define ESR_IL      (UINT64_C(1) << 25)

#define SPSR_DAIF UINT64_C(0x3c0)
#define SPSR_EL1H UINT64_C(5)

_Static_assert(offsetof(struct kit_frame, x[30]) == 240, "vectors.S");
_Static_assert(offsetof(struct kit_frame, sp) == KIT_FRAME_SP, "vectors.S");
_Static_assert(offsetof(struct kit_frame, elr) == KIT_FRAME_ELR, "vectors.S");
_Static_assert(offsetof(struct kit_frame, spsr) == KIT_FRAME_SPSR, "vectors.S");
_Static_assert(offsetof(struct kit_frame, esr) == KIT_FRAME_ESR, "vectors.S");
_Static_assert(offsetof(struct kit_frame, far) == KIT_FRAME_FAR, "vectors.S");
_Static_assert(sizeof(struct kit_frame) == KIT_FRAME_SIZE && KIT_FRAME_SIZE % 16 == 0, "vectors.S");
_Static_assert(KIT_SYNC_CURRENT == 0 && KIT_SYNC_LOWER == 4 && KIT_EXCEPTIONS == 8, "vectors.S");

static kit_handler_t handlers[KIT_EXCEPTIONS];

static _Noreturn void unhandled(const struct kit_frame *frame, uint64_t kind)
{
    static const char names[KIT_EXCEPTIONS][16] = {
        "sync-current", "irq-current", "fiq-current", "serror-current",
        "sync-lower",   "irq-lower",   "fiq-lower",   "serror-lower",
    };

    kit_emergency_printf("guest-kit: %s on CPU %u: ESR 0x%lx ELR 0x%lx FAR 0x%lx: reset\n",
                         names[kind], kit_cpu_id(), frame->esr, frame->elr, frame->far);
    kit_reset();
}

kit_handler_t kit_set_handler(enum kit_exception kind, kit_handler_t handler)
{
    return __atomic_exchange_n(&handlers[kind], handler, __ATOMIC_ACQ_REL);
}

void kit_exception(struct kit_frame *frame, uint64_t kind)
{
    kit_handler_t handler = __atomic_load_n(&handlers[kind], __ATOMIC_ACQUIRE);

    if (handler == NULL)
        unhandled(frame, kind);
    handler(frame);
}

unsigned int kit_esr_class(uint64_t esr)
{
    return (unsigned int)ESR_EC(esr);
}

unsigned int kit_esr_length(uint64_t esr)
{
    return (esr & ESR_IL) != 0 ? 4 : 2;
}

void kit_el0_leave(struct kit_frame *frame, uint64_t result)
{
    frame->x[0] = result;
    frame->elr = (uint64_t)kit_el0_resume;
    frame->spsr = SPSR_EL1H | SPSR_DAIF;
    /* Right above this frame is what kit_el0_run has left on the stack. */
    frame->sp = (uint64_t)(frame + 1);
}
