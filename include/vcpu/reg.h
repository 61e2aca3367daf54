/* SPDX-License-Identifier: MIT */
/*
 * A vCPU's registers by id: one at a time, for debuggers, or all of them, to write them into another
 * vCPU: of another VM, on another CPU or machine.
 *
 * All calls: for a vCPU that does not run; on the CPU where its state is, or on any after vcpu_put.
 * VCPU_ERR_BUSY, and nothing was done: its state is in another CPU's registers.
 */
#ifndef VCPU_REG_H
#define VCPU_REG_H

#include <stddef.h>
#include <stdint.h>

#include <vcpu/sysreg.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vcpu;

/*
 * The ids do not change from one version of the library to the next. A system register's is
 * VCPU_REG_SYSREG and its encoding. A vCPU has:
 *
 *  - the registers of EL1 and EL0 that its guest has, with SP_EL1, the virtual timer's, and for a
 *    virtual SError's syndrome VSESR_EL2 and VDISR_EL2. Control bits of features that the VM's ID
 *    registers do not show read as 0, and are refused. VSESR_EL2, VDISR_EL2 and TPIDR2_EL0 are there
 *    on CPUs with FEAT_RAS and FEAT_SME, though these are hidden: elsewhere they are 0, and not
 *    listed;
 *  - FPCR and FPSR, and its vectors: V, or Z, P and FFR if the guest has SVE (V is then the low end
 *    of Z, and not listed);
 *  - debug registers. OSLSR_EL1 is the OS lock, and DBGCLAIMCLR_EL1 the claim tags that are set;
 *  - what tells the guest on what it runs: those of vcpu_vm_id, by the same encodings, CCSIDR_EL1 as
 *    VCPU_VM_CCSIDR; and MPIDR_EL1. Their values are the VM's or the vCPU's, and no other can be
 *    written;
 *  - what devices of the VM have (vcpu/device.h). vcpu/timer.h: CNTP_CTL_EL0 and CNTP_CVAL_EL0.
 *    vcpu/pmu.h: PMCR_EL0, PMSELR_EL0, PMUSERENR_EL0, counters and their types, and for what is
 *    enabled, overflowed and interrupts PMCNTENSET_EL0, PMOVSSET_EL0 and PMINTENSET_EL1, written
 *    whole. vcpu/gic.h: the CPU interface, ICC_PMR_EL1, ICC_BPR<n>_EL1, ICC_AP<m>R<n>_EL1,
 *    ICC_CTLR_EL1, ICC_SRE_EL1 and ICC_IGRPEN<n>_EL1. A GICv2 has the same ids (but for SRE); in
 *    ICC_CTLR_EL1 it has AckCtl and FIQEn where GICC_CTLR has them.
 *
 * Not among them are: power (vcpu_power, vcpu_config.off), kicks, the exit, and what belongs to the
 * VM: memory, the counter offset (vcpu_vm_set_counter_offset), and the interrupt controller's
 * distributor and redistributors, which a host reads and writes as the guest does
 * (vcpu_device_access).
 */
enum {
    VCPU_REG_X0 = 0, /* to X30 = 30 */
    VCPU_REG_PC = 32,
    VCPU_REG_PSTATE = 33,
    VCPU_REG_SP_EL0 = 34,
    VCPU_REG_TPIDR_EL0 = 35,
    /* What is pending of the host's making, as in ISR_EL1: IRQ line 7, FIQ line 6, SError 8. */
    VCPU_REG_PENDING = 36,
    VCPU_REG_SYSREG = 0x10000,
    VCPU_REG_V0 = 0x100000,
    VCPU_REG_Z0 = 0x110000,
    VCPU_REG_P0 = 0x120000,
};

/* 64 bits of a vector or predicate, the lowest ones first. Bits beyond its end are 0. */
#define VCPU_REG_V(n, half)  ((uint32_t)VCPU_REG_V0 + 2u * (n) + (half))
#define VCPU_REG_Z(n, piece) ((uint32_t)VCPU_REG_Z0 + 32u * (n) + (piece))
#define VCPU_REG_P(n, piece) ((uint32_t)VCPU_REG_P0 + 4u * (n) + (piece))
#define VCPU_REG_FFR(piece)  VCPU_REG_P(16u, piece)

/*
 * Reads or writes one. An open exit stays open: its completion moves PC from where it then is.
 *
 *  VCPU_ERR_INVALID    NULL, or a value that this vCPU could not have: PC not a multiple of 4 in
 *                      AArch64 state, PSTATE of EL2, EL3 or AArch32 EL1, or with reserved bits; a
 *                      feature that the guest has not; another value of what cannot change
 *  VCPU_ERR_NOT_FOUND  no such register, or the guest has not got it
 *  VCPU_ERR_BUSY       as above
 */
int vcpu_get_reg(const struct vcpu *vcpu, uint32_t id, uint64_t *value);
int vcpu_set_reg(struct vcpu *vcpu, uint32_t id, uint64_t value);

/*
 * The ids of all that it has, up to count of them, into ids. Returns how many there are: a few
 * hundred, with SVE up to 1500, and always the same for a vCPU. The order is one in which they can
 * be written. Any CPU, also while it runs. vcpu must not be NULL.
 */
size_t vcpu_list_regs(const struct vcpu *vcpu, uint32_t *ids, size_t count);

struct vcpu_reg_value {
    uint64_t value;
    uint32_t id;
};

/*
 * All of them, with their values. *count: room in regs; then how many there are. The vCPU leaves
 * this CPU if it is in it. An exit that is open stays so, and PC is at its instruction: whoever
 * takes the registers executes that again. A host that has done already what it asked for completes
 * it first.
 *
 *  VCPU_ERR_INVALID  a pointer is NULL, or there is too little room: only *count was set
 *  VCPU_ERR_BUSY     as above
 */
int vcpu_save(struct vcpu *vcpu, struct vcpu_reg_value *regs, size_t *count);

/*
 * Writes these, in the order of vcpu_save. They are all looked at before any is written, so on an
 * error the vCPU is as before; only a device of the host's own that refuses what it had accepted
 * breaks that. Registers that are not given keep what they have: a vCPU that was made, or reset, for
 * it has nothing of another's. It leaves this CPU if it is in it; its open exit is over; TLB entries
 * of its VM are removed before its next run. What timers owe it counts from then on.
 *
 * Between unlike CPUs: the VMs' identification registers have to be equal (vcpu/vm.h tells how), or
 * the first that is not is refused; so is a vector longer than the VM's.
 *
 *  VCPU_ERR_INVALID    NULL, or a value as for vcpu_set_reg
 *  VCPU_ERR_NOT_FOUND  a register that it has not got
 *  VCPU_ERR_BUSY       as above
 *
 * Of the first two *refused is the id, if it is not NULL.
 */
int vcpu_restore(struct vcpu *vcpu, const struct vcpu_reg_value *regs, size_t count,
                 uint32_t *refused);

#ifdef __cplusplus
}
#endif

#endif
