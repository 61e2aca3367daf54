/* SPDX-License-Identifier: MIT */
/* Address translation by a guest's stage 1, which may end in an exception. */
#include "layout.h"
#include "object.h"

#define PSTATE_PAN_REGISTER s3_0_c4_c2_3 /* PAN, for MRS and MSR */

    text_section vcpu_at

/*
 * uint64_t vcpu_at(uint64_t va, unsigned operation, const struct vcpu_state *v)
 *
 * Returns what is in PAR_EL1 after the AT; the guest's value is there again. The operation is of
 * switch/translate.h. The vCPU is resident here and DAIF is masked.
 *
 * A synchronous External abort on the walk of the guest's tables is not reported in PAR_EL1 but
 * taken, as a Data Abort of EL2. So the vCPU's vectors are in VBAR_EL2 meanwhile, with a frame as
 * they expect it, which has the address to go on at in the place of DAIF. The host's HCR_EL2.TGE may
 * be set, and then the AT would translate with the host's tables.
 */
    function vcpu_at
    dmb     sy /* Cortex-A77 1508412: see read_par_el1 */
    mrs     x8, par_el1
    dmb     sy
    ldr     x3, [x2, #LAYOUT_VECTORS]
    mrs     x4, vbar_el2
    ldr     x5, [x2, #LAYOUT_HOST_HCR]
    ldr     x6, [x2, #LAYOUT_HCR_EL2]
    adr     x7, aborted
    sub     sp, sp, #FRAME_SIZE
    stp     x2, x4, [sp, #FRAME_VCPU_VBAR]
    str     x7, [sp, #FRAME_X18_DAIF + 8]
    msr     vbar_el2, x3
    msr     hcr_el2, x6
    isb
    /* From here to the end no instruction but AT can take an exception. */
    tbnz    w1, #2, 4f
    tbnz    w1, #1, 2f
    tbnz    w1, #0, 1f
    at      s1e1r, x0
    b       done
1:  at      s1e1w, x0
    b       done
2:  tbnz    w1, #0, 3f
    at      s1e0r, x0
    b       done
3:  at      s1e0w, x0
    b       done
    /* These look at PSTATE.PAN of the CPU. */
4:  mrs     x9, PSTATE_PAN_REGISTER
    .inst   0xd500419f /* msr pan, #1 */
    tbnz    w1, #0, 5f
    sys     #0, c7, c9, #0, x0 /* AT S1E1RP */
    b       done
5:  sys     #0, c7, c9, #1, x0 /* AT S1E1WP */
done:
    isb
    dmb     sy
    mrs     x0, par_el1
    dmb     sy
    b       out
aborted: /* PAR_EL1 as if the abort were in it: F, and the fault status code */
    mrs     x0, esr_el2
    ubfiz   x0, x0, #1, #6
    orr     x0, x0, #1
out:
    msr     par_el1, x8
    tbz     w1, #2, 6f
    msr     PSTATE_PAN_REGISTER, x9
6:  msr     vbar_el2, x4
    msr     hcr_el2, x5
    isb
    add     sp, sp, #FRAME_SIZE
    ret
    end_of  vcpu_at
