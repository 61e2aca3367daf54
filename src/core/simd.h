/* SPDX-License-Identifier: MIT */
/* asm/simd.S. The CPU must not trap FP (CPTR_EL2.TFP = 0). */
#ifndef VCPU_CORE_SIMD_H
#define VCPU_CORE_SIMD_H

#include "core/state.h"

void vcpu_simd_save(struct simd_state *state);
void vcpu_simd_restore(const struct simd_state *state);

/* d8-d15, FPSR, FPCR: what the host's compiler counts on over a call. */
void vcpu_simd_save_host(uint64_t regs[10]);
void vcpu_simd_restore_host(const uint64_t regs[10]);

#endif
