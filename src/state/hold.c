/* SPDX-License-Identifier: MIT */
#include "state/hold.h"

#include "hw/sysreg.h"

bool vcpu_hold_is_this(const struct percpu_state *cpu)
{
    return cpu->mpidr == READ_SYSREG(mpidr_el1);
}

bool vcpu_hold(const struct vcpu_state *v, uint64_t *daif)
{
    const struct percpu_state *cpu;

    *daif = daif_mask_all();
    cpu = state_cpu(v);
    if (!cpu || vcpu_hold_is_this(cpu))
        return true;
    daif_restore(*daif);
    return false;
}
