/* SPDX-License-Identifier: MIT */
#include <vcpu/percpu.h>

#include "cpu/vectors.h"
#include "hw/sysreg.h"
#include "state/hold.h"

int vcpu_percpu_own_vectors(struct vcpu_percpu *block)
{
    struct percpu_state *cpu = percpu_of(block);

    if (!block)
        return VCPU_ERR_INVALID;
    if (!hold_is_usable(cpu) || cpu->resident)
        return VCPU_ERR_STATE;
    if (cpu->owned_vectors)
        return VCPU_OK;
    /* The hooks are set before the vectors that call them. */
    if (!cpu->host->irq || !vcpu_vectors_set_host(cpu->host))
        return VCPU_ERR_INVALID;
    cpu->vbar = READ_SYSREG(vbar_el2);
    WRITE_SYSREG(vbar_el2, (uintptr_t)vcpu_owned_vectors);
    isb();
    cpu->owned_vectors = true;
    return VCPU_OK;
}
