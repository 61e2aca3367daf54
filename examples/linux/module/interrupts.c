// SPDX-License-Identifier: MIT
/* The two interrupts of the host that are for guests: EL1's virtual timer, and the GIC's maintenance. */
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/of.h>
#include <linux/of_irq.h>
#include <linux/percpu.h>

#include "module.h"

enum { TIMER, MAINTENANCE, INTERRUPTS };

static struct {
    const char *compatible;
    int index; /* in the node's list */
    u32 intid;
    const char *name;
    unsigned int irq, type;
} interrupts[INTERRUPTS] = {
    [TIMER] = {"arm,armv8-timer", 2, VCPU_TIMER_VIRTUAL_PPI, "vcpu timer"},
    [MAINTENANCE] = {"arm,gic-v3", 0, 25, "vcpu maintenance"},
};

static DEFINE_PER_CPU(int, cookie);

/*
 * Linux drops the priority after this. It deactivates the maintenance interrupt too, but not the timer's,
 * which it takes for forwarded to a guest.
 */
static irqreturn_t handle(int irq, void *unused)
{
    struct vcpu_percpu *cpu = module_cpu();
    bool timer = irq == interrupts[TIMER].irq;
    int owner = VCPU_INTERRUPT_DONE;

    if (cpu)
        owner = vcpu_percpu_interrupt(cpu, interrupts[timer ? TIMER : MAINTENANCE].intid);
    if (timer && owner != VCPU_INTERRUPT_GUESTS)
        irq_set_irqchip_state(irq, IRQCHIP_STATE_ACTIVE, false);
    return IRQ_HANDLED;
}

void interrupts_set_active(void *ctx, u16 physical, bool active)
{
    bool now;

    irq_set_irqchip_state(interrupts[TIMER].irq, IRQCHIP_STATE_ACTIVE, active);
    /* Linux does not wait for the write; a read of the same register does. */
    irq_get_irqchip_state(interrupts[TIMER].irq, IRQCHIP_STATE_ACTIVE, &now);
    dsb(sy);
}

static int request(unsigned int i)
{
    struct device_node *node = of_find_compatible_node(NULL, NULL, interrupts[i].compatible);
    unsigned int irq = node ? irq_of_parse_and_map(node, interrupts[i].index) : 0;
    int error;

    of_node_put(node);
    if (!irq) {
        pr_err("vcpu: the device tree has no %s with interrupt %u (a GICv3 is needed)\n",
               interrupts[i].compatible, interrupts[i].intid);
        return -ENODEV;
    }
    error = request_percpu_irq(irq, handle, interrupts[i].name, &cookie);
    if (error) {
        pr_err("vcpu: PPI %u is another's; KVM's, if it is not off (kvm-arm.mode=none)\n",
               interrupts[i].intid);
        return error;
    }
    interrupts[i].irq = irq;
    interrupts[i].type = irqd_get_trigger_type(irq_get_irq_data(irq));
    return 0;
}

void interrupts_exit(void)
{
    unsigned int i;

    if (interrupts[TIMER].irq)
        irq_set_vcpu_affinity(interrupts[TIMER].irq, NULL);
    for (i = 0; i < INTERRUPTS; i++)
        if (interrupts[i].irq)
            free_percpu_irq(interrupts[i].irq, &cookie);
}

int interrupts_init(void)
{
    int error = request(TIMER);

    if (!error)
        error = request(MAINTENANCE);
    if (!error) {
        /* Any pointer: the GIC's driver leaves the deactivation to a guest. */
        error = irq_set_vcpu_affinity(interrupts[TIMER].irq, &cookie);
        if (error)
            pr_err("vcpu: Linux's driver of the interrupt controller forwards no interrupts\n");
    }
    if (error)
        interrupts_exit();
    return error;
}

void interrupts_cpu_up(void)
{
    unsigned int i;

    for (i = 0; i < INTERRUPTS; i++)
        enable_percpu_irq(interrupts[i].irq, interrupts[i].type);
}

void interrupts_cpu_down(void)
{
    unsigned int i;

    for (i = 0; i < INTERRUPTS; i++)
        disable_percpu_irq(interrupts[i].irq);
}
