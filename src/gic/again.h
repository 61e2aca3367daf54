/* SPDX-License-Identifier: MIT */
/* The short path of an interrupt that comes again. Pure. */
#ifndef VCPU_GIC_AGAIN_H
#define VCPU_GIC_AGAIN_H

#include "gic/cpu.h"
#include "gic/device.h"
#include "gic/lists/lr.h"

/*
 * Makes an SGI or PPI that is not a level pending again. It has come before, and its list register
 * is still its own and now empty. So the value that was written there is written again, without
 * what a look for work may have seen since then.
 *  - Its priority, group and enable are still the same: a change would have taken the list register
 *    away, or is about to.
 *  - No interrupt that waits for a list register has a higher priority.
 * clear, set: bits of the list register that differ. false: this path is not possible.
 *
 * On the CPU where the vCPU is resident, with interrupts masked, without the lock. It changes only
 * the list register, and no other CPU changes which interrupts are listed, or where.
 */
static inline bool gic_list_again(const struct vcpu_gic *gic, struct gic_cpu *cpu, unsigned i,
                                  uint64_t clear, uint64_t set)
{
    const struct gic_bank *bank = &cpu->bank;
    unsigned slot = bank->slot[i];
    uint64_t lr = (cpu->lr[slot] & ~clear) | set | ICH_LR_pending;

    if (!((bank->listed & bank->latch_listed) >> i & 1) || (lr & ICH_LR_active) ||
        !gic->interface->refill(gic, slot, lr))
        return false;
    cpu->lr[slot] = lr;
    return true;
}

/* An SGI. source: version 2: the CPU that sent it. */
static inline bool gic_list_sgi_again(const struct vcpu_gic *gic, struct gic_cpu *cpu, unsigned sgi,
                                      unsigned source)
{
    return gic_list_again(gic, cpu, sgi, LR_SOURCE, lr_with_source(source));
}

/* A PPI of the vCPU stands for a physical interrupt. */
static inline bool gic_is_forwarded(const struct gic_cpu *cpu, uint32_t intid)
{
    return cpu && intid < GIC_PRIVATE && (cpu->bank.hw >> intid & 1);
}

/* As vcpu_gic_forward, of such a PPI, on the CPU where the vCPU is resident. */
static inline void gic_forward_here(struct vcpu_gic *gic, struct gic_cpu *cpu, uint32_t intid)
{
    if (gic_list_again(gic, cpu, intid, 0, 0))
        atomic_store_explicit(&cpu->work, true, memory_order_relaxed);
    else
        vcpu_gic_move_line(gic, cpu, intid, true);
}

#endif
