/* SPDX-License-Identifier: MIT */
#include "switch/short_exits.h"

#include "arm/esr.h"
#include "device/device.h"

void vcpu_short_exits(struct vcpu_state *v)
{
    uint64_t exits = v->short_exits & (SHORT_EXITS_PSTATE | SHORT_EXITS_WATCHED);

    /*
     * The short paths do not check whether the guest has taken a virtual SError (see save_hcr in
     * asm/switch.S), and do not give the host its debug registers back.
     */
    if ((v->pub.regs.hcr_el2 & HCR_EL2_VSE) || v->debugger.in_cpu)
        exits |= FIELD_PREP(SHORT_EXITS_CLASS, NO_CLASS) | SHORT_EXITS_LONG;
    else
        exits |= FIELD_PREP(SHORT_EXITS_CLASS, EC_HVC64);
    if (exits & SHORT_EXITS_WATCHED)
        exits |= SHORT_EXITS_LONG;
    v->short_exits = exits | (device_any(v) ? SHORT_EXITS_NO_MMIO : 0);
}
