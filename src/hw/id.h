/* SPDX-License-Identifier: MIT */
#ifndef VCPU_HW_ID_H
#define VCPU_HW_ID_H

#include "arm/id.h"

/*
 * Reads the registers that say what this CPU is: all identification registers, where unassigned
 * ones read as 0, and the others. 0 for a cache that is not there.
 */
void vcpu_id_read_all(uint64_t id[ID_COUNT]);

#endif
