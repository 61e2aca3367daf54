/* SPDX-License-Identifier: MIT */
#include <vcpu/version.h>

_Static_assert(VCPU_VERSION ==
                   ((VCPU_VERSION_MAJOR << 16) | (VCPU_VERSION_MINOR << 8) | VCPU_VERSION_PATCH),
               "the three in one number");

uint32_t vcpu_version(void)
{
    return VCPU_VERSION;
}
