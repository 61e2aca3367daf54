/* SPDX-License-Identifier: MIT */
/*
 * A guest that keeps time as many an RTOS does: a one-shot timer, armed anew a millisecond after the
 * last one, before the interrupt is ended. All its CPUs do so, 20,000 times each.
 *
 * Now and then the handler is so slow that the timer is due once more before it ends the interrupt:
 * then the next one is there at once. Most of the time the CPU waits between two, at the end it
 * computes.
 */
#include <kit/kit.h>

#define TICKS    20000u
#define REPORT   1000u
#define WAITING  19000u /* so many ticks are waited for; from there on it computes */
#define SLOW     16u    /* each so many ticks the handler is slow */
#define MAX_CPUS 2u

#define CNTV_CTL_ENABLE  UINT64_C(1)
#define CNTV_CTL_ISTATUS UINT64_C(4)

static struct {
    uint64_t next; /* when the timer is due */
    unsigned int ticks, early;
} cpus[MAX_CPUS];
static bool second_is_done;

static void arm(uint64_t at)
{
    kit_msr(cntv_cval_el0, at);
    kit_msr(cntv_ctl_el0, CNTV_CTL_ENABLE);
    kit_isb();
}

static void on_irq(struct kit_frame *frame)
{
    unsigned int id = kit_cpu_id(), ticks;
    uint32_t irq = kit_irq_ack();

    (void)frame;
    if (KIT_INTID(irq) == KIT_IRQ_NONE)
        return;
    if (kit_counter() < cpus[id].next)
        __atomic_add_fetch(&cpus[id].early, 1, __ATOMIC_RELAXED);
    cpus[id].next += kit_counter_frequency() / 1000;
    arm(cpus[id].next);
    ticks = __atomic_add_fetch(&cpus[id].ticks, 1, __ATOMIC_RELAXED);
    while (ticks % SLOW == 0 && (kit_mrs(cntv_ctl_el0) & CNTV_CTL_ISTATUS) == 0)
        kit_yield();
    kit_irq_end(irq);
}

static void keep_time(void)
{
    unsigned int id = kit_cpu_id(), reported = 0;

    kit_irq_enable(KIT_IRQ_VIRTUAL_TIMER);
    cpus[id].next = kit_counter() + kit_counter_frequency() / 1000;
    arm(cpus[id].next);
    kit_irq_unmask();
    while (reported < TICKS) {
        unsigned int ticks = __atomic_load_n(&cpus[id].ticks, __ATOMIC_RELAXED);

        if (ticks >= reported + REPORT) {
            reported += REPORT;
            kit_printf("CPU %u: %u.\n", id, reported);
        } else if (ticks < WAITING) {
            kit_wfi(); /* a tick that came since wakes it, or the next one does */
        }
    }
    kit_timer_stop();
}

static void second(uint64_t arg)
{
    (void)arg;
    kit_gic_cpu_init();
    keep_time();
    __atomic_store_n(&second_is_done, true, __ATOMIC_RELEASE);
}

int guest_main(uint64_t dtb)
{
    kit_gic_init(dtb);
    kit_set_handler(KIT_IRQ_CURRENT, on_irq);
    second_is_done = kit_cpu_start(1, second, 0) != 0; /* there is none */
    keep_time();
    while (!__atomic_load_n(&second_is_done, __ATOMIC_ACQUIRE))
        kit_yield();
    for (unsigned int id = 0; id < MAX_CPUS; id++) {
        if (cpus[id].early != 0) {
            kit_printf("CPU %u: %u came early\n", id, cpus[id].early);
            return 1;
        }
    }
    return 0;
}
