/* SPDX-License-Identifier: MIT */
#include "gic/cpu.h"

#include "hw/sysreg.h"

uint64_t vcpu_gic_cpu_id(void)
{
    return READ_SYSREG(mpidr_el1);
}

uint64_t vcpu_gic_cpu_mask(void)
{
    return daif_mask_all();
}

void vcpu_gic_cpu_restore(uint64_t daif)
{
    daif_restore(daif);
}

void vcpu_gic_cpu_relax(void)
{
    yield();
}
