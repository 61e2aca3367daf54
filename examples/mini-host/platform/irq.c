/* SPDX-License-Identifier: MIT */
#include "irq.h"

#include <stddef.h>

#include "console.h"
#include "gic.h"

static struct {
    void (*handler)(void);
    bool handed_over;
} irqs[GIC_INTIDS];

void irq_register(uint32_t intid, void (*handler)(void))
{
    if (intid < GIC_INTIDS)
        irqs[intid].handler = handler;
}

void irq_register_handover(uint32_t intid, void (*handler)(void))
{
    irq_register(intid, handler);
    if (intid < GIC_INTIDS)
        irqs[intid].handed_over = true;
}

bool irq_take(uint32_t acknowledged)
{
    uint32_t intid = GIC_INTID(acknowledged);

    if (intid >= GIC_INTIDS)
        return false;
    gic_drop(acknowledged);
    if (irqs[intid].handler != NULL)
        irqs[intid].handler();
    else
        console_emergency("host: an interrupt that nobody asked for: %u\n", intid);
    if (!irqs[intid].handed_over)
        gic_deactivate(acknowledged);
    return true;
}

void irq_handle(void)
{
    while (irq_take(gic_acknowledge()))
        continue;
}
