/* SPDX-License-Identifier: MIT */
/* What a guest reads in the identification registers. Pure. */
#ifndef VCPU_GUEST_ID_H
#define VCPU_GUEST_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "arm/id.h"
#include "guest/id_table.h"

/*
 * The guest's values from the host's. Only fields that the library knows to be harmless (they have
 * no state, or state that is switched) are shown, and none higher than known; all others are 0, or
 * what says "not there". with: of ID_WITH, what else the guest has. What is not in the group of
 * identification registers is as the host has it.
 */
void vcpu_id_for_guest(const uint64_t host[ID_COUNT], unsigned with, uint64_t guest[ID_COUNT]);

/* Lowers what follows from fields that were lowered. */
void vcpu_id_make_consistent(uint64_t id[ID_COUNT]);

/* May a VM show `value` in a register of the group instead of `now`? No field is more than that. */
bool vcpu_id_may_lower(unsigned reg, uint64_t now, uint64_t value);

/* Does cache maintenance by this CTR_EL0 do all that is needed on a CPU that has another? */
bool vcpu_id_ctr_holds(uint64_t has, uint64_t shows);

/*
 * Does a CPU have all that a VM shows to its guests? 0, or ID_FITS with what has to be trapped
 * there, for it would be another than the VM's.
 */
#define ID_FITS                1u
#define ID_FITS_WITHOUT_CTR    2u /* CTR_EL0 */
#define ID_FITS_WITHOUT_CACHES 4u /* CLIDR_EL1, CCSIDR_EL1, and CSSELR_EL1 that selects there */
#define ID_FITS_WITHOUT_ZVA    8u /* DC ZVA */
#define ID_FIT_BITS            15u
unsigned vcpu_id_fit(const uint64_t host[ID_COUNT], const uint64_t shows[ID_COUNT]);

/* A number that is the same for CPUs that say the same of themselves. ID_FIT_BITS are 0. */
uint64_t vcpu_id_kind(const uint64_t id[ID_COUNT]);

/* The index of a register by its encoding, or of VCPU_VM_CCSIDR; ID_COUNT if it is no such. */
unsigned vcpu_id_index(uint32_t encoding);

#endif
