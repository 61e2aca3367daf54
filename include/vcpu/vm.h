/* SPDX-License-Identifier: MIT */
/* A virtual machine: what its vCPUs share. */
#ifndef VCPU_VM_H
#define VCPU_VM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vcpu/host.h>
#include <vcpu/percpu.h>
#include <vcpu/sysreg.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vcpu;
struct vcpu_vm;

#define VCPU_VM_MAX_VCPUS 256u

/* Flags for vcpu_vm_config.flags. */
enum {
    /*
     * The guest owns the physical interrupts: HCR_EL2.IMO and FMO are clear while it runs, and it
     * uses the GIC CPU interface itself. IRQs do not come out as exits, and vcpu_kick takes effect
     * at the guest's next exit only.
     */
    VCPU_VM_DIRECT_IRQ = 1u << 0,
    /* The guest uses the physical timer and counter itself, and CNTVOFF_EL2 is as configured. */
    VCPU_VM_DIRECT_TIMER = 1u << 1,
    VCPU_VM_TRAP_WFI = 1u << 2, /* WFI comes out as VCPU_EXIT_WFI */
    VCPU_VM_TRAP_WFE = 1u << 3, /* WFE comes out as VCPU_EXIT_WFE */
    /* PSCI and SMCCC discovery calls are ordinary hypercall exits, none is answered or checked. */
    VCPU_VM_RAW_CALLS = 1u << 4,
    /*
     * The guest's GIC CPU interface is the hardware's virtual one (ICH_*_EL2, ICV_*), which a
     * device of vcpu/device.h drives: vcpu/gic.h, or one of the host's. Not with
     * VCPU_VM_DIRECT_IRQ.
     */
    VCPU_VM_VIRTUAL_GIC = 1u << 6,
    VCPU_VM_TRAP_DEBUG = 1u << 5, /* its vCPUs begin with VCPU_DEBUG_BRK of vcpu/debug.h */
    /* The guest has SVE: vcpu_vm_config.sve_vq. Each vCPU then takes one to four pages more. */
    VCPU_VM_SVE = 1u << 7,
    /*
     * The guest is shown a performance monitor (FEAT_PMUv3, or FEAT_PMUv3p1), which a device of
     * vcpu/device.h drives: vcpu/pmu.h, or one of the host's. Without it the registers are
     * UNDEFINED.
     */
    VCPU_VM_PMU = 1u << 8,
};

struct vcpu_vm_config {
    const struct vcpu_host *host;
    uint32_t flags;
    /*
     * Tells this guest's TLB entries from others'. 1 to 2^vmid_bits - 1, not in use by another
     * VM; see vcpu/vmid.h for an allocator. 0 is left to the host.
     */
    uint16_t vmid;
    /* Bits of IPA, 32 to the CPU's pa_bits; 0 takes the most that the CPU can. */
    uint8_t ipa_bits;
    /* How many vCPUs it may get, 1 to VCPU_VM_MAX_VCPUS. */
    uint16_t max_vcpus;
    /* CNTVOFF_EL2, in counter ticks: the guest's virtual count is the physical count minus this. */
    uint64_t counter_offset;
    /*
     * With VCPU_VM_SVE: the guest's longest vectors, in quadwords (128 bits), 1 to 16. It gets the
     * longest of the CPU's that are no longer than that; 0 takes the CPU's longest. A vCPU runs only
     * on CPUs that have the same lengths up to it (vcpu_features.sve_lengths).
     */
    uint8_t sve_vq;
    /*
     * Asked for every SMC that would otherwise come out as an exit: may this very call go to the
     * firmware of the machine? function_id is W0. NULL forwards none. Called with interrupts
     * masked and the guest's FP/SIMD registers live: it must not touch them. Calls that are PSCI's
     * or of the Arm architecture are never asked about unless the VM has VCPU_VM_RAW_CALLS.
     */
    bool (*allow_smc)(void *ctx, struct vcpu *vcpu, uint32_t function_id);
    void *allow_smc_ctx;
};

/*
 * Makes a VM whose guests see a CPU like `cpu`, which must be enabled. One page from the host. On
 * that CPU; not while another call for the same VM is under way.
 *
 *  VCPU_ERR_INVALID      a pointer is NULL, a required hook is missing, an unknown flag, vmid,
 *                        ipa_bits, max_vcpus or sve_vq out of range
 *  VCPU_ERR_STATE        cpu is not enabled, or is another CPU's
 *  VCPU_ERR_UNSUPPORTED  a flag asks for what the CPU has not
 *  VCPU_ERR_NO_MEMORY    no page
 */
int vcpu_vm_create(const struct vcpu_percpu *cpu, const struct vcpu_vm_config *config,
                   struct vcpu_vm **vm);

/* Gives the page back. VCPU_ERR_STATE: it still has vCPUs. VCPU_ERR_INVALID: vm is NULL. */
int vcpu_vm_destroy(struct vcpu_vm *vm);

/*
 * What its guests read in an identification register, by the register's encoding: those of
 * VCPU_SYSREG(3, 0, 0, 1..7, 0..7), MIDR_EL1, CTR_EL0, CLIDR_EL1, DCZID_EL0, CNTFRQ_EL0, and
 * CCSIDR_EL1 for a value of CSSELR_EL1. At first that is what the CPU has that vcpu_vm_create was
 * called for, but for what the library hides; and it is the same on each CPU that the VM's vCPUs
 * run on. A CPU that cannot make it so is refused by vcpu_run with VCPU_ERR_UNSUPPORTED. REVIDR_EL1
 * and AIDR_EL1 are always 0. 0 for any other encoding.
 */
#define VCPU_VM_CCSIDR(csselr) (VCPU_SYSREG(3, 1, 0, 0, 0) | (uint32_t)(csselr) << 16)
uint64_t vcpu_vm_id(const struct vcpu_vm *vm, uint32_t encoding);

/*
 * Makes them read something less: the VM's policy, for one that is to run on unlike CPUs. To move
 * it from one machine to another, make a VM on both, take of each field the value that both can
 * hold, and set that on both; CNTFRQ_EL0 and DC ZVA's block have to be equal, or DCZID_EL0.DZP set.
 *
 * No field can be raised, and none raised again. In the identification registers each field of
 * four bits may be as before or less, in its own sense: 0xf is less than 0 in those with a sign
 * (FP, TGran4); pointer authentication is the same or 0. A guest must be left with EL0, FP and the
 * debug version. Fields that depend on lowered ones follow: AdvSIMD with FP, ID_AA64ZFR0_EL1 with
 * SVE, generic with address authentication, AArch32's registers with EL0, CCSIDR_EL1's format with
 * CCIDX. Others may be:
 *   MIDR_EL1               any 32 bits
 *   CTR_EL0                shorter lines, longer ERG and CWG, IDC and DIC 0, VIPT instead of PIPT
 *   CLIDR_EL1, CCSIDR_EL1  anything
 *   DCZID_EL0              the same with DZP = 1: DC ZVA is UNDEFINED, and the VM not bound to BS
 *
 * What is not shown any more is UNDEFINED where the CPU has a trap: SVE, pointer authentication,
 * DC ZVA; with FEAT_FGT also TLBI by range and outer shareable, DC CVAP and CVADP, restrictions of
 * speculation, AT S1E1RP and S1E1WP. Other instructions, as AES, and AArch32 at EL0 have none, and
 * work for a guest that does not ask.
 *
 * What is no field stays as on the CPU that the VM was made on, so that is the one with the least:
 * others need as many bits of physical addresses and VMIDs, breakpoints, watchpoints and PMU
 * counters, or more; and FP, FEAT_RAS, FEAT_SME and the GIC's system registers are there on all or
 * on none. That an algorithm of pointer authentication which is IMPLEMENTATION DEFINED (API, GPI) is
 * the same one is for the host to know.
 *
 * Any CPU, while the VM has neither vCPUs nor devices.
 *
 *  VCPU_ERR_INVALID    NULL, or a field would be more than it is; nothing was changed
 *  VCPU_ERR_NOT_FOUND  no register of these
 *  VCPU_ERR_STATE      the VM has vCPUs or devices
 */
int vcpu_vm_set_id(struct vcpu_vm *vm, uint32_t encoding, uint64_t value);

/* The vCPU with this index or MPIDR affinity (Aff3..Aff0 in place), NULL if there is none. */
struct vcpu *vcpu_vm_vcpu(const struct vcpu_vm *vm, size_t index);
struct vcpu *vcpu_vm_find(const struct vcpu_vm *vm, uint64_t mpidr);

/* Bits of IPA that its stage 2 translates. */
uint8_t vcpu_vm_ipa_bits(const struct vcpu_vm *vm);

/* The VMID it was made with. */
uint16_t vcpu_vm_vmid(const struct vcpu_vm *vm);

/* How many vCPUs it may get. */
uint16_t vcpu_vm_max_vcpus(const struct vcpu_vm *vm);

/* How many event counters a guest with VCPU_VM_PMU has, beside the cycle counter. */
uint8_t vcpu_vm_pmu_counters(const struct vcpu_vm *vm);

/*
 * vcpu_vm_config.counter_offset, now: one for the VM, so that all its vCPUs see one time. The
 * guest's timers keep their compare values. A host that stops a VM, and wants no time to pass for
 * it, puts all its vCPUs, and adds the time that it stood before they run again:
 *
 *     stood = CNTPCT_EL0 - stopped;
 *     vcpu_vm_set_counter_offset(vm, vcpu_vm_counter_offset(vm) + stood);
 *
 * Any CPU, while no vCPU of the VM runs. VCPU_ERR_INVALID: NULL. VCPU_ERR_BUSY: the state of a vCPU
 * is in a CPU's registers, with the offset of before (call vcpu_put there first).
 */
int vcpu_vm_set_counter_offset(struct vcpu_vm *vm, uint64_t offset);
uint64_t vcpu_vm_counter_offset(const struct vcpu_vm *vm);

#ifdef __cplusplus
}
#endif

#endif
