/* SPDX-License-Identifier: MIT */
#include "cpu/fit.h"

#include "guest/id.h"
#include "hw/id.h"

/* Takes thousands of instructions. */
static __attribute__((noinline)) unsigned work_out(const struct vcpu_vm *vm)
{
    uint64_t id[ID_COUNT];

    vcpu_id_read_all(id);
    return vcpu_id_fit(id, vm->id);
}

unsigned vcpu_fit(const struct percpu_state *cpu, struct vcpu_vm *vm)
{
    /* Kinds that share a place only put each other out of it. */
    _Atomic uint64_t *place = &vm->fit[cpu->kind >> 61];
    uint64_t known = atomic_load_explicit(place, memory_order_relaxed);

    if (known == 0 || (known & ~(uint64_t)ID_FIT_BITS) != cpu->kind) {
        known = cpu->kind | work_out(vm);
        atomic_store_explicit(place, known, memory_order_relaxed);
    }
    return (unsigned)(known & ID_FIT_BITS);
}
