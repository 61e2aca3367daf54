/* SPDX-License-Identifier: MIT */
/* What a guest reads in the identification registers. Pure. */
#ifndef VCPU_GUEST_ID_H
#define VCPU_GUEST_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "arm/id.h"
#include "guest/id_table.h"

/*
 * Computes the guest's values from the host's. Only fields are shown that the library knows to be
 * harmless (no state, or state that is switched), up to the values that it knows. All others are 0,
 * or their value for "not there". with: bits of ID_WITH, what else the guest has. Registers outside
 * the group of identification registers are as on the host.
 */
void vcpu_id_for_guest(const uint64_t host[ID_COUNT], unsigned with, uint64_t guest[ID_COUNT]);

/* Any kind of pointer authentication, in a CPU's registers or in a guest's. */
bool vcpu_id_has_pauth(const uint64_t id[ID_REG_COUNT]);

/* Lowers fields that depend on lowered ones. */
void vcpu_id_make_consistent(uint64_t id[ID_COUNT]);

/* Can a VM show `value` in a register of the group instead of `now`? No field may be higher. */
bool vcpu_id_may_lower(unsigned reg, uint64_t now, uint64_t value);

/* Is cache maintenance that follows `shows` enough on a CPU with `has` in CTR_EL0? */
bool vcpu_id_ctr_holds(uint64_t has, uint64_t shows);

/*
 * Does a CPU have all that a VM shows to its guest? 0 if not; else ID_FITS, with the registers that
 * must trap there, because their values differ from the VM's.
 */
#define ID_FITS                1u
#define ID_FITS_WITHOUT_CTR    2u /* CTR_EL0 */
#define ID_FITS_WITHOUT_CACHES 4u /* CLIDR_EL1, CCSIDR_EL1, and CSSELR_EL1, which selects one */
#define ID_FITS_WITHOUT_ZVA    8u /* DC ZVA */
#define ID_FIT_BITS            15u
unsigned vcpu_id_fit(const uint64_t host[ID_COUNT], const uint64_t shows[ID_COUNT]);

/* A number that is the same for CPUs whose registers are the same. ID_FIT_BITS are 0. */
uint64_t vcpu_id_kind(const uint64_t id[ID_COUNT]);

/*
 * The index of a register by its encoding, or by VCPU_VM_CCSIDR; ID_COUNT if it is none of these.
 */
unsigned vcpu_id_index(uint32_t encoding);

#endif
