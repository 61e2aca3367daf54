/* SPDX-License-Identifier: MIT */
/*
 * What the host gives to the library: one constant struct of functions (hooks) with a context.
 *
 * The struct must stay valid and unchanged from the first call that gets it until the last object
 * made with it is destroyed and the last CPU enabled with it is disabled. Every hook is called at
 * EL2, on the CPU that called the library. Each comment says whether interrupts may be masked. The
 * library holds no lock of its own while a hook runs.
 */
#ifndef VCPU_HOST_H
#define VCPU_HOST_H

#include <vcpu/addr.h>
#include <vcpu/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A page of the hooks. */
#define VCPU_PAGE_SIZE 4096u

struct vcpu;

/* The CPU's state at an exception that the host's own code took, for the fault hook. */
struct vcpu_host_fault {
    uint64_t x[31];    /* x0 to x30 */
    uint64_t sp;       /* SP_EL2 as it was when the exception was taken */
    uint64_t pc;       /* ELR_EL2; the hook may change it, for the return */
    uint64_t spsr;     /* SPSR_EL2; likewise */
    uint64_t esr_el2;  /* the syndrome */
    uint64_t far_el2;  /* the address, if the syndrome says that there is one */
    uint32_t vector;   /* the slot of the vector table, 0 to 15: offset / 0x80 */
    uint32_t reserved; /* 0 */
};

/* The hooks. */
struct vcpu_host {
    /* The first argument of every hook. The library does not use it otherwise. */
    void *ctx;

    /*
     * Allocates `count` physically contiguous pages of 4 KiB, aligned to count * 4 KiB; count is a
     * power of two, 1 to 16. The library keeps them until free_pages. They may hold anything.
     * Returns VCPU_PA_NONE_VALUE if there is no memory. Never called in the middle of vcpu_run, or
     * with interrupts masked by the library.
     */
    vcpu_pa_t (*alloc_pages)(void *ctx, size_t count);

    /* Takes back pages of alloc_pages, with the same count. */
    void (*free_pages)(void *ctx, vcpu_pa_t pa, size_t count);

    /*
     * Returns the address at which the host can read and write the page at pa, as Normal Write-Back
     * memory. Called only for pages of alloc_pages. Pages that were allocated together must be
     * contiguous there too.
     */
    void *(*phys_to_virt)(void *ctx, vcpu_pa_t pa);

    /*
     * Sends an interrupt to EL2 of the CPU with this id (vcpu_percpu_config.id).
     *
     * The library's stores before the call are already ordered by a DMB. The hook adds the barrier
     * that the interrupt controller needs: a DSB before an SGI by system register.
     *
     * The CPU that gets the interrupt acknowledges it before it calls vcpu_run again, and vcpu_run
     * must see the kick:
     *  - if the host takes the interrupt as an exception, nothing more is needed;
     *  - if the host polls (it reads IAR with interrupts masked), it executes a DSB after the
     *    acknowledge. Otherwise the CPU can read in vcpu_run before it reads IAR, and the kick is
     *    lost;
     *  - after host->irq the library executes the DSB.
     *
     * Called on any CPU, with interrupts masked or not, also in the middle of another vCPU's
     * vcpu_run: it must not use FP/SIMD registers. Never called for a VM with VCPU_VM_DIRECT_IRQ,
     * because the guest would take the interrupt. Can be NULL: a kick then takes effect at the
     * vCPU's next exit.
     */
    void (*send_kick)(void *ctx, uint64_t cpu_id);

    /*
     * A vCPU that waits may have a reason to go on: it was kicked, its interrupt lines or a virtual
     * SError changed (vcpu/inject.h), or a device has something new for it. If there is a reason,
     * vcpu_has_work sees it from this call on. Only a host that lets vCPUs wait needs this hook.
     *
     * Called on any CPU, with interrupts masked or not, from
     *  - the function that caused the change;
     *  - vcpu_run, also of another vCPU, for example when the guest sends an SGI;
     *  - vcpu_put, and any other call that puts a vCPU, for other vCPUs: an SPI may have a new target.
     *
     * Never for a vCPU because of its own put, though the put may find that it has a reason to go on
     * (its timer is due). So a scheduler can put a vCPU with a lock held that the hook takes for the
     * same vCPU. After a put of a vCPU that waits the host asks: see vcpu_has_work.
     * The hook must not use FP/SIMD registers, and must call no function of the library but vcpu_user,
     * vcpu_index and vcpu_vm_of. Can be NULL.
     */
    void (*wake)(void *ctx, struct vcpu *vcpu);

    /*
     * Takes an interrupt of the host. Called with DAIF.I and DAIF.F masked:
     *  - with VCPU_PERCPU_IRQ_HOOK, after an exit from the guest and before vcpu_run returns
     *    VCPU_EXIT_IRQ, VCPU_EXIT_FIQ or VCPU_EXIT_KICK. For VCPU_EXIT_KICK no interrupt need be
     *    pending (any more);
     *  - after vcpu_percpu_own_vectors, from the library's vectors.
     * The hook must acknowledge the interrupt. It must not use FP/SIMD registers without saving
     * them, and must not call vcpu_run. Required for either; otherwise it can be NULL.
     */
    void (*irq)(void *ctx);

    /*
     * After vcpu_percpu_own_vectors: the host's own code took a synchronous exception or an SError.
     * True: the host goes on at fault->pc. False, or a NULL hook: this CPU stops for ever, in a WFE
     * loop with interrupts masked.
     */
    bool (*fault)(void *ctx, struct vcpu_host_fault *fault);

    /*
     * Prints one line of text, without a newline, for a developer. With interrupts masked or not.
     * No function of the library calls it yet. Can be NULL.
     */
    void (*log)(void *ctx, const char *line);
};

#ifdef __cplusplus
}
#endif

#endif
