/* SPDX-License-Identifier: MIT */
/* The library's own part of a vCPU, a VM and a CPU. */
#ifndef VCPU_STATE_STATE_H
#define VCPU_STATE_STATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vcpu/calls.h>
#include <vcpu/debug.h>
#include <vcpu/device.h>
#include <vcpu/host.h>
#include <vcpu/percpu.h>
#include <vcpu/psci.h>
#include <vcpu/stage2.h>
#include <vcpu/vcpu.h>
#include <vcpu/vm.h>

#include "arm/id.h"
#include "state/el1_table.h"

#define PAUTH_KEYS 10u /* rows of the table: five keys of two registers each */

/* The FP and SIMD registers; asm/simd.S moves them. */
struct simd_state {
    uint64_t fpsr;
    uint64_t fpcr;
    uint64_t v[32][2];
} __attribute__((aligned(16)));

/* Z, P and FFR of a vCPU with SVE, in pages of their own: see state/sve.h. */
struct sve_area {
    void *z; /* NULL: it has no SVE */
    vcpu_pa_t pages;
};

/* A breakpoint or watchpoint: DBG<x>VR<n>_EL1, DBG<x>CR<n>_EL1. A CPU has up to 16 of each. */
struct debug_comparator {
    uint64_t value, control;
};
enum debug_kind { DEBUG_BREAKPOINT, DEBUG_WATCHPOINT, DEBUG_KINDS };
#define DEBUG_COMPARATORS 16u

/* The guest's debug registers. The guest never writes those of the CPU itself. */
struct debug_state {
    uint64_t mdscr, mdccint, oseccr, claim;
    struct debug_comparator comparator[DEBUG_KINDS][DEBUG_COMPARATORS];
    bool os_lock;
};

/* The host's debugging of the vCPU, and its present state: see debug/debug.h. */
struct debug_host {
    struct debug_comparator comparator[DEBUG_KINDS][VCPU_DEBUG_MAX];
    uint32_t flags; /* VCPU_DEBUG_ */
    uint8_t over;   /* whose comparators the next instruction is executed without */
    uint8_t step;   /* enum debug_step */
    bool armed;     /* PSTATE.SS was set: the step's instruction is still to come */
    bool borrowed;  /* PSTATE.SS in regs is the CPU's; before_pstate has the guest's own */
    uint64_t before_pc, before_pstate; /* of that instruction */
    /* While in_cpu is set, the CPU has the vCPU's debug registers, and these are the machine's. */
    bool in_cpu;
    uint64_t machine_os_lock;
    struct debug_comparator machine[DEBUG_KINDS][DEBUG_COMPARATORS];
};

/* Values of the EL2 registers: those for a resident vCPU, or the host's own. */
struct el2_state {
    uint64_t hcr, cptr, mdcr, hstr, cnthctl, cntvoff;
    uint64_t vttbr, vtcr, vpidr, vmpidr;
    uint64_t mdscr;     /* an EL1 register, but it enables debug exceptions of all levels */
    uint64_t pmuserenr; /* an EL0 register, but it decides which level is asked first; FEAT_PMUv3 */
    uint64_t icc_sre_el1, icc_sre, ich_hcr; /* if there are GIC system registers */
    uint64_t hcrx;                          /* FEAT_HCX */
    uint64_t mpam2, mpamhcr;                /* FEAT_MPAM; mpamhcr: if MPAMIDR_EL1 has HAS_HCR */
    uint64_t hfgrtr, hfgwtr, hfgitr, hdfgrtr, hdfgwtr; /* FEAT_FGT */
};

/*
 * vcpu_state.token: the address of the per-CPU block of the CPU where the vCPU is resident; the low
 * bits are reasons against the fast path of vcpu_run. vcpu_run enters at once if the token is
 * exactly the block of the CPU that it is called on.
 */
#define TOKEN_KICK    UINT64_C(1)  /* a kick that has not been reported yet */
#define TOKEN_NOTIFY  UINT64_C(2)  /* notice: the devices' sync is to be called */
#define TOKEN_CHANGED UINT64_C(4)  /* root, lines, SError, traps, FP are newer than the CPU's */
#define TOKEN_SLOW    UINT64_C(8)  /* each run has to do more than the fast path */
#define TOKEN_OFF     UINT64_C(16) /* powered off */
#define TOKEN_ABSENT  UINT64_C(32) /* not resident; so that the token is never just 0 */
#define TOKEN_BITS    UINT64_C(63)
/*
 * These stay set while the vCPU does not run, or is put. They are neighbours, with CHANGED, so that
 * one instruction tests for any of them.
 */
#define TOKEN_CALLS (TOKEN_KICK | TOKEN_NOTIFY)

/*
 * vcpu_state.short_exits: which exits can take the short path in the vectors, on the CPU where the
 * vCPU is resident; and the host's PSTATE without DAIF, as it was when the vCPU was loaded. The
 * flags are at PSTATE's NZCV.
 *
 * The value is computed again whenever one of its reasons may have changed. WATCHED is one of these
 * reasons: only the sync that it asks for clears it.
 */
#define SHORT_EXITS_CLASS   GENMASK(31, 0)  /* ESR_EL2.EC of a hypercall, or NO_CLASS */
#define SHORT_EXITS_PSTATE  GENMASK(59, 32) /* SPSR_EL2 */
#define SHORT_EXITS_WATCHED BIT(61)         /* a device asks for a sync at the next interrupt */
#define SHORT_EXITS_NO_MMIO BIT(62)         /* MMIO has no short path */
#define SHORT_EXITS_LONG    BIT(63)         /* interrupts take the long path */
#define NO_CLASS            0xffu           /* matches no ESR_EL2.EC, which has six bits */

/*
 * What a CPU does at each exit before anything else, with the vectors of asm/guard.S. All 0:
 * nothing, and the vectors are those of asm/switch.S.
 */
enum guard_serrors {
    GUARD_NO_SERRORS,
    GUARD_BY_ESB, /* FEAT_RAS: an ESB, and DISR_EL1 */
    GUARD_BY_ISR, /* a DSB, and ISR_EL1 */
};

struct guard {
    uint32_t call;   /* a function of the firmware, with the number of SMCCC; 0: none */
    uint8_t loop;    /* the turns of a loop of branches */
    uint8_t serrors; /* enum guard_serrors: how an SError of the guest is looked for */
};

struct vm_device {
    const struct vcpu_device_ops *ops;
    void *ctx;
};

struct vcpu_state {
    struct vcpu pub;
    _Atomic uint64_t token;
    /* While the vCPU is resident: the value that an exit writes to HCR_EL2. */
    uint64_t host_hcr;
    uint64_t short_exits;
    /* Likewise: the CPU's vectors for the guest, and what they do. */
    const char *vectors;
    struct guard guard;
    _Atomic uint32_t power; /* enum vcpu_power */
    bool has_entry, has_root;
    bool stale_tlb; /* TLB entries of the VMID may be of another root, or from before a reset */
    /*
     * The lines that the host has set high, as bits of HCR_EL2; and VSE for a virtual SError that
     * is not yet in HCR_EL2. Any CPU sets them.
     */
    _Atomic uint64_t lines;
    /* The vCPU whose CPU_ON is not answered, while the power is VCPU_POWER_ON_PENDING. */
    _Atomic(struct vcpu_state *) on_by;
    struct vcpu_state *on_target; /* the other way round: the target of this vCPU's CPU_ON */
    uint64_t mpidr;
    struct vcpu_vm *vm;
    struct vm_device device; /* the VM's first; ops = NULL if it has none; for the short paths */
    void *user;
    vcpu_pa_t page;
    uint64_t vttbr;
    uint64_t el1[EL1_COUNT];
    struct debug_state debug;
    struct debug_host debugger;
    struct simd_state simd; /* with SVE only FPSR and FPCR are used: V is the low end of Z */
    struct sve_area sve;
};

#define VM_KINDS 8u

/* The number of a function of PSCI, by its 32-bit form; PSCI's are the first of the service. */
#define PSCI_FN(id)  ((id) ^ VCPU_PSCI_VERSION)
#define PSCI_FN_LAST 0x1fu

/* What becomes of a call, by the host's choice (vcpu/calls.h). */
enum call_verdict {
    CALL_LIBRARY,  /* as if the host had chosen nothing */
    CALL_ANSWERED, /* the answer is in the registers */
    CALL_EXIT,     /* the host answers */
};

#define FIRMWARE_WORKAROUNDS 3u

struct vcpu_vm {
    const struct vcpu_host *host;
    vcpu_pa_t page;
    uint32_t flags;
    uint32_t when; /* the EL1_ conditions that hold for its vCPUs */
    uint16_t vmid;
    uint16_t max_vcpus;
    uint16_t vcpus;                /* the number of its vCPUs */
    uint8_t sve_vq;                /* quadwords of its longest vectors; 0: no SVE */
    struct vcpu_features features; /* of the CPU that it was made on */
    uint32_t ich_vtr;              /* with VCPU_VM_VIRTUAL_GIC and GICv3: likewise. Else 0 */
    struct vcpu_stage2_shape shape;
    _Atomic uint64_t counter_offset; /* any CPU may read it */
    _Atomic uint32_t wait_traps;     /* HCR_EL2.TWI and TWE; any CPU may change them */
    bool (*allow_smc)(void *ctx, struct vcpu *vcpu, uint32_t function_id);
    void *allow_smc_ctx;
    /* NULL, unless the host has set `calls` */
    enum call_verdict (*decide_call)(struct vcpu_state *v);
    const struct vcpu_calls *calls;
    /* Bit n: neither the flags nor `calls` say anything of PSCI's function n, in its 32-bit form. */
    uint32_t plain_psci;
    /* Bit n: fast calls of SMCCC's owning entity n are the host's, general queries not counted. */
    uint64_t host_owners;
    int8_t workaround[FIRMWARE_WORKAROUNDS]; /* what SMCCC_ARCH_FEATURES says of each */
    struct vm_device device[VCPU_VM_MAX_DEVICES];
    uint8_t devices;       /* how many */
    uint64_t id[ID_COUNT]; /* what its guests read */
    /*
     * vcpu_id_fit for the kinds of CPU that it has been on, with the kind in the other bits. Any
     * CPU.
     */
    _Atomic uint64_t fit[VM_KINDS];
    _Atomic(struct vcpu_state *) vcpu[];
};

#define PERCPU_LAST 8u

/*
 * What the machine's firmware says on one CPU about the calls that mitigate the CPU's faults: the
 * answers of SMCCC_ARCH_FEATURES. 0: the call is there; 1: this CPU does not need it; below 0: there
 * is no such call. They mean nothing if it was not asked (vcpu_percpu_ask_firmware).
 */
struct firmware_answers {
    bool asked;
    uint8_t unaffected; /* bit n: its ID registers say that it needs no ARCH_WORKAROUND_<n + 1> */
    int32_t workaround[FIRMWARE_WORKAROUNDS]; /* [n]: ARCH_WORKAROUND_<n + 1> */
};

struct percpu_state {
    /*
     * Other CPUs read these three: of the CPU that a token names. They can be late, and still read
     * them while the CPU is disabled and enabled again: see cpu/block.h.
     */
    const struct vcpu_host *host;
    uint64_t id;
    uint64_t mpidr; /* of the physical CPU */
    /* From here on all belongs to this CPU, but any CPU's vcpu_vm_set_calls reads `firmware`. */
    struct vcpu_state *resident;
    uint64_t kind; /* vcpu_id_kind of the CPU */
    uint64_t vbar; /* the host's, with owned_vectors */
    uint32_t flags;
    bool enabled;
    bool owned_vectors; /* the library's are in VBAR_EL2: vcpu_percpu_own_vectors */
    bool putting;       /* the devices of `resident` are told of its put */
    bool fp_is_put;     /* the FP registers of `resident` are in memory: vcpu_percpu_put_fp */
    struct vcpu_features features;
    struct firmware_answers firmware;
    const char *vectors; /* for a guest; NULL: those of asm/switch.S */
    struct guard guard;
    /*
     * While a vCPU is resident: the host's own EL2 values, and those for the guest; what the host had
     * in those registers of EL1 that the vCPU has.
     */
    struct el2_state host_el2, guest_el2;
    uint64_t host_el1[EL1_COUNT];
    /*
     * The vCPU of a VM that ran here last, by VMID. A VM that is not in the table runs here as if
     * for the first time.
     */
    struct {
        uint16_t vmid, index;
    } last[PERCPU_LAST];
    uint8_t sharing;    /* enum trap_sharing of the resident vCPU */
    bool guest_keys;    /* the CPU has the resident vCPU's pointer authentication keys */
    bool keys_each_run; /* the host needs its own keys after each exit */
    uint64_t host_zcr;  /* the host's ZCR_EL2, while a guest's SVE registers are in the CPU */
};

_Static_assert(sizeof(struct percpu_state) <= VCPU_PERCPU_SIZE, "the per-CPU block is too small");
_Static_assert(VCPU_PERCPU_ALIGN > TOKEN_BITS, "the token's low bits must be free");
_Static_assert(sizeof(struct vcpu_state) <= VCPU_PAGE_SIZE, "a vCPU is one page");
_Static_assert(sizeof(struct vcpu_vm) + VCPU_VM_MAX_VCPUS * sizeof(void *) <= VCPU_PAGE_SIZE,
               "a VM is one page");

/* Does a row of the world-switch table with this condition hold for the vCPU? */
static inline bool state_has_row(const struct vcpu_state *v, uint32_t when)
{
    return (v->vm->when & when) == when;
}

static inline struct vcpu_state *state_of(struct vcpu *vcpu)
{
    return (struct vcpu_state *)vcpu;
}

static inline const struct vcpu_state *state_of_const(const struct vcpu *vcpu)
{
    return (const struct vcpu_state *)vcpu;
}

static inline struct percpu_state *percpu_of(struct vcpu_percpu *cpu)
{
    return (struct percpu_state *)cpu;
}

/*
 * The CPU where the vCPU is resident; NULL if nowhere. Only that CPU, or one that has put it, may
 * look inside.
 */
static inline struct percpu_state *state_cpu(const struct vcpu_state *v)
{
    uint64_t token = atomic_load_explicit(&v->token, memory_order_acquire);

    return (struct percpu_state *)(uintptr_t)(token & ~TOKEN_BITS);
}

#endif
