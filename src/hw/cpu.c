/* SPDX-License-Identifier: MIT */
#include "hw/cpu.h"

#include "hw/sysreg.h"

uint64_t vcpu_cpu_id(void)
{
    return READ_SYSREG(mpidr_el1);
}

uint64_t vcpu_cpu_mask(void)
{
    return daif_mask_all();
}

void vcpu_cpu_restore(uint64_t daif)
{
    daif_restore(daif);
}

void vcpu_cpu_relax(void)
{
    yield();
}
