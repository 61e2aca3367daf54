/* SPDX-License-Identifier: MIT */
/*
 * What the host gives to the library: one constant struct of functions with a context.
 *
 * The struct must stay valid and unchanged from the first call that is given it until the last
 * object made with it is destroyed. Every hook is called at EL2 on the CPU that called the
 * library; which ones may run with interrupts masked is said at each.
 */
#ifndef VCPU_HOST_H
#define VCPU_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vcpu/addr.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VCPU_PAGE_SIZE 4096u

struct vcpu;

/* The CPU's state at an exception that the host itself caused, for the fault hook. */
struct vcpu_host_fault {
    uint64_t x[31];
    uint64_t sp;   /* SP_EL2 as it was when the exception was taken */
    uint64_t pc;   /* ELR_EL2; a change made by the hook is used on return */
    uint64_t spsr; /* SPSR_EL2; as above */
    uint64_t esr_el2;
    uint64_t far_el2;
    uint32_t vector; /* 0-15, the slot of the vector table: offset / 0x80 */
    uint32_t reserved;
};

struct vcpu_host {
    /* Passed as the first argument to every hook. The library never looks at it. */
    void *ctx;

    /*
     * Allocates `count` (a power of two, 1 to 16) physically contiguous pages of 4 KiB, aligned to
     * count * 4 KiB, for the library to keep until free_pages. The contents may be anything.
     * Returns VCPU_PA_NONE_VALUE when there is no memory. Never called while a vCPU runs, nor
     * with interrupts masked by the library.
     */
    vcpu_pa_t (*alloc_pages)(void *ctx, size_t count);

    /* Takes back what alloc_pages gave, with the same count. */
    void (*free_pages)(void *ctx, vcpu_pa_t pa, size_t count);

    /*
     * The address at which the host can read and write the page at pa, as Normal Write-Back
     * memory. Called for pages from alloc_pages and for stage-2 tables made of them only. Pages that
     * were allocated together follow one another there too.
     */
    void *(*phys_to_virt)(void *ctx, vcpu_pa_t pa);

    /*
     * Makes the CPU with this id (vcpu_percpu_config.id) take an interrupt to EL2, soon. The
     * library has already ordered its own stores before the call with a DMB; the hook adds what
     * its interrupt controller needs (DSB before a system-register SGI). May be called on any CPU,
     * with interrupts masked or not, also in the middle of another vCPU's vcpu_run: it must not use
     * FP/SIMD registers. Never for a VM with VCPU_VM_DIRECT_IRQ, whose guest would get the
     * interrupt. May be NULL: vcpu_kick then takes effect at the next exit.
     */
    void (*send_kick)(void *ctx, uint64_t cpu_id);

    /*
     * There may be work for this vCPU: it was kicked, its interrupt lines moved (vcpu/inject.h), or
     * a device has something new for it. For a host that lets vCPUs wait: vcpu_has_work, asked from
     * now on, sees the reason. Called on any CPU, with interrupts masked or not, also in the middle
     * of another vCPU's vcpu_run, from whatever called vcpu_kick or set a line. It must not use
     * FP/SIMD registers, nor of the library more than vcpu_user, vcpu_index and vcpu_vm_of.
     * Optional.
     */
    void (*wake)(void *ctx, struct vcpu *vcpu);

    /*
     * An interrupt for the host. Called with DAIF.I and DAIF.F masked:
     *  - after a guest was left because of an IRQ, an FIQ or a kick, if VCPU_PERCPU_IRQ_HOOK was
     *    asked for; of a kick there may be nothing pending any more, and for one that was there
     *    before the guest was entered there is no call;
     *  - from the library's own vectors, if VCPU_PERCPU_OWN_VECTORS was asked for.
     * It must acknowledge the interrupt. It must not use FP/SIMD registers without saving them,
     * and must not call vcpu_run. Required with either flag, otherwise may be NULL.
     */
    void (*irq)(void *ctx);

    /*
     * With VCPU_PERCPU_OWN_VECTORS: the host's own code took a synchronous exception or an SError.
     * Return true to go on at fault->pc. If it returns false, or is NULL, that CPU stops for good
     * in a WFE loop with interrupts masked.
     */
    bool (*fault)(void *ctx, struct vcpu_host_fault *fault);

    /*
     * Optional: one line of text without a newline, for a developer to read. Called with
     * interrupts masked or not.
     */
    void (*log)(void *ctx, const char *line);
};

#ifdef __cplusplus
}
#endif

#endif
