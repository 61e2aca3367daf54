/* SPDX-License-Identifier: MIT */
#ifndef VCPU_HW_ID_H
#define VCPU_HW_ID_H

#include "arm/id.h"

/* Reads the whole space of identification registers: those that are not assigned read as 0. */
void vcpu_id_read_all(uint64_t id[ID_REG_COUNT]);

#endif
