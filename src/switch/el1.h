/* SPDX-License-Identifier: MIT */
/* Moves the registers of the world-switch table between memory and this CPU. With DAIF masked. */
#ifndef VCPU_SWITCH_EL1_H
#define VCPU_SWITCH_EL1_H

#include "state/state.h"

/* Without the pointer authentication keys, which switch/pauth.h moves. */
void vcpu_el1_save(struct vcpu_state *v);

/* The same, without TCR_EL1, which enables table walks: see vcpu_el1_stop_walks. */
void vcpu_el1_restore(const struct vcpu_state *v);

/*
 * While TTBRs and VTTBR_EL2 belong to different guests, no walk of EL1's tables may start, and none
 * that began speculatively may go on: it would fill the TLB with a mixture of both (Cortex-A57 and
 * A72 erratum 1319537, A55 and A76 1165522 and 1530923, and similar). With the MMU on and EPD0 and
 * EPD1 set there is nothing to walk.
 */
void vcpu_el1_stop_walks(void);

/*
 * If the vCPU is resident: fetch copies the registers to v->el1, store v->el1 to the registers. For
 * accesses to single registers, which are rare; between vcpu_hold and daif_restore.
 */
void vcpu_el1_fetch(struct vcpu_state *v);
void vcpu_el1_store(const struct vcpu_state *v);

#endif
