/* SPDX-License-Identifier: MIT */
#include "vm/reset.h"

#include "arm/pstate.h"
#include "device/device.h"
#include "state/sve.h"

/* CNTV_* and CNTP_*: the Generic Timer's registers of EL0. */
#define IS_TIMER(op1, crn) ((op1) == 3 && (crn) == 14)

void vcpu_reset_core(struct vcpu_state *v)
{
    v->pub.regs = (struct vcpu_regs){.pstate = PSTATE_DAIF | PSTATE_M_EL1H};
    v->pub.exit = (struct vcpu_exit){.reason = VCPU_EXIT_NONE};
    /* For a register that a reset leaves unknown the table has 0. */
#define RESET(name, op0, op1, crn, crm, op2, vhe, when, reset)                                     \
    if (!IS_TIMER(op1, crn))                                                                       \
        v->el1[EL1_##name] = (reset);
    EL1_TABLE(RESET)
#undef RESET
    v->debug = (struct debug_state){.os_lock = true};
    v->debugger.step = 0; /* the host's debug settings stay, but no open step */
    v->debugger.over = 0;
    v->simd = (struct simd_state){0};
    vcpu_sve_reset(v->vm, &v->sve);
    v->stale_tlb = true;
    /* An SError is not a line: it was about to be taken, with VSESR_EL2. */
    atomic_fetch_and_explicit(&v->lines, ~HCR_EL2_VSE, memory_order_relaxed);
}

void vcpu_reset_all(struct vcpu_state *v)
{
    vcpu_reset_core(v);
#define RESET(name, op0, op1, crn, crm, op2, vhe, when, reset)                                     \
    if (IS_TIMER(op1, crn))                                                                        \
        v->el1[EL1_##name] = (reset);
    EL1_TABLE(RESET)
#undef RESET
    atomic_store_explicit(&v->lines, 0, memory_order_relaxed);
    vcpu_device_reset(v);
}

void vcpu_reset_start(struct vcpu_state *v, uint64_t entry, uint64_t context)
{
    v->pub.regs.pc = entry;
    v->pub.regs.x[0] = context;
    v->has_entry = true;
}
