/* SPDX-License-Identifier: MIT */
/*
 * How late a timer's handler is. With the word "busy" all vCPUs compute, for ever. Otherwise one sets
 * a timer again and again, at times that it has chosen before, and waits: as cyclictest does.
 */
#include <kit/kit.h>

#define TIMES 300u
#define LATE  20000u /* nanoseconds */

static volatile uint64_t due, least = UINT64_MAX, sum, most;
static volatile unsigned int taken, many;

static uint64_t to_ns(uint64_t ticks)
{
    return ticks * (1000000000 / kit_counter_frequency());
}

static void compute(uint64_t unused)
{
    (void)unused;
    for (volatile uint64_t i = 0;; i++)
        if (i % 256 == 0)
            kit_yield(); /* under icount it lets another CPU go on */
}

static int be_busy(unsigned int cpus)
{
    for (unsigned int cpu = 1; cpu < cpus; cpu++)
        if (kit_cpu_start(cpu, compute, 0) != KIT_PSCI_SUCCESS)
            return 1;
    compute(0);
    return 0;
}

static void on_irq(struct kit_frame *frame)
{
    uint64_t late = kit_counter() - due;
    uint32_t irq = kit_irq_ack();

    (void)frame;
    kit_timer_stop();
    if (late < least)
        least = late;
    if (late > most)
        most = late;
    if (to_ns(late) > LATE)
        many++;
    sum += late;
    taken++;
    kit_irq_end(irq);
}

/* About two milliseconds, so that all moments of the others' slices are met. */
static int measure(void)
{
    const uint64_t step = kit_counter_frequency() / 487;

    kit_set_handler(KIT_IRQ_CURRENT, on_irq);
    kit_irq_enable(KIT_IRQ_VIRTUAL_TIMER);
    kit_irq_unmask();
    while (taken < TIMES) {
        unsigned int before = taken;

        due = kit_counter() + step;
        kit_msr(cntv_cval_el0, due);
        kit_msr(cntv_ctl_el0, 1);
        kit_isb();
        while (taken == before)
            kit_wfi();
    }
    kit_printf("%u timers: %lu ns late at the least, %lu on average, %lu at the most, "
               "%u more than %u.\n",
               taken, to_ns(least), to_ns(sum) / TIMES, to_ns(most), many, LATE);
    return 0;
}

int guest_main(uint64_t dtb)
{
    const char *words = kit_fdt_chosen(dtb, "bootargs", &(uint32_t){0});

    kit_gic_init(dtb);
    if (words != NULL && strcmp(words, "busy") == 0)
        return be_busy(3);
    return measure();
}
