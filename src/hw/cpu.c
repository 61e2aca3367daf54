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

bool vcpu_cpu_is_interrupted(void)
{
    return READ_SYSREG(isr_el1);
}

void vcpu_cpu_relax(void)
{
    yield();
}

/*
 * No ISB: an exit of the guest is a context synchronization event, so the counter is not read
 * before it. For other callers a count that is a little too early is good enough.
 */
uint64_t vcpu_cpu_count(void)
{
    uint64_t first = READ_SYSREG(cntpct_el0), second = READ_SYSREG(cntpct_el0);

    /* Cortex-A73 (erratum 858921): where bit 32 changes, only the first of two reads is right. */
    return (first ^ second) >> 32 & 1 ? first : second;
}
