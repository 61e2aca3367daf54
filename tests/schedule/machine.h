/* SPDX-License-Identifier: MIT */
/*
 * The simulated machine: CPUs with a virtual CPU interface (tests/unit/gic_virtual.h), guests, a
 * host and its devices. hardware.c and machine.c have what is hw/, the world switch and asm/ on a real
 * one.
 */
#ifndef VCPU_TESTS_SCHEDULE_MACHINE_H
#define VCPU_TESTS_SCHEDULE_MACHINE_H

#include <vcpu/gic.h>
#include <vcpu/inject.h>
#include <vcpu/psci.h>

#include "../unit/gic_virtual.h"
#include "schedule.h"
#include "state/state.h"

#define VCPUS 3u

#define GICD_BASE UINT64_C(0x08000000)
#define GICR_BASE UINT64_C(0x080a0000)
#define SGIS(v)   (GICR_BASE + UINT64_C(0x20000) * (v) + UINT64_C(0x10000))

/* What happens in a run, beside the guests' entries and exits. Each seed has some of these. */
enum {
    WITH_EDGE = 1,
    WITH_LEVEL = 2,
    WITH_FORWARD = 4, /* interrupts that stand for physical ones */
    WITH_KICK = 8,
    WITH_LINE = 16,    /* HCR_EL2.VI */
    WITH_MIGRATE = 32, /* puts, and other targets of SPIs */
    WITH_DEVICES = 63, /* all of these */
    WITH_SGI = 64,
    WITH_POWER = 128,  /* CPU_OFF and CPU_ON */
    WITH_ENABLE = 256, /* interrupts are disabled for a while */
    WITH_ALL = 511,
};

struct sim_config {
    unsigned cpus, vcpus, with;
    bool is_short;     /* little happens: what is lost is not found later by chance */
    bool favours;      /* most events are for the first vCPU */
    bool spins;        /* guests wait without WFI, so that only a kick brings them out */
    bool eoimode;      /* EOIR and DIR */
    bool irq_hook;     /* VCPU_PERCPU_IRQ_HOOK */
    bool put_each_run; /* TRAP_SHARE_NOTHING */
};

struct sim_cpu {
    struct machine_cpu interface;
    struct percpu_state *block;
    bool masked;
    bool kick;         /* the host's kick interrupt is pending */
    struct vcpu *last; /* ran last here */
    uint64_t far, hpfar;
    uint64_t el1; /* stands for EL1's registers */
};

/* The lines that devices hold, and what is still to come of each. */
struct line {
    unsigned kind; /* WITH_EDGE, WITH_LEVEL, WITH_FORWARD */
    uint32_t intid;
    unsigned owner; /* the vCPU of a PPI */
    bool busy;      /* the host's lock of the device */
    bool due;       /* an edge, or a physical interrupt, that the guest has not taken yet */
    bool high;      /* a level */
    bool withdrawn; /* it went low elsewhere: the guest may take it once more */
    bool active;
};

#define LINE_SPIS     6u /* edge 32, 33, 34, level 36, 37, forwarded 40 */
#define LINE_PPIS     3u /* of each vCPU: edge 21, level 20, forwarded 27 */
#define LINES         (LINE_SPIS + VCPUS * LINE_PPIS)
#define FORWARDED_SPI 40u /* both numbers, the guest's and the physical one */
#define FORWARDED_PPI 27u
#define SGI_KINDS     2u

enum guest_step { GUEST_IDLE, GUEST_HANDLES, GUEST_ENDS, GUEST_DEACTIVATES };

struct guest {
    bool on, started;
    bool entered;
    unsigned actions; /* still to do */
    enum guest_step step;
    uint32_t iar;
    bool sgi_active[8][SGI_KINDS]; /* by sender */
    uint64_t el1;                  /* what EL1's registers must hold */
    uint64_t enable_at;            /* ISENABLER that must be written next, or 0 */
    uint32_t enable_bit;
    unsigned set_up; /* the next write of the set-up */
    /* SGIs sent to it by each other and not taken yet. */
    bool sent[VCPUS][SGI_KINDS];
    /* For a CPU_ON. */
    uint64_t entry, context;
    unsigned ups, starts;
};

/* What the host knows of a vCPU. */
enum host_state { HOST_READY, HOST_RUNNING, HOST_WAITING, HOST_OFF };
struct host_vcpu {
    enum host_state state;
    unsigned life; /* counts CPU_ON */
    unsigned kicks, kick_exits;
    unsigned cpu;   /* where it ran last */
    bool kicked;    /* and not yet come out */
    bool may_leave; /* as if kicked: the library was told of an interrupt */
    bool line, line_busy;
};

/* Hypercalls: in x0, with a line's number in x1. */
enum { CALL_YIELD = 1, CALL_LOWER = 2, CALL_LOWER_VI = 3 };

extern struct sim {
    struct sim_config config;
    struct sim_cpu cpu[SCHEDULE_CPUS];
    struct guest guest[VCPUS];
    struct host_vcpu of[VCPUS];
    struct vcpu *vcpu[VCPUS];
    struct vcpu_vm *vm;
    struct vcpu_gic *gic;
    struct line line[LINES];
    unsigned physical_active; /* the one forwarded SPI; PPIs are each CPU's own */
    bool setting_up;
    unsigned device_actions; /* still to do */
} sim;

/* The CPU that runs. */
struct sim_cpu *sim_here(void);

/* What a run must have shown, in some of its seeds. */
enum sim_event {
    EVENT_SGI,
    EVENT_EDGE,
    EVENT_LEVEL,
    EVENT_FORWARDED_SPI,
    EVENT_FORWARDED_PPI,
    EVENT_KICK,
    EVENT_LINE,
    EVENT_CPU_UP,
    EVENT_CPU_DOWN,
    EVENT_MOVE, /* a vCPU runs on another CPU than before */
    EVENT_BUSY, /* or cannot */
    EVENT_MAINTENANCE,
    EVENT_WAKE,
    EVENT_WORK, /* a vCPU that would wait has work */
    EVENTS,
};
extern unsigned sim_events[EVENTS];

/* The vCPU for the next event. */
unsigned sim_any_vcpu(void);

/* The machine with its VM, all vCPUs on and ready, everything enabled. */
void sim_start(const struct sim_config *config);

/* Is an interrupt pending that the guest on this CPU exits for? */
bool sim_interrupted(const struct sim_cpu *cpu);

/* ---- guest.c ---- */

/* The next instruction of the vCPU on this CPU: an exit reason, or 0 if the guest goes on. */
int guest_step(struct sim_cpu *cpu, struct vcpu_state *v);

/* The vCPU that this one must turn on before it waits; 0 if there is none. */
unsigned guest_must_turn_on(unsigned v);

/* Exits of the vectors: the exit reason, or 0. */
int guest_exit_interrupt(struct vcpu_state *v);

/* ---- devices.c ---- */

void devices_start(void);

/* The line of an interrupt that vCPU v took. */
struct line *devices_line(unsigned v, uint32_t intid);

/* The active state of the physical interrupt of this number, on this CPU. */
unsigned *devices_physical(uint32_t physical);

/* Does the source of a forwarded interrupt assert it? Of a PPI, that of the vCPU resident here. */
bool devices_assert(uint32_t physical);

/* Devices do something. */
void devices_act(void);

/* The guest's driver asks for it: the level goes low. */
void devices_lower(struct line *line);
void devices_lower_vi(unsigned v);

/* ---- host.c ---- */

/* The host's loop on a CPU. */
void host_main(unsigned cpu);

/* Would the host run something else on this CPU? */
bool host_has_other(unsigned cpu);

void host_wake(void *ctx, struct vcpu *vcpu);
void host_irq(void *ctx);

/* After a run: what has not happened that should have; NULL if nothing. */
const char *host_missing(void);

#endif
