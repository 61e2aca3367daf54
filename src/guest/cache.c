/* SPDX-License-Identifier: MIT */
#include "guest/cache.h"

#include <vcpu/sysreg.h>

#include "hw/nospec.h"

bool vcpu_cache_access(const uint64_t id[ID_COUNT], uint64_t *csselr,
                       struct vcpu_sysreg_access *access)
{
    if (access->encoding == VCPU_SYSREG(3, 2, 0, 0, 0)) { /* CSSELR_EL1 */
        if (access->write)
            *csselr = access->value & (CSSELR_EL1_LEVEL | CSSELR_EL1_IND);
        access->value = *csselr;
        return true;
    }
    if (access->write)
        return false;
    switch (access->encoding) {
    case VCPU_SYSREG(3, 3, 0, 0, 1): /* CTR_EL0 */
        access->value = id[ID_CTR_EL0];
        return true;
    case VCPU_SYSREG(3, 1, 0, 0, 1): /* CLIDR_EL1 */
        access->value = id[ID_CLIDR_EL1];
        return true;
    case VCPU_SYSREG(3, 1, 0, 0, 0): /* CCSIDR_EL1: UNKNOWN for a level that does not exist */
        access->value = *csselr < ID_CCSIDR_COUNT
                            ? id[ID_CCSIDR_EL1(NOSPEC_INDEX(*csselr, ID_CCSIDR_COUNT))]
                            : 0;
        return true;
    default:
        return false;
    }
}
