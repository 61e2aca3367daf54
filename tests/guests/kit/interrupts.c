/* SPDX-License-Identifier: MIT */
/* SGIs to oneself and to another CPU, the timer's PPI, the UART's SPI, and time itself. */
#include "check.h"

#define SGI 5u

#define UARTIMSC (KIT_PL011_BASE + 0x38)
#define UARTICR  (KIT_PL011_BASE + 0x44)
#define TXI      (1u << 5)

static unsigned int counts[KIT_MAX_CPUS][64];
static unsigned int ready, done;

static void on_irq(struct kit_frame *frame)
{
    uint32_t irq = kit_irq_ack();
    uint32_t intid = KIT_INTID(irq);

    (void)frame;
    if (intid == KIT_IRQ_NONE)
        return;
    if (intid == KIT_IRQ_VIRTUAL_TIMER)
        kit_timer_stop();
    if (intid == KIT_IRQ_PL011)
        kit_write32(UARTIMSC, 0);
    if (intid < 64)
        __atomic_add_fetch(&counts[kit_cpu_id()][intid], 1, __ATOMIC_RELEASE);
    kit_irq_end(irq);
}

static unsigned int count_of(unsigned int cpu, uint32_t intid)
{
    return __atomic_load_n(&counts[cpu][intid], __ATOMIC_ACQUIRE);
}

/* For ten minutes: on a busy machine a CPU may stand still while time goes on. */
static bool comes(unsigned int cpu, uint32_t intid, unsigned int count)
{
    uint64_t start = kit_counter(), limit = 600 * kit_counter_frequency();

    while (count_of(cpu, intid) < count && kit_counter() - start < limit)
        kit_yield();
    return count_of(cpu, intid) == count;
}

static void an_sgi_to_oneself_arrives_once(void)
{
    kit_irq_enable(SGI);
    kit_sgi_send(0, SGI);
    CHECK(comes(0, SGI, 1));
    kit_sgi_send(0, SGI);
    CHECK(comes(0, SGI, 2));
}

static void a_masked_interrupt_waits(void)
{
    uint64_t daif = kit_irq_mask();

    kit_sgi_send(0, SGI);
    kit_delay_us(1000);
    CHECK(count_of(0, SGI) == 2);
    kit_irq_restore(daif);
    CHECK(comes(0, SGI, 3));
}

static void the_timer_fires_when_it_is_due(void)
{
    uint64_t ticks = kit_counter_frequency() / 200;
    uint64_t start = kit_counter();

    kit_irq_enable(KIT_IRQ_VIRTUAL_TIMER);
    kit_timer_start(ticks);
    CHECK(comes(0, KIT_IRQ_VIRTUAL_TIMER, 1));
    CHECK(kit_counter() - start >= ticks);
}

static void a_disabled_interrupt_waits(void)
{
    kit_irq_disable(KIT_IRQ_VIRTUAL_TIMER);
    kit_timer_start(0);
    kit_delay_us(1000);
    CHECK(count_of(0, KIT_IRQ_VIRTUAL_TIMER) == 1);
    kit_irq_enable(KIT_IRQ_VIRTUAL_TIMER);
    CHECK(comes(0, KIT_IRQ_VIRTUAL_TIMER, 2));
}

static void wfi_ends_with_an_interrupt(void)
{
    /* Masked before the timer starts: taken earlier, it would leave nothing to end the WFI. */
    uint64_t daif = kit_irq_mask();

    kit_timer_start(kit_counter_frequency() / 200);
    kit_wfi();
    kit_irq_restore(daif);
    CHECK(comes(0, KIT_IRQ_VIRTUAL_TIMER, 3));
}

static void delays_last_as_long_as_they_say(void)
{
    uint64_t start = kit_counter();

    kit_delay_us(2500);
    CHECK((kit_counter() - start) * 1000000 >= 2500 * kit_counter_frequency());
}

static void an_spi_goes_to_the_cpu_that_enables_it(void)
{
    /* The transmit interrupt comes with the FIFO's falling below its mark: by sending. */
    kit_write32(UARTICR, TXI);
    kit_irq_enable(KIT_IRQ_PL011);
    kit_write32(UARTIMSC, TXI);
    kit_puts("a line to send");
    CHECK(comes(0, KIT_IRQ_PL011, 1));
}

static void other_cpu(uint64_t arg)
{
    (void)arg;
    kit_gic_cpu_init();
    kit_irq_enable(SGI);
    kit_irq_unmask();
    __atomic_store_n(&ready, 1, __ATOMIC_RELEASE);
    while (__atomic_load_n(&done, __ATOMIC_ACQUIRE) == 0)
        kit_yield();
}

static void an_sgi_goes_to_its_cpu_only(void)
{
    unsigned int own = count_of(0, SGI);

    CHECK(kit_cpu_start(1, other_cpu, 0) == 0);
    while (__atomic_load_n(&ready, __ATOMIC_ACQUIRE) == 0)
        kit_yield();
    kit_sgi_send(1, SGI);
    CHECK(comes(1, SGI, 1));
    CHECK(count_of(0, SGI) == own);
    __atomic_store_n(&done, 1, __ATOMIC_RELEASE);
}

int guest_main(uint64_t dtb)
{
    kit_printf("GICv%d\n", kit_gic_init(dtb));
    kit_set_handler(KIT_IRQ_CURRENT, on_irq);
    kit_irq_unmask();
    an_sgi_to_oneself_arrives_once();
    a_masked_interrupt_waits();
    the_timer_fires_when_it_is_due();
    a_disabled_interrupt_waits();
    wfi_ends_with_an_interrupt();
    delays_last_as_long_as_they_say();
    an_spi_goes_to_the_cpu_that_enables_it();
    an_sgi_goes_to_its_cpu_only();
    (void)kit_irq_mask();
    return check_end("interrupts");
}
