/* SPDX-License-Identifier: MIT */
/*
 * The world switch: moving a vCPU's state into this CPU's registers and out of them. With DAIF
 * masked, on the CPU whose block is given.
 */
#ifndef VCPU_SWITCH_SWITCH_H
#define VCPU_SWITCH_SWITCH_H

#include "state/state.h"

/* The CPU has no resident vCPU, and v's token says that it is this CPU's. */
void vcpu_switch_load(struct percpu_state *cpu, struct vcpu_state *v);

/*
 * Saves the resident vCPU, gives the host's EL2 state back, and lets go of the token. from_guest:
 * in an exit, before the host's FP registers are back.
 */
void vcpu_switch_put(struct percpu_state *cpu, bool from_guest);

/* Puts v if it is in this CPU's registers. false: it is in another CPU's. DAIF masked or not. */
bool vcpu_switch_leave(const struct vcpu_state *v);

/* Writes what changed in memory while the vCPU is resident: its stage-2 root, interrupt lines. */
void vcpu_switch_update(struct percpu_state *cpu, struct vcpu_state *v);

/* Which of its exits may take the short way, as things are now. It is resident here. */
void vcpu_switch_short_exits(struct vcpu_state *v);

/*
 * What the host's CPTR_EL2 may trap (FP, SVE and with it ZCR_EL1) is open to the library from here
 * on. Gives back what is to be written to it afterwards: the guest's may be in it, or the host's.
 * And that again, in effect. The vCPU is resident.
 */
uint64_t vcpu_switch_cptr_to_guest(const struct percpu_state *cpu);
void vcpu_switch_cptr_back(uint64_t cptr);

/*
 * v->el1 as the registers are, if the vCPU is resident, and the registers as v->el1 is. For access
 * to single ones, which is rare: between vcpu_switch_hold and daif_restore.
 */
void vcpu_switch_fetch(struct vcpu_state *v);
void vcpu_switch_store(const struct vcpu_state *v);

/*
 * Masks interrupts, so that no other vCPU takes this one's place meanwhile. true: its state is in
 * memory or in this CPU's registers; the caller ends with daif_restore(*daif). false: it is in
 * another CPU's, and interrupts are as before.
 */
bool vcpu_switch_hold(const struct vcpu_state *v, uint64_t *daif);

/* Is it the block of the CPU that this runs on? */
bool vcpu_switch_is_this(const struct percpu_state *cpu);

#endif
