/* SPDX-License-Identifier: MIT */
/* Moves the registers of the world-switch table between memory and this CPU. With DAIF masked. */
#ifndef VCPU_SWITCH_EL1_H
#define VCPU_SWITCH_EL1_H

#include "state/state.h"

/*
 * A change of owner takes these in turn: save, stop, restore, start. `v` says which registers there
 * are: those of its VM. `el1` is the owner's memory, v's own or the host's. The pointer
 * authentication keys are not among them: switch/pauth.h moves them.
 *
 * CPTR_EL2 has the guest's value at the save and the restore, because the host's may trap ZCR_EL1.
 */
void vcpu_el1_save(const struct vcpu_state *v, uint64_t el1[EL1_COUNT]);

/*
 * Stops what works by itself:
 *  - the timers. Otherwise one could interrupt while it has the controls of one owner, and the
 *    compare value or the offset (CNTVOFF_EL2) of another;
 *  - table walks. While TTBRs and VTTBR_EL2 belong to different guests, no walk of EL1's tables may
 *    start, and none that began speculatively may go on: it would fill the TLB with a mixture of both
 *    (Cortex-A57 erratum 1319537, A72 1319367, A76 1165522, A55 1530923, and similar). With the MMU
 *    on and EPD0 and EPD1 set there is nothing to walk.
 */
void vcpu_el1_stop(const struct vcpu_state *v);

/* All but what the stop has set. */
void vcpu_el1_restore(const struct vcpu_state *v, const uint64_t el1[EL1_COUNT]);

/*
 * SCTLR_EL1, TCR_EL1 and the timers' controls. The owner's values of VTTBR_EL2 and CNTVOFF_EL2 are in
 * effect.
 */
void vcpu_el1_start(const struct vcpu_state *v, const uint64_t el1[EL1_COUNT]);

/*
 * If the vCPU is resident: fetch copies the registers to v->el1, store v->el1 to the registers. For
 * accesses to single registers, which are rare; between vcpu_hold and daif_restore.
 */
void vcpu_el1_fetch(struct vcpu_state *v);
void vcpu_el1_store(const struct vcpu_state *v);

#endif
