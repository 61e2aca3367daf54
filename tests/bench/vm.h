/* SPDX-License-Identifier: MIT */
/* The VM of the rows about interrupts, with its interrupt controller and timers; and two CPUs. */
#ifndef BENCH_VM_H
#define BENCH_VM_H

#include <vcpu/gic.h>
#include <vcpu/timer.h>

#include "arch.h"
#include "gic.h"
#include "testhost.h"

#define BENCH_TIMER_INTID 27u

#define ICC_IAR1_EL1  s3_0_c12_c12_0
#define ICC_EOIR1_EL1 s3_0_c12_c12_1

/* The guests' words in memory. */
#define BENCH_WORDS (TEST_RAM_IPA + TEST_RAM_SIZE - 64)

struct bench_vm {
    struct test_vm t;
    struct vcpu_gic *gic;
    struct vcpu_timer *timer;
    bool v3;
    unsigned vcpus;  /* that the next one has, or 0: 2, of which a row makes what it needs */
    uint64_t mapped; /* bytes that the next one has mapped beside its RAM */
    unsigned misfit; /* and this offset of the physical memory forbids blocks of twice the size */
    /* The vCPU for which CPU 1 sleeps: the wake hook sends it an SGI, and counts. */
    struct vcpu *volatile waiting;
    volatile unsigned wakes;
};

extern struct bench_vm bench_vm;

/* Once: the host's interrupts on this CPU. */
void bench_vm_init(const struct machine *machine);

/* flags: VCPU_VM_ beside those that it has anyway. */
void bench_vm_open(uint32_t flags);
void bench_vm_close(void);

/* A vCPU about to enter a snippet, with the addresses that those of interrupts expect. */
struct vcpu *bench_vcpu(uint16_t index, const char *snippet);

/*
 * An IRQ of the host: the virtual timer's goes to the guest, all others are only ended. Inline, for
 * it is counted where a guest is interrupted.
 */
static inline void bench_take_irq(struct vcpu *vcpu)
{
    if (bench_vm.v3) {
        uint64_t intid = arch_read(ICC_IAR1_EL1);

        if (intid == BENCH_TIMER_INTID) {
            arch_write(ICC_EOIR1_EL1, intid);
            vcpu_gic_forward(bench_vm.gic, vcpu, BENCH_TIMER_INTID);
        } else if (intid < GIC_INTIDS) {
            gic_end((uint32_t)intid);
        }
    } else {
        uint32_t acknowledged = gic_acknowledge();

        if (acknowledged == BENCH_TIMER_INTID) {
            gic_drop(acknowledged);
            vcpu_gic_forward(bench_vm.gic, vcpu, BENCH_TIMER_INTID);
        } else if (GIC_INTID(acknowledged) < GIC_INTIDS) {
            gic_end(acknowledged);
        }
    }
}

/*
 * Has CPU 1 do a job, on its own; waits until it has, and its vCPU is in no CPU. The CPU starts with
 * the first job, for even one that has none takes instructions.
 */
void bench_other_begin(void (*job)(void));
void bench_other_wait(void);

#endif
