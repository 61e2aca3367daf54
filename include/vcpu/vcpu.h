/* SPDX-License-Identifier: MIT */
/* A virtual CPU: its life, running it, completing its exits, its registers. */
#ifndef VCPU_VCPU_H
#define VCPU_VCPU_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/addr.h>
#include <vcpu/error.h>
#include <vcpu/exit.h>
#include <vcpu/percpu.h>
#include <vcpu/reg.h>
#include <vcpu/vm.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The registers that every exit writes here and every entry reads. Between two runs the host may
 * read and write x[] directly (x[31] does not exist: the zero register is not stored); pc and
 * pstate are written with vcpu_set_reg, which refuses what must not be entered.
 */
struct vcpu_regs {
    uint64_t x[31];
    uint64_t pc;     /* ELR_EL2 */
    uint64_t pstate; /* SPSR_EL2 */
    uint64_t sp_el0;
    uint64_t hcr_el2; /* HCR_EL2 while it runs: the library's, which a host leaves alone */
    uint64_t tpidr_el0;
};

/* The part of a vCPU that a host sees. The library keeps its own part behind it. */
struct vcpu {
    struct vcpu_regs regs;
    struct vcpu_exit exit; /* what the last vcpu_run came back with */
    uint16_t index;        /* as in vcpu_config, only to read */
};

struct vcpu_config {
    uint16_t index; /* 0 to max_vcpus - 1, not taken */
    /* Affinity fields in place (Aff3 at bit 32); what the guest reads in MPIDR_EL1. */
    uint64_t mpidr;
    bool off;   /* it starts powered off and waits for a PSCI CPU_ON */
    void *user; /* the host's own, see vcpu_user */
};

/*
 * A vCPU of vm, in the state that a reset gives: EL1h, DAIF masked, MMU off. One page, and with
 * VCPU_VM_SVE 1, 2 or 4 pages for vectors of up to 7, up to 15, and of 16 quadwords. Not while
 * another call creates or destroys a vCPU of the same VM.
 *
 *  VCPU_ERR_INVALID    a pointer is NULL, index out of range, bits of mpidr that are no affinity
 *  VCPU_ERR_EXISTS     index or mpidr is taken
 *  VCPU_ERR_NO_MEMORY  no page
 */
int vcpu_create(struct vcpu_vm *vm, const struct vcpu_config *config, struct vcpu **vcpu);

/*
 * Gives its page back. While no vCPU of its VM runs, and no call concerns it on any CPU: no kick,
 * no interrupt line that may be its. VCPU_ERR_INVALID: NULL. VCPU_ERR_BUSY: its state is still in a
 * CPU's registers (call vcpu_put on that CPU first), or another vCPU's VCPU_EXIT_CPU_UP for it is
 * open.
 */
int vcpu_destroy(struct vcpu *vcpu);

/*
 * Puts it back to where vcpu_create left it, switched off or not: registers, interrupt lines,
 * kicks, power. Its stage-2 root stays, an entry must be set again (or comes with a CPU_ON), and
 * TLB entries of its VM are removed before its next run. Its open CPU_ON is over, and so is
 * another's that it is the target of. Devices (vcpu/device.h) reset what is the vCPU's; what is the
 * VM's is left to their owner. If the vCPU is in this CPU's registers it leaves them.
 *
 * While no vCPU of its VM runs; one call for a VM at a time. With VCPU_VM_RAW_CALLS the others may
 * run, each with its own calls: so a host with a PSCI of its own turns one on.
 *
 *  VCPU_ERR_INVALID  NULL
 *  VCPU_ERR_BUSY     its state is in another CPU's registers: vcpu_put there first
 */
int vcpu_reset(struct vcpu *vcpu, bool off);

/* Its VM, index, affinity (as in vcpu_config), and what the host attached. */
struct vcpu_vm *vcpu_vm_of(const struct vcpu *vcpu);
inline uint16_t vcpu_index(const struct vcpu *vcpu)
{
    return vcpu->index;
}
uint64_t vcpu_mpidr(const struct vcpu *vcpu);
void *vcpu_user(const struct vcpu *vcpu);

/*
 * Where the guest starts: sets PC, and clears nothing else. Any CPU, while it does not run.
 * VCPU_ERR_INVALID: NULL, or not a multiple of 4.
 */
int vcpu_set_entry(struct vcpu *vcpu, vcpu_ipa_t entry);

/*
 * Root of its stage-2 tables, made by the host or by vcpu/stage2.h for the VM's ipa_bits. The
 * memory stays the host's. While it does not run; a resident one uses it from its next run on. All
 * vCPUs of a VM have one root, for they share its VMID; a root that takes another's place makes the
 * next run remove the VMID's TLB entries on all CPUs.
 *
 *  VCPU_ERR_INVALID  NULL, or root not aligned to its size, or above the VM's physical size
 */
int vcpu_set_ept_root(struct vcpu *vcpu, vcpu_pa_t root);

/*
 * Enters the guest on this CPU and stays until there is something for the host to do. Returns the
 * exit reason (above 0), and the rest in vcpu->exit. On that CPU, at EL2 with SPSel = 1,
 * interrupts masked or not: they are as before when it returns. Not preemptible from the choice of
 * `cpu` on. PSTATE.PAN, UAO, DIT, SSBS, TCO and ALLINT are afterwards as they were when the vCPU was
 * loaded, which is at its first run on this CPU after another vCPU's, or after a vcpu_put.
 *
 * Neither pointer may be NULL, for their checks would be on the path of every exit.
 *
 *  VCPU_ERR_INVALID      cpu is not enabled, or is another CPU's; if the vCPU is resident on that
 *                        CPU this is not noticed: the caller sees to it
 *  VCPU_ERR_STATE        no stage-2 root, no entry set, or the vCPU is powered off
 *  VCPU_ERR_BUSY         it runs on another CPU, or its state is in that CPU's registers: vcpu_put
 *                        there first
 *  VCPU_ERR_UNSUPPORTED  this CPU has not what its VM was made for
 */
int vcpu_run(struct vcpu_percpu *cpu, struct vcpu *vcpu);

/*
 * Writes the vCPU's state that is still in this CPU's registers to memory, and gives the host's
 * own back. After it the vCPU may be run on another CPU. On the CPU where it last ran.
 * VCPU_ERR_INVALID: NULL. VCPU_ERR_STATE: it is not resident on this CPU, or cpu is not enabled or
 * another CPU's.
 */
int vcpu_put(struct vcpu_percpu *cpu, struct vcpu *vcpu);

/*
 * Makes vcpu_run on this vCPU return, now or at once when it is next called, with VCPU_EXIT_KICK
 * unless there is another reason. Any CPU, any time, no lock. Kicks that meet are one.
 * VCPU_ERR_INVALID: NULL.
 */
int vcpu_kick(struct vcpu *vcpu);

/*
 * Completing an exit: each writes the result as the architecture would, moves PC behind the
 * instruction (clearing PSTATE.BTYPE and PSTATE.SS), and leaves VCPU_EXIT_NONE as the reason. On
 * the CPU where the vCPU ran, or any after vcpu_put.
 *
 * All: VCPU_ERR_STATE if the last exit is not of that kind. vcpu must not be NULL.
 *
 * Three are on the path of nearly every exit, so their common case is inline. The library has each
 * as a function as well, for other languages.
 */

int vcpu_complete_sysreg_read(struct vcpu *vcpu, uint64_t value);
int vcpu_complete_sysreg_write(struct vcpu *vcpu);

/*
 * WFI, WFE: go on behind it. A fault exit for cache maintenance: likewise, it is done or not
 * needed. A debug exit of BRK: skip it. VCPU_ERR_STATE for any other.
 */
int vcpu_complete_skip(struct vcpu *vcpu);

/* The PSCI exits are completed in vcpu/psci.h. */

/* The cases that are not inline. */
int vcpu_complete_mmio_read_any(struct vcpu *vcpu, uint64_t data);
int vcpu_complete_mmio_write_any(struct vcpu *vcpu);
int vcpu_complete_call_any(struct vcpu *vcpu, uint64_t x0);

/* Behind an A64 instruction: BTYPE (bits 11:10) and SS (bit 21) are for the next one. */
inline void vcpu_complete_a64(struct vcpu *vcpu)
{
    vcpu->regs.pc += 4;
    vcpu->regs.pstate &= ~UINT64_C(0x200c00);
    vcpu->exit.reason = VCPU_EXIT_NONE;
}

/*
 * A load: data is what the device gives, cut and extended here to the register.
 * In numbers: ESR_EL2.SAS (bits 23:22), SSE (21) and SRT (20:16); PSTATE.nRW (4).
 */
inline int vcpu_complete_mmio_read(struct vcpu *vcpu, uint64_t data)
{
    uint64_t esr = vcpu->exit.esr_el2;
    uint64_t reg = (esr >> 16) & 31;

    /* A word without sign in A64 state, as nearly every device register is. */
    if (vcpu->exit.reason != VCPU_EXIT_MMIO_READ || ((esr >> 21) & 7) != 4 ||
        (vcpu->regs.pstate & 0x10))
        return vcpu_complete_mmio_read_any(vcpu, data);
    if (reg != 31)
        vcpu->regs.x[reg] = (uint32_t)data;
    vcpu_complete_a64(vcpu);
    return VCPU_OK;
}

/* A store that the host has carried out. */
inline int vcpu_complete_mmio_write(struct vcpu *vcpu)
{
    if (vcpu->exit.reason != VCPU_EXIT_MMIO_WRITE || (vcpu->regs.pstate & 0x10))
        return vcpu_complete_mmio_write_any(vcpu);
    vcpu_complete_a64(vcpu);
    return VCPU_OK;
}

/* A hypercall: x0 is set. The host may have written x1-x17 in vcpu->regs before. */
inline int vcpu_complete_call(struct vcpu *vcpu, uint64_t x0)
{
    /* PSTATE is as after the instruction already, if it was an HVC. */
    if (vcpu->exit.reason != VCPU_EXIT_HYPERCALL || vcpu->exit.smc)
        return vcpu_complete_call_any(vcpu, x0);
    vcpu->regs.x[0] = x0;
    vcpu->regs.pc += 4;
    vcpu->exit.reason = VCPU_EXIT_NONE;
    return VCPU_OK;
}

#ifdef __cplusplus
}
#endif

#endif
