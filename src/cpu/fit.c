/* SPDX-License-Identifier: MIT */
#include "cpu/fit.h"

#include "guest/id.h"
#include "guest/trap.h"
#include "hw/ich.h"
#include "hw/id.h"
#include "state/sve.h"

/* This takes thousands of instructions. */
static __attribute__((noinline)) unsigned work_out(const struct vcpu_vm *vm)
{
    uint64_t id[ID_COUNT];

    vcpu_id_read_all(id);
    return vcpu_id_fit(id, vm->id);
}

/* Computed once for each kind of CPU. */
static unsigned id_fit(const struct percpu_state *cpu, struct vcpu_vm *vm)
{
    /* Kinds that share a place only replace each other's entry. */
    _Atomic uint64_t *place = &vm->fit[cpu->kind >> 61];
    uint64_t known = atomic_load_explicit(place, memory_order_relaxed);

    if (known == 0 || (known & ~(uint64_t)ID_FIT_BITS) != cpu->kind) {
        known = cpu->kind | work_out(vm);
        atomic_store_explicit(place, known, memory_order_relaxed);
    }
    return (unsigned)(known & ID_FIT_BITS);
}

static bool features_fit(const struct percpu_state *cpu, const struct vcpu_vm *vm)
{
    const struct vcpu_features *has = &cpu->features, *want = &vm->features;

    return has->pa_bits >= want->pa_bits && has->vmid_bits >= want->vmid_bits &&
           has->gic_sysregs == want->gic_sysregs && has->fp == want->fp &&
           has->debug_breakpoints >= want->debug_breakpoints &&
           has->debug_watchpoints >= want->debug_watchpoints &&
           vcpu_trap_conditions(has, vm->flags, vm->id) == vm->when &&
           (!(vm->flags & VCPU_VM_STAGE2_FWB) || has->s2fwb) &&
           (!(vm->flags & VCPU_VM_STAGE2_XNX) || has->xnx) &&
           (!vm->ich_vtr || fit_gic_interface((uint32_t)READ_ICH_VTR_EL2(), vm->ich_vtr)) &&
           (!(vm->flags & VCPU_VM_PMU) || (has->pmu && has->pmu_counters >= want->pmu_counters)) &&
           vcpu_sve_same_lengths(has->sve_lengths, want->sve_lengths, vm->sve_vq);
}

unsigned vcpu_fit(const struct percpu_state *cpu, struct vcpu_vm *vm)
{
    return features_fit(cpu, vm) ? id_fit(cpu, vm) : 0;
}
