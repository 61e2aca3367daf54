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

void irq_handle(void)
{
    for (;;) {
        uint32_t intid = gic_acknowledge();

        if (intid >= GIC_INTIDS)
            return;
        gic_drop(intid);
        if (irqs[intid].handler != NULL)
            irqs[intid].handler();
        else
            console_emergency("host: an interrupt that nobody asked for: %u\n", intid);
        if (!irqs[intid].handed_over)
            gic_deactivate(intid);
    }
}
