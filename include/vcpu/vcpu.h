/* SPDX-License-Identifier: MIT */
/*
 * A virtual CPU: its life, running it, completing its exits.
 *
 * Words that have one meaning in all headers:
 *
 *   CPU        a physical one; "this CPU" is the one that executes the call
 *   host       the kernel at EL2 that calls the library
 *   guest      the software that a vCPU executes, at EL1 and EL0
 *   run        from a call of vcpu_run to its return. The vCPU *runs* in that time
 *   entered    the CPU executes the guest, from an ERET to the next exit. One run can have several
 *              such times: after an exit that the library answers, the guest is entered again
 *   exit       an exception from the guest to EL2. The library answers it, or vcpu_run returns it
 *   resident   the vCPU's state (EL1, timers, list registers and others) is in a CPU's registers,
 *              also between runs. A CPU has at most one resident vCPU
 *   loaded     made resident on this CPU, by its first run here
 *   put        no longer resident: the state is in memory, the CPU has the host's values again. By
 *              vcpu_put, a run of another vCPU on this CPU, PSCI CPU_OFF, or where a call says so
 *   completion a call that ends an exit: it writes the result and moves PC to the next instruction
 *   answer     a completion, or an exception that is injected instead
 *   waits      the vCPU exited with WFI, WFE or CPU_SUSPEND, and the host does not run it
 *   pending    an interrupt that the guest has not taken; *active*: taken and not yet deactivated
 *   forwarded  a physical interrupt that the host acknowledged but did not deactivate: it stays
 *              active until the guest deactivates the virtual one that stands for it
 *   kick       vcpu_kick: makes a run end
 *   notice     vcpu_device_notify: tells the vCPU's devices that one has something new for it
 */
#ifndef VCPU_VCPU_H
#define VCPU_VCPU_H

#include <vcpu/addr.h>
#include <vcpu/error.h>
#include <vcpu/exit.h>
#include <vcpu/percpu.h>
#include <vcpu/reg.h>
#include <vcpu/types.h>
#include <vcpu/vm.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The registers that every exit writes here and every entry reads. Between two runs the host may
 * read and write x[] directly. There is no x[31]: the zero register is not stored. The host writes
 * pc and pstate with vcpu_set_reg, which refuses values that must not be entered.
 */
struct vcpu_regs {
    uint64_t x[31];     /* x0 to x30 */
    uint64_t pc;        /* ELR_EL2 */
    uint64_t pstate;    /* SPSR_EL2 */
    uint64_t sp_el0;    /* SP_EL0 */
    uint64_t hcr_el2;   /* HCR_EL2 while the guest is entered; the host must not write it */
    uint64_t tpidr_el0; /* TPIDR_EL0 */
};

/* The part of a vCPU that the host sees. The library's own part follows it in memory. */
struct vcpu {
    struct vcpu_regs regs; /* the registers that each exit writes */
    struct vcpu_exit exit; /* the exit that the last vcpu_run returned */
    uint16_t index;        /* as in vcpu_config; the host must not write it */
};

/* What vcpu_create is told. All of it can be 0. */
struct vcpu_config {
    uint16_t index; /* 0 to max_vcpus - 1; no other vCPU of the VM has it */
    /* The affinity that the guest reads in MPIDR_EL1: Aff3 at bit 32, Aff2 to Aff0 at bits 23:0. */
    uint64_t mpidr;
    bool off;   /* the vCPU is powered off until a PSCI CPU_ON */
    void *user; /* for the host: vcpu_user returns it */
};

/*
 * Makes a vCPU of vm, in its reset state: EL1h, DAIF masked, MMU off. Not while another call
 * creates or destroys a vCPU of the same VM.
 *
 * Takes one page, and with VCPU_VM_SVE 1, 2 or 4 more: for vectors of up to 7, up to 15, or 16
 * quadwords.
 *
 *  VCPU_ERR_INVALID    vm, config or vcpu is NULL; index is not below the VM's max_vcpus; mpidr has
 *                      bits that are not affinity fields
 *  VCPU_ERR_EXISTS     another vCPU of the VM has index or mpidr
 *  VCPU_ERR_NO_MEMORY  no page
 */
int vcpu_create(struct vcpu_vm *vm, const struct vcpu_config *config, struct vcpu **vcpu);

/*
 * Ends the vCPU and gives its pages back. Only while
 *  - no vCPU of its VM runs, and
 *  - no other call on any CPU concerns it: no call kicks it, and none changes a line of it, or of
 *    an SPI that may be routed to it.
 *
 *  VCPU_ERR_INVALID  vcpu is NULL
 *  VCPU_ERR_BUSY     vcpu is resident (call vcpu_put on that CPU first), or it is the target of a
 *                    VCPU_EXIT_CPU_UP that is not answered
 */
int vcpu_destroy(struct vcpu *vcpu);

/*
 * Resets the vCPU to the state that vcpu_create made, powered off or on (`off`):
 *  - registers, interrupt lines, kicks and power are reset;
 *  - the stage-2 root stays;
 *  - the entry point is cleared: call vcpu_set_entry, or a CPU_ON sets it;
 *  - the next run first removes the TLB entries of the VM on all CPUs;
 *  - an unanswered VCPU_EXIT_CPU_UP of this vCPU, or with it as target, is over:
 *    vcpu_complete_cpu_up returns VCPU_ERR_STATE;
 *  - each device (vcpu/device.h) resets the vCPU's part of it. The VM's part, such as a
 *    distributor, stays as it is;
 *  - a vCPU that is resident on this CPU is put.
 *
 * The vCPU starts with its MMU and caches off. So at a reset of the VM the host also writes and
 * cleans all memory of the VM (vcpu/cache.h, rule 2).
 *
 * Only while no vCPU of the VM runs, and no other call for the VM at the same time. With
 * VCPU_VM_RAW_CALLS the other vCPUs may run meanwhile, and calls for them may be made: a host with
 * its own PSCI turns a vCPU on this way.
 *
 *  VCPU_ERR_INVALID  vcpu is NULL
 *  VCPU_ERR_BUSY     vcpu is resident on another CPU (call vcpu_put there first)
 */
int vcpu_reset(struct vcpu *vcpu, bool off);

/* The VM, and index, mpidr and user of vcpu_config. vcpu must not be NULL. Any CPU. */
struct vcpu_vm *vcpu_vm_of(const struct vcpu *vcpu);
VCPU_INLINE uint16_t vcpu_index(const struct vcpu *vcpu)
{
    return vcpu->index;
}
uint64_t vcpu_mpidr(const struct vcpu *vcpu);
void *vcpu_user(const struct vcpu *vcpu);

/*
 * Sets where the guest starts: PC and no other register. Any CPU, while the vCPU does not run.
 *
 *  VCPU_ERR_INVALID  vcpu is NULL; entry is not a multiple of 4
 */
int vcpu_set_entry(struct vcpu *vcpu, vcpu_ipa_t entry);

/*
 * Sets the root of the vCPU's stage-2 tables, made for the VM's ipa_bits by the host or by
 * vcpu/stage2.h. The memory stays the host's. Any CPU, while the vCPU does not run.
 *
 * The new root is in effect from the next run on. Until then, or until vcpu_put, the CPU of a
 * resident vCPU can still read the old tables: keep them so long. A new root, the first one too,
 * makes the next run remove the VMID's TLB entries on all CPUs.
 *
 * All vCPUs of a VM must have the same root, because they share its VMID. Change it on all of them
 * while none runs.
 *
 *  VCPU_ERR_INVALID  vcpu is NULL; root is not aligned to the size of the root tables; root does
 *                    not fit in the pa_bits of the CPU that the VM was made on
 */
int vcpu_set_ept_root(struct vcpu *vcpu, vcpu_pa_t root);

/*
 * Enters the guest on this CPU, and returns when the host has something to do: the exit reason
 * (above 0), with the rest in vcpu->exit. If the vCPU is not resident here, first puts the one that
 * is, then loads it.
 *
 *  - `cpu` is the block of this CPU. The caller must not be preempted, or moved to another CPU,
 *    from when it chooses `cpu` until vcpu_run returns.
 *  - At EL2 with SPSel = 1. Interrupts may be masked or not, and are as before when it returns.
 *  - If the guest was entered, PSTATE.PAN, UAO, DIT, SSBS, TCO and ALLINT have after the return the
 *    values from when the vCPU was loaded here, not those at this call.
 *  - Neither pointer may be NULL: a check would be on the path of every exit.
 *
 *  VCPU_ERR_INVALID      cpu is not enabled, or is the block of another CPU. Not checked: the block
 *                        of the CPU on which vcpu is resident, given on a different CPU; the caller
 *                        must prevent that
 *  VCPU_ERR_STATE        vcpu has no stage-2 root or no entry point, or is powered off
 *  VCPU_ERR_BUSY         vcpu runs, or is resident, on another CPU (call vcpu_put there first)
 *  VCPU_ERR_UNSUPPORTED  this CPU lacks something that the VM was made with
 */
int vcpu_run(struct vcpu_percpu *cpu, struct vcpu *vcpu);

/*
 * Puts the vCPU: writes its state to memory and gives this CPU the host's values back. After that
 * it may run on another CPU. On the CPU where the vCPU is resident. Interrupts may be masked or not; the
 * caller must not be preempted, as with vcpu_run. For a vCPU that waits the host asks vcpu_has_work
 * (vcpu/device.h) after it: the put calls no wake hook for it, but finds what came for it in this CPU.
 *
 *  VCPU_ERR_INVALID  cpu or vcpu is NULL
 *  VCPU_ERR_STATE    vcpu is not resident on this CPU; cpu is not enabled, or is another CPU's
 *                    block
 */
int vcpu_put(struct vcpu_percpu *cpu, struct vcpu *vcpu);

/*
 * Makes the vCPU's run return with VCPU_EXIT_KICK. If it does not run, its next run returns at
 * once. If the run returns for another reason first, the kick stays for the next one. Several kicks
 * before such an exit are one. With VCPU_VM_DIRECT_IRQ a kick takes effect at the guest's next
 * exit. Any CPU, any time, no lock.
 *
 *  VCPU_ERR_INVALID  vcpu is NULL
 */
int vcpu_kick(struct vcpu *vcpu);

/*
 * Completions. Each writes the result as the architecture would, moves PC to the next instruction
 * (which clears PSTATE.BTYPE and PSTATE.SS), and sets the exit's reason to VCPU_EXIT_NONE. On the
 * CPU where the vCPU is resident, or on any CPU if it is not resident. Interrupts may be masked or
 * not. vcpu must not be NULL.
 *
 *  VCPU_ERR_STATE  the last exit is not of the kind that the call completes
 *
 * The common case of three of them is inline, because nearly every exit takes it. The library has
 * these as functions too, for other languages. Completions of the PSCI exits are in vcpu/psci.h, that
 * of VCPU_EXIT_DEBUG is in vcpu/debug.h.
 */

/* Completes a VCPU_EXIT_SYSREG_READ (the guest's register gets value); a VCPU_EXIT_SYSREG_WRITE. */
int vcpu_complete_sysreg_read(struct vcpu *vcpu, uint64_t value);
int vcpu_complete_sysreg_write(struct vcpu *vcpu);

/*
 * Skips the instruction of these exits:
 *  - VCPU_EXIT_WFI, VCPU_EXIT_WFE;
 *  - VCPU_EXIT_STAGE2_FAULT with fault.cache_maintenance: the host has done it, or it is not
 *    needed;
 *  - VCPU_EXIT_DEBUG for an A64 BRK.
 */
int vcpu_complete_skip(struct vcpu *vcpu);

/* The cases of the inline functions below that are not inline. */
int vcpu_complete_mmio_read_any(struct vcpu *vcpu, uint64_t data);
int vcpu_complete_mmio_write_any(struct vcpu *vcpu);
int vcpu_complete_call_any(struct vcpu *vcpu, uint64_t x0);

/* PC moves past an A64 instruction. PSTATE.BTYPE (bits 11:10) and SS (bit 21) become 0. */
VCPU_INLINE void vcpu_complete_a64(struct vcpu *vcpu)
{
    vcpu->regs.pc += 4;
    vcpu->regs.pstate &= ~0x200c00ull;
    vcpu->exit.reason = VCPU_EXIT_NONE;
}

/*
 * Completes a VCPU_EXIT_MMIO_READ, or a VCPU_EXIT_STAGE2_FAULT of a load with a syndrome
 * (fault.mmio.size is not 0). data is the device's value: the call cuts it to the access's size and extends it to the
 * register. The numbers are ESR_EL2.SAS (bits 23:22), SSE (21) and SRT (20:16); PSTATE.nRW (4).
 */
VCPU_INLINE int vcpu_complete_mmio_read(struct vcpu *vcpu, uint64_t data)
{
    uint64_t esr = vcpu->exit.esr_el2;
    uint64_t reg = (esr >> 16) & 31;

    /* Here: 32 bits without sign extension, in AArch64 state, as nearly all device registers. */
    if (vcpu->exit.reason != VCPU_EXIT_MMIO_READ || ((esr >> 21) & 7) != 4 ||
        (vcpu->regs.pstate & 0x10))
        return vcpu_complete_mmio_read_any(vcpu, data);
    if (reg != 31)
        vcpu->regs.x[reg] = (uint32_t)data;
    vcpu_complete_a64(vcpu);
    return VCPU_OK;
}

/*
 * Completes a VCPU_EXIT_MMIO_WRITE, or a VCPU_EXIT_STAGE2_FAULT of a store with a syndrome. The host
 * has carried the store out.
 */
VCPU_INLINE int vcpu_complete_mmio_write(struct vcpu *vcpu)
{
    if (vcpu->exit.reason != VCPU_EXIT_MMIO_WRITE || (vcpu->regs.pstate & 0x10))
        return vcpu_complete_mmio_write_any(vcpu);
    vcpu_complete_a64(vcpu);
    return VCPU_OK;
}

/*
 * Completes a VCPU_EXIT_HYPERCALL: x0 gets the value. The host may have written x1-x17 in vcpu->regs
 * before.
 */
VCPU_INLINE int vcpu_complete_call(struct vcpu *vcpu, uint64_t x0)
{
    /* Here: an HVC, which only AArch64 state has. */
    if (vcpu->exit.reason != VCPU_EXIT_HYPERCALL || vcpu->exit.smc)
        return vcpu_complete_call_any(vcpu, x0);
    vcpu->regs.x[0] = x0;
    vcpu_complete_a64(vcpu);
    return VCPU_OK;
}

#ifdef __cplusplus
}
#endif

#endif
