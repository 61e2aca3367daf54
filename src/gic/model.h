/* SPDX-License-Identifier: MIT */
/*
 * The state of a virtual interrupt controller, and the queries that all its parts use.
 *
 * Interrupts are in banks of 32, as in the registers: bank 0 is each vCPU's own (SGIs and PPIs),
 * the others hold the SPIs.
 *
 * `listed`: the interrupt is in a list register of a vCPU. The guest changes its state there
 * without an exit, so the bank has an old state. Only the CPU where the vCPU is resident can read
 * it back ("fold"). A vCPU that is not resident has nothing listed.
 *
 * An interrupt that needs a list register and is in none waits in a queue of its vCPU: gic/lists/.
 *
 * The lock protects all of this, except atomics and plain reads of a register's word.
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
#include "hw/nospec.h"

/*
 * More list registers are not used. Each makes the longest exit longer, and a guest seldom has more
 * interrupts pending and active at once.
 */
#define GIC_MAX_LRS    4u
#define GIC_PRIORITIES 0xf8u /* five bits: every virtual CPU interface has these */
#define GIC_LEVELS     32u   /* as many as these bits make */
#define GIC_NO_VCPU    UINT16_MAX

/* The kinds of queues; a pending interrupt's is the number of its group. */
#define GIC_PENDING0 0u
#define GIC_PENDING1 1u
#define GIC_ACTIVE   2u
#define GIC_KINDS    3u

/* Where an interrupt waits for a list register: gic/lists/. */
struct gic_link {
    uint16_t next, prev; /* INTIDs in its queue, which is a ring */
    uint16_t holder;     /* the index of the vCPU whose queue it is */
    uint8_t place;       /* which queue: 1 + GIC_LEVELS * kind + level; 0: in none */
};

struct gic_bank {
    uint32_t valid; /* the interrupts that exist */
    uint32_t group, enabled, edge;
    uint32_t latch;   /* pending until taken: an edge, a write to ISPENDR, an SGI */
    uint32_t line;    /* the input is high */
    uint32_t message; /* the level that messages set is high */
    uint32_t active;
    uint32_t listed;
    uint32_t latch_listed; /* listed, and the list register's pending bit stands for the latch */
    uint32_t forced;  /* listed, and `active` was written later: it counts, not the list register */
    uint32_t dropped; /* listed, and a latch that came later was cleared: not the list register's */
    uint32_t
        hw; /* stands for a physical interrupt; `line` is then as gic/lists/source.c has seen it */
    /* hw: pending or active by a write to ISPENDR: no physical interrupt is behind it. */
    uint32_t soft;
    uint32_t soft_latch; /* soft, and that write made `latch` too; not only the source, later */
    /* hw: the physical one is to be made inactive, because no end in a list register does it. */
    uint32_t release;
    uint8_t priority[32];
    uint8_t taken[32]; /* active: the priority when it was taken, which its end has too */
    uint8_t slot[32];  /* listed: the index of the list register */
    uint16_t physical[32];
    struct gic_link link[32];
};

struct gic_spis {
    struct gic_bank bank;
    uint32_t shared;     /* one of several vCPUs gets it: gic/lists/share.c */
    uint32_t route[32];  /* version 3: Aff3 to Aff0, a byte each; version 2: ITARGETSR */
    uint16_t target[32]; /* the index of that vCPU, or of the chosen one; or GIC_NO_VCPU */
    uint16_t owner[32];  /* the index of the vCPU that has it listed or active */
};

/* gic_cpu.mail, beside the SGIs: the vCPU has an SGI to send before it goes on. */
#define GIC_MAIL_REST (1u << GIC_SGIS)

/*
 * gic_cpu.rest is as ICC_SGI1R_EL1, with two bits that are RES0 there. GROUP0: it is for SGIs of group
 * 0 only. NEXT: with IRM, TargetList is the index of the vCPU that is next.
 */
#define GIC_REST_GROUP0 BIT(63)
#define GIC_REST_NEXT   BIT(62)
#define GIC_REST                                                                                   \
    (GIC_REST_GROUP0 | GIC_REST_NEXT | SGIR_Aff3 | SGIR_RS | SGIR_IRM | SGIR_Aff2 | SGIR_INTID |   \
     SGIR_Aff1 | SGIR_TargetList)

/* gic_cpu.left */
#define GIC_LEFT_PENDING 1u /* some pending interrupts are in no list register */
#define GIC_LEFT_ACTIVE  2u /* some that the guest is to end are in none */

/*
 * A guest's write to interrupts of bank n that is made in part: gic/writes/bits.h. Or one to GICD_CTLR,
 * of which not all vCPUs have been told: value is the next. Or a job of 1 of N: gic/lists/share.c; value
 * is the next vCPU, or INTID.
 */
#define GIC_WRITE_MEET   1u /* not offsets of registers; after GICD_CTLR, before the others */
#define GIC_WRITE_CHOOSE 2u
struct gic_write {
    struct gic_cpu *home; /* as in struct gic_access */
    uint32_t bits;        /* the interrupts that are left; 0: none */
    uint32_t value;
    uint16_t offset;
    uint8_t n;
};

struct gic_cpu {
    struct gic_bank bank;
    uint32_t levels[GIC_KINDS]; /* the levels of priority whose queue is not empty */
    uint16_t head[GIC_KINDS * GIC_LEVELS];
    /*
     * Levels at which the guest handles the first interrupt of the active queue: EOIcount reports
     * its end.
     */
    uint32_t ends;
    uint64_t lr[GIC_MAX_LRS]; /* as in ICH_LR<n>_EL2; SGIs of GICv2 have the source in vINTID */
    uint32_t used;            /* list registers that hold an interrupt */
    uint32_t loaded;          /* list registers that are not 0 in the hardware */
    uint32_t hcr, vmcr;
    uint32_t eois;      /* EOIcount, as fetched */
    uint32_t apr[2][4]; /* ICH_AP0R<n>_EL2, ICH_AP1R<n>_EL2; GICH_APR is apr[0][0] */
    uint8_t left;
    bool armed; /* a maintenance interrupt may come */
    bool present, asleep;
    /*
     * gic/lists/share.c: the groups that it takes, as last known; crowd.calls, when it looked; has it just
     * chosen for others?
     */
    uint8_t takes;
    uint32_t heard;
    bool chose;
    bool unsettled;         /* listed ones of its were disabled by another vCPU since */
    struct gic_write write; /* its own; while some of it is left, `dirty` is set */
    uint16_t index;
    uint16_t alike;    /* 1 + the next index in its bucket, or 0 */
    uint64_t affinity; /* as in MPIDR_EL1 */
    uint64_t self_sgi; /* its ICC_SGI1R_EL1 for an SGI to itself, without the INTID */
    /* Version 2, by SGI: the CPUs from which it is pending, and the one from which it is active. */
    uint8_t sources[GIC_SGIS], active_source[GIC_SGIS];
    _Atomic uint64_t resident; /* MPIDR_EL1 of the CPU where it is resident; 0: not resident */
    /* SGIs sent to it without the lock, not yet in `latch`; version 2: their senders. */
    _Atomic uint32_t mail;
    uint64_t rest; /* while GIC_MAIL_REST is in the mail: what is left to send of its own SGI */
    _Atomic uint8_t mail_from[GIC_SGIS];
    _Atomic bool dirty; /* the list registers are not up to date */
    _Atomic bool work;  /* not resident here, it has a reason to go on if it waits */
};

#define GIC_MANY UINT16_MAX

/* What a change leaves to do after the lock is free, because it calls out of the library. */
struct gic_news {
    uint64_t vcpus[VCPU_VM_MAX_VCPUS / 64]; /* to get notice */
    const struct gic_cpu *self; /* the vCPU whose list registers are brought up to date, or NULL */
    uint16_t own;               /* of self: 0, or 1 + the INTID that changed, or GIC_MANY */
    uint32_t ppis;              /* of self: the physical state of these becomes active */
    bool active;                /* or inactive, as this says */
};

/* What follows the sources of forwarded interrupts, if the host wants it: gic/lists/source.c. */
struct gic_sources {
    /*
     * Before an access to this bank, or to these of it, by a vCPU that is resident here. read: returns
     * those that are not pending, whatever a list register says.
     */
    uint32_t (*read)(struct vcpu_gic *gic, struct gic_cpu *home, unsigned n, struct gic_news *news);
    void (*written)(struct vcpu_gic *gic, struct gic_cpu *home, unsigned n, uint32_t bits,
                    struct gic_news *news);
    /* Before this list register is folded; before list registers are filled. */
    void (*folded)(struct vcpu_gic *gic, struct gic_cpu *cpu, uint64_t lr);
    void (*queued)(struct vcpu_gic *gic, struct gic_cpu *cpu, struct gic_news *news);
    /* After a fetch, by a vCPU that waits and has something to go on for. Without the lock. */
    void (*awaited)(struct vcpu_gic *gic, struct gic_cpu *cpu);
};

/* What vCPUs do that take part in 1 of N: the best to have an interrupt first. */
enum gic_does { GIC_WAITS, GIC_RUNS, GIC_IS_READY, GIC_IS_OFF };
struct gic_crowd {
    /* By the group that they take, and by index. */
    uint64_t does[GIC_IS_OFF][2][VCPU_VM_MAX_VCPUS / 64];
    uint32_t calls; /* counts who asked others to look */
    bool orphans;   /* some interrupts have nobody, or one who may not take them soon */
};

/*
 * What interrupts need that one of several vCPUs gets (1 of N), if the host lets guests have them:
 * gic/lists/share.c. With the lock, and but for route only while there are such interrupts: gic->shared
 * is not 0. Without the lock, and at any time: come, reset and wait.
 */
struct gic_share {
    /* cpu writes that interrupt i of bank n is one of these, or is not. */
    void (*route)(struct vcpu_gic *gic, struct gic_cpu *cpu, unsigned n, unsigned i, bool shared,
                  struct gic_news *news);
    /* If it is one, and pending: chooses its target. */
    void (*choose)(struct vcpu_gic *gic, unsigned n, unsigned i);
    /* It was in a list register. If another vCPU should have it now, the next that comes chooses. */
    void (*folded)(struct vcpu_gic *gic, uint32_t intid);
    /* It comes to this CPU, or leaves it: before its list registers are filled, or folded. */
    void (*arrive)(struct vcpu_gic *gic, struct gic_cpu *cpu);
    void (*leave)(struct vcpu_gic *gic, const struct vcpu *vcpu);
    /*
     * It is on this CPU, its list registers have been folded, and it looks what it takes. true: it has a
     * job to do: gic_cpu.write.
     */
    bool (*come)(struct vcpu_gic *gic, struct gic_cpu *cpu);
    /* Its list registers are up to date. */
    void (*filled)(struct vcpu_gic *gic, struct gic_cpu *cpu);
    /* It has left, and its list registers have been folded. */
    void (*left)(struct vcpu_gic *gic, struct gic_cpu *cpu, struct gic_news *news);
    void (*reset)(struct vcpu_gic *gic, struct gic_cpu *cpu);
    /* It waits, with interrupts masked here. */
    void (*wait)(struct vcpu_gic *gic, struct gic_cpu *cpu);
    /* A piece of its job. */
    void (*go_on)(struct vcpu_gic *gic, struct gic_write *write, struct gic_news *news);
};

#define GIC_BUCKETS 64u

struct vcpu_gic {
    struct gic_lock lock;
    uint32_t ctlr, typer; /* GICD_CTLR and GICD_TYPER, as they read */
    uint32_t hcr;         /* what ICH_HCR_EL2 or GICH_HCR always has */
    uint32_t released;    /* banks of SPIs whose `release` is not 0 */
    uint32_t shared;      /* banks of SPIs whose `shared` is not 0 */
    uint16_t intids;      /* INTIDs below this exist */
    uint16_t max_vcpus;
    uint16_t unsettled; /* vCPUs that are so, and writes: GICD_CTLR.RWP is 1 while there are any */
    uint16_t last;      /* the highest index of a vCPU that is present */
    uint8_t version;
    uint8_t banks;
    uint8_t lrs;     /* number of list registers that are used */
    uint8_t all_lrs; /* of the hardware */
    uint8_t prebits; /* bits of priority that decide preemption: 5 to 7 */
    bool told;       /* a write to DIR is an exit */
    bool a3v;        /* Aff3 need not be 0 */
    uint16_t fixed;  /* the read-only bits of ICC_CTLR_EL1 */
    uint64_t distributor, redistributors;
    uint64_t deactivation; /* version 2, if told: the page of GICC_DIR */
    const struct gic_interface *interface;
    volatile void *gich;
    struct gic_crowd crowd;
    struct vcpu_vm *vm;
    const struct vcpu_host *host;
    void (*set_active)(void *ctx, uint16_t physical, bool active);
    const struct gic_sources *sources; /* NULL: nobody follows them */
    const struct gic_share *share;     /* NULL: no guest has these */
    _Atomic bool shares;               /* there are, or were, interrupts of several vCPUs */
    bool (*is_asserted)(void *ctx, uint16_t physical);
    struct gic_cpu *cpu[VCPU_VM_MAX_VCPUS];
    /* 1 + the first index whose affinity has that hash, or 0. Read without the lock. */
    _Atomic uint32_t bucket[GIC_BUCKETS];
    vcpu_pa_t page; /* of this struct */
    uint8_t pages;
    vcpu_pa_t cpu_pages[VCPU_VM_MAX_VCPUS / 4];
    struct gic_spis spis[];
};

/* index, checked to be below max_vcpus, where a guest chose it, or what it chose leads there. */
static inline struct gic_cpu *gic_cpu_at(const struct vcpu_gic *gic, uint64_t index)
{
    return gic->cpu[NOSPEC_INDEX(index, gic->max_vcpus)];
}

/* n, checked to be a bank, where a guest chose it. Then all that follows may use it. */
static inline unsigned gic_bank_number(const struct vcpu_gic *gic, unsigned n)
{
    return (unsigned)NOSPEC_INDEX(n, gic->banks);
}

/* A bank that exists. cpu: the vCPU of bank 0; not used for another. */
static inline struct gic_bank *gic_bank(struct vcpu_gic *gic, struct gic_cpu *cpu, unsigned n)
{
    return n == 0 ? &cpu->bank : &gic->spis[n - 1].bank;
}

/* Pending, without those whose pending state is in a list register. */
static inline uint32_t gic_pending(const struct gic_bank *bank)
{
    /* A physical interrupt that is still asserted comes again, so its line counts as an edge. */
    return bank->latch | ((bank->line | bank->message) & ~(bank->edge | bank->hw));
}

/* hw: pending whatever the source does. */
static inline uint32_t gic_by_software(const struct gic_bank *bank)
{
    /* Of one in a list register it is not known whether it has been taken. */
    return bank->soft & (bank->soft_latch | ~bank->latch | bank->latch_listed);
}

/*
 * Takes an SGI out of the mail: returns its senders. Version 2: one interrupt from each of them,
 * and 0 if somebody else took it before. Version 3: the sender does not matter.
 */
static inline unsigned gic_senders(const struct vcpu_gic *gic, struct gic_cpu *cpu, unsigned sgi)
{
    return gic->version == 2
               ? atomic_exchange_explicit(&cpu->mail_from[sgi], 0, memory_order_relaxed)
               : 1u << 0;
}

/* Makes the SGI pending. Does not call touch. */
static inline void gic_latch_sgi(struct gic_cpu *cpu, unsigned sgi, unsigned senders)
{
    cpu->sources[sgi] |= (uint8_t)senders;
    if (senders)
        cpu->bank.latch |= 1u << sgi;
}

/* The interrupts that the distributor forwards if they are pending. */
static inline uint32_t gic_open(const struct vcpu_gic *gic, const struct gic_bank *bank)
{
    return bank->enabled & ((gic->ctlr & GICD_CTLR_EnableGrp1 ? bank->group : 0) |
                            (gic->ctlr & GICD_CTLR_EnableGrp0 ? ~bank->group : 0));
}

/* The same, not inlined. */
uint32_t vcpu_gic_open(const struct vcpu_gic *gic, const struct gic_bank *bank);

/*
 * Lets others have the lock, in the middle of a change. They may have taken the interrupt that
 * changed to another vCPU since, so it does not do to look at that one only.
 */
static inline void gic_let_in(struct vcpu_gic *gic, struct gic_news *news)
{
    if (news->own)
        news->own = GIC_MANY;
    vcpu_gic_let_in(&gic->lock);
}

/* News for one vCPU. work: if it waits, it has a reason to go on. */
void vcpu_gic_tell(struct gic_cpu *cpu, bool work, struct gic_news *news);

/*
 * The index of the vCPU that interrupt 32 * n + i is listed for, or belongs to. home: the vCPU of
 * bank 0.
 */
uint16_t vcpu_gic_whose(const struct vcpu_gic *gic, const struct gic_cpu *home, unsigned n,
                        unsigned i);

/*
 * These interrupts changed: they go where they belong now, and the vCPUs concerned must bring their
 * list registers up to date. home: as above.
 */
void vcpu_gic_touch(struct vcpu_gic *gic, struct gic_cpu *home, unsigned n, uint32_t bits,
                    struct gic_news *news);

/*
 * The same for all interrupts of some vCPUs, from this one on, after a write of GICD_CTLR. Returns which
 * vCPU is the next.
 */
uint32_t vcpu_gic_touch_some(struct vcpu_gic *gic, uint32_t first, struct gic_news *news);

/*
 * Interrupts that were disabled can still be taken from the list registers of this vCPU, until
 * they are up to date. Version 3 has RWP for that; the guest waits until it reads 0.
 */
void vcpu_gic_unsettle(struct vcpu_gic *gic, struct gic_cpu *cpu);
void vcpu_gic_settled(struct vcpu_gic *gic, struct gic_cpu *cpu);

/* The same for a write of GICD_CTLR, which changes these enables. */
void vcpu_gic_begin_write(struct vcpu_gic *gic, uint32_t enables);
void vcpu_gic_end_write(struct vcpu_gic *gic);

/* The physical interrupts of these of bank n, if there are any, are to become inactive. */
void vcpu_gic_release(struct vcpu_gic *gic, struct gic_cpu *home, unsigned n, uint32_t bits);

/* What is left of an SGI of this vCPU, which does not run, is sent by its next sync. */
static inline void gic_send_later(struct gic_cpu *cpu, uint64_t rest)
{
    cpu->rest = rest;
    atomic_fetch_or_explicit(&cpu->mail, GIC_MAIL_REST, memory_order_relaxed);
}

/* It is not sent. */
static inline void gic_stop_sending(struct gic_cpu *cpu)
{
    atomic_fetch_and_explicit(&cpu->mail, ~GIC_MAIL_REST, memory_order_relaxed);
}

/* Gives notice to the vCPU with that index. Without the lock. */
static inline void gic_notify(const struct vcpu_gic *gic, unsigned index)
{
    struct vcpu *vcpu = vcpu_vm_vcpu(gic->vm, index);

    if (vcpu)
        vcpu_device_notify(vcpu);
}

/* Ends the active state of these of bank n, also where they are listed. Does not call touch. */
void vcpu_gic_deactivate(struct vcpu_gic *gic, struct gic_cpu *home, unsigned n, uint32_t bits);

/*
 * The PPIs of this vCPU whose physical ones are active on the CPU where it is resident. Each CPU
 * has its own state of a PPI, so this state goes with the vCPU. It must not have anything listed.
 */
static inline uint32_t gic_held(const struct gic_cpu *cpu)
{
    return cpu->bank.hw & (cpu->bank.latch | cpu->bank.active);
}

/* Ends the pending state of these of bank n, except of high lines. Does not call touch. */
void vcpu_gic_unlatch(struct vcpu_gic *gic, struct gic_cpu *home, unsigned n, uint32_t bits);

/* vcpu_gic_drive or vcpu_gic_message. */
typedef bool gic_signal(struct vcpu_gic *gic, struct gic_cpu *home, unsigned n, uint32_t bit,
                        bool level);

/* Sets the input of this one of bank n. false: nothing changed. Does not call touch. */
bool vcpu_gic_drive(struct vcpu_gic *gic, struct gic_cpu *home, unsigned n, uint32_t bit,
                    bool level);

/*
 * A message sets or clears this SPI of bank n. An edge-triggered one becomes pending, or is not any
 * more; a level-sensitive one has a level that messages move, beside its input. As vcpu_gic_drive.
 */
bool vcpu_gic_message(struct vcpu_gic *gic, struct gic_cpu *home, unsigned n, uint32_t bit,
                      bool set);

/* Makes the SGIs pending that were sent to the vCPU without the lock. */
void vcpu_gic_open_mail(struct vcpu_gic *gic, struct gic_cpu *cpu, struct gic_news *news);

/* The index of the vCPU with this affinity, as in MPIDR_EL1, or GIC_NO_VCPU. */
uint16_t vcpu_gic_find(const struct vcpu_gic *gic, uint64_t affinity);

/* Sets the target of an SPI, after its route was written or a vCPU was created. */
void vcpu_gic_route(const struct vcpu_gic *gic, struct gic_spis *spis, unsigned i);

/*
 * The vCPU was created, perhaps not for the first time, or reset. One with the same affinity was
 * destroyed before. Without the lock.
 */
void vcpu_gic_meet(struct vcpu_gic *gic, struct gic_cpu *cpu, uint64_t affinity);

/* SGIs are edges. */
static inline uint32_t gic_edges_at_reset(unsigned n)
{
    return n == 0 ? (1u << GIC_SGIS) - 1 : 0;
}

/* With one CPU, version 2 has no writable ITARGETSR. */
static inline uint32_t gic_route_at_reset(const struct vcpu_gic *gic)
{
    return gic->version == 2 && gic->max_vcpus == 1;
}

static inline void gic_reset_interface(struct gic_cpu *cpu)
{
    cpu->vmcr = 0;
    for (unsigned n = 0; n < 4; n++)
        cpu->apr[0][n] = cpu->apr[1][n] = 0;
}

/* Sets the state of a new controller, for this number of SPIs. */
void vcpu_gic_reset_model(struct vcpu_gic *gic, unsigned spis);

#endif
