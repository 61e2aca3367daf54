/* SPDX-License-Identifier: MIT */
/*
 * A guest that ends while its other CPUs would never come out by themselves: one computes for ever,
 * one waits for what never comes. It resets, and the second time powers off.
 */
#include <kit/kit.h>

/* Memory behind the image: a reset leaves it as it is. */
#define NOTE  ((volatile uint64_t *)UINT64_C(0x43000000))
#define MAGIC UINT64_C(0x6465616620636f77)

static unsigned int arrived;

static void arrive(void)
{
    __atomic_add_fetch(&arrived, 1, __ATOMIC_ACQ_REL);
}

static void compute(uint64_t arg)
{
    (void)arg;
    kit_irq_mask();
    arrive();
    for (;;)
        kit_yield();
}

static void wait(uint64_t arg)
{
    (void)arg;
    kit_irq_mask();
    arrive();
    for (;;)
        kit_wfi();
}

int guest_main(uint64_t dtb)
{
    (void)dtb;
    if (kit_cpu_start(1, compute, 0) != 0 || kit_cpu_start(2, wait, 0) != 0)
        return 1;
    while (__atomic_load_n(&arrived, __ATOMIC_ACQUIRE) < 2)
        kit_yield();
    kit_delay_us(20000); /* the one that waits is asleep by then */
    if (*NOTE == MAGIC) {
        kit_printf("the second time\n");
        return 0;
    }
    kit_printf("the first time\n");
    *NOTE = MAGIC;
    kit_reset();
}
