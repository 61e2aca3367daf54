/* SPDX-License-Identifier: MIT */
#include <vcpu/psci.h>

#include "arm/smccc.h"
#include "calls/calls.h"
#include "hw/smc.h"

static enum call_verdict answer(struct vcpu_state *v, int64_t value)
{
    v->pub.regs.x[0] = (uint64_t)value;
    return CALL_ANSWERED;
}

/* PSCI_FEATURES, SMCCC_ARCH_FEATURES: the library answers for calls that are as ever. */
static enum call_verdict features(struct vcpu_state *v, uint32_t function)
{
    uint32_t asked = (uint32_t)v->pub.regs.x[1];
    int n = vcpu_calls_workaround(asked);

    switch (vcpu_calls_action(v->vm->calls, asked)) {
    case VCPU_CALL_EXIT:
        return answer(v, VCPU_PSCI_SUCCESS);
    case VCPU_CALL_DENY:
        return answer(v, VCPU_PSCI_NOT_SUPPORTED);
    case VCPU_CALL_LIBRARY:
        break;
    }
    if (function == VCPU_SMCCC_ARCH_FEATURES && n >= 0)
        return answer(v, v->vm->workaround[n]);
    return CALL_LIBRARY;
}

/* The vectors have made the call at this exit (vcpu_percpu_harden), or number 3, which is more. */
static bool is_made(const struct vcpu_state *v)
{
    return v->guard.call == (uint32_t)v->pub.regs.x[0] || v->guard.call == SMCCC_ARCH_WORKAROUND_3;
}

/*
 * The firmware is called only on a CPU whose answer was that it has the call and the call is
 * required. Number 2 would change the CPU for the host and for other guests. The calls have no
 * arguments, and no result but W0.
 */
static enum call_verdict work_around(struct vcpu_state *v, unsigned n)
{
    const struct firmware_answers *firmware = &state_cpu(v)->firmware;

    if (v->vm->workaround[n] < 0)
        return CALL_LIBRARY;
    if (n != SMCCC_WORKAROUND_SSB && firmware->asked && firmware->workaround[n] == 0 &&
        !(firmware->unaffected & BIT(n)) && !is_made(v))
        return answer(v, vcpu_smc_alone((uint32_t)v->pub.regs.x[0]));
    return answer(v, VCPU_PSCI_SUCCESS);
}

static enum call_verdict vendor_uid(struct vcpu_state *v)
{
    const uint32_t *uid = v->vm->calls->vendor_uid;

    if (!(uid[0] | uid[1] | uid[2] | uid[3]))
        return CALL_LIBRARY;
    for (unsigned i = 0; i < 4; i++)
        v->pub.regs.x[i] = uid[i];
    return CALL_ANSWERED;
}

enum call_verdict vcpu_calls_decide(struct vcpu_state *v)
{
    const struct vcpu_calls *calls = v->vm->calls;
    uint32_t function = (uint32_t)v->pub.regs.x[0];
    int n;

    if (!(function & SMCCC_FAST))
        return CALL_LIBRARY;
    switch (vcpu_calls_action(calls, function)) {
    case VCPU_CALL_EXIT:
        return CALL_EXIT;
    case VCPU_CALL_DENY:
        return answer(v, VCPU_PSCI_NOT_SUPPORTED);
    case VCPU_CALL_LIBRARY:
        break;
    }
    if (function == VCPU_PSCI_FEATURES || function == VCPU_SMCCC_ARCH_FEATURES)
        return features(v, function);
    if (function == VCPU_VENDOR_HYP_UID)
        return vendor_uid(v);
    n = vcpu_calls_workaround(function);
    if (n >= 0)
        return work_around(v, (unsigned)n);
    return calls->entropy && vcpu_calls_trng(calls, &v->pub) ? CALL_ANSWERED : CALL_LIBRARY;
}
