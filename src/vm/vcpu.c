/* SPDX-License-Identifier: MIT */
/* Creates, resets and destroys a vCPU. */
#include <vcpu/vcpu.h>

#include "hw/host_memory.h"
#include "state/state.h"
#include "state/sve.h"
#include "switch/switch.h"
#include "vm/power.h"
#include "vm/reset.h"

/*
 * The state after vcpu_create and vcpu_reset. The vCPU is not resident.
 *
 * Kicks and notices of before are dropped first. One that comes from now on stays, whenever that
 * is: it may be about something that its device has got after its reset.
 */
static void begin(struct vcpu_state *v, bool off)
{
    atomic_fetch_and_explicit(&v->token, ~TOKEN_CALLS, memory_order_acquire);
    vcpu_reset_all(v);
    v->has_entry = false;
    atomic_store_explicit(&v->power, off ? VCPU_POWER_OFF : VCPU_POWER_ON, memory_order_relaxed);
    if (off)
        atomic_fetch_or_explicit(&v->token, TOKEN_OFF, memory_order_release);
    else
        atomic_fetch_and_explicit(&v->token, ~TOKEN_OFF, memory_order_release);
}

int vcpu_create(struct vcpu_vm *vm, const struct vcpu_config *config, struct vcpu **vcpu)
{
    struct vcpu_state *v;
    vcpu_pa_t page;

    if (!vm || !config || !vcpu || config->index >= vm->max_vcpus ||
        (config->mpidr & ~MPIDR_AFFINITY))
        return VCPU_ERR_INVALID;
    if (vcpu_vm_vcpu(vm, config->index) || vcpu_vm_find(vm, config->mpidr))
        return VCPU_ERR_EXISTS;

    v = host_memory_take(vm->host, 1, &page);
    if (!v)
        return VCPU_ERR_NO_MEMORY;
    v->vm = vm;
    v->page = page;
    v->pub.index = config->index;
    v->mpidr = config->mpidr;
    v->user = config->user;
    v->device = vm->device[0];
    v->debugger.flags = vm->flags & VCPU_VM_TRAP_DEBUG ? VCPU_DEBUG_BRK : 0;
    if (vcpu_sve_create(vm, &v->sve)) {
        vm->host->free_pages(vm->host->ctx, page, 1);
        return VCPU_ERR_NO_MEMORY;
    }
    atomic_init(&v->token, TOKEN_ABSENT);
    begin(v, config->off);

    vm->vcpus++;
    /* From now on another vCPU's CPU_ON can find it. */
    atomic_store_explicit(&vm->vcpu[v->pub.index], v, memory_order_release);
    *vcpu = &v->pub;
    return VCPU_OK;
}

int vcpu_destroy(struct vcpu *vcpu)
{
    struct vcpu_state *v = state_of(vcpu);
    struct vcpu_vm *vm;

    if (!vcpu)
        return VCPU_ERR_INVALID;
    /* On pending: another vCPU's CPU_UP exit has its address. */
    if (state_cpu(v) || vcpu_power(vcpu) == VCPU_POWER_ON_PENDING)
        return VCPU_ERR_BUSY;
    vcpu_power_cancel(v);
    vm = v->vm;
    atomic_store_explicit(&vm->vcpu[v->pub.index], NULL, memory_order_release);
    vm->vcpus--;
    vcpu_sve_destroy(vm, &v->sve);
    vm->host->free_pages(vm->host->ctx, v->page, 1);
    return VCPU_OK;
}

int vcpu_reset(struct vcpu *vcpu, bool off)
{
    struct vcpu_state *v = state_of(vcpu);

    if (!vcpu)
        return VCPU_ERR_INVALID;
    if (!vcpu_switch_leave(v))
        return VCPU_ERR_BUSY;
    vcpu_power_cancel(v);
    vcpu_power_disown(v);
    begin(v, off);
    return VCPU_OK;
}

struct vcpu_vm *vcpu_vm_of(const struct vcpu *vcpu)
{
    return state_of_const(vcpu)->vm;
}

uint64_t vcpu_mpidr(const struct vcpu *vcpu)
{
    return state_of_const(vcpu)->mpidr;
}

void *vcpu_user(const struct vcpu *vcpu)
{
    return state_of_const(vcpu)->user;
}

int vcpu_set_entry(struct vcpu *vcpu, vcpu_ipa_t entry)
{
    if (!vcpu || (entry.value & 3))
        return VCPU_ERR_INVALID;
    vcpu->regs.pc = entry.value;
    state_of(vcpu)->has_entry = true;
    return VCPU_OK;
}

int vcpu_set_ept_root(struct vcpu *vcpu, vcpu_pa_t root)
{
    struct vcpu_state *v = state_of(vcpu);

    if (!vcpu)
        return VCPU_ERR_INVALID;

    const struct vcpu_vm *vm = v->vm;
    uint64_t size = (uint64_t)vm->shape.root_pages * VCPU_PAGE_SIZE;
    uint64_t vttbr;

    /* The concatenated tables of the first level are aligned to their total size. */
    if (root.value % size || root.value >> vm->features.pa_bits)
        return VCPU_ERR_INVALID;
    vttbr = FIELD_PREP(VTTBR_EL2_VMID, vm->vmid) | root.value;
    /* The first root too: another vCPU may have had this VMID and index before. */
    v->stale_tlb |= v->vttbr != vttbr;
    v->vttbr = vttbr;
    v->has_root = true;
    atomic_fetch_or_explicit(&v->token, TOKEN_CHANGED, memory_order_release);
    return VCPU_OK;
}
