/* SPDX-License-Identifier: MIT */
/* The registers that describe caches, where they trap (HCR_EL2.TID2, TID4). Pure. */
#ifndef VCPU_GUEST_CACHE_H
#define VCPU_GUEST_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/exit.h>

#include "arm/id.h"

/*
 * Emulates an access to one of them. false: it is none, or the guest may not do this. csselr:
 * CSSELR_EL1.
 */
bool vcpu_cache_access(const uint64_t id[ID_COUNT], uint64_t *csselr,
                       struct vcpu_sysreg_access *access);

#endif
