/* SPDX-License-Identifier: MIT */
/* The registers of the world-switch table between memory and this CPU. With DAIF masked. */
#ifndef VCPU_SWITCH_EL1_H
#define VCPU_SWITCH_EL1_H

#include "state/state.h"

/* All but the pointer authentication keys, which switch/pauth.h moves. */
void vcpu_el1_save(struct vcpu_state *v);

/* Likewise, and all but TCR_EL1, which lets table walks begin: see vcpu_el1_stop_walks. */
void vcpu_el1_restore(const struct vcpu_state *v);

/*
 * No walk of EL1's tables may start, nor one that was begun speculatively go on, while TTBRs and
 * VTTBR_EL2 belong to different guests: it would fill the TLB with a mixture (Cortex-A57 and A72
 * erratum 1319537, A55 and A76 1165522 and 1530923, and their like). With the MMU on and EPD0 and
 * EPD1 set there is nothing to walk.
 */
void vcpu_el1_stop_walks(void);

/*
 * v->el1 as the registers are, if the vCPU is resident, and the registers as v->el1 is. For access
 * to single ones, which is rare: between vcpu_hold and daif_restore.
 */
void vcpu_el1_fetch(struct vcpu_state *v);
void vcpu_el1_store(const struct vcpu_state *v);

#endif
