/* SPDX-License-Identifier: MIT */
/*
 * Taking and giving back EL2's virtualization state on a physical CPU.
 *
 * Between enable and disable these belong to the library, and the host leaves them alone on that
 * CPU: HCR_EL2, VTTBR_EL2, VTCR_EL2, VPIDR_EL2, VMPIDR_EL2, MDCR_EL2, HSTR_EL2, CPTR_EL2, the low
 * bits of CNTHCTL_EL2, CNTVOFF_EL2, ICH_HCR_EL2, ICC_SRE_EL2.Enable, HCRX_EL2, MPAM2_EL2, fine-grained
 * traps, and all of EL1 and EL0. While no vCPU is resident (before the first vcpu_run and after
 * vcpu_put) those of EL2 hold the host's values. While one is, its virtual timer goes on, and raises
 * its PPI at the host when it is due.
 *
 * Both kinds of host work, E2H = 0 and VHE (HCR_EL2.E2H = 1, TGE = 1), as it is when a vCPU is
 * loaded. HCR_EL2, SP_EL0, TPIDR_EL0 and PSTATE are the host's again at each exit; of PSTATE its PAN,
 * UAO, DIT, SSBS, TCO and ALLINT as they were when the vCPU was loaded (SSBS, where it cannot be read,
 * as SCTLR_EL2.DSSBS was). A hook that is called in the middle of a run finds PAN and DIT as the guest
 * had them, and the others as an exception to EL2 leaves them.
 *
 * A VHE host that goes to its own EL0 while a vCPU is resident would go there with the guest's
 * TPIDRRO_EL0, debug registers and traps of EL0 (MDCR_EL2, CPTR_EL2): it calls vcpu_percpu_put before.
 *
 * With FEAT_ExS SCTLR_EL2.EIS and EOS are set, as they read without it: exceptions and ERET are what
 * orders the library's writes of registers.
 *
 * DAIF does not mask interrupts with superpriority (SCTLR_EL2.NMI): a host that has them sees to it
 * that none comes during vcpu_run, by PSTATE.ALLINT, for it could not be returned from.
 *
 * A host that debugs itself (MDSCR_EL1.MDE or SS set when the vCPU is loaded) has MDSCR_EL1 and
 * MDCR_EL2.TDE back as they were then after each vcpu_run, and its breakpoints and watchpoints match
 * nothing in a guest. For others MDSCR_EL1 may be 0 while a vCPU is resident.
 *
 * Pointer authentication has one set of keys for all Exception levels. A guest that has it finds its
 * own in them; the host's are back after vcpu_put, and, if SCTLR_EL2.EnIA, EnIB, EnDA or EnDB was set
 * when the vCPU came to the CPU, after each vcpu_run. A hook that is called in the middle of a run
 * (allow_smc, a device's, wake, send_kick) runs with the guest's: it may sign and authenticate what
 * it signed itself, as its return address, but no pointer that was signed outside it.
 *
 * Of SVE the host keeps ZCR_EL2, and nothing of Z, P and FFR beyond what VCPU_PERCPU_HOST_FP says. It
 * is not in Streaming SVE mode, nor is ZA enabled, when it calls the library.
 *
 * The GIC's CPU interface is set up (ICC_SRE_EL2.SRE) before enable.
 */
#ifndef VCPU_PERCPU_H
#define VCPU_PERCPU_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/host.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vcpu;

/* What a CPU has. Filled by vcpu_percpu_enable; read it with vcpu_percpu_features. */
struct vcpu_features {
    uint8_t pa_bits;   /* 32, 36, 40, 42, 44 or 48: what stage 2 with 4 KiB granule can use */
    uint8_t vmid_bits; /* 8 or 16 */
    uint8_t debug_breakpoints;
    uint8_t debug_watchpoints;
    uint8_t pmu_counters; /* event counters that guests can have: see vcpu/pmu.h */
    /* Bit n: SVE can have vectors of n + 1 quadwords (128 bits). 0 without SVE. */
    uint16_t sve_lengths;
    bool aarch32_el0;
    bool vhe;         /* FEAT_VHE is there (whether the host uses it, HCR_EL2.E2H = 1, or not) */
    bool gic_sysregs; /* the GIC CPU interface has system registers, and the host uses them */
    bool pmu;         /* FEAT_PMUv3 or later */
    bool fp;          /* floating point and Advanced SIMD */
    bool sve;
    bool sme;
    bool pauth; /* any kind of pointer authentication */
    bool mte;
    bool pan, uao, dit; /* these bits of PSTATE */
    bool ssbs;          /* PSTATE.SSBS, with MRS and MSR for it */
    bool nmi;           /* non-maskable interrupts: PSTATE.ALLINT */
    bool ras;
    bool lor;   /* limited ordering regions */
    bool mpam;  /* memory partitioning and monitoring */
    bool amu;   /* activity monitors */
    bool spe;   /* statistical profiling */
    bool trf;   /* self-hosted trace */
    bool trbe;  /* the trace buffer */
    bool trace; /* the trace unit has system registers */
    bool fgt;   /* fine-grained traps */
    bool evt;   /* HCR_EL2.TID4 and its like */
    bool hcx;   /* HCRX_EL2 */
};

/* Flags for vcpu_percpu_config.flags. */
enum {
    /*
     * The host's code uses FP/SIMD registers: keep its d8-d15, FPCR and FPSR over vcpu_run,
     * whatever the guest does. Without it the host must be built without them
     * (-mgeneral-regs-only), and a guest's vectors stay in the CPU between runs. With it CPTR_EL2
     * must not trap them (TFP = 0; on a VHE host FPEN = 1 or 3).
     */
    VCPU_PERCPU_HOST_FP = 1u << 0,
    /* On an IRQ or FIQ exit call host->irq before vcpu_run returns. */
    VCPU_PERCPU_IRQ_HOOK = 1u << 1,
    /*
     * The host has no vectors: put the library's into VBAR_EL2 from enable to disable, and call
     * host->irq and host->fault from them. The host struct must be the same on all CPUs that ask
     * for it.
     */
    VCPU_PERCPU_OWN_VECTORS = 1u << 2,
    /*
     * The host reads time from CNTPCT_EL0 only. At EL2 with E2H = 0 CNTVCT_EL0 is shifted by
     * CNTVOFF_EL2; without this flag a vCPU whose VM has another counter_offset than the host's own
     * CNTVOFF_EL2 is put at each exit, so that the host never sees its own count jump.
     */
    VCPU_PERCPU_HOST_CNTPCT = 1u << 3,
};

struct vcpu_percpu_config {
    const struct vcpu_host *host;
    uint64_t id; /* the host's own name for this CPU, given back to send_kick */
    uint32_t flags;
};

/* Bytes and alignment of the per-CPU block, for hosts that allocate it in another language. */
#define VCPU_PERCPU_SIZE  1024u
#define VCPU_PERCPU_ALIGN 64u

/*
 * The per-CPU block: the host's memory, one for each physical CPU, zero before the first enable,
 * never moved between enable and disable. Its contents are the library's.
 */
struct vcpu_percpu {
    uint64_t opaque[VCPU_PERCPU_SIZE / 8];
} __attribute__((aligned(VCPU_PERCPU_ALIGN)));

/*
 * Probes the CPU it is called on and makes it ready for vcpu_run. Of its registers only VBAR_EL2
 * changes, and only with OWN_VECTORS. Call it on that CPU, at EL2 with SPSel = 1, once before anything
 * else.
 *
 *  VCPU_ERR_INVALID      cpu or config is NULL, the block is not aligned, a required hook is
 *                        missing, an unknown flag is set, or OWN_VECTORS with another host struct
 *                        than before
 *  VCPU_ERR_STATE        this block is already enabled
 *  VCPU_ERR_NOT_EL2      the CPU is not at EL2, or runs on SP_EL0
 *  VCPU_ERR_UNSUPPORTED  no 4 KiB granule at stage 2, no AArch64 EL1, HOST_FP on a CPU without FP,
 *                        or HCR_EL2.E2H = 1 with TGE = 0, where the host would be at EL2 without
 *                        its EL0
 *
 * On an error nothing is changed.
 */
int vcpu_percpu_enable(struct vcpu_percpu *cpu, const struct vcpu_percpu_config *config);

/*
 * Writes back the resident vCPU, if there is one, and gives the host its EL2, and its vectors. On
 * that CPU.
 * VCPU_ERR_INVALID: cpu is NULL. VCPU_ERR_STATE: not enabled, or another CPU's.
 */
int vcpu_percpu_disable(struct vcpu_percpu *cpu);

/* What enable found out. NULL if cpu is NULL or not enabled. Any CPU. */
const struct vcpu_features *vcpu_percpu_features(const struct vcpu_percpu *cpu);

/*
 * vcpu_put for whichever vCPU is resident on this CPU. On that CPU.
 * VCPU_ERR_INVALID: cpu is NULL, not enabled, or another CPU's.
 */
int vcpu_percpu_put(struct vcpu_percpu *cpu);

#ifdef __cplusplus
}
#endif

#endif
