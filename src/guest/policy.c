/* SPDX-License-Identifier: MIT */
/* The host's policy for the CPU that its guests see. */
#include "guest/id.h"
#include "guest/trap.h"
#include "state/state.h"

uint64_t vcpu_vm_id(const struct vcpu_vm *vm, uint32_t encoding)
{
    unsigned index = vcpu_id_index(encoding);

    return index < ID_COUNT ? vm->id[index] : 0;
}

static bool is_allowed(unsigned index, uint64_t now, uint64_t value)
{
    if (index < ID_REG_COUNT)
        return vcpu_id_may_lower(index, now, value);
    switch (index) {
    case ID_MIDR_EL1:
        return !(value >> 32);
    case ID_CTR_EL0:
        return vcpu_id_ctr_holds(now, value);
    case ID_DCZID_EL0:
        return value == now || value == (now | DCZID_EL0_DZP);
    case ID_CNTFRQ_EL0: /* no trap: it reads as on the CPU */
        return value == now;
    default: /* CLIDR_EL1, CCSIDR_EL1: maintenance by set and way affects the guest only */
        return true;
    }
}

/* With FEAT_CCIDX, CCSIDR_EL1 has larger fields for ways and sets. */
static uint64_t without_ccidx(uint64_t ccsidr)
{
    return (ccsidr & (CCSIDR_EL1_LINESIZE | CCSIDR_EL1_ASSOCIATIVITY)) |
           FIELD_PREP(CCSIDR_EL1_NUMSETS, FIELD_GET(CCSIDR_EL1_CCIDX_NUMSETS, ccsidr));
}

static void set(uint64_t id[ID_COUNT], unsigned index, uint64_t value)
{
    bool had_ccidx = id[ID_AA64MMFR2_EL1] & ID_AA64MMFR2_CCIDX;

    id[index] = value;
    vcpu_id_make_consistent(id);
    if (had_ccidx && !(id[ID_AA64MMFR2_EL1] & ID_AA64MMFR2_CCIDX))
        for (unsigned i = 0; i < ID_CCSIDR_COUNT; i++)
            id[ID_CCSIDR_EL1(i)] = without_ccidx(id[ID_CCSIDR_EL1(i)]);
}

int vcpu_vm_set_id(struct vcpu_vm *vm, uint32_t encoding, uint64_t value)
{
    unsigned index = vcpu_id_index(encoding);

    if (!vm)
        return VCPU_ERR_INVALID;
    if (index == ID_COUNT)
        return VCPU_ERR_NOT_FOUND;
    if (vm->vcpus || vm->devices)
        return VCPU_ERR_STATE;
    if (!is_allowed(index, vm->id[index], value))
        return VCPU_ERR_INVALID;
    set(vm->id, index, value);
    vm->when = vcpu_trap_conditions(&vm->features, vm->flags, vm->id);
    if (!(vm->when & EL1_SVE))
        vm->sve_vq = 0;
    /* The results for CPUs were for the old values. */
    for (unsigned i = 0; i < VM_KINDS; i++)
        atomic_init(&vm->fit[i], 0);
    return VCPU_OK;
}
