/* SPDX-License-Identifier: MIT */
/*
 * Two vCPUs on one CPU, under icount. The first masks interrupts, and its timer becomes due. While it
 * computes, the second has the CPU for many slices, and then waits for ever. After that the first sets
 * its timer for later and counts how often a WFI ends until then: not many times, whoever had the CPU
 * in between.
 */
#include <kit/kit.h>

static bool busy, done;

static uint64_t milliseconds(uint64_t count)
{
    return count * (kit_counter_frequency() / 1000);
}

static void compute(uint64_t ticks)
{
    uint64_t end = kit_counter() + ticks;

    while (kit_counter() < end)
        kit_yield();
}

/* It lets interrupts in, so that a look at this vCPU finds nothing to look after. */
static void second(uint64_t arg)
{
    (void)arg;
    kit_gic_cpu_init();
    kit_irq_unmask();
    while (!__atomic_load_n(&busy, __ATOMIC_ACQUIRE))
        kit_yield();
    compute(milliseconds(50));
    __atomic_store_n(&done, true, __ATOMIC_RELEASE);
    for (;;)
        kit_wfi();
}

static void arm(uint64_t at)
{
    kit_msr(cntv_cval_el0, at);
    kit_msr(cntv_ctl_el0, 1);
    kit_isb();
}

int guest_main(uint64_t dtb)
{
    uint64_t ends = 0, due;

    kit_gic_init(dtb);
    kit_irq_enable(KIT_IRQ_VIRTUAL_TIMER);
    if (kit_cpu_start(1, second, 0) != KIT_PSCI_SUCCESS)
        return 1;
    arm(0);
    compute(milliseconds(1));
    __atomic_store_n(&busy, true, __ATOMIC_RELEASE);
    while (!__atomic_load_n(&done, __ATOMIC_ACQUIRE))
        kit_yield();
    compute(milliseconds(20)); /* it is alone by now */
    due = kit_counter() + milliseconds(100);
    arm(due);
    for (; kit_counter() < due; ends++)
        kit_wfi();
    kit_timer_stop();
    kit_printf("a WFI ended %lu times\n", ends);
    return 0;
}
