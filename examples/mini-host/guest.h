/* SPDX-License-Identifier: MIT */
/* One guest: its memory, its devices, its virtual machine. */
#ifndef MINI_HOST_GUEST_H
#define MINI_HOST_GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/calls.h>
#include <vcpu/gic.h>
#include <vcpu/percpu.h>
#include <vcpu/pmu.h>
#include <vcpu/stage2.h>
#include <vcpu/timer.h>
#include <vcpu/vcpu.h>

#include "entropy.h"
#include "files.h"
#include "guest_flash.h"
#include "load.h"
#include "lock.h"
#include "machine.h"
#include "machine/virt.h"
#include "options.h"
#include "sched.h"
#include "stats.h"

/* How a guest ended, or that it is yet to start, or runs. */
enum guest_end { GUEST_STARTS, GUEST_RUNS, GUEST_OFF, GUEST_RESET, GUEST_FAILED };

struct guest;

struct guest_vcpu {
    struct guest *guest;
    struct vcpu *vcpu;
    struct stats stats;
    struct entropy random;   /* for SMCCC TRNG */
    struct sched_vcpu sched; /* virtual mode */
    uint32_t parked;         /* direct mode: 1 while its CPU waits for a CPU_ON */
    bool untaken;            /* it masks interrupts, and one was forwarded to it */
    enum guest_end end;      /* how this vCPU ended its guest, after NEXT_END */
};

/* Does its PSTATE mask IRQs? */
static inline bool guest_masks_interrupts(const struct guest_vcpu *vcpu)
{
    return (vcpu->vcpu->regs.pstate & 0x80) != 0;
}

/* What guest_start does next. */
enum guest_stage {
    GUEST_STAGE_BEGIN,
    GUEST_STAGE_MEMORY,
    GUEST_STAGE_VM,
    GUEST_STAGE_DEVICES,
    GUEST_STAGE_VCPUS,
};

struct guest {
    struct vcpu_timer *timer; /* NULL in direct mode, as gic */
    struct vcpu_gic *gic;
    const struct machine *machine;
    const struct options_vm *options;
    unsigned number; /* of the VM, from 0 */
    bool direct;
    struct virt_gic gic_map; /* where it finds its interrupt controller */
    struct virt_uart uart;   /* and its UART */
    struct virt_rtc rtc;     /* and its clock; size 0 if the machine has none */
    struct virt_region ram;  /* the guest's addresses */
    uint64_t memory;         /* where that is for the host */
    struct vcpu_stage2 stage2;
    struct files files;
    struct load load;
    struct guest_flash flash; /* if there is a firmware */
    struct vcpu_vm *vm;
    struct vcpu_calls calls;
    const struct vcpu_percpu *this_cpu; /* of guest_start, for calls */
    struct vcpu_pmu *pmu;               /* NULL if it has none */
    struct lock line_lock; /* protects gic against those who set lines while the guest restarts */
    struct guest_vcpu vcpus[OPTIONS_MAX_VCPUS];
    unsigned vcpu_count;
    enum guest_stage stage;
    unsigned made;     /* vCPUs, of the start under way */
    bool lived;        /* it was started before */
    uint32_t at_large; /* vCPUs that are on, or not yet known to be off */
    uint32_t end;      /* enum guest_end */
};

/*
 * What a guest has for its whole life: memory, a plan of what goes into it, and stage-2 tables with
 * its devices in them. After that guest_start (guest_start.h) is to be called. `cpu` is this CPU's
 * block, enabled, with no resident vCPU: libfdt may use FP registers. Returns false on an error,
 * with one line about it in error (size bytes).
 */
bool guest_create(struct guest *guest, unsigned number, const struct machine *machine,
                  const struct options *options, const struct vcpu_percpu *cpu, char *error,
                  size_t size);

/* Does stage 2 force Write-Back (FEAT_S2FWB), so that the guest's caches are never off? */
bool guest_has_fwb(const struct guest *guest);

/* The affinity fields that a vCPU reads in MPIDR_EL1, in their places. */
uint64_t guest_mpidr(const struct guest *guest, unsigned index);

/* The interrupt of a device of its, an SPI from 0 on, in virtual mode. Any CPU. */
void guest_set_line(struct guest *guest, uint32_t spi, bool level);

#endif
