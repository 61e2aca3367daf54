/* SPDX-License-Identifier: MIT */
/*
 * The state of a virtual interrupt controller, and the questions that all parts of it ask.
 *
 * Interrupts live in banks of 32, as in the registers: bank 0 is each vCPU's own (SGIs and PPIs),
 * the others hold the SPIs. While an interrupt is in a list register of a vCPU it is `listed`: the
 * guest changes its state there without an exit, so what the bank says is from before. Only the CPU
 * where the vCPU is resident can read it back ("fold"). A vCPU that is nowhere has nothing listed.
 *
 * All of it is under the lock but for what is atomic, and plain reads of a register's word.
 */
#ifndef VCPU_GIC_MODEL_H
#define VCPU_GIC_MODEL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vcpu/device.h>
#include <vcpu/gic.h>

#include "arm/gic.h"
#include "gic/interface/interface.h"
#include "gic/lock.h"

#define GIC_MAX_LRS    16u
#define GIC_PRIORITIES 0xf8u /* five bits: what every virtual CPU interface has */
#define GIC_NO_VCPU    UINT16_MAX

struct gic_bank {
    uint32_t valid; /* the interrupts that are there */
    uint32_t group, enabled, edge;
    uint32_t latch; /* pending until it is taken: an edge, a write to ISPENDR, an SGI */
    uint32_t line;  /* the input is high */
    uint32_t active;
    uint32_t listed;
    uint32_t latch_listed; /* listed, and the latch went into the list register's pending bit */
    uint32_t forced; /* listed, and `active` was written since: it counts, not what is there */
    uint32_t hw;     /* stands for a physical interrupt */
    /* hw: the physical one is done with, but not by the guest's end in a list register. */
    uint32_t release;
    uint8_t priority[32];
    uint8_t taken[32]; /* active: the priority that it was taken with, so that of its end */
    uint8_t slot[32];  /* listed: in which list register */
    uint16_t physical[32];
};

struct gic_spis {
    struct gic_bank bank;
    uint32_t route[32];  /* version 3: Aff3 to Aff0, a byte each; 2: ITARGETSR */
    uint16_t target[32]; /* the vCPU that this means, or GIC_NO_VCPU */
    uint16_t owner[32];  /* the vCPU that has it listed or active */
};

/* gic_cpu.left */
#define GIC_LEFT_PENDING 1u /* some that are pending found no list register */
#define GIC_LEFT_ACTIVE  2u /* likewise active: the guest's end of one shows as EOIcount */

struct gic_cpu {
    struct gic_bank bank;
    uint64_t lr[GIC_MAX_LRS]; /* as in ICH_LR<n>_EL2; for GICv2 SGIs with the source in vINTID */
    uint32_t used;            /* those that list something */
    uint32_t loaded;          /* those that are not 0 in the hardware */
    uint32_t hcr, vmcr;
    uint32_t eois;      /* EOIcount, as fetched */
    uint32_t apr[2][4]; /* ICH_AP0R<n>_EL2, ICH_AP1R<n>_EL2; GICH_APR is apr[0][0] */
    uint8_t left;
    bool armed; /* a maintenance interrupt may come */
    bool present, asleep;
    uint16_t index;
    uint64_t affinity; /* as in MPIDR_EL1 */
    uint64_t self_sgi; /* ICC_SGI1R_EL1 for itself, but for the INTID */
    /* Version 2, by SGI: from which CPUs it is pending, and from which it is active. */
    uint8_t sources[GIC_SGIS], active_source[GIC_SGIS];
    _Atomic uint64_t resident; /* MPIDR_EL1 of the CPU it is in, 0 if in none */
    /* SGIs sent to it that `latch` has not yet, without the lock; and in version 2 their senders. */
    _Atomic uint32_t mail;
    _Atomic uint8_t mail_from[GIC_SGIS];
    _Atomic bool dirty; /* the list registers are not up to date */
    _Atomic bool work;  /* a vCPU that waits, and is not resident here, has a reason to go on */
};

/* What a change leaves to do when the lock is free again, for it calls out of the library. */
struct gic_news {
    uint64_t vcpus[VCPU_VM_MAX_VCPUS / 64]; /* to be notified */
    const struct gic_cpu *self; /* the vCPU whose list registers are filled anyway, or NULL */
    uint32_t ppis;              /* of self: whose physical ones become active here, or not, */
    bool active;                /* as this says */
};

struct vcpu_gic {
    struct gic_lock lock;
    uint32_t ctlr, typer; /* GICD_CTLR and GICD_TYPER, as they read */
    uint32_t busy;        /* banks of SPIs in which something may be pending, active or listed */
    uint32_t released;    /* banks of SPIs that have a `release` */
    uint16_t intids;      /* the INTIDs below it are there */
    uint16_t max_vcpus;
    uint8_t version;
    uint8_t banks;
    uint8_t lrs;     /* list registers of the hardware */
    uint8_t prebits; /* bits of priority that decide preemption: 5 to 7 */
    bool tdir;       /* ICH_HCR_EL2.TDIR is there */
    bool a3v;        /* Aff3 may be other than 0 */
    uint16_t fixed;  /* what of ICC_CTLR_EL1 is read-only */
    uint64_t distributor, redistributors;
    const struct gic_interface *interface;
    volatile void *gich;
    struct vcpu_vm *vm;
    const struct vcpu_host *host;
    void (*set_active)(void *ctx, uint16_t physical, bool active);
    struct gic_cpu *cpu[VCPU_VM_MAX_VCPUS];
    vcpu_pa_t page; /* of this struct */
    uint8_t pages;
    vcpu_pa_t cpu_pages[VCPU_VM_MAX_VCPUS / 8];
    struct gic_spis spis[];
};

/* The bank, NULL if there is none. cpu may be NULL if n is not 0, or if bank 0 is out of reach. */
static inline struct gic_bank *gic_bank(struct vcpu_gic *gic, struct gic_cpu *cpu, unsigned n)
{
    if (n == 0)
        return cpu ? &cpu->bank : NULL;
    return n < gic->banks ? &gic->spis[n - 1].bank : NULL;
}

/* Pending, but for those whose pending state is in a list register. */
static inline uint32_t gic_pending(const struct gic_bank *bank)
{
    /* A physical interrupt that is taken rises again by itself, so the line stands for an edge. */
    return bank->latch | (bank->line & ~(bank->edge | bank->hw));
}

/*
 * An SGI out of the mail: who sent it. In version 2 it is one interrupt from each of them, and none
 * if somebody else opened it before; in 3 it does not matter.
 */
static inline unsigned gic_senders(const struct vcpu_gic *gic, struct gic_cpu *cpu, unsigned sgi)
{
    return gic->version == 2
               ? atomic_exchange_explicit(&cpu->mail_from[sgi], 0, memory_order_relaxed)
               : 1u << 0;
}

/* It is pending from now on. */
static inline void gic_latch_sgi(struct gic_cpu *cpu, unsigned sgi, unsigned senders)
{
    cpu->sources[sgi] |= (uint8_t)senders;
    if (senders)
        cpu->bank.latch |= 1u << sgi;
}

/* Those that the distributor forwards when they are pending. */
static inline uint32_t gic_open(const struct vcpu_gic *gic, const struct gic_bank *bank)
{
    return bank->enabled & ((gic->ctlr & GICD_CTLR_EnableGrp1 ? bank->group : 0) |
                            (gic->ctlr & GICD_CTLR_EnableGrp0 ? ~bank->group : 0));
}

/* Those that want a list register. */
static inline uint32_t gic_candidates(const struct vcpu_gic *gic, const struct gic_bank *bank)
{
    return ((gic_pending(bank) & gic_open(gic, bank)) | bank->active) & ~bank->listed;
}

/* The vCPU in whose list registers interrupt 32 * n + i is, or belongs. home: whose bank 0. */
uint16_t vcpu_gic_whose(const struct vcpu_gic *gic, const struct gic_cpu *home, unsigned n,
                        unsigned i);

/*
 * These interrupts changed: the vCPUs concerned must bring their list registers up to date.
 * home: as above.
 */
void vcpu_gic_touch(struct vcpu_gic *gic, struct gic_cpu *home, unsigned n, uint32_t bits,
                    struct gic_news *news);

/* All vCPUs must. */
void vcpu_gic_touch_all(struct vcpu_gic *gic, struct gic_news *news);

/* The physical interrupts behind these of bank n, if there are some, are to become inactive. */
void vcpu_gic_release(struct vcpu_gic *gic, struct gic_cpu *home, unsigned n, uint32_t bits);

/* The vCPU with that index must look at what is new for it. Without the lock. */
static inline void gic_notify(const struct vcpu_gic *gic, unsigned index)
{
    struct vcpu *vcpu = vcpu_vm_vcpu(gic->vm, index);

    if (vcpu)
        vcpu_device_notify(vcpu);
}

/* Ends the active state of these of bank n, wherever they are. Touches none. */
void vcpu_gic_deactivate(struct vcpu_gic *gic, struct gic_cpu *home, unsigned n, uint32_t bits);

/*
 * The PPIs of this vCPU whose physical ones are active on the CPU it is in: a PPI is each CPU's own,
 * so that state goes with the vCPU. It is not in list registers.
 */
static inline uint32_t gic_held(const struct gic_cpu *cpu)
{
    return cpu->bank.hw & (cpu->bank.latch | cpu->bank.active);
}

/* Takes back that these of bank n are pending, but for lines that are high. Touches none. */
void vcpu_gic_unlatch(struct vcpu_gic *gic, struct gic_cpu *home, unsigned n, uint32_t bits);

/* The input of this one of bank n is now as said. false: nothing came of it. Touches none. */
bool vcpu_gic_drive(struct vcpu_gic *gic, struct gic_cpu *home, unsigned n, uint32_t bit,
                    bool level);

/* The SGIs that were sent to the vCPU without the lock are pending from now on. */
void vcpu_gic_open_mail(struct vcpu_gic *gic, struct gic_cpu *cpu, struct gic_news *news);

/* The vCPU with this affinity, as in MPIDR_EL1, or GIC_NO_VCPU. */
uint16_t vcpu_gic_find(const struct vcpu_gic *gic, uint64_t affinity);

/* Has the vCPU the highest index? */
bool vcpu_gic_is_last(const struct vcpu_gic *gic, const struct gic_cpu *cpu);

/* A route was written, or a vCPU came to be: sets the target of an SPI anew. */
void vcpu_gic_route(const struct vcpu_gic *gic, struct gic_spis *spis, unsigned i);

/* The vCPU came to be, or not for the first time. Another of that affinity was destroyed before. */
void vcpu_gic_meet(struct vcpu_gic *gic, struct gic_cpu *cpu, uint64_t affinity);

/* Everything as after a reset, for so many SPIs. */
void vcpu_gic_reset_model(struct vcpu_gic *gic, unsigned spis);

#endif
