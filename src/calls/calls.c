/* SPDX-License-Identifier: MIT */
/* The host's choice for a VM. */
#include "calls/calls.h"

#include <vcpu/psci.h>

#include "arm/smccc.h"

static bool ranges_are_valid(const struct vcpu_calls *calls)
{
    for (size_t i = 0; i < calls->range_count; i++) {
        const struct vcpu_call_range *range = &calls->ranges[i];

        if (range->first > range->last || !(range->first & SMCCC_FAST) ||
            (unsigned)range->action > VCPU_CALL_DENY)
            return false;
    }
    return true;
}

static bool are_valid(const struct vcpu_calls *calls)
{
    return (calls->ranges || !calls->range_count) && (calls->cpus || !calls->cpu_count) &&
           calls->trng_uuid[0] != UINT32_MAX && calls->vendor_uid[0] != UINT32_MAX &&
           ranges_are_valid(calls);
}

int vcpu_vm_set_calls(struct vcpu_vm *vm, const struct vcpu_calls *calls)
{
    if (!vm || !calls || (vm->flags & VCPU_VM_RAW_CALLS) || !are_valid(calls))
        return VCPU_ERR_INVALID;
    if (vm->vcpus)
        return VCPU_ERR_STATE;
    for (size_t i = 0; i < calls->cpu_count; i++)
        if (!vcpu_percpu_features(calls->cpus[i]))
            return VCPU_ERR_STATE;
    for (unsigned n = 0; n < FIRMWARE_WORKAROUNDS; n++) {
        vm->workaround[n] =
            calls->cpu_count ? vcpu_calls_offer_none(n) : (int8_t)VCPU_PSCI_NOT_SUPPORTED;
        for (size_t i = 0; i < calls->cpu_count; i++) {
            const struct percpu_state *cpu = (const struct percpu_state *)calls->cpus[i];

            vm->workaround[n] = vcpu_calls_offer(vm->workaround[n], &cpu->firmware, n);
        }
    }
    vm->plain_psci = 0;
    for (uint32_t fn = 0; fn <= PSCI_FN_LAST; fn++)
        if (fn != PSCI_FN(VCPU_PSCI_FEATURES) &&
            vcpu_calls_action(calls, VCPU_PSCI_VERSION | fn) == VCPU_CALL_LIBRARY)
            vm->plain_psci |= UINT32_C(1) << fn;
    vm->host_owners = SMCCC_OTHER_OWNERS;
    for (size_t i = 0; i < calls->range_count; i++)
        for (uint32_t top = calls->ranges[i].first >> 24; top <= calls->ranges[i].last >> 24; top++)
            vm->host_owners &= ~BIT(FIELD_GET(SMCCC_OWNER, top << 24));
    vm->calls = calls;
    vm->decide_call = vcpu_calls_decide;
    return VCPU_OK;
}
