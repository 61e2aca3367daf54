/* SPDX-License-Identifier: MIT */
#include "switch/vector.h"

#include <vcpu/percpu.h>

#include "hw/sysreg.h"
#include "state/hold.h"
#include "switch/el2.h"
#include "switch/simd.h"

/*
 * The CPU whose registers hold them. NULL: they are in memory, as after an exit to a host with FP.
 */
static struct percpu_state *cpu_with_vectors(const struct vcpu_state *v)
{
    struct percpu_state *cpu = state_cpu(v);
    bool held = cpu && cpu->features.fp && !(cpu->flags & VCPU_PERCPU_HOST_FP) && !cpu->fp_is_put;

    return held ? cpu : NULL;
}

uint64_t *vcpu_vector_take(struct vcpu_state *v, unsigned *stride)
{
    const struct percpu_state *cpu = cpu_with_vectors(v);

    if (cpu) {
        uint64_t cptr = vcpu_el2_cptr_to_guest(cpu);

        vcpu_simd_unload(cpu, v);
        vcpu_el2_cptr_back(cptr);
    }
    *stride = v->sve.z ? v->vm->sve_vq * 2u : 2u;
    return v->sve.z ? v->sve.z : v->simd.v[0];
}

int vcpu_percpu_put_fp(struct vcpu_percpu *block)
{
    struct percpu_state *cpu = percpu_of(block);
    struct vcpu_state *v;
    uint64_t daif;

    if (!block || !hold_is_usable(cpu))
        return VCPU_ERR_INVALID;
    daif = daif_mask_all();
    v = cpu->resident;
    if (v && cpu_with_vectors(v)) {
        vcpu_el2_cptr_to_guest(cpu);
        vcpu_simd_unload(cpu, v);
        vcpu_el2_cptr_back(cpu->host_el2.cptr);
        cpu->fp_is_put = true;
        /* Not entered before vcpu_switch_update. */
        atomic_fetch_or_explicit(&v->token, TOKEN_CHANGED, memory_order_relaxed);
    }
    daif_restore(daif);
    return VCPU_OK;
}

void vcpu_vector_give_back(struct vcpu_state *v)
{
    struct percpu_state *cpu = cpu_with_vectors(v);
    uint64_t cptr;

    if (!cpu)
        return;
    cptr = vcpu_el2_cptr_to_guest(cpu);
    vcpu_simd_load(cpu, v);
    vcpu_el2_cptr_back(cptr);
}
