/* SPDX-License-Identifier: MIT */
/*
 * What becomes of a guest's SMCCC calls: a filter by function id; random numbers (SMCCC TRNG); the
 * firmware's mitigations (SMCCC_ARCH_WORKAROUND_1 to 3); the hypervisor's UID. Optional: without
 * vcpu_vm_set_calls none of this is linked, and calls are as in vcpu/psci.h and
 * vcpu_vm_config.allow_smc.
 *
 * It concerns HVC #0 and SMC #0 with a fast call, whose W0 has bit 31 set. Every other HVC and SMC
 * is an exit as before.
 */
#ifndef VCPU_CALLS_H
#define VCPU_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vcpu/percpu.h>
#include <vcpu/vm.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Function ids that are answered beside those of vcpu/psci.h. */
#define VCPU_TRNG_VERSION   UINT32_C(0x84000050)
#define VCPU_TRNG_FEATURES  UINT32_C(0x84000051)
#define VCPU_TRNG_GET_UUID  UINT32_C(0x84000052)
#define VCPU_TRNG_RND       UINT32_C(0x84000053) /* RND32; RND64 with VCPU_SMCCC_64BIT */
#define VCPU_VENDOR_HYP_UID UINT32_C(0x8600ff01)

enum vcpu_call_action {
    VCPU_CALL_LIBRARY = 0, /* as if there were no filter */
    VCPU_CALL_EXIT = 1,    /* a VCPU_EXIT_HYPERCALL, unchecked; allow_smc is not asked */
    VCPU_CALL_DENY = 2,    /* NOT_SUPPORTED */
};

/* Function ids from first to last, both included. A 64-bit form of a call has an id of its own. */
struct vcpu_call_range {
    uint32_t first, last; /* first: 0x80000000 or above */
    enum vcpu_call_action action;
};

/* All members can be 0. */
struct vcpu_calls {
    /*
     * The first range that has the id decides; without one it is VCPU_CALL_LIBRARY. PSCI_FEATURES,
     * SMCCC_ARCH_FEATURES and TRNG_FEATURES, where they are the library's, agree: a call that exits
     * is there (0), a denied one is not.
     *
     * PSCI is not in pieces: a host that takes CPU_ON, CPU_OFF or CPU_SUSPEND for itself must take
     * all of them. VCPU_VM_RAW_CALLS is for that.
     */
    const struct vcpu_call_range *ranges;
    size_t range_count;

    /*
     * Writes `size` random bytes, 1 to 24, and returns true; or returns false, if there are none at
     * the moment. They must be as good as the source that a guest's keys are to be made of.
     *
     * Called in the middle of vcpu_run, with interrupts masked, under the rules of vcpu/device.h
     * for a device's functions: it must not use FP/SIMD registers. NULL: the calls of SMCCC TRNG
     * are exits.
     */
    bool (*entropy)(void *ctx, struct vcpu *vcpu, void *bytes, size_t size);
    void *entropy_ctx;
    uint32_t trng_uuid[4]; /* what TRNG_GET_UUID returns in W0 to W3: names the source */

    /* What the hypervisor service's UID call returns in W0 to W3. All 0: that call is an exit. */
    uint32_t vendor_uid[4];

    /*
     * The CPUs that the VM's vCPUs will run on, if its guest is to use the mitigations of the
     * machine's firmware (vcpu_percpu_ask_firmware, called on each of them). SMCCC_ARCH_FEATURES
     * then says of each ARCH_WORKAROUND what all these CPUs have in common:
     *  - that it is not required, if that is so on each of them, by the firmware's answer or by the
     *    CPU's own registers (MIDR_EL1, CSV2, ECBHB, CLRBHB);
     *  - that it is there, if each of the others has it;
     *  - else that it is not supported.
     * ARCH_WORKAROUND_1 and 3 then reach the firmware, by SMC or HVC, on a CPU that requires them
     * and has not made the call at the exit (vcpu_percpu_harden); no other call does. ARCH_WORKAROUND_2 changes nothing: the CPU keeps the state that the
     * host has chosen, which after reset is that the mitigation is on.
     *
     * Read during the call only. NULL: these are not supported.
     */
    const struct vcpu_percpu *const *cpus;
    size_t cpu_count;
};

/*
 * Sets what becomes of the VM's calls. *calls and its ranges are the host's: they must stay valid and
 * unchanged while the VM exists. Any CPU, before the VM has vCPUs. It costs each call that the
 * library looks at about 60 instructions, and 12 for each range before the one that decides.
 *
 *  VCPU_ERR_INVALID  vm or calls is NULL; the VM has VCPU_VM_RAW_CALLS; a range has first above
 *                    last, first below 0x80000000, or an unknown action; ranges or cpus is NULL and
 *                    its count is not 0; trng_uuid[0] or vendor_uid[0] is 0xffffffff, which reads as
 *                    NOT_SUPPORTED
 *  VCPU_ERR_STATE    the VM has vCPUs; a CPU of cpus is not enabled
 */
int vcpu_vm_set_calls(struct vcpu_vm *vm, const struct vcpu_calls *calls);

#ifdef __cplusplus
}
#endif

#endif
