/* SPDX-License-Identifier: MIT */
#include "switch/switch.h"

#include "arm/pstate.h"
#include "device/device.h"
#include "guest/trap.h"
#include "hw/cache.h"
#include "hw/el1.h"
#include "hw/el2.h"
#include "hw/tlb.h"
#include "state/hold.h"
#include "switch/debug.h"
#include "switch/el1.h"
#include "switch/el2.h"
#include "switch/pauth.h"
#include "switch/short_exits.h"
#include "switch/simd.h"

/* All entries of the VMID, on all CPUs. VTTBR_EL2 has taken effect, and HCR_EL2.TGE is clear. */
static void tlb_remove(void)
{
    tlbi_vmalls12e1is_twice();
    isb();
}

/*
 * TLB entries are tagged by VMID, which the vCPUs of a VM share, and by ASID, which each vCPU's
 * guest allocates itself. So two vCPUs that take turns on one CPU must not use each other's
 * entries. Entries of a stage-2 root that was replaced, or from before a vCPU's reset, are on all
 * CPUs. VTTBR_EL2 has taken effect.
 *
 * The instruction cache is emptied too: a vCPU with its MMU off fetches from memory, and so can
 * leave instructions there that are older than what the other vCPU sees in the data caches.
 */
static void tlb_for(struct percpu_state *cpu, struct vcpu_state *v)
{
    uint16_t vmid = v->vm->vmid;
    unsigned slot = vmid % PERCPU_LAST;

    if (v->stale_tlb) {
        tlb_remove();
        v->stale_tlb = false;
    }
    if (cpu->last[slot].vmid == vmid && cpu->last[slot].index == v->pub.index)
        return;
    tlbi_vmalle1();
    ic_iallu();
    dsb_nsh();
    isb();
    cpu->last[slot].vmid = vmid;
    cpu->last[slot].index = v->pub.index;
}

/* PSTATE for the ERET to the host, without DAIF. Bits that the CPU does not have are 0. */
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
    else /* it cannot be read: as an exception to EL2 sets it; or the CPU has no SSBS */
        pstate |= READ_SYSREG(sctlr_el2) & SCTLR_EL2_DSSBS ? PSTATE_SSBS : 0;
    if (features->mte)
        pstate |= READ_TCO();
    if (features->nmi)
        pstate |= READ_ALLINT();
    return pstate;
}

/*
 * Takes the interrupt lines and the traps of waits for the next entry. A virtual SError is not a
 * line: the guest takes it once, and from now on HCR_EL2 says whether it has.
 */
static void take_lines(struct vcpu_state *v)
{
    uint64_t lines = atomic_fetch_and_explicit(&v->lines, ~HCR_EL2_VSE, memory_order_relaxed);

    v->pub.regs.hcr_el2 = (v->pub.regs.hcr_el2 & ~(HCR_EL2_LINES | HCR_EL2_WAITS)) | lines |
                          atomic_load_explicit(&v->vm->wait_traps, memory_order_relaxed);
    vcpu_short_exits(v);
}

void vcpu_switch_load(struct percpu_state *cpu, struct vcpu_state *v, unsigned fit)
{
    vcpu_el2_read(&cpu->features, &cpu->host_el2);
    vcpu_el2_for(cpu, v, fit, &cpu->guest_el2);
    /*
     * VM stays set: without stage 2 a walk of the guest's tables would be a walk of physical
     * memory.
     */
    v->host_hcr = (cpu->guest_el2.hcr & ~HCR_EL2_ROUTING) | (cpu->host_el2.hcr & HCR_EL2_ROUTING);
    v->pub.regs.hcr_el2 = cpu->guest_el2.hcr;
    v->short_exits = FIELD_PREP(SHORT_EXITS_PSTATE, host_pstate(&cpu->features));
    take_lines(v);

    vcpu_el2_cptr_to_guest(cpu);
    vcpu_el1_save(v, cpu->host_el1);
    vcpu_el1_stop(v);
    vcpu_el2_write(&cpu->features, &cpu->guest_el2);
    isb();
    tlb_for(cpu, v);
    vcpu_el1_restore(v, v->el1);
    vcpu_el1_start(v, v->el1);
    if (!(cpu->flags & VCPU_PERCPU_HOST_FP) && cpu->features.fp)
        vcpu_simd_load(cpu, v);
    cpu->fp_is_put = false;
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
    bool has_guest_simd = from_guest || !((cpu->flags & VCPU_PERCPU_HOST_FP) || cpu->fp_is_put);
    uint64_t token;

    vcpu_debug_leave(cpu, v);
    vcpu_el2_cptr_to_guest(cpu); /* the host's CPTR_EL2 may trap FP and SVE */
    if (has_guest_simd && cpu->features.fp)
        vcpu_simd_unload(cpu, v);
    vcpu_pauth_to_host(cpu);
    cpu->putting = true;
    vcpu_device_put(v);
    cpu->putting = false;
    vcpu_el1_save(v, v->el1);
    /*
     * With TGE set, SCTLR_EL1.M counts as 0, so that EPD0 and EPD1 would stop no walk; and TLBI is for
     * the host's own TLB.
     */
    WRITE_SYSREG(hcr_el2, v->pub.regs.hcr_el2);
    isb();
    vcpu_el1_stop(v);
    /*
     * Its root was replaced, and this CPU had the old one until now. Another vCPU of the VM, which has
     * removed its own entries long ago, may be the next one here.
     */
    if (v->stale_tlb)
        tlb_remove();
    vcpu_el1_restore(v, cpu->host_el1);
    vcpu_el2_write(&cpu->features, &cpu->host_el2);
    isb(); /* now the VMID is not the guest's any more, nor the count */
    vcpu_el1_start(v, cpu->host_el1);
    isb(); /* the host may look at its timer, or translate, at once */
    cpu->resident = NULL;
    /* An SError that the guest has not taken stays pending. */
    atomic_fetch_or_explicit(&v->lines, v->pub.regs.hcr_el2 & HCR_EL2_VSE, memory_order_relaxed);
    /*
     * What the guest began here must be complete before the vCPU goes on elsewhere, because its own
     * DSB there would not wait for it: TLB and cache maintenance, also for the Outer Shareable domain
     * (TLBI *OS), and stores to devices.
     */
    dsb_sy();

    /* The next CPU that takes it sees all saved state. A kick that came meanwhile is kept. */
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

    if (!vcpu_hold(v, &daif))
        return false;
    cpu = state_cpu(v);
    if (cpu)
        vcpu_switch_put(cpu, false);
    daif_restore(daif);
    return true;
}

void vcpu_switch_update(struct percpu_state *cpu, struct vcpu_state *v)
{
    /* Cleared before the lines are read: a line that changes later sets it again. */
    atomic_fetch_and_explicit(&v->token, ~TOKEN_CHANGED, memory_order_acquire);
    take_lines(v);
    if (cpu->fp_is_put) {
        uint64_t cptr = vcpu_el2_cptr_to_guest(cpu);

        vcpu_simd_load(cpu, v);
        if (cpu->sharing != TRAP_SHARE_ALL)
            vcpu_el2_cptr_back(cptr);
        cpu->fp_is_put = false;
    }
    if (v->stale_tlb) {
        WRITE_SYSREG(vttbr_el2, v->vttbr);
        WRITE_SYSREG(hcr_el2, v->pub.regs.hcr_el2); /* with TGE, TLBI is for the host's own TLB */
        isb();
        tlb_for(cpu, v);
        WRITE_SYSREG(hcr_el2, v->host_hcr);
        isb();
    }
}
