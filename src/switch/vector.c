/* SPDX-License-Identifier: MIT */
#include "switch/vector.h"

#include "hw/sysreg.h"
#include "switch/el2.h"
#include "switch/simd.h"

/*
 * The CPU whose registers hold them. NULL: they are in memory, as after an exit to a host with FP.
 */
static struct percpu_state *cpu_with_vectors(const struct vcpu_state *v)
{
    struct percpu_state *cpu = state_cpu(v);

    return cpu && cpu->features.fp && !(cpu->flags & VCPU_PERCPU_HOST_FP) ? cpu : NULL;
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
