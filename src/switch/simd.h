/* SPDX-License-Identifier: MIT */
/* Moves FP, SIMD and SVE registers. The CPU must not trap them (CPTR_EL2). */
#ifndef VCPU_SWITCH_SIMD_H
#define VCPU_SWITCH_SIMD_H

#include "state/state.h"

/*
 * load: the vCPU's registers to the CPU. unload: to memory, and the host's vector length back to
 * the CPU. V and Z are one state: for a vCPU with SVE all of Z is moved, at the VM's longest
 * vectors, whatever its ZCR_EL1 says.
 */
void vcpu_simd_load(struct percpu_state *cpu, const struct vcpu_state *v);
void vcpu_simd_unload(const struct percpu_state *cpu, struct vcpu_state *v);

/* Bit n: this CPU, which has SVE, can have vectors of n + 1 quadwords. */
uint16_t vcpu_simd_sve_lengths(void);

/* asm/simd.S. */
void vcpu_simd_save(struct simd_state *state);
void vcpu_simd_restore(const struct simd_state *state);

/* d8-d15, FPSR, FPCR: what the host's compiler expects to be preserved over a call. */
void vcpu_simd_save_host(uint64_t regs[10]);
void vcpu_simd_restore_host(const uint64_t regs[10]);

/* asm/sve.S: Z, P and FFR at `z`, FPSR and FPCR in `state`. ZCR_EL2 gives the length of vectors. */
void vcpu_sve_save(void *z, struct simd_state *state);
void vcpu_sve_restore(const void *z, const struct simd_state *state);

/* Bytes of a vector at EL2, by ZCR_EL2. */
uint64_t vcpu_sve_vector_bytes(void);

#endif
