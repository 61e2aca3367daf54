/* SPDX-License-Identifier: MIT */
/*
 * Taking EL2's virtualization state on a CPU, and giving it back.
 *
 * On each CPU the host calls, in this order:
 *   1. vcpu_percpu_enable, with the CPU set up: HCR_EL2 as below;
 *   2. vcpu_percpu_own_vectors, if the host has no exception vectors;
 *   3. vcpu_percpu_ask_firmware, if the machine has firmware that takes calls by SMC;
 *   4. vcpu_percpu_harden, if it does not trust its guests. It uses the answers of step 3;
 *   5. vcpu_run.
 * Before a CPU loses its registers (PSCI CPU_OFF, or CPU_SUSPEND to a power-down state) the host
 * calls vcpu_percpu_disable on it. When the CPU is back, the host begins with step 1 again.
 *
 * Between enable and disable the host must not write these registers of the CPU:
 *  - HCR_EL2, VTTBR_EL2, VTCR_EL2, VPIDR_EL2, VMPIDR_EL2, MDCR_EL2, HSTR_EL2, CPTR_EL2,
 *    CNTVOFF_EL2, ICH_HCR_EL2, HCRX_EL2, MPAM2_EL2, MPAMHCR_EL2, the fine-grained traps, the low
 *    bits of CNTHCTL_EL2, and ICC_SRE_EL2.Enable;
 *  - while a vCPU is resident: all registers of EL1 and EL0, except SP_EL0 and TPIDR_EL0.
 * While no vCPU is resident (before the first vcpu_run and after vcpu_put) these registers hold the
 * host's values: those of EL2, and those of EL1 and EL0 that each vCPU has, such as SCTLR_EL1,
 * TCR_EL1 and the timers.
 *
 * HCR_EL2 is at enable as the host wants to run with it, and stays so: whenever no vCPU is resident the
 * host has all of it. While one is resident the host has back, at each exit, E2H, TGE, IMO, FMO and AMO.
 *  - E2H = 0: a host that takes physical interrupts at EL2 with TGE = 0 has IMO and FMO set (AMO for
 *    SErrors). Without them physical interrupts are EL1's, and EL2 never takes one. In a guest they
 *    are exits all the same (unless VCPU_VM_DIRECT_IRQ): the vCPU exits by VCPU_EXIT_IRQ for ever.
 *  - With TGE = 1 (VHE, UEFI) physical interrupts go to EL2 whatever these bits are.
 *  - RW can be 0 or 1: the library sets it for its guests, whose EL1 is AArch64.
 *
 * Timers and their interrupts:
 *  - While a vCPU is resident, EL1's virtual timer (CNTV_*) and its interrupt, PPI 27, are the
 *    guest's. It counts between runs, too, and then raises the PPI at the host.
 *  - The same is true of EL1's physical timer (CNTP_*, PPI 30), if the VM has VCPU_VM_DIRECT_TIMER.
 *    Otherwise the library does not touch it.
 *  - A host that uses one of these timers itself (with E2H = 1 by the names with _EL02) has no tick
 *    while a vCPU is resident. The interrupt is the guest's then. After the put the timer is as it
 *    was when the vCPU was loaded. If its compare value was reached meanwhile, it interrupts then.
 *  - The library never touches EL2's own timers: CNTHP_* (PPI 26) and, with FEAT_VHE, CNTHV_*
 *    (PPI 28). A host that needs its ticks while guests run uses one of these.
 *
 * Both kinds of host work: E2H = 0, where TGE may be 0 or 1, and VHE (HCR_EL2.E2H = 1, TGE = 1). The
 * value when a vCPU is loaded decides. At each exit the host has these back:
 *  - SP_EL0, TPIDR_EL0, and in HCR_EL2 the routing of interrupts, TGE and E2H;
 *  - PSTATE.PAN, UAO, DIT, SSBS, TCO and ALLINT as they were when the vCPU was loaded. Where SSBS
 *    cannot be read, it is SCTLR_EL2.DSSBS of that moment.
 * A hook in the middle of a run has PAN and DIT of the guest, and the other PSTATE bits as an
 * exception to EL2 sets them.
 *
 * Rules for the host (docs/porting.md has them as a checklist, with what firmware at EL3 must have
 * opened):
 *  - SCTLR_EL2.M, C and I are 1. All memory that the library uses, with its code, stacks and
 *    blocks, is Normal Write-Back, Inner Shareable. All CPUs of a VM are in one such domain.
 *  - EL3 does not trap the registers of any feature that the ID registers show, such as HCRX_EL2;
 *    except SCXTNUM_ELx, which VCPU_PERCPU_SCXTNUM is for.
 *  - Any call may change ELR_EL2, SPSR_EL2, ESR_EL2 and FAR_EL2.
 *  - A host with TGE = 1 calls vcpu_percpu_put before it enters its own EL0. With a vCPU resident,
 *    EL0 would have the guest's TPIDRRO_EL0, SCXTNUM_EL0 and debug registers, and its traps of EL0
 *    (MDCR_EL2, CPTR_EL2); with E2H = 0 also the guest's stage 2.
 *  - With FEAT_ExS, SCTLR_EL2.EIS and EOS are 1, as they read without it: exceptions and ERET order
 *    the library's writes of registers.
 *  - DAIF does not mask interrupts with superpriority (SCTLR_EL2.NMI). A host that has them keeps
 *    them away during vcpu_run with PSTATE.ALLINT, because the library could not return from one.
 *  - SVE: the host keeps ZCR_EL2, but of Z, P and FFR only what VCPU_PERCPU_HOST_FP says. PSTATE.SM
 *    and ZA are 0 (no Streaming SVE mode, ZA not enabled) when the host calls the library.
 *  - The GIC's CPU interface is set up (ICC_SRE_EL2.SRE) before enable.
 *
 * Translation tables of EL1: the CPU may walk them at any time (a speculative AT), also while the host
 * runs, and tags the TLB entries with VTTBR_EL2.VMID, also if stage 2 is off (HCR_EL2.VM = 0).
 *  - While no vCPU is resident, VTTBR_EL2 is the host's. Its VMID is 0, or another one that no VM has.
 *    After a reset of the CPU the register is UNKNOWN, so the host writes it before
 *    vcpu_percpu_enable.
 *  - While a vCPU is resident, between its runs too, the registers of EL1, VTTBR_EL2 and VTCR_EL2 are
 *    the guest's, and HCR_EL2.VM is 1: what the CPU walks is the guest's. The host leaves them alone.
 *    An AT of the host writes PAR_EL1, which is the guest's then: vcpu_translate keeps it.
 *  - With E2H = 0 and TGE = 1 the stage 1 of EL1 counts as off while the host runs, and stage 2 stays
 *    on. Nothing is left of that when the guest goes on: the architecture forbids TLBs to cache TGE.
 *
 * Debug: a host that debugs itself has MDSCR_EL1.MDE or SS set when a vCPU is loaded. It has
 * MDSCR_EL1 and MDCR_EL2.TDE of that moment back after each vcpu_run, and its breakpoints and
 * watchpoints match nothing in a guest. For other hosts MDSCR_EL1 may be 0 while a vCPU is
 * resident.
 *
 * Pointer authentication: all Exception levels share one set of keys. A guest that has the feature
 * has its own keys in them. The host has its keys back
 *  - after vcpu_put;
 *  - after each vcpu_run, if SCTLR_EL2.EnIA, EnIB, EnDA or EnDB was set when the vCPU was loaded.
 * A hook in the middle of a run (allow_smc, a device's functions, wake, send_kick) has the guest's
 * keys. It can authenticate what it signed itself, such as its return address, but no pointer that
 * was signed outside.
 */
#ifndef VCPU_PERCPU_H
#define VCPU_PERCPU_H

#include <vcpu/host.h>
#include <vcpu/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vcpu;

/* What a CPU has. vcpu_percpu_enable finds it out, vcpu_percpu_features returns it. */
struct vcpu_features {
    uint8_t pa_bits;   /* 32, 36, 40, 42, 44 or 48: what stage 2 with 4 KiB granule can use */
    uint8_t vmid_bits; /* 8 or 16 */
    uint8_t debug_breakpoints; /* vcpu/debug.h says who has which */
    uint8_t debug_watchpoints; /* likewise */
    uint8_t pmu_counters;      /* event counters that a guest can have: see vcpu/pmu.h */
    /* Bit n: SVE can have vectors of n + 1 quadwords (128 bits). 0 without SVE. */
    uint16_t sve_lengths;
    bool aarch32_el0;   /* EL0 can execute AArch32 */
    bool vhe;           /* FEAT_VHE, whether the host uses it (HCR_EL2.E2H = 1) or not */
    bool gic_sysregs;   /* system registers of the GIC CPU interface, and the host uses them */
    bool pmu;           /* FEAT_PMUv3 or later */
    bool fp;            /* floating point and Advanced SIMD */
    bool sve;           /* vectors of a scalable length */
    bool sme;           /* matrices, Streaming SVE mode; hidden from guests */
    bool pauth;         /* any kind of pointer authentication */
    bool mte;           /* memory tags; hidden from guests */
    bool pan, uao, dit; /* PSTATE.PAN, UAO, DIT */
    bool ssbs;          /* PSTATE.SSBS, with MRS and MSR for it */
    bool nmi;           /* non-maskable interrupts: PSTATE.ALLINT */
    bool ras;           /* FEAT_RAS: SErrors have a syndrome, ESB defers them */
    bool lor;           /* limited ordering regions */
    bool mpam;          /* memory partitioning and monitoring */
    bool amu;           /* activity monitors */
    bool spe;           /* statistical profiling */
    bool trf;           /* self-hosted trace */
    bool trbe;          /* the trace buffer */
    bool trace;         /* the trace unit has system registers */
    bool fgt;           /* fine-grained traps */
    bool evt;           /* FEAT_EVT: HCR_EL2.TID4 and others */
    bool hcx;           /* HCRX_EL2 */
    bool s2fwb;         /* FEAT_S2FWB: stage 2 can force Write-Back (VCPU_VM_STAGE2_FWB) */
    bool xnx; /* FEAT_XNX: stage 2 can allow execution at one level (VCPU_VM_STAGE2_XNX) */
    /* SCXTNUM_ELx (FEAT_CSV2_2), and EL3 lets EL2 access them: see VCPU_PERCPU_SCXTNUM. */
    bool scxtnum;
};

/* Flags for vcpu_percpu_config.flags. */
enum {
    /*
     * The host's code uses FP/SIMD registers: vcpu_run keeps its d8-d15, FPCR and FPSR. CPTR_EL2
     * must not trap them (TFP = 0; on a VHE host FPEN = 1 or 3).
     *
     * Without the flag a guest's vectors stay in the CPU between runs, and the host must be built
     * without FP/SIMD registers (-mgeneral-regs-only). If its threads or programs have such registers
     * all the same, it also calls vcpu_percpu_put_fp: see there.
     */
    VCPU_PERCPU_HOST_FP = 1u << 0,
    /* host->irq is called before vcpu_run returns an exit by an interrupt: see vcpu/host.h. */
    VCPU_PERCPU_IRQ_HOOK = 1u << 1,
    /*
     * The host reads time only from CNTPCT_EL0. With E2H = 0, CNTVOFF_EL2 shifts CNTVCT_EL0 at EL2
     * too. So without this flag a vCPU whose VM has a counter_offset other than the host's
     * CNTVOFF_EL2 is put at the end of each run: the host never sees its own count jump.
     */
    VCPU_PERCPU_HOST_CNTPCT = 1u << 2,
    /*
     * EL3 lets EL2 access SCXTNUM_ELx (SCR_EL3.EnSCXT = 1). Guests have these registers then, and
     * read ID_AA64PFR0_EL1.CSV2 as the CPU has it. The library cannot find that out, and an access
     * that EL3 has not allowed stops most firmware. So without the flag guests read CSV2 = 1 at
     * most, except on a machine without EL3.
     *
     * The flag does nothing on a CPU without these registers.
     */
    VCPU_PERCPU_SCXTNUM = 1u << 3,
};

/* What vcpu_percpu_enable is told. */
struct vcpu_percpu_config {
    const struct vcpu_host *host; /* the hooks */
    uint64_t id;                  /* the host's own name for this CPU, for the send_kick hook */
    uint32_t flags;               /* VCPU_PERCPU_ */
};

/* Bytes and alignment of the per-CPU block, for hosts that allocate it in another language. */
#define VCPU_PERCPU_SIZE  1024u
#define VCPU_PERCPU_ALIGN 64u

/*
 * The per-CPU block, one for each physical CPU, in the host's memory. All 0 before the first
 * enable; not moved between enable and disable. The host must not read or write its contents.
 *
 * A vcpu_kick on another CPU, or another call for a vCPU that was resident here, can have begun
 * before vcpu_percpu_disable and still read the block and the host struct. While there can be such a
 * call, the host
 *  - may enable the block again with the same host, the same id and on the same CPU;
 *  - must not free or move the block, enable it in another way, or free the host struct.
 */
struct vcpu_percpu {
    uint64_t opaque[VCPU_PERCPU_SIZE / 8]; /* for the library only */
} __attribute__((aligned(VCPU_PERCPU_ALIGN)));

/*
 * Probes this CPU and makes it ready for vcpu_run. Call it on that CPU, at EL2 with SPSel = 1,
 * before any other call there. No register of the host changes. All of the CPU's TLB entries for EL1
 * and EL0 are removed. On an error nothing is changed.
 *
 *  VCPU_ERR_INVALID      cpu or config is NULL; cpu is not aligned to VCPU_PERCPU_ALIGN; host is
 *                        NULL or lacks a required hook; flags has an unknown bit
 *  VCPU_ERR_STATE        cpu is already enabled
 *  VCPU_ERR_NOT_EL2      the CPU is not at EL2, or uses SP_EL0
 *  VCPU_ERR_UNSUPPORTED  one of these:
 *                         - no 4 KiB granule at stage 2;
 *                         - no AArch64 at EL1;
 *                         - HOST_FP on a CPU without FP;
 *                         - HCR_EL2.E2H = 1 with TGE = 0: the host has no EL0 of its own;
 *                         - an AmpereOne AC04 (MIDR_EL1 0xc00fac4x), because of AC04_CPU_23;
 *                         - an Apple CPU (MIDR_EL1 0x61......) with ID_AA64PFR0_EL1.GIC = 0, such
 *                           as M1 and M2: a guest would reach a virtual CPU interface that the
 *                           library does not switch
 *
 * A CPU on which E2H is always 1 is not refused for that: its host is a VHE host.
 */
int vcpu_percpu_enable(struct vcpu_percpu *cpu, const struct vcpu_percpu_config *config);

/*
 * Gives vectors to a host that has none: from this call to vcpu_percpu_disable VBAR_EL2 holds the
 * library's, except inside of vcpu_run. They call host->irq and host->fault, with the registers of the
 * interrupted code kept. All CPUs that make the call must have the same host struct, because a vector
 * does not know its CPU.
 *
 * On that CPU, after enable, with no vCPU resident and with the exceptions masked that nothing has
 * handled until now. A second call does nothing.
 *
 *  VCPU_ERR_INVALID  cpu is NULL; the host has no irq hook; a CPU with another host struct has made
 *                    the call before
 *  VCPU_ERR_STATE    cpu is not enabled, or is another CPU's block; a vCPU is resident
 */
int vcpu_percpu_own_vectors(struct vcpu_percpu *cpu);

/*
 * Asks the firmware at EL3 which of the calls SMCCC_ARCH_WORKAROUND_1 to 3 it has for this CPU. The
 * call makes SMCs (PSCI_VERSION, PSCI_FEATURES, SMCCC_VERSION, SMCCC_ARCH_FEATURES) that have no
 * other effect.
 *
 * On that CPU, after each enable, before
 *  - vcpu_percpu_harden on this CPU;
 *  - vcpu_vm_set_calls with this CPU in vcpu_calls.cpus;
 *  - a vCPU runs on this CPU.
 * The answers are kept until the next enable. Without this call the library assumes that there is
 * no firmware: no call is chosen by vcpu_percpu_harden, and none is offered by vcpu/calls.h.
 *
 * The machine must have firmware that takes PSCI and SMCCC calls by SMC: the method of the device
 * tree's psci node is "smc", or in ACPI's FADT PSCI_COMPLIANT is set and PSCI_USE_HVC is not.
 * Otherwise the host must not make this call: the SMC is UNDEFINED at EL2.
 *
 *  VCPU_ERR_INVALID  cpu is NULL
 *  VCPU_ERR_STATE    cpu is not enabled, or is another CPU's block
 */
int vcpu_percpu_ask_firmware(struct vcpu_percpu *cpu);

/* Flags for vcpu_percpu_harden. */
enum {
    /*
     * Branch predictor: what a guest has trained does not steer the host's speculation after an
     * exit. (CVE-2017-5715, CVE-2022-23960; "Spectre v2" and "Spectre-BHB".)
     */
    VCPU_HARDEN_BRANCHES = 1u << 0,
    /*
     * SErrors: an access of a guest can cause an SError that is still pending at the next exit.
     * With the flag it is a VCPU_EXIT_SERROR of that vCPU, and the vCPU's next run makes the other
     * exit again. Without the flag the host takes the SError as its own when it unmasks SErrors.
     *
     * An SError of the host that is in flight or pending at vcpu_run is reported as the guest's. So a
     * host whose own accesses can cause SErrors takes them before: with PSTATE.A = 0 it executes ESB
     * if it has FEAT_RAS, then DSB SY and ISB; after that it makes no such access until vcpu_run. (The
     * library does not do it, because it masks SErrors first, and the host may have them masked.) A
     * host that executes ESB with PSTATE.A = 1 reads and clears DISR_EL1 before vcpu_run, because each
     * exit looks at it. vcpu_percpu_harden clears it.
     *
     * A host without the flag can look itself, after vcpu_run and before it clears PSTATE.A: with
     * FEAT_RAS by ESB and DISR_EL1, otherwise by DSB, ISB and ISR_EL1.A.
     */
    VCPU_HARDEN_SERRORS = 1u << 1,
};

/* What VCPU_HARDEN_BRANCHES found for a CPU. All 0: it needs nothing. */
struct vcpu_hardening {
    uint32_t call; /* SMCCC_ARCH_WORKAROUND_1 or 3, called at each exit; 0: none */
    uint8_t loop;  /* the turns of a loop of branches at each exit; 0: none */
    bool clrbhb;   /* the instruction CLRBHB at each exit */
    /*
     * The CPU needs a firmware call that the firmware does not have, or the firmware was not asked
     * (vcpu_percpu_ask_firmware). A guest can still choose the targets of branches, or their
     * history: the host decides whether a guest that it does not trust may run on this CPU.
     */
    bool targets_exposed, history_exposed;
};

/*
 * Chooses what this CPU does at each exit, before anything else: by MIDR_EL1, the ID registers and
 * the firmware's answers (docs/errata.md has the table of CPUs). *result gets the choice for
 * VCPU_HARDEN_BRANCHES; result can be NULL. A second call replaces the choice of the first. With
 * flags = 0, and after each enable, the CPU does nothing.
 *
 * On that CPU, after enable and vcpu_percpu_ask_firmware, with no vCPU resident.
 *
 * It costs nothing if the CPU needs nothing for VCPU_HARDEN_BRANCHES and VCPU_HARDEN_SERRORS is not
 * set. Otherwise each exit costs
 *  - 13 instructions, a DSB and an ISB among them;
 *  - 3 for each turn of the loop;
 *  - 4 for the call, and what the firmware executes;
 *  - 4 or 5 for VCPU_HARDEN_SERRORS, which every CPU executes.
 *
 *  VCPU_ERR_INVALID  cpu is NULL; flags has an unknown bit
 *  VCPU_ERR_STATE    cpu is not enabled, or is another CPU's block; a vCPU is resident
 */
int vcpu_percpu_harden(struct vcpu_percpu *cpu, uint32_t flags, struct vcpu_hardening *result);

/*
 * Puts the resident vCPU, if there is one (if it waits: step 4 of vcpu_has_work, vcpu/device.h), and gives
 * the host its EL2 registers and vectors back.
 * On that CPU. Calls on other CPUs may still read the block for a while: see struct vcpu_percpu.
 *
 *  VCPU_ERR_INVALID  cpu is NULL
 *  VCPU_ERR_STATE    cpu is not enabled, or is another CPU's block
 */
int vcpu_percpu_disable(struct vcpu_percpu *cpu);

/* What enable found out; NULL if cpu is NULL or not enabled. Any CPU. */
const struct vcpu_features *vcpu_percpu_features(const struct vcpu_percpu *cpu);

/*
 * vcpu_put for the vCPU that is resident on this CPU, if there is one. On that CPU.
 *
 *  VCPU_ERR_INVALID  cpu is NULL, not enabled, or another CPU's block
 */
int vcpu_percpu_put(struct vcpu_percpu *cpu);

/*
 * The vCPU that is resident on this CPU. NULL: there is none, or cpu is NULL, not enabled, or another
 * CPU's block. On that CPU, with interrupts masked, or where nothing can put the vCPU.
 */
struct vcpu *vcpu_percpu_resident(struct vcpu_percpu *cpu);

/*
 * Takes the FP, SIMD and SVE registers of the vCPU that is resident on this CPU, if there is one, to
 * memory; all else of it stays in the CPU. Its next vcpu_run brings them back. Does nothing if they are
 * in memory already, as always with VCPU_PERCPU_HOST_FP.
 *
 * For a host without VCPU_PERCPU_HOST_FP whose threads or programs have live FP registers (a kernel
 * that is built without FP, and has user programs). The registers are its threads' and its guests' by
 * turns:
 *  - before the first vcpu_run it saves the registers of the thread or program that had them last;
 *    vcpu_run writes over them;
 *  - after vcpu_run, and before it loads registers of a thread or returns to a program, it calls
 *    vcpu_percpu_put_fp (or vcpu_put). Otherwise the guest loses its registers, and the program reads
 *    them. After the call the CPU still has the guest's values until the host writes its own.
 * Between runs with no thread or program in between, nothing is to be done. After the call the host
 * also has its CPTR_EL2 and ZCR_EL2 of the vCPU's load.
 *
 * On that CPU. Interrupts may be masked or not.
 *
 *  VCPU_ERR_INVALID  cpu is NULL, not enabled, or another CPU's block
 */
int vcpu_percpu_put_fp(struct vcpu_percpu *cpu);

#ifdef __cplusplus
}
#endif

#endif
