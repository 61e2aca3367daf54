/* SPDX-License-Identifier: MIT */
/* Why vcpu_run returned. */
#ifndef VCPU_EXIT_H
#define VCPU_EXIT_H

#include <vcpu/addr.h>
#include <vcpu/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vcpu;

/* The reason of an exit: which member of struct vcpu_exit has more is behind the colon. */
enum vcpu_exit_reason {
    VCPU_EXIT_NONE = 0,          /* nothing to answer: before the first run, or answered */
    VCPU_EXIT_HYPERCALL = 1,     /* HVC or SMC: `smc`, vcpu_exit_imm; the arguments are x0-x17 */
    VCPU_EXIT_MMIO_READ = 2,     /* load from an unmapped IPA, with a valid syndrome: `mmio` */
    VCPU_EXIT_MMIO_WRITE = 3,    /* store to one: `mmio`, with the data */
    VCPU_EXIT_SYSREG_READ = 4,   /* trapped MRS: `sysreg` */
    VCPU_EXIT_SYSREG_WRITE = 5,  /* trapped MSR or SYS: `sysreg`, with the value */
    VCPU_EXIT_CPU_UP = 6,        /* PSCI CPU_ON, checked: `cpu_up` */
    VCPU_EXIT_CPU_DOWN = 7,      /* PSCI CPU_OFF: the vCPU is off until another vCPU's CPU_ON */
    VCPU_EXIT_CPU_SUSPEND = 8,   /* PSCI CPU_SUSPEND, checked: `suspend` */
    VCPU_EXIT_SYSTEM_OFF = 9,    /* PSCI SYSTEM_OFF, SYSTEM_OFF2: `system_off` */
    VCPU_EXIT_SYSTEM_RESET = 10, /* PSCI SYSTEM_RESET, SYSTEM_RESET2: `system_reset` */
    VCPU_EXIT_IRQ = 11,          /* an IRQ for the host, still pending unless host->irq took it */
    VCPU_EXIT_FIQ = 12,          /* an FIQ for the host, likewise */
    VCPU_EXIT_WFI = 13,          /* the guest waits for an interrupt: `wait` */
    VCPU_EXIT_WFE = 14,          /* the guest waits for an event: `wait` */
    VCPU_EXIT_STAGE2_FAULT = 15, /* a stage-2 fault that is not plain MMIO: `fault` */
    /*
     * The CPU took an SError while the guest was entered. An SError that the guest caused can also
     * be pending at the exit: with VCPU_HARDEN_SERRORS (vcpu/percpu.h) it is this exit, without it
     * the host takes it later, as its own.
     */
    VCPU_EXIT_SERROR = 16,
    VCPU_EXIT_DEBUG = 17, /* the host debugs the guest (vcpu/debug.h): `debug` */
    VCPU_EXIT_KICK = 18,  /* vcpu_kick was called; or an interrupt of the host, see vcpu/gic.h */
    VCPU_EXIT_UNHANDLED = 19,      /* anything else: look at esr_el2 */
    VCPU_EXIT_SYSTEM_SUSPEND = 20, /* PSCI SYSTEM_SUSPEND, checked: `suspend` */
    VCPU_EXIT_REASONS              /* the number of reasons */
};

/* The kind of a faulting access. */
enum vcpu_access {
    VCPU_ACCESS_READ = 0,    /* a load */
    VCPU_ACCESS_WRITE = 1,   /* a store */
    VCPU_ACCESS_EXECUTE = 2, /* an instruction fetch */
};

/* The kind of a stage-2 fault. */
enum vcpu_fault_kind {
    VCPU_FAULT_TRANSLATION = 0,  /* nothing is mapped there */
    VCPU_FAULT_ACCESS_FLAG = 1,  /* the entry's access flag is 0 */
    VCPU_FAULT_PERMISSION = 2,   /* it is mapped, and not for this kind of access */
    VCPU_FAULT_ADDRESS_SIZE = 3, /* beyond the size of IPA or PA */
};

/*
 * One trapped load or store, from a valid syndrome (ISS.ISV = 1). A load's register, its width and
 * its sign extension are in esr_el2: the completion uses them, the host need not.
 *
 * Data is as in a register. The ID registers do not offer big-endian data. The library swaps no
 * bytes, also not for a guest that turns big-endian data on all the same.
 */
struct vcpu_mmio {
    uint64_t data; /* of a store, cut to size; XZR stores 0. Not set for a load */
    uint8_t size;  /* bytes: 1, 2, 4 or 8; 0 if there is no valid syndrome */
};

/* One trapped MRS, MSR or system instruction. */
struct vcpu_sysreg_access {
    uint64_t value;    /* of a write; the zero register writes 0 */
    uint32_t encoding; /* VCPU_SYSREG(op0, op1, CRn, CRm, op2) */
    uint8_t reg;       /* the register Xt; 31 is the zero register */
    bool write;        /* MSR or a system instruction; else MRS */
};

/* A CPU_ON. */
struct vcpu_cpu_up {
    struct vcpu *target; /* the vCPU that shall be on */
    uint64_t entry;      /* the IPA where it starts */
    uint64_t context;    /* its x0 */
};

/* A CPU_SUSPEND, CPU_DEFAULT_SUSPEND or SYSTEM_SUSPEND. */
struct vcpu_suspend {
    uint64_t entry, context; /* of a power-down state: PC and x0 when it wakes up */
    uint32_t power_state;    /* as the guest gave it */
    bool power_down;         /* registers are lost; else standby, and the call returns */
};

/* A SYSTEM_OFF or SYSTEM_OFF2. For SYSTEM_OFF type is 0. */
struct vcpu_system_off {
    uint32_t type; /* VCPU_PSCI_HIBERNATE_OFF: the guest has saved its state to go on from there */
};

/* A SYSTEM_RESET or SYSTEM_RESET2. For SYSTEM_RESET type and cookie are 0. */
struct vcpu_system_reset {
    uint64_t cookie; /* its meaning depends on type */
    uint32_t type;   /* 0: architectural warm reset; bit 31 set: vendor-specific, for the host */
    bool extended;   /* SYSTEM_RESET2, which the host may refuse */
};

/*
 * A stage-2 fault. The exit's `ipa` holds the address if ipa_valid. For a fault on the guest's own
 * table walk (s1ptw) the low 12 bits of `ipa` are 0, because the CPU does not report them. For an
 * access of SVE or SME the CPU may report only the page (ESR_EL2.ISV = 0 and FnP, bit 15, is 1).
 * Then the low 12 bits of both `ipa` and `far_el2` are 0.
 */
struct vcpu_fault {
    struct vcpu_mmio mmio;  /* the load or store; size = 0 if there is no valid syndrome */
    uint8_t kind;           /* enum vcpu_fault_kind */
    uint8_t access;         /* enum vcpu_access */
    int8_t level;           /* -1 to 3 */
    bool ipa_valid;         /* the exit's ipa holds the address */
    bool s1ptw;             /* on the stage-2 access of a stage-1 table walk */
    bool cache_maintenance; /* of a cache maintenance or address translation instruction */
};

/*
 * The guest waits. WFIT and WFET have a deadline: see vcpu_wait_deadline (vcpu/device.h). Where the
 * CPU reports them as WFI and WFE (QEMU's max: docs/errata.md), the host can read the instruction and
 * set both fields.
 */
struct vcpu_wait {
    uint8_t reg; /* the register with the deadline, if `timed` */
    bool timed;  /* WFIT or WFET */
};

/* The kind of a debug exit (vcpu/debug.h). */
enum vcpu_debug_kind {
    VCPU_DEBUG_KIND_STEP = 0,       /* an instruction was executed (VCPU_DEBUG_STEP) */
    VCPU_DEBUG_KIND_BREAKPOINT = 1, /* the instruction at PC has one of the host's */
    VCPU_DEBUG_KIND_WATCHPOINT = 2, /* the access matches one of the host's */
    VCPU_DEBUG_KIND_BRK = 3,        /* BRK, or BKPT of AArch32 (VCPU_DEBUG_BRK) */
};

/* An exit to the host that debugs the guest. */
struct vcpu_debug {
    uint64_t address;        /* of the access for a watchpoint; else PC */
    uint8_t kind;            /* enum vcpu_debug_kind */
    uint8_t number;          /* the number of the host's breakpoint or watchpoint */
    uint8_t exception_class; /* ESR_EL2.EC */
    uint16_t comment;        /* the immediate of the BRK */
};

/*
 * An exit. `reason` decides which member of the union is valid. esr_el2, far_el2 and ipa are valid
 * for all reasons, and 0 where the architecture reports nothing.
 *
 * The vCPU's PC is that of the instruction that exited, until a completion moves it. Instead of a
 * completion the host may run the vCPU again, which retries the instruction, or inject an exception
 * (vcpu/inject.h).
 */
struct vcpu_exit {
    uint64_t esr_el2; /* the syndrome */
    uint64_t far_el2; /* the guest's virtual address */
    vcpu_ipa_t ipa;   /* of the access */
    uint32_t reason;  /* enum vcpu_exit_reason */
    uint32_t smc;     /* VCPU_EXIT_HYPERCALL: 1 for an SMC, 0 for an HVC; other exits: 0 */
    union {
        struct vcpu_mmio mmio;                 /* MMIO_READ, MMIO_WRITE */
        struct vcpu_sysreg_access sysreg;      /* SYSREG_READ, SYSREG_WRITE */
        struct vcpu_cpu_up cpu_up;             /* CPU_UP */
        struct vcpu_suspend suspend;           /* CPU_SUSPEND, SYSTEM_SUSPEND */
        struct vcpu_system_off system_off;     /* SYSTEM_OFF */
        struct vcpu_system_reset system_reset; /* SYSTEM_RESET */
        struct vcpu_fault fault;               /* STAGE2_FAULT */
        struct vcpu_wait wait;                 /* WFI, WFE */
        struct vcpu_debug debug;               /* DEBUG */
    };
};

/* The immediate of the HVC or SMC of a VCPU_EXIT_HYPERCALL, or of a BRK that exited. */
static inline uint16_t vcpu_exit_imm(const struct vcpu_exit *exit)
{
    return (uint16_t)exit->esr_el2; /* ISS.imm16 */
}

/*
 * The name of a reason, such as "mmio-read"; "unknown" for any other number. Any CPU. For a whole line
 * about an exit see vcpu_exit_describe (vcpu/answer.h).
 */
const char *vcpu_exit_name(uint32_t reason);

#ifdef __cplusplus
}
#endif

#endif
