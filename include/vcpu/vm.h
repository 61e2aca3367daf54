/* SPDX-License-Identifier: MIT */
/* A virtual machine: what its vCPUs share. */
#ifndef VCPU_VM_H
#define VCPU_VM_H

#include <vcpu/host.h>
#include <vcpu/percpu.h>
#include <vcpu/sysreg.h>
#include <vcpu/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vcpu;
struct vcpu_vm;

/* The most vCPUs that a VM can have. */
#define VCPU_VM_MAX_VCPUS 256u

/* Flags for vcpu_vm_config.flags. */
enum {
    /*
     * The guest owns the physical interrupts: HCR_EL2.IMO and FMO are 0 while it is entered, and it
     * uses the GIC CPU interface itself. IRQs and FIQs are no exits, and vcpu_kick takes effect
     * only at the guest's next exit.
     *
     * The library does not switch the CPU interface, except ICC_SRE_EL1. At an exit, and after
     * vcpu_put, its registers are as the guest left them: interrupts of the host, and of the next VM
     * on this CPU, can be masked, or wait behind one that the guest has acknowledged and not ended.
     * A host that has use for interrupts on this CPU afterwards keeps them masked in PSTATE until it
     * has done the following, after vcpu_put:
     *  1. Write 0 to all ICC_AP0R<n>_EL1 and ICC_AP1R<n>_EL1.
     *  2. Write the host's values to ICC_CTLR_EL1, ICC_BPR0_EL1, ICC_BPR1_EL1, ICC_PMR_EL1,
     *     ICC_IGRPEN0_EL1 and ICC_IGRPEN1_EL1, then ISB. (Those of Group 0 only if the host can
     *     access them.)
     *  3. Clear the active state of the interrupts that were the guest's (GICR_ICACTIVER0,
     *     GICD_ICACTIVER<n>).
     *  4. If stage 2 maps the distributor or a redistributor: set up again what is in there.
     * With a GICv2 the same is true of GICC_APR<n>, NSAPR<n>, CTLR, BPR, ABPR and PMR.
     */
    VCPU_VM_DIRECT_IRQ = 1u << 0,
    /*
     * The guest uses the physical timer and counter itself. counter_offset still shifts the virtual
     * counter.
     */
    VCPU_VM_DIRECT_TIMER = 1u << 1,
    VCPU_VM_TRAP_WFI = 1u << 2, /* WFI is an exit: VCPU_EXIT_WFI. See vcpu_vm_set_traps */
    VCPU_VM_TRAP_WFE = 1u << 3, /* WFE is an exit: VCPU_EXIT_WFE. Likewise */
    /*
     * PSCI and SMCCC calls are plain VCPU_EXIT_HYPERCALL exits: the library answers and checks
     * none.
     */
    VCPU_VM_RAW_CALLS = 1u << 4,
    /*
     * The guest's GIC CPU interface is the hardware's virtual one (ICH_*_EL2, ICV_*). A device
     * (vcpu/device.h) drives it: vcpu/gic.h, or the host's own. Not with VCPU_VM_DIRECT_IRQ.
     *
     * On a CPU with GIC system registers, accesses to ICC_SRE_EL1 trap, because it has no virtual
     * form. vcpu/gic.h answers them for a version 3; a host's own device does the same: it reads 7,
     * and writes are ignored.
     */
    VCPU_VM_VIRTUAL_GIC = 1u << 6,
    VCPU_VM_TRAP_DEBUG = 1u << 5, /* new vCPUs have VCPU_DEBUG_BRK set (vcpu/debug.h) */
    /* The guest has SVE: see vcpu_vm_config.sve_vq. Each vCPU takes 1, 2 or 4 pages more. */
    VCPU_VM_SVE = 1u << 7,
    /*
     * The guest is shown a performance monitor (FEAT_PMUv3 or FEAT_PMUv3p1). A device drives it:
     * vcpu/pmu.h, or the host's own. Without the flag the registers are UNDEFINED.
     */
    VCPU_VM_PMU = 1u << 8,
    /*
     * Stage 2 forces Write-Back: HCR_EL2.FWB = 1, which changes the encoding of MemAttr in the
     * stage-2 tables. Tables of vcpu/stage2.h must have VCPU_S2_HAS_FWB; a host that builds its own
     * uses 0b0110 for Normal Write-Back (0b1111 without), 0b0101 for Non-cacheable, 0b0001 for
     * Device-nGnRE. The guest's memory then needs much less cache maintenance: see vcpu/cache.h.
     */
    VCPU_VM_STAGE2_FWB = 1u << 9,
    /* Tables of vcpu/stage2.h may have VCPU_S2_EXECUTE_EL0 and VCPU_S2_EXECUTE_EL1. */
    VCPU_VM_STAGE2_XNX = 1u << 10,
    /*
     * Cache maintenance by set and way (DC ISW, CSW, CISW) is an exit: VCPU_EXIT_SYSREG_WRITE with
     * the encoding of the instruction and the value of Xt. For a guest that turns its caches off
     * and relies on this maintenance. arm64 Linux and most firmware for PSCI do not need the flag:
     * they maintain caches by address.
     *
     * Without the flag the instructions act on the caches of the CPU alone, and ISW cleans too
     * (HCR_EL2.SWIO). The guest does no harm, but cannot clean the caches of CPUs that it ran on
     * before, or those of the system.
     *
     * With the flag the host cleans all memory of the VM (vcpu/cache.h) and then calls
     * vcpu_complete_sysreg_write. That is long work, and each such instruction asks for it. Two
     * rules keep others from paying for it:
     *
     *  1. Clean once for a loop. A guest's loop over a cache is one exit for each set and way. The
     *     host remembers, for each vCPU, the encoding and the value of the last exit at which it
     *     cleaned. It cleans again if an exit has another encoding, or another cache level (bits
     *     3:1 of the value), or exactly the same encoding and value. All other exits are completed
     *     at once. Then each complete loop over a level has one clean.
     *  2. Clean in turns. A guest can repeat one instruction for ever. So the host cleans pieces of
     *     64 KiB or so. Between two pieces it takes its interrupts and lets other vCPUs run. The
     *     vCPU is not entered meanwhile, and its exit is completed at the end: the time is its own
     *     share of the CPU. The mini-host's cpu.c (start) has such a loop, for a reset.
     */
    VCPU_VM_TRAP_SET_WAY = 1u << 11,
    /*
     * PSCI SYSTEM_SUSPEND is there, and an exit. Without the flag it is NOT_SUPPORTED. (The bit of this
     * flag and of the next is the function's number in PSCI.)
     */
    VCPU_VM_SYSTEM_SUSPEND = 1u << 14,
    /* Likewise PSCI SYSTEM_OFF2. */
    VCPU_VM_SYSTEM_OFF2 = 1u << 21,
};

/* What vcpu_vm_create is told. Members that a host does not need are 0. */
struct vcpu_vm_config {
    const struct vcpu_host *host; /* the hooks */
    uint32_t flags;               /* VCPU_VM_ */
    /*
     * Tags the TLB entries of this VM. 1 to 2^vmid_bits - 1, and no other VM uses it (vcpu/vmid.h
     * is an allocator). VMID 0 is the host's.
     */
    uint16_t vmid;
    /* Bits of IPA: 32 to the CPU's pa_bits, or 0 for pa_bits. */
    uint8_t ipa_bits;
    /* The most vCPUs that the VM can have, 1 to VCPU_VM_MAX_VCPUS. */
    uint16_t max_vcpus;
    /*
     * CNTVOFF_EL2, in counter ticks: the guest's virtual count is the physical count minus this. An
     * offset above the physical count gives a guest whose time is ahead of the machine's; QEMU 10.0
     * never raises the virtual timer's interrupt for such a guest.
     */
    uint64_t counter_offset;
    /*
     * With VCPU_VM_SVE: the limit of the guest's vector length, in quadwords (128 bits), 1 to 16,
     * or 0 for no limit. The guest's maximum length is the longest of the CPU's lengths within it.
     * A vCPU runs only on CPUs that have exactly the same lengths, up to that maximum
     * (vcpu_features.sve_lengths).
     */
    uint8_t sve_vq;
    /*
     * Returns true if this SMC may go to the machine's firmware, with x0 to x17 as the guest has
     * them; if not, it is an exit. function_id is W0, all of it: firmware may take an id with bit 16
     * (the SVE hint of SMCCC 1.3) for the function without it. So compare ids for being equal to those
     * that are allowed. Asked for each SMC #0, but not
     *  - for PSCI and Arm architecture calls, which the library answers without VCPU_VM_RAW_CALLS;
     *  - for calls that vcpu/calls.h answers, denies or makes an exit.
     * NULL: no SMC goes to the firmware, except ARCH_WORKAROUND_1 and 3 by vcpu_calls.cpus.
     *
     * Called in the middle of vcpu_run, with interrupts masked. The rules of vcpu/device.h for a
     * device's functions hold: it must not use FP/SIMD registers, complete the exit, or inject an
     * exception. The library or the host answers the call; a second answer would lose the exit.
     */
    bool (*allow_smc)(void *ctx, struct vcpu *vcpu, uint32_t function_id);
    void *allow_smc_ctx; /* for allow_smc */
};

/*
 * Makes a VM whose guest sees a CPU like this one. `cpu` is the block of this CPU and enabled.
 * Takes one page.
 *
 *  VCPU_ERR_INVALID      cpu, config or vm is NULL; host is NULL or lacks a memory hook; flags has
 *                        an unknown bit, or both VCPU_VM_DIRECT_IRQ and VCPU_VM_VIRTUAL_GIC; vmid,
 *                        ipa_bits, max_vcpus or sve_vq is out of range
 *  VCPU_ERR_STATE        cpu is not enabled, or is another CPU's block
 *  VCPU_ERR_UNSUPPORTED  flags has VCPU_VM_SVE, VCPU_VM_PMU, VCPU_VM_STAGE2_FWB or
 *                        VCPU_VM_STAGE2_XNX, and the CPU does not have the feature (vcpu_features)
 *  VCPU_ERR_NO_MEMORY    no page
 */
int vcpu_vm_create(const struct vcpu_percpu *cpu, const struct vcpu_vm_config *config,
                   struct vcpu_vm **vm);

/*
 * Ends the VM and gives its page back. Any CPU, not while another call uses the VM.
 *
 *  VCPU_ERR_INVALID  vm is NULL
 *  VCPU_ERR_STATE    the VM still has vCPUs
 */
int vcpu_vm_destroy(struct vcpu_vm *vm);

/*
 * What the guest reads in the register with this encoding. It reads the same on each CPU: vcpu_run
 * refuses a CPU that cannot do that, with VCPU_ERR_UNSUPPORTED. The registers are:
 *  - VCPU_SYSREG(3, 0, 0, 1..7, 0..7), the identification registers;
 *  - MIDR_EL1, CTR_EL0, CLIDR_EL1, DCZID_EL0, CNTFRQ_EL0;
 *  - CCSIDR_EL1 for a value of CSSELR_EL1, as VCPU_VM_CCSIDR.
 *
 * At first these are the values of the CPU that vcpu_vm_create was called on, less what the library
 * hides. Returns 0 for any other encoding; the guest also reads 0 in REVIDR_EL1 and AIDR_EL1. vm
 * must not be NULL. Any CPU.
 */
#define VCPU_VM_CCSIDR(csselr) (VCPU_SYSREG(3, 1, 0, 0, 0) | (uint32_t)(csselr) << 16)
uint64_t vcpu_vm_id(const struct vcpu_vm *vm, uint32_t encoding);

/*
 * Lowers what the guest reads in a register of vcpu_vm_id: the VM's policy, for a VM that is to run on
 * unlike CPUs. Any CPU, while the VM has neither vCPUs nor devices.
 *
 * To be able to move a VM from one machine to another: make it on both, take for each field the
 * highest value that both allow, and set that on both. CNTFRQ_EL0 must be equal, and so must
 * DCZID_EL0.BS unless DZP is set.
 *
 * No value can be raised, not even back to what it was, except those of MIDR_EL1, CLIDR_EL1 and
 * CCSIDR_EL1. Allowed are:
 *
 *   identification registers  each field of four bits: the same, or less. In signed fields (FP,
 *                             TGran4) 0xf is less than 0. Pointer authentication: the same, or 0.
 *                             AArch64 at EL0 and EL1, FP, the debug version, and two breakpoints
 *                             and watchpoints must stay
 *   MIDR_EL1                  any 32 bits
 *   CTR_EL0                   shorter lines, larger ERG and CWG, IDC and DIC 0, VIPT instead of
 *                             PIPT
 *   CLIDR_EL1, CCSIDR_EL1     any value
 *   DCZID_EL0                 the same with DZP = 1: DC ZVA is UNDEFINED, and BS need not match
 *   CNTFRQ_EL0                the same only
 *
 * Fields that depend on a lowered one follow it: AdvSIMD follows FP, ID_AA64ZFR0_EL1 follows SVE,
 * CSV2_frac is 0 unless CSV2 is 1, generic authentication follows address authentication, the AArch32
 * registers follow AArch32 at EL0, and CCSIDR_EL1's format follows CCIDX.
 *
 * What is no longer shown is UNDEFINED where the CPU has a trap for it:
 *  - SVE, pointer authentication, DC ZVA, SCXTNUM_ELx (CSV2 of 2 and more, CSV2_frac of 2);
 *  - with FEAT_FGT also TLBI by range and TLBI outer shareable, DC CVAP and CVADP, the restrictions
 *    of speculation, AT S1E1RP and S1E1WP.
 * For other instructions (AES) and for AArch32 at EL0 the CPU has no trap: they work for a guest
 * that does not look at the registers.
 *
 * Some properties are in none of these registers. They stay those of the CPU that vcpu_vm_create
 * was called on, so that should be the CPU with the least. Each other CPU must have
 *  - at least as many bits of physical address and VMID, breakpoints, watchpoints and PMU counters;
 *  - FEAT_S2FWB and FEAT_XNX, if the VM has VCPU_VM_STAGE2_FWB or VCPU_VM_STAGE2_XNX;
 *  - vcpu_features.scxtnum, if the VM shows SCXTNUM_ELx;
 *  - exactly those of FP, FEAT_RAS, FEAT_SME and the GIC's system registers that that CPU has;
 *  - with VCPU_VM_VIRTUAL_GIC and GICv3: at least as many list registers, and the same bits of
 *    priority and INTID (ICH_VTR_EL2).
 * The host must know that all CPUs have the same algorithm behind pointer authentication of the
 * IMPLEMENTATION DEFINED kind (API, GPI): the library cannot tell.
 *
 *  VCPU_ERR_INVALID    vm is NULL; value raises a field or changes one that must stay. Nothing
 *                      changed
 *  VCPU_ERR_NOT_FOUND  encoding is none of these registers
 *  VCPU_ERR_STATE      the VM has vCPUs or devices
 */
int vcpu_vm_set_id(struct vcpu_vm *vm, uint32_t encoding, uint64_t value);

/*
 * The vCPU with this index, or with this mpidr of vcpu_config. NULL if there is none, or vm is
 * NULL. Any CPU.
 */
struct vcpu *vcpu_vm_vcpu(const struct vcpu_vm *vm, size_t index);
struct vcpu *vcpu_vm_find(const struct vcpu_vm *vm, uint64_t mpidr);

/* Bits of IPA that the VM's stage 2 translates. vm must not be NULL. Any CPU. */
uint8_t vcpu_vm_ipa_bits(const struct vcpu_vm *vm);

/*
 * The VCPU_S2_HAS_* of the VM, for vcpu_stage2_set_features and for hosts that build their own
 * tables. vm must not be NULL. Any CPU.
 */
uint32_t vcpu_vm_stage2_features(const struct vcpu_vm *vm);

/* vmid and max_vcpus of vcpu_vm_config. vm must not be NULL. Any CPU. */
uint16_t vcpu_vm_vmid(const struct vcpu_vm *vm);
uint16_t vcpu_vm_max_vcpus(const struct vcpu_vm *vm);

/*
 * With VCPU_VM_PMU: the number of the guest's event counters. The cycle counter is not among them.
 * vm must not be NULL. Any CPU.
 */
uint8_t vcpu_vm_pmu_counters(const struct vcpu_vm *vm);

/*
 * Sets vcpu_vm_config.counter_offset of a VM. There is one offset for the VM, so all its vCPUs see
 * the same time. Compare values of the guest's timers stay. Any CPU, while no vCPU of the VM runs.
 *
 * To stop a VM so that no time passes for it:
 *  1. put all its vCPUs, and read CNTPCT_EL0 (`stopped`);
 *  2. before they run again, add the time that has passed:
 *
 *     stood = CNTPCT_EL0 - stopped;
 *     vcpu_vm_set_counter_offset(vm, vcpu_vm_counter_offset(vm) + stood);
 *
 *  VCPU_ERR_INVALID  vm is NULL
 *  VCPU_ERR_BUSY     a vCPU of the VM is resident, with the old offset (call vcpu_put on its CPU
 *                    first)
 */
int vcpu_vm_set_counter_offset(struct vcpu_vm *vm, uint64_t offset);

/*
 * Chooses VCPU_VM_TRAP_WFI and VCPU_VM_TRAP_WFE anew: flags has both, one, or is 0. Any CPU, also
 * while vCPUs of the VM run.
 *
 * A host that has nothing else for its CPUs to do takes both away. A guest's WFI then waits in the
 * CPU: a virtual interrupt ends it without an exit, an interrupt of the host is VCPU_EXIT_IRQ. A
 * host with more vCPUs to run than CPUs sets them, to get the CPU of a guest that waits.
 *
 * The choice is in effect from the next vcpu_run of each vCPU on. A vCPU that runs meanwhile can
 * keep the old one until that run ends, maybe asleep in a WFI: vcpu_kick ends the run. The call
 * itself sends no kick and calls no hook. Its time grows with max_vcpus.
 *
 *  VCPU_ERR_INVALID  vm is NULL; flags has any other bit
 */
int vcpu_vm_set_traps(struct vcpu_vm *vm, uint32_t flags);

/* The VM's counter_offset at present. vm must not be NULL. Any CPU. */
uint64_t vcpu_vm_counter_offset(const struct vcpu_vm *vm);

#ifdef __cplusplus
}
#endif

#endif
