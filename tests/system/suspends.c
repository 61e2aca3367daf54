/* SPDX-License-Identifier: MIT */
/*
 * A guest that resets while another of its vCPUs goes from one power-down suspend to the next: at
 * each moment of that, since the time until the reset is another one at each start.
 */
#include <kit/kit.h>

#define RESETS 150u

/* Memory behind the image: zero at the first start, and a reset leaves it as it is. */
#define COUNT ((volatile uint64_t *)UINT64_C(0x43000000))

#define POWER_DOWN (UINT64_C(1) << 16)

extern char kit_secondary_entry[];

static unsigned int suspends;

/*
 * It comes back here, by the entry of vCPUs that are turned on: its timer is due, so that it has
 * something to do at once.
 */
static void suspend(uint64_t arg)
{
    (void)arg;
    __atomic_add_fetch(&suspends, 1, __ATOMIC_RELAXED);
    kit_gic_cpu_init();
    kit_irq_enable(KIT_IRQ_VIRTUAL_TIMER);
    kit_timer_start(0);
    kit_smccc(KIT_PSCI_CPU_SUSPEND_64, POWER_DOWN, (uint64_t)kit_secondary_entry, 1);
}

int guest_main(uint64_t dtb)
{
    const uint64_t count = ++*COUNT;

    kit_gic_init(dtb);
    kit_cpu_start(1, suspend, 0);
    while (__atomic_load_n(&suspends, __ATOMIC_RELAXED) < 4)
        kit_yield();
    for (uint64_t end = kit_counter() + count * 37 % 1000 * 16; kit_counter() < end;)
        kit_yield();
    if (count <= RESETS)
        kit_reset();
    return 0;
}
