/* SPDX-License-Identifier: MIT */
/* SMCCC_ARCH_WORKAROUND_1 to 3. */
#include <vcpu/psci.h>

#include "arm/smccc.h"
#include "calls/calls.h"

int vcpu_calls_workaround(uint32_t function)
{
    switch (function) {
    case SMCCC_ARCH_WORKAROUND_1:
        return 0;
    case SMCCC_ARCH_WORKAROUND_2:
        return SMCCC_WORKAROUND_SSB;
    case SMCCC_ARCH_WORKAROUND_3:
        return 2;
    default:
        return -1;
    }
}

int8_t vcpu_calls_offer_none(unsigned n)
{
    return n == SMCCC_WORKAROUND_SSB ? SMCCC_NOT_REQUIRED : SMCCC_UNAFFECTED;
}

int8_t vcpu_calls_offer(int8_t offer, const struct firmware_answers *cpu, unsigned n)
{
    int32_t says = cpu->asked ? cpu->workaround[n] : VCPU_PSCI_NOT_SUPPORTED;

    if (offer == VCPU_PSCI_NOT_SUPPORTED || (cpu->unaffected & BIT(n)))
        return offer;
    if (says == VCPU_PSCI_SUCCESS)
        return VCPU_PSCI_SUCCESS;
    if (says == SMCCC_UNAFFECTED || (n == SMCCC_WORKAROUND_SSB && says == SMCCC_NOT_REQUIRED))
        return offer;
    return VCPU_PSCI_NOT_SUPPORTED;
}
