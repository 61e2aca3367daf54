/* SPDX-License-Identifier: MIT */
#ifndef VCPU_HW_ID_H
#define VCPU_HW_ID_H

#include "arm/id.h"

/*
 * Reads what this CPU says of itself: the whole space of identification registers, of which those
 * that are not assigned read as 0, and the others; 0 for a cache that is not there.
 */
void vcpu_id_read_all(uint64_t id[ID_COUNT]);

#endif
