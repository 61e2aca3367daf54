/* SPDX-License-Identifier: MIT */
#include "interrupts.h"

#include "timer.h"

#define POKE_SGI       1u /* look who is ready */
#define KICK_SGI       2u /* the library's: what the resident vCPU was told is in its own state */
#define LOOKS_A_SECOND 1000u

static uint64_t look_interval; /* in ticks of the counter */

void interrupts_poke(unsigned cpu)
{
    gic_send_sgi(cpu, POKE_SGI);
}

void interrupts_kick(unsigned cpu)
{
    gic_send_sgi(cpu, KICK_SGI);
}

void interrupts_look_in_time(struct cpu *self, uint64_t now)
{
    if (self->alarm.sched > now + look_interval)
        self->alarm.sched = now + look_interval;
}

void interrupts_look_later(struct cpu *self)
{
    self->resident->untaken = true;
    interrupts_look_in_time(self, timer_now());
    alarm_update(&self->alarm);
}

static void on_virtual_timer(void)
{
    struct cpu *self = this_cpu();

    if (self->resident != NULL)
        interrupts_forward_timer(self, self->resident);
    else
        gic_deactivate((uint32_t)self->virtual_timer_intid);
}

static void on_maintenance(void)
{
    struct guest_vcpu *vcpu = this_cpu()->resident;

    if (vcpu != NULL)
        vcpu_gic_maintenance(vcpu->guest->gic, vcpu->vcpu);
}

/* A counter of the resident vCPU has overflowed. The host has none of its own. */
static void on_overflow(void)
{
    struct guest_vcpu *vcpu = this_cpu()->resident;

    if (vcpu != NULL && vcpu->guest->pmu != NULL)
        vcpu_pmu_interrupt(vcpu->guest->pmu, vcpu->vcpu);
}

static void on_poke(void)
{
    this_cpu()->asked = true;
}

/* Its only purpose is to make the CPU exit its guest, or wake up. */
static void on_kick(void)
{
}

static void on_timer(void)
{
    struct cpu *self = this_cpu();
    struct guest_vcpu *vcpu = self->resident;

    alarm_rang(&self->alarm);
    self->asked = true;
    if (vcpu != NULL && vcpu->untaken) {
        on_maintenance();
        vcpu->untaken = guest_masks_interrupts(vcpu);
    }
}

void interrupts_init(const struct machine *machine)
{
    look_interval = timer_frequency() / LOOKS_A_SECOND;
    irq_register(POKE_SGI, on_poke);
    irq_register(KICK_SGI, on_kick);
    irq_register(machine->hyp_timer_intid, on_timer);
    irq_register(machine->gic.maintenance_intid, on_maintenance);
    irq_register(VCPU_PMU_PPI, on_overflow);
    irq_register_handover(machine->virtual_timer_intid, on_virtual_timer);
}

void interrupts_enable(struct cpu *self, const struct machine *machine)
{
    self->virtual_timer_intid = machine->virtual_timer_intid;
    gic_enable(POKE_SGI);
    gic_enable(KICK_SGI);
    gic_enable(machine->hyp_timer_intid);
    gic_enable(machine->gic.maintenance_intid);
    gic_enable(machine->virtual_timer_intid);
    gic_enable(VCPU_PMU_PPI);
}
