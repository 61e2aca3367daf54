/* SPDX-License-Identifier: MIT */
/*
 * A guest's SMCCC calls beyond those of vcpu/psci.h:
 *  - a filter by function id;
 *  - random numbers (SMCCC TRNG);
 *  - the firmware's mitigations (SMCCC_ARCH_WORKAROUND_1 to 3);
 *  - the hypervisor's UID.
 * Optional: without vcpu_vm_set_calls none of this is linked, and calls are as in vcpu/psci.h and
 * vcpu_vm_config.allow_smc.
 *
 * This file is about HVC #0 and SMC #0 with a fast call, whose W0 has bit 31 set. For all other
 * HVCs and SMCs nothing changes.
 */
#ifndef VCPU_CALLS_H
#define VCPU_CALLS_H

#include <vcpu/percpu.h>
#include <vcpu/types.h>
#include <vcpu/vm.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Function ids that are answered in addition to those of vcpu/psci.h. */
#define VCPU_TRNG_VERSION   0x84000050u
#define VCPU_TRNG_FEATURES  0x84000051u
#define VCPU_TRNG_GET_UUID  0x84000052u
#define VCPU_TRNG_RND       0x84000053u /* RND32; RND64 with VCPU_SMCCC_64BIT */
#define VCPU_VENDOR_HYP_UID 0x8600ff01u

/* Who answers a call. */
enum vcpu_call_action {
    VCPU_CALL_LIBRARY = 0, /* as if there were no filter */
    VCPU_CALL_EXIT = 1,    /* a VCPU_EXIT_HYPERCALL, unchecked; allow_smc is not asked */
    VCPU_CALL_DENY = 2,    /* NOT_SUPPORTED */
};

/*
 * Function ids from first to last, both included. A 64-bit form of a call has an id of its own. An id
 * with bit 16 (the SVE hint of SMCCC 1.3) is in the range if the id without it is: firmware takes both
 * for the same function. Guests are told SMCCC 1.2; the library itself answers NOT_SUPPORTED to a call
 * of PSCI or of the Arm architecture with the hint.
 */
struct vcpu_call_range {
    uint32_t first, last;         /* first: 0x80000000 or above */
    enum vcpu_call_action action; /* for all of them */
};

/* How a VM's calls are answered. All members can be 0. */
struct vcpu_calls {
    /*
     * The first range that has the id decides; without one it is VCPU_CALL_LIBRARY. The library's
     * answers to PSCI_FEATURES, SMCCC_ARCH_FEATURES and TRNG_FEATURES agree with the ranges: a call
     * with VCPU_CALL_EXIT is there (0), one with VCPU_CALL_DENY is not.
     *
     * CPU_ON, CPU_OFF and CPU_SUSPEND belong together, because the library keeps the power states.
     * A host that answers one of them itself must answer all three, and uses VCPU_VM_RAW_CALLS for
     * that, not ranges.
     * CPU_DEFAULT_SUSPEND (0x8400000c, 0xc400000c) is a VCPU_EXIT_CPU_SUSPEND as well: a host that
     * denies CPU_SUSPEND must deny that one, too.
     */
    const struct vcpu_call_range *ranges;
    size_t range_count; /* 0: there are none */

    /*
     * Writes `size` random bytes, 1 to 24, and returns true; or returns false if there are none at
     * the moment. Guests make keys of these bytes: the source must be good enough for that.
     *
     * Called in the middle of vcpu_run, with interrupts masked, under the rules of vcpu/device.h
     * for a device's functions: it must not use FP/SIMD registers. Its time counts towards the
     * time that interrupts are masked. NULL: the calls of SMCCC TRNG are exits.
     */
    bool (*entropy)(void *ctx, struct vcpu *vcpu, void *bytes, size_t size);
    void *entropy_ctx;     /* for entropy */
    uint32_t trng_uuid[4]; /* what TRNG_GET_UUID returns in W0 to W3: names the source */

    /* What the hypervisor service's UID call returns in W0 to W3. All 0: that call is an exit. */
    uint32_t vendor_uid[4];

    /*
     * All CPUs that the VM's vCPUs will run on, for a guest that uses the mitigations of the
     * machine's firmware. vcpu_percpu_ask_firmware has returned on each of them, ordered before
     * vcpu_vm_set_calls by the host; a CPU that was not asked makes the answer "not supported".
     * SMCCC_ARCH_FEATURES then says of each ARCH_WORKAROUND:
     *  - not required, if no CPU requires it, by the firmware's answer or by the CPU's registers
     *    (MIDR_EL1, CSV2, ECBHB, CLRBHB);
     *  - there (0), if the firmware has it on each CPU that requires it;
     *  - otherwise not supported.
     *
     * A guest's ARCH_WORKAROUND_1 or 3, by SMC or HVC, reaches the firmware on a CPU that requires
     * it, unless the exit has made the call already (vcpu_percpu_harden). The firmware gets W0 and
     * none of the guest's other registers; the guest gets its W0 and keeps the rest. No other call
     * reaches the firmware by this. ARCH_WORKAROUND_2 changes nothing: the CPU keeps the state that the host
     * has chosen. After a reset of the CPU the mitigation is on.
     *
     * Read during vcpu_vm_set_calls only. NULL: the three calls are not supported.
     */
    const struct vcpu_percpu *const *cpus;
    size_t cpu_count;
};

/*
 * Sets how the VM's calls are answered. *calls and its ranges are the host's memory: they must stay
 * valid and unchanged while the VM exists. Any CPU, before the VM has vCPUs. Each fast call of a
 * guest then costs about 60 instructions more, and 12 for each range before the one that decides.
 * PSCI's calls in their 32-bit form, by HVC, cost no more if no range has them.
 *
 *  VCPU_ERR_INVALID  vm or calls is NULL; the VM has VCPU_VM_RAW_CALLS; a range has first above
 *                    last, first below 0x80000000, or an unknown action; ranges or cpus is NULL and
 *                    its count is not 0; trng_uuid[0] or vendor_uid[0] is 0xffffffff, because a
 *                    guest reads that as NOT_SUPPORTED
 *  VCPU_ERR_STATE    the VM has vCPUs; an element of cpus is NULL or not enabled
 */
int vcpu_vm_set_calls(struct vcpu_vm *vm, const struct vcpu_calls *calls);

#ifdef __cplusplus
}
#endif

#endif
