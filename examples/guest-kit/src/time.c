/* SPDX-License-Identifier: MIT */
/* The virtual counter and the virtual timer of the generic timer. */
#include <kit/arch.h>
#include <kit/cpu.h>

#define CNTV_CTL_ENABLE 1

uint64_t kit_counter(void)
{
    /* The counter may otherwise be read ahead of the instructions before. */
    kit_isb();
    return kit_mrs(cntvct_el0);
}

uint64_t kit_counter_frequency(void)
{
    return kit_mrs(cntfrq_el0);
}

void kit_delay_us(uint64_t microseconds)
{
    uint64_t frequency = kit_counter_frequency();
    uint64_t ticks = microseconds / 1000000 * frequency +
                     (microseconds % 1000000 * frequency + 999999) / 1000000;
    uint64_t start = kit_counter();

    while (kit_counter() - start < ticks)
        kit_yield();
}

void kit_timer_start(uint64_t ticks)
{
    kit_msr(cntv_cval_el0, kit_counter() + ticks);
    kit_msr(cntv_ctl_el0, CNTV_CTL_ENABLE);
    kit_isb();
}

void kit_timer_stop(void)
{
    kit_msr(cntv_ctl_el0, 0);
    kit_isb();
}
