/* SPDX-License-Identifier: MIT */
/*
 * A vCPU's registers by id: one at a time, for debuggers; or all of them, to move them to another
 * vCPU, also of another VM, CPU or machine.
 *
 * If not said otherwise: for a vCPU that does not run, on the CPU where it is resident, or on any
 * CPU if it is not resident. A call that returns VCPU_ERR_BUSY has done nothing.
 */
#ifndef VCPU_REG_H
#define VCPU_REG_H

#include <vcpu/sysreg.h>
#include <vcpu/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vcpu;

/*
 * Ids of registers. They do not change from one version of the library to the next. The id of a
 * system register is VCPU_REG_SYSREG + its encoding. A vCPU has:
 *
 *  - The registers of EL1 and EL0 that its guest has, SP_EL1, the virtual timer's registers, and
 *    for the syndrome of a virtual SError VSESR_EL2 and VDISR_EL2. Control bits of features that
 *    the VM's ID registers do not show read as 0, and a value that sets one is refused. VSESR_EL2,
 *    VDISR_EL2 and TPIDR2_EL0 are there on CPUs with FEAT_RAS and FEAT_SME, although these features
 *    are hidden. On other CPUs they are 0 and not listed.
 *  - FPCR, FPSR and the vectors: V; or Z, P and FFR if the guest has SVE. V is then the low end of
 *    Z, and not listed.
 *  - Debug registers. OSLSR_EL1 has the OS lock, DBGCLAIMCLR_EL1 the claim tags that are set.
 *  - Registers that identify the machine: those of vcpu_vm_id, by the same encodings (CCSIDR_EL1 as
 *    VCPU_VM_CCSIDR), and MPIDR_EL1. They have the VM's or the vCPU's values; any other is refused.
 *  - Registers of the VM's devices (vcpu/device.h):
 *     - vcpu/timer.h: CNTP_CTL_EL0, CNTP_CVAL_EL0;
 *     - vcpu/pmu.h: PMCR_EL0, PMSELR_EL0, PMUSERENR_EL0, PMCEID0_EL0, PMCEID1_EL0, the counters and
 *       their types; and PMCNTENSET_EL0, PMOVSSET_EL0, PMINTENSET_EL1 for what is enabled, has
 *       overflowed and interrupts. A write to one of these three sets all its bits;
 *     - vcpu/gic.h: the CPU interface, ICC_PMR_EL1, ICC_BPR<n>_EL1, ICC_AP<m>R<n>_EL1,
 *       ICC_CTLR_EL1, ICC_SRE_EL1, ICC_IGRPEN<n>_EL1; and ICC_SGI1R_EL1, which is 0 or what is still
 *       to be sent of the vCPU's last SGI (vcpu/gic.h): bit 63 means only SGIs of group 0, bit 62
 *       with IRM that the index of the vCPU that is next is in TargetList. A GICv2 has the same ids
 *       without the last one and ICC_SRE_EL1; its ICC_CTLR_EL1 has AckCtl and FIQEn at their places
 *       in GICC_CTLR.
 *
 * Not among them are
 *  - power (vcpu_power, vcpu_config.off), kicks, and the exit;
 *  - what belongs to the VM: memory; the counter offset (vcpu_vm_set_counter_offset); the interrupt
 *    controller's distributor and redistributors, which the host reads and writes as the guest does
 *    (vcpu_device_access).
 */
enum {
    VCPU_REG_X0 = 0,         /* to X30 = 30 */
    VCPU_REG_PC = 32,        /* the instruction that is executed next */
    VCPU_REG_PSTATE = 33,    /* in the form of SPSR_EL2 */
    VCPU_REG_SP_EL0 = 34,    /* SP_EL0 */
    VCPU_REG_TPIDR_EL0 = 35, /* TPIDR_EL0 */
    /* What the host has made pending, as bits of ISR_EL1: 6 FIQ line, 7 IRQ line, 8 SError. */
    VCPU_REG_PENDING = 36,
    VCPU_REG_SYSREG = 0x10000, /* system registers: add VCPU_SYSREG() */
    VCPU_REG_V0 = 0x100000,    /* the first of VCPU_REG_V */
    VCPU_REG_Z0 = 0x110000,    /* the first of VCPU_REG_Z */
    VCPU_REG_P0 = 0x120000,    /* the first of VCPU_REG_P */
};

/* 64 bits of a vector or predicate; half or piece 0 is the lowest. Bits beyond its end are 0. */
#define VCPU_REG_V(n, half)  ((uint32_t)VCPU_REG_V0 + 2u * (n) + (half))
#define VCPU_REG_Z(n, piece) ((uint32_t)VCPU_REG_Z0 + 32u * (n) + (piece))
#define VCPU_REG_P(n, piece) ((uint32_t)VCPU_REG_P0 + 4u * (n) + (piece))
#define VCPU_REG_FFR(piece)  VCPU_REG_P(16u, piece)

/*
 * Reads or writes one register. An exit that is not answered stays so; a completion then moves PC
 * from its new value.
 *
 *  VCPU_ERR_INVALID    vcpu or value (of get) is NULL; value (of set) is one that the vCPU cannot
 *                      have:
 *                       - a PC that is not a multiple of 4 in AArch64 state;
 *                       - a PSTATE of EL2, EL3 or AArch32 EL1, or with reserved bits;
 *                       - bits of a feature that the guest does not have;
 *                       - another value of a register that cannot change
 *  VCPU_ERR_NOT_FOUND  there is no register id, or the guest does not have it
 *  VCPU_ERR_BUSY       vcpu is resident on another CPU
 */
int vcpu_get_reg(const struct vcpu *vcpu, uint32_t id, uint64_t *value);
int vcpu_set_reg(struct vcpu *vcpu, uint32_t id, uint64_t value);

/*
 * Writes the ids of the vCPU's registers to ids, up to count of them. Returns their number: a few
 * hundred, with SVE up to 1500, and always the same for a vCPU. They are in an order in which they
 * can be written. vcpu must not be NULL; ids can be. Any CPU, also while the vCPU runs.
 */
size_t vcpu_list_regs(const struct vcpu *vcpu, uint32_t *ids, size_t count);

/* A register with its value. */
struct vcpu_reg_value {
    uint64_t value; /* as vcpu_get_reg reads it */
    uint32_t id;    /* VCPU_REG_ */
};

/*
 * Reads all registers, in the order of vcpu_list_regs. *count is the room in regs, and then the
 * number of registers. The vCPU is put if it is resident on this CPU (if it waits: step 4 of
 * vcpu_has_work, vcpu/device.h).
 *
 * An exit that is not answered stays so, and PC is at its instruction: a vCPU that gets the
 * registers executes it again. A host that has already done what the exit asked for completes it
 * first.
 *
 *  VCPU_ERR_INVALID  vcpu or count is NULL; regs is NULL and *count is not 0; there is too little
 *                    room, and only *count was set
 *  VCPU_ERR_BUSY     vcpu is resident on another CPU
 */
int vcpu_save(struct vcpu *vcpu, struct vcpu_reg_value *regs, size_t *count);

/*
 * Writes these registers, which are in the order of vcpu_save.
 *  - All are checked before the first is written. So on an error the vCPU is unchanged, except if a
 *    device of the host refuses a value that it has accepted in the check.
 *  - Registers that are not in regs keep their values. To leave no value of another guest in the
 *    vCPU, create or reset it before.
 *  - The vCPU is put if it is resident on this CPU. An exit that is not answered ends.
 *  - The next run first removes the TLB entries of the VM. Timers take effect from then on.
 *
 * Between unlike CPUs, the identification registers of both VMs must be equal (vcpu_vm_set_id);
 * otherwise the first that differs is refused. A vector longer than the VM's is refused too.
 *
 *  VCPU_ERR_INVALID    vcpu is NULL; regs is NULL and count is not 0; a value as for vcpu_set_reg
 *  VCPU_ERR_NOT_FOUND  a register that the guest does not have
 *  VCPU_ERR_BUSY       vcpu is resident on another CPU
 *
 * If a register is the cause of an error, *refused is its id (refused can be NULL).
 */
int vcpu_restore(struct vcpu *vcpu, const struct vcpu_reg_value *regs, size_t count,
                 uint32_t *refused);

#ifdef __cplusplus
}
#endif

#endif
