/* SPDX-License-Identifier: MIT */
/*
 * What happens at each event: a load, a put, a reset, a look for work. Pure: it acts on the CPU
 * through gic/interface/interface.h.
 *
 * The lock is held, and the vCPU is resident here, wherever list registers are moved.
 */
#include "gic/device.h"
#include "gic/cpu.h"

#include "gic/lists/lists.h"
#include "gic/update.h"

static void gic_load(void *ctx, struct vcpu *vcpu)
{
    struct vcpu_gic *gic = ctx;
    struct gic_cpu *cpu = gic_cpu_of(gic, vcpu);
    struct gic_news news;

    if (!cpu)
        return;
    vcpu_gic_begin(gic, &news, cpu);
    if (gic->shared)
        gic->share->arrive(gic, cpu);
    atomic_store_explicit(&cpu->resident, vcpu_cpu_id(), memory_order_relaxed);
    atomic_store_explicit(&cpu->work, false, memory_order_relaxed);
    /* Any list register may hold another vCPU's value. */
    cpu->loaded = (1u << gic->lrs) - 1;
    for (unsigned slot = gic->lrs; slot < gic->all_lrs; slot++)
        gic->interface->write(gic, slot, 0);
    gic->interface->write_vmcr(gic, cpu->vmcr);
    gic->interface->write_apr(gic, cpu);
    /* Makes the held PPIs active here, so that the guest's end ends the physical one. */
    news.active = true;
    vcpu_gic_present(gic, cpu, &news);
}

static void gic_put(void *ctx, struct vcpu *vcpu)
{
    struct vcpu_gic *gic = ctx;
    struct gic_cpu *cpu = gic_cpu_of(gic, vcpu);
    struct gic_news news;

    if (!cpu)
        return;
    vcpu_gic_fetch(gic, cpu);
    gic->interface->read_apr(gic, cpu);
    vcpu_gic_begin(gic, &news, cpu);
    if (gic->shared)
        gic->share->leave(gic, vcpu);
    vcpu_gic_fold(gic, cpu, &news);
    if (gic->shared)
        gic->share->left(gic, cpu, &news);
    atomic_store_explicit(&cpu->work, vcpu_gic_is_due(gic, cpu), memory_order_relaxed);
    atomic_store_explicit(&cpu->dirty, false, memory_order_relaxed);
    /*
     * The list registers are cleared: a guest without a controller of its own could end physical
     * interrupts with them.
     */
    cpu->hcr = 0;
    vcpu_gic_store(gic, cpu);
    vcpu_gic_settled(gic, cpu);
    gic->interface->write_vmcr(gic, 0);
    /* Version 2: the writes have reached the interrupt controller when this one is read back. */
    gic->interface->read_hcr(gic);
    /* Makes them inactive, or they would not come for the next vCPU. */
    news.ppis = cpu->bank.release | gic_held(cpu);
    cpu->bank.release = 0;
    atomic_store_explicit(&cpu->resident, 0, memory_order_relaxed);
    vcpu_gic_end(gic, &news);
}

/*
 * The CPU interface is reset. The redistributor keeps its state, as when a CPU loses power, active
 * interrupts among it. No active priority accounts for those any more.
 */
static void gic_reset(void *ctx, struct vcpu *vcpu)
{
    struct vcpu_gic *gic = ctx;
    struct gic_cpu *cpu = gic_cpu_of(gic, vcpu);

    if (!cpu)
        return;
    vcpu_gic_stop_writing(gic, cpu);
    gic_reset_interface(cpu);
    gic_stop_sending(cpu);
    if (gic->share)
        gic->share->reset(gic, cpu);
    vcpu_gic_meet(gic, cpu, vcpu_mpidr(vcpu));
}

static bool gic_has_work(void *ctx, const struct vcpu *vcpu)
{
    struct vcpu_gic *gic = ctx;
    struct gic_cpu *cpu = gic_cpu_of(gic, vcpu);
    uint64_t daif;
    bool work;

    if (!cpu)
        return false;
    if (atomic_load_explicit(&cpu->mail, memory_order_relaxed))
        return true;
    daif = vcpu_cpu_mask();
    if (gic_is_here(cpu)) {
        /* The hardware has the newest state. */
        work = vcpu_gic_signals(gic, cpu) || vcpu_gic_is_behind(gic, cpu);
        if (work && gic->sources)
            gic->sources->awaited(gic, cpu);
    } else {
        work = atomic_load_explicit(&cpu->work, memory_order_relaxed);
    }
    if (!work && gic->share)
        gic->share->wait(gic, cpu);
    vcpu_cpu_restore(daif);
    return work;
}

const struct vcpu_device_ops vcpu_gic_device = {
    .mmio = vcpu_gic_mmio,
    .sysreg = vcpu_gic_sysreg,
    .load = gic_load,
    .put = gic_put,
    .reset = gic_reset,
    .sync = vcpu_gic_sync,
    .has_work = gic_has_work,
    .reg = vcpu_gic_reg,
    .reg_at = vcpu_gic_reg_at,
};

int vcpu_gic_maintenance(struct vcpu_gic *gic, struct vcpu *vcpu)
{
    struct gic_cpu *cpu = gic && vcpu ? gic_cpu_of(gic, vcpu) : NULL;
    uint64_t daif;

    if (!cpu)
        return VCPU_ERR_INVALID;
    daif = vcpu_cpu_mask();
    if (gic_is_here(cpu)) {
        if (gic->sources)
            atomic_store_explicit(&cpu->dirty, true, memory_order_relaxed);
        /* Its SGIs, and what is left to send of its own, have notice. */
        vcpu_gic_update(gic, cpu, true);
    }
    vcpu_cpu_restore(daif);
    return VCPU_OK;
}
