/* SPDX-License-Identifier: MIT */
/* Virtual mode: the interrupts of a CPU. Most are for the resident vCPU, and ask for no decision. */
#ifndef MINI_HOST_INTERRUPTS_H
#define MINI_HOST_INTERRUPTS_H

#include "gic.h"
#include "irq.h"
#include "this_cpu.h"

/* Once, before any other CPU runs; and then on each CPU. */
void interrupts_init(const struct machine *machine);
void interrupts_enable(struct cpu *self, const struct machine *machine);

/* Makes a CPU exit its guest, or wake up: to look who is ready, or for what its vCPU was told. */
void interrupts_poke(unsigned cpu);
void interrupts_kick(unsigned cpu);

/*
 * A guest that masks interrupts can stop its timer, or set it for later, after the interrupt was
 * forwarded, and nobody notices. Each WFI then ends at once: so there is a look now and then
 * (vcpu_gic_follow). look_later notes that the resident vCPU needs it; look_in_time is for when it is
 * entered again, with the alarm about to be updated.
 */
void interrupts_look_later(struct cpu *self);
void interrupts_look_in_time(struct cpu *self, uint64_t now);

/*
 * The resident vCPU's virtual timer is due. From here on its interrupt is the guest's, whose end of
 * it makes the physical one inactive again.
 */
static inline void interrupts_forward_timer(struct cpu *self, const struct guest_vcpu *vcpu)
{
    const struct guest *guest = vcpu->guest;

    if (vcpu_timer_forward(guest->timer, guest->gic, vcpu->vcpu) != VCPU_OK)
        gic_deactivate((uint32_t)self->virtual_timer_intid);
    else if (guest_masks_interrupts(vcpu))
        interrupts_look_later(self);
}

/*
 * Takes the interrupt that brought the resident vCPU out; if there are more, they will, too. Inline,
 * because guests wait for it.
 */
static inline void interrupts_take(struct cpu *self, const struct guest_vcpu *vcpu)
{
    uint64_t acknowledged;

    if (gic_take_ppi(self->virtual_timer_intid, &acknowledged))
        interrupts_forward_timer(self, vcpu);
    else
        irq_take((uint32_t)acknowledged);
}

#endif
