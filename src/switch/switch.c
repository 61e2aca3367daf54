/* SPDX-License-Identifier: MIT */
#include "switch/switch.h"

#include "arm/esr.h"
#include "arm/pstate.h"
#include "cpu/fit.h"
#include "debug/debug.h"
#include "device/device.h"
#include "guest/trap.h"
#include "hw/el1.h"
#include "hw/el2.h"
#include "hw/sysreg.h"
#include "hw/tlb.h"
#include "switch/pauth.h"
#include "switch/simd.h"

/* By which name a register is reached: its only one, or that on a host with E2H = 0, or with VHE. */
enum el1_name { NAME_SHARED, NAME_PLAIN, NAME_VHE };

/* A row with such a name, but for the pointer authentication keys, which switch/pauth.c moves. */
static inline bool el1_moves(const struct vcpu_state *v, uint32_t when, bool shared,
                             enum el1_name name)
{
    return shared == (name == NAME_SHARED) && when != EL1_PAUTH && state_has_row(v, when);
}

/* Inline, so that each use has only the instructions for its own rows. */
static inline __attribute__((always_inline)) void el1_save_by(struct vcpu_state *v,
                                                              enum el1_name by)
{
#define SAVE(name, op0, op1, crn, crm, op2, vhe, when, reset)                                      \
    if (el1_moves(v, when, (op1) == (vhe), by))                                                    \
        v->el1[EL1_##name] = by == NAME_VHE ? READ_SYSREG_S(op0, vhe, crn, crm, op2)               \
                                            : READ_SYSREG_S(op0, op1, crn, crm, op2);
    EL1_TABLE(SAVE)
#undef SAVE
}

/* Likewise, and but for TCR_EL1, which lets table walks begin: see el1_stop_walks. */
static inline __attribute__((always_inline)) void el1_restore_by(const struct vcpu_state *v,
                                                                 enum el1_name by)
{
#define RESTORE(name, op0, op1, crn, crm, op2, vhe, when, reset)                                   \
    if (EL1_##name != EL1_TCR_EL1 && el1_moves(v, when, (op1) == (vhe), by)) {                     \
        if (by == NAME_VHE)                                                                        \
            WRITE_SYSREG_S(op0, vhe, crn, crm, op2, v->el1[EL1_##name]);                           \
        else                                                                                       \
            WRITE_SYSREG_S(op0, op1, crn, crm, op2, v->el1[EL1_##name]);                           \
    }
    EL1_TABLE(RESTORE)
#undef RESTORE
}

static __attribute__((noinline)) void el1_save(struct vcpu_state *v)
{
    el1_save_by(v, NAME_SHARED);
    if (el2_is_vhe())
        el1_save_by(v, NAME_VHE);
    else
        el1_save_by(v, NAME_PLAIN);
}

static __attribute__((noinline)) void el1_restore(const struct vcpu_state *v)
{
    el1_restore_by(v, NAME_SHARED);
    if (el2_is_vhe())
        el1_restore_by(v, NAME_VHE);
    else
        el1_restore_by(v, NAME_PLAIN);
}

uint64_t vcpu_switch_cptr_to_guest(const struct percpu_state *cpu)
{
    uint64_t cptr = READ_SYSREG(cptr_el2);

    WRITE_SYSREG(cptr_el2, cpu->guest_el2.cptr);
    isb();
    return cptr;
}

void vcpu_switch_cptr_back(uint64_t cptr)
{
    WRITE_SYSREG(cptr_el2, cptr);
    isb(); /* the host's own SVE may have been trapped */
}

void vcpu_switch_fetch(struct vcpu_state *v)
{
    const struct percpu_state *cpu = state_cpu(v);
    uint64_t cptr;

    if (!cpu)
        return;
    cptr = vcpu_switch_cptr_to_guest(cpu);
    el1_save(v);
    vcpu_switch_cptr_back(cptr);
    if (cpu->guest_keys)
        vcpu_pauth_read(&v->el1[EL1_APIAKeyLo_EL1]);
}

void vcpu_switch_store(const struct vcpu_state *v)
{
    const struct percpu_state *cpu = state_cpu(v);
    uint64_t cptr;

    if (!cpu)
        return;
    cptr = vcpu_switch_cptr_to_guest(cpu);
    el1_restore(v);
    write_tcr_el1(v->el1[EL1_TCR_EL1]);
    vcpu_switch_cptr_back(cptr);
    if (cpu->guest_keys)
        vcpu_pauth_write(&v->el1[EL1_APIAKeyLo_EL1]);
}

bool vcpu_switch_hold(const struct vcpu_state *v, uint64_t *daif)
{
    const struct percpu_state *cpu;

    *daif = daif_mask_all();
    cpu = state_cpu(v);
    if (!cpu || vcpu_switch_is_this(cpu))
        return true;
    daif_restore(*daif);
    return false;
}

bool vcpu_switch_is_this(const struct percpu_state *cpu)
{
    return cpu->mpidr == READ_SYSREG(mpidr_el1);
}

static bool has_mpamhcr(const struct vcpu_features *features)
{
    return features->mpam && (READ_MPAMIDR_EL1() & MPAMIDR_EL1_HAS_HCR);
}

static void el2_read(const struct vcpu_features *features, struct el2_state *s)
{
    s->hcr = READ_SYSREG(hcr_el2);
    s->cptr = READ_SYSREG(cptr_el2);
    s->mdcr = READ_SYSREG(mdcr_el2);
    s->hstr = READ_SYSREG(hstr_el2);
    s->cnthctl = READ_SYSREG(cnthctl_el2);
    s->cntvoff = READ_SYSREG(cntvoff_el2);
    s->vttbr = READ_SYSREG(vttbr_el2);
    s->vtcr = READ_SYSREG(vtcr_el2);
    s->vpidr = READ_SYSREG(vpidr_el2);
    s->vmpidr = READ_SYSREG(vmpidr_el2);
    s->mdscr = READ_SYSREG(mdscr_el1);
    s->tpidrro = READ_SYSREG(tpidrro_el0);
    if (features->sme)
        s->tpidr2 = READ_TPIDR2_EL0();
    if (features->pmu)
        s->pmuserenr = READ_SYSREG(pmuserenr_el0);
    if (features->gic_sysregs) {
        s->ich_hcr = READ_ICH_HCR_EL2();
        s->icc_sre = READ_ICC_SRE_EL2();
    }
    if (features->hcx)
        s->hcrx = READ_HCRX_EL2();
    if (features->mpam)
        s->mpam2 = READ_MPAM2_EL2();
    if (has_mpamhcr(features))
        s->mpamhcr = READ_MPAMHCR_EL2();
    if (features->fgt) {
        s->hfgrtr = READ_HFGRTR_EL2();
        s->hfgwtr = READ_HFGWTR_EL2();
        s->hfgitr = READ_HFGITR_EL2();
        s->hdfgrtr = READ_HDFGRTR_EL2();
        s->hdfgwtr = READ_HDFGWTR_EL2();
    }
}

static void el2_write(const struct vcpu_features *features, const struct el2_state *s)
{
    WRITE_SYSREG(hcr_el2, s->hcr);
    WRITE_SYSREG(cptr_el2, s->cptr);
    WRITE_SYSREG(mdcr_el2, s->mdcr);
    WRITE_SYSREG(hstr_el2, s->hstr);
    WRITE_SYSREG(cnthctl_el2, s->cnthctl);
    WRITE_SYSREG(cntvoff_el2, s->cntvoff);
    WRITE_SYSREG(vtcr_el2, s->vtcr);
    WRITE_SYSREG(vttbr_el2, s->vttbr);
    WRITE_SYSREG(vpidr_el2, s->vpidr);
    WRITE_SYSREG(vmpidr_el2, s->vmpidr);
    WRITE_SYSREG(mdscr_el1, s->mdscr);
    WRITE_SYSREG(tpidrro_el0, s->tpidrro);
    if (features->sme)
        WRITE_TPIDR2_EL0(s->tpidr2);
    if (features->pmu)
        WRITE_SYSREG(pmuserenr_el0, s->pmuserenr);
    if (features->gic_sysregs) {
        WRITE_ICH_HCR_EL2(s->ich_hcr);
        WRITE_ICC_SRE_EL2(s->icc_sre);
    }
    if (features->hcx)
        WRITE_HCRX_EL2(s->hcrx);
    if (features->mpam)
        WRITE_MPAM2_EL2(s->mpam2);
    if (has_mpamhcr(features))
        WRITE_MPAMHCR_EL2(s->mpamhcr);
    if (features->fgt) {
        WRITE_HFGRTR_EL2(s->hfgrtr);
        WRITE_HFGWTR_EL2(s->hfgwtr);
        WRITE_HFGITR_EL2(s->hfgitr);
        WRITE_HDFGRTR_EL2(s->hdfgrtr);
        WRITE_HDFGWTR_EL2(s->hdfgwtr);
    }
}

/*
 * What the VM's guests get on this very CPU (its features decide which traps there are), with what
 * is this vCPU's and what stays the host's.
 */
static void el2_for(const struct percpu_state *cpu, const struct vcpu_state *v,
                    struct el2_state *el2)
{
    struct vcpu_vm *vm = v->vm;
    const struct el2_state *host = &cpu->host_el2;

    vcpu_trap_el2(&cpu->features, vm->flags, vm->id, vm->shape.vtcr_el2, vm->counter_offset, el2);
    el2->hcr |= vcpu_trap_unlike(&cpu->features, vcpu_fit(cpu, vm));
    if (host->hcr & HCR_EL2_E2H) {
        vcpu_trap_to_vhe(el2);
        el2->cnthctl |= host->cnthctl & CNTHCTL_EL2_VHE_EL0;
    }
    el2->vttbr = v->vttbr;
    el2->vpidr = vm->id[ID_MIDR_EL1];
    el2->vmpidr = v->mpidr | MPIDR_RES1;
    el2->cnthctl |= host->cnthctl & CNTHCTL_EL2_EVENT_STREAM;
    el2->icc_sre |= host->icc_sre & ~ICC_SRE_EL2_ENABLE;
    el2->mpam2 |= host->mpam2 & (MPAM2_EL2_PARTITION | MPAM2_EL2_MPAMEN);
    el2->mpamhcr |= host->mpamhcr;
    el2->mdcr |= host->mdcr & MDCR_EL2_HOST_COUNTERS;
    if (!(vm->flags & VCPU_VM_PMU)) /* all are the host's, however it divides them by now */
        el2->mdcr = (el2->mdcr & ~MDCR_EL2_HPMN) | (host->mdcr & MDCR_EL2_HPMN);
}

/*
 * No walk of EL1's tables may start, nor one that was begun speculatively go on, while TTBRs and
 * VTTBR_EL2 belong to different guests: it would fill the TLB with a mixture (Cortex-A57 and A72
 * erratum 1319537, A55 and A76 1165522 and 1530923, and their like). With the MMU on and EPD0 and
 * EPD1 set there is nothing to walk.
 */
static void el1_stop_walks(void)
{
    write_tcr_el1(TCR_EL1_EPD0 | TCR_EL1_EPD1);
    isb();
    write_sctlr_el1(SCTLR_EL1_RES1 | SCTLR_EL1_M);
    isb();
}

/*
 * TLB entries are told apart by VMID, which the vCPUs of a VM share, and by ASID, which each vCPU's
 * guest gives out on its own: two that take turns on one CPU must not meet each other's. Entries of
 * a stage-2 root that was replaced, or of a vCPU before its reset, are on all CPUs. VTTBR_EL2 is in
 * effect.
 */
static void tlb_for(struct percpu_state *cpu, struct vcpu_state *v)
{
    uint16_t vmid = v->vm->vmid;
    unsigned slot = vmid % PERCPU_LAST;

    if (v->stale_tlb) {
        tlbi_vmalls12e1is();
        dsb_ish();
        isb();
        v->stale_tlb = false;
    }
    if (cpu->last[slot].vmid == vmid && cpu->last[slot].index == v->pub.index)
        return;
    tlbi_vmalle1();
    dsb_nsh();
    isb();
    cpu->last[slot].vmid = vmid;
    cpu->last[slot].index = v->pub.index;
}

void vcpu_switch_short_exits(struct vcpu_state *v)
{
    uint64_t exits = v->short_exits & (SHORT_EXITS_PSTATE | SHORT_EXITS_WATCHED);

    /* On the short ways nobody looks whether the guest has taken it: see save_hcr in switch.S. */
    if (v->pub.regs.hcr_el2 & HCR_EL2_VSE)
        exits |= FIELD_PREP(SHORT_EXITS_CLASS, NO_CLASS) | SHORT_EXITS_LONG;
    else
        exits |= FIELD_PREP(SHORT_EXITS_CLASS, EC_HVC64);
    if (exits & SHORT_EXITS_WATCHED)
        exits |= SHORT_EXITS_LONG;
    v->short_exits = exits | (device_any(v) ? SHORT_EXITS_NO_MMIO : 0);
}

/* PSTATE for the ERET to the host, but for DAIF. What is not there is 0. */
static uint64_t host_pstate(const struct vcpu_features *features)
{
    uint64_t pstate = PSTATE_M_EL2H;

    if (features->pan)
        pstate |= READ_PAN();
    if (features->uao)
        pstate |= READ_UAO();
    if (features->dit)
        pstate |= READ_DIT();
    if (features->ssbs)
        pstate |= READ_SSBS();
    else /* one without an instruction to read it: as exceptions to EL2 set it; or there is none */
        pstate |= READ_SYSREG(sctlr_el2) & SCTLR_EL2_DSSBS ? PSTATE_SSBS : 0;
    if (features->mte)
        pstate |= READ_TCO();
    if (features->nmi)
        pstate |= READ_ALLINT();
    return pstate;
}

/*
 * The interrupt lines, for the next entry. A virtual SError is no line: the guest takes it once,
 * and from now on HCR_EL2 says whether it has.
 */
static void take_lines(struct vcpu_state *v)
{
    uint64_t lines = atomic_fetch_and_explicit(&v->lines, ~HCR_EL2_VSE, memory_order_relaxed);

    v->pub.regs.hcr_el2 = (v->pub.regs.hcr_el2 & ~HCR_EL2_LINES) | lines;
    vcpu_switch_short_exits(v);
}

void vcpu_switch_load(struct percpu_state *cpu, struct vcpu_state *v)
{
    el2_read(&cpu->features, &cpu->host_el2);
    el2_for(cpu, v, &cpu->guest_el2);
    /* VM stays set: without stage 2 a walk of the guest's tables would be one of the machine's. */
    v->host_hcr = (cpu->guest_el2.hcr & ~HCR_EL2_ROUTING) | (cpu->host_el2.hcr & HCR_EL2_ROUTING);
    v->pub.regs.hcr_el2 = cpu->guest_el2.hcr;
    v->short_exits = FIELD_PREP(SHORT_EXITS_PSTATE, host_pstate(&cpu->features));
    take_lines(v);

    el1_stop_walks();
    el2_write(&cpu->features, &cpu->guest_el2);
    isb();
    tlb_for(cpu, v);
    el1_restore(v);
    /* Only now may there be walks again, by tables that are all the guest's. */
    isb();
    write_tcr_el1(v->el1[EL1_TCR_EL1]);
    if (!(cpu->flags & VCPU_PERCPU_HOST_FP) && cpu->features.fp)
        vcpu_simd_load(cpu, v);
    WRITE_SYSREG(hcr_el2, v->host_hcr);
    isb();
    cpu->resident = v;
    cpu->keys_each_run =
        state_has_row(v, EL1_PAUTH) && (READ_SYSREG(sctlr_el2) & SCTLR_EL2_EN_PAUTH);
    if (!cpu->keys_each_run)
        vcpu_pauth_to_guest(cpu, v);
    vcpu_device_load(v);
}

void vcpu_switch_put(struct percpu_state *cpu, bool from_guest)
{
    struct vcpu_state *v = cpu->resident;
    bool has_guest_simd = from_guest || !(cpu->flags & VCPU_PERCPU_HOST_FP);
    uint64_t token;

    vcpu_debug_leave(cpu, v);
    vcpu_switch_cptr_to_guest(cpu); /* the host's CPTR_EL2 may trap FP and SVE */
    if (has_guest_simd && cpu->features.fp)
        vcpu_simd_unload(cpu, v);
    vcpu_pauth_to_host(cpu);
    vcpu_device_put(v);
    el1_save(v);
    /* No timer of the guest stays armed. */
    write_cntv_ctl_el0(0);
    if (state_has_row(v, EL1_DIRECT_TIMER))
        write_cntp_ctl_el0(0);
    el1_stop_walks();
    el2_write(&cpu->features, &cpu->host_el2);
    isb();
    cpu->resident = NULL;
    /* What the guest has not taken stays pending. */
    atomic_fetch_or_explicit(&v->lines, v->pub.regs.hcr_el2 & HCR_EL2_VSE, memory_order_relaxed);
    /*
     * TLB and cache maintenance that the guest began here is complete before it goes on elsewhere:
     * its own DSB there would not wait for it.
     */
    dsb_ish();

    /* Whoever takes it next sees all that was saved; a kick that came in between is kept. */
    token = atomic_load_explicit(&v->token, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(
        &v->token, &token, (token & (TOKEN_CALLS | TOKEN_OFF)) | TOKEN_ABSENT, memory_order_release,
        memory_order_relaxed))
        ;
}

bool vcpu_switch_leave(const struct vcpu_state *v)
{
    struct percpu_state *cpu;
    uint64_t daif;

    if (!vcpu_switch_hold(v, &daif))
        return false;
    cpu = state_cpu(v);
    if (cpu)
        vcpu_switch_put(cpu, false);
    daif_restore(daif);
    return true;
}

void vcpu_switch_update(struct percpu_state *cpu, struct vcpu_state *v)
{
    /* Cleared before the lines are read: one that moves after that sets it again. */
    atomic_fetch_and_explicit(&v->token, ~TOKEN_CHANGED, memory_order_acquire);
    take_lines(v);
    if (v->stale_tlb) {
        WRITE_SYSREG(vttbr_el2, v->vttbr);
        WRITE_SYSREG(hcr_el2, v->pub.regs.hcr_el2); /* with TGE set it is the host's own TLB */
        isb();
        tlb_for(cpu, v);
        WRITE_SYSREG(hcr_el2, v->host_hcr);
        isb();
    }
}
