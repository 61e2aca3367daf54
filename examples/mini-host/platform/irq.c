/* SPDX-License-Identifier: MIT */
#include "irq.h"

#include <stddef.h>

#include "console.h"
#include "gic.h"

static void (*handlers[GIC_INTIDS])(void);

void irq_register(uint32_t intid, void (*handler)(void))
{
    if (intid < GIC_INTIDS)
        handlers[intid] = handler;
}

void irq_handle(void)
{
    for (;;) {
        uint32_t intid = gic_acknowledge();

        if (intid >= GIC_INTIDS)
            return;
        if (handlers[intid] != NULL)
            handlers[intid]();
        else
            console_emergency("host: an interrupt that nobody asked for: %u\n", intid);
        gic_end(intid);
    }
}
