/* SPDX-License-Identifier: MIT */
/*
 * Two guests in one image, for one CPU. With the word "reset" on its command line it resets at
 * once, 80 times, and then powers off. With "watch" it looks how long the other one keeps the CPU
 * from it: first it computes, then it waits for a timer.
 */
#include <kit/kit.h>

#define RESETS 80u
#define TICKS  40u /* a timer, this many times, each two milliseconds */

/* Memory behind the image: zero at the first start, and a reset leaves it as it is. */
#define COUNT ((volatile uint64_t *)UINT64_C(0x43000000))

static volatile uint64_t due, latest;

static uint64_t to_ns(uint64_t ticks)
{
    return ticks * (1000000000 / kit_counter_frequency());
}

/* The longest time between two looks at the clock. */
static uint64_t compute(uint64_t ticks)
{
    uint64_t longest = 0, before = kit_counter(), end = before + ticks;

    while (before < end) {
        uint64_t now = kit_counter();

        if (now - before > longest)
            longest = now - before;
        before = now;
    }
    return longest;
}

static void on_irq(struct kit_frame *frame)
{
    uint32_t irq = kit_irq_ack();
    uint64_t late = kit_counter() - due;

    (void)frame;
    kit_timer_stop();
    if (late > latest)
        latest = late;
    due = 0;
    kit_irq_end(irq);
}

static void wait_for_timers(void)
{
    const uint64_t step = kit_counter_frequency() / 500;

    for (unsigned int i = 0; i < TICKS; i++) {
        due = kit_counter() + step;
        kit_timer_start(step);
        while (due != 0)
            kit_wfi();
    }
}

static void watch(uint64_t dtb)
{
    uint64_t longest;

    kit_gic_init(dtb);
    kit_set_handler(KIT_IRQ_CURRENT, on_irq);
    kit_irq_enable(KIT_IRQ_VIRTUAL_TIMER);
    kit_irq_unmask();
    longest = compute(kit_counter_frequency() / 5);
    wait_for_timers();
    kit_printf("the longest gap: %lu ns; the latest tick: %lu ns.\n", to_ns(longest),
               to_ns(latest));
}

int guest_main(uint64_t dtb)
{
    const char *words = kit_fdt_chosen(dtb, "bootargs", &(uint32_t){0});

    if (words == NULL || strcmp(words, "reset") != 0) {
        watch(dtb);
        return 0;
    }
    return ++*COUNT <= RESETS;
}
