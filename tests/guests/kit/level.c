/* SPDX-License-Identifier: MIT */
/*
 * A level-sensitive interrupt is pending while its source asserts it, and no longer: the timers', the
 * UART's and the clock's. Each source has several ways to fall.
 */
#include "check.h"

#include <bare-metal/gic.h>

#define RTC_BASE 0x09010000
#define RTC_IRQ  34u
#define RTCDR    (RTC_BASE + 0x00)
#define RTCMR    (RTC_BASE + 0x04)
#define RTCIMSC  (RTC_BASE + 0x10)
#define RTCRIS   (RTC_BASE + 0x14)
#define RTCICR   (RTC_BASE + 0x1c)

#define UARTIMSC (KIT_PL011_BASE + 0x38)
#define UARTRIS  (KIT_PL011_BASE + 0x3c)
#define UARTICR  (KIT_PL011_BASE + 0x44)
#define TXI      (1u << 5)

#define GICD_ICPENDR 0x0280u

#define ENABLE  1u
#define IMASK   2u
#define ISTATUS 4u

static int version;
static unsigned int taken, others;
static bool by_software; /* the source is low when the interrupt is taken */

/* ---- The sources ---- */

static uint64_t ahead(unsigned int milliseconds)
{
    return kit_counter() + milliseconds * (kit_counter_frequency() / 1000);
}

/* A timer of either kind: it is due, off, far ahead, or masked. */
#define TIMER(name, timer)                                                                         \
    static void name##_set(uint64_t cval, uint64_t ctl)                                            \
    {                                                                                              \
        kit_msr(timer##_cval_el0, cval);                                                           \
        kit_msr(timer##_ctl_el0, ctl);                                                             \
        kit_isb();                                                                                 \
    }                                                                                              \
    static void name##_rise(void)                                                                  \
    {                                                                                              \
        name##_set(0, ENABLE);                                                                     \
    }                                                                                              \
    static void name##_off(void)                                                                   \
    {                                                                                              \
        name##_set(0, 0);                                                                          \
    }                                                                                              \
    static void name##_later(void)                                                                 \
    {                                                                                              \
        name##_set(ahead(3600000), ENABLE);                                                        \
    }                                                                                              \
    static void name##_mask(void)                                                                  \
    {                                                                                              \
        name##_set(0, ENABLE | IMASK);                                                             \
    }

TIMER(virtual, cntv)
TIMER(physical, cntp)

/* What was sent to the console before has raised it. */
static void uart_rise(void)
{
    kit_write8(KIT_PL011_BASE, ' ');
    while ((kit_read32(UARTRIS) & TXI) == 0)
        kit_yield();
    kit_write32(UARTIMSC, TXI);
}

static void uart_mask(void)
{
    kit_write32(UARTIMSC, 0);
}

static void uart_clear(void)
{
    kit_write32(UARTICR, TXI);
}

/* The clock compares for equality, so a second that ends between the two means once more. */
static void rtc_rise(void)
{
    kit_write32(RTCIMSC, 1);
    while ((kit_read32(RTCRIS) & 1) == 0)
        kit_write32(RTCMR, kit_read32(RTCDR));
}

static void rtc_mask(void)
{
    kit_write32(RTCIMSC, 0);
}

static void rtc_clear(void)
{
    kit_write32(RTCICR, 1);
}

static const struct source {
    const char *name;
    uint32_t intid;
    void (*rise)(void);
    void (*fall[4])(void);
} sources[] = {
    {"virtual timer",
     KIT_IRQ_VIRTUAL_TIMER,
     virtual_rise,
     {virtual_off, virtual_later, virtual_mask}},
    {"physical timer",
     KIT_IRQ_PHYSICAL_TIMER,
     physical_rise,
     {physical_off, physical_later, physical_mask}},
    {"UART", KIT_IRQ_PL011, uart_rise, {uart_mask, uart_clear}},
    {"clock", RTC_IRQ, rtc_rise, {rtc_mask, rtc_clear}},
};

/* ---- What the interrupt controller says ---- */

/* The word of an array of bits that has this interrupt. */
static uint64_t word_of(uint32_t array, uint32_t intid)
{
    uint64_t frame =
        version == 3 && intid < GIC_FIRST_SPI ? KIT_GICR_BASE + 0x10000 : KIT_GICD_BASE;

    return frame + array + intid / 32 * 4;
}

static bool reads(uint32_t array, uint32_t intid)
{
    return (kit_read32(word_of(array, intid)) >> intid % 32 & 1) != 0;
}

static bool is_signalled(void)
{
    kit_isb();
    return (kit_mrs(isr_el1) & 0x80) != 0;
}

static const struct source *current;

static void on_irq(struct kit_frame *frame)
{
    uint32_t irq = kit_irq_ack();

    (void)frame;
    if (KIT_INTID(irq) == KIT_IRQ_NONE) {
        return;
    }
    if (KIT_INTID(irq) != current->intid) {
        others++;
    } else {
        taken++;
        CHECK(reads(GICD_ISACTIVER, current->intid));
        CHECK(reads(GICD_ISPENDR, current->intid) != by_software);
        current->fall[0]();
        CHECK(!reads(GICD_ISPENDR, current->intid));
    }
    kit_irq_end(irq);
}

/* Long enough for anything that is on its way. */
static void settle(void)
{
    kit_delay_us(2000);
}

/* ---- The cases ---- */

static void pending_ends(const struct source *source, void (*fall)(void))
{
    kit_irq_disable(source->intid);
    source->rise();
    settle();
    CHECK(reads(GICD_ISPENDR, source->intid));
    fall();
    settle();
    CHECK(!reads(GICD_ISPENDR, source->intid));
    kit_irq_enable(source->intid);
    settle();
    CHECK(taken == 0);
}

/* Nobody reads its pending state: the enable itself finds that it is over. */
static void enabled_too_late(const struct source *source, void (*fall)(void))
{
    kit_irq_disable(source->intid);
    source->rise();
    settle();
    fall();
    settle();
    kit_irq_enable(source->intid);
    settle();
    CHECK(taken == 0);
}

static void unmasked_too_late(const struct source *source, void (*fall)(void))
{
    uint64_t daif = kit_irq_mask();

    kit_irq_enable(source->intid);
    source->rise();
    settle();
    CHECK(is_signalled());
    CHECK(reads(GICD_ISPENDR, source->intid));
    fall();
    settle();
    CHECK(!reads(GICD_ISPENDR, source->intid));
    CHECK(!is_signalled());
    kit_irq_restore(daif);
    settle();
    CHECK(taken == 0);
}

/* It is not lost either: what rises once more comes, once. */
static void rises_again(const struct source *source, void (*fall)(void))
{
    kit_irq_disable(source->intid);
    source->rise();
    settle();
    fall();
    CHECK(!reads(GICD_ISPENDR, source->intid));
    source->rise();
    settle();
    CHECK(reads(GICD_ISPENDR, source->intid));
    kit_irq_enable(source->intid);
    settle();
    CHECK(taken == 1);
    CHECK(!reads(GICD_ISPENDR, source->intid));
    CHECK(!reads(GICD_ISACTIVER, source->intid));
    taken = 0;
}

/*
 * Due while it is masked, and then set 200 ms ahead: a WFI lasts until then, for most of that time. On
 * a busy machine the CPU may not come to it in time: then once more.
 */
static bool sleeps_after_the_fall(const struct source *source,
                                  void (*set)(uint64_t cval, uint64_t ctl))
{
    uint64_t daif = kit_irq_mask(), longest = 0, due;

    kit_irq_enable(source->intid);
    source->rise();
    settle();
    due = ahead(200);
    set(due, ENABLE);
    for (uint64_t now = kit_counter(), then; now < due; now = then) {
        kit_wfi();
        then = kit_counter();
        if (then - now > longest)
            longest = then - now;
    }
    settle();
    CHECK(is_signalled());
    CHECK(reads(GICD_ISPENDR, source->intid));
    source->fall[0]();
    CHECK(!reads(GICD_ISPENDR, source->intid));
    kit_irq_restore(daif);
    CHECK(taken == 0);
    return longest > kit_counter_frequency() / 10;
}

static void a_wait_ends_once(const struct source *source, void (*set)(uint64_t cval, uint64_t ctl))
{
    bool slept = false;

    for (unsigned int i = 0; i < 20 && !slept; i++)
        slept = sleeps_after_the_fall(source, set);
    CHECK(slept);
}

/* Written by software it is pending until it is taken, whatever the source does. */
static void pending_by_software(const struct source *source, void (*fall)(void))
{
    kit_irq_disable(source->intid);
    source->rise();
    kit_write32(word_of(GICD_ISPENDR, source->intid), UINT32_C(1) << source->intid % 32);
    settle();
    fall();
    settle();
    CHECK(reads(GICD_ISPENDR, source->intid));
    by_software = true;
    kit_irq_enable(source->intid);
    settle();
    CHECK(taken == 1);
    CHECK(!reads(GICD_ISPENDR, source->intid));
    kit_irq_disable(source->intid);
    kit_write32(word_of(GICD_ISPENDR, source->intid), UINT32_C(1) << source->intid % 32);
    kit_write32(word_of(GICD_ICPENDR, source->intid), UINT32_C(1) << source->intid % 32);
    CHECK(!reads(GICD_ISPENDR, source->intid));
    kit_irq_enable(source->intid);
    settle();
    CHECK(taken == 1);
    by_software = false;
    taken = 0;
}

int guest_main(uint64_t dtb)
{
    version = kit_gic_init(dtb);
    kit_set_handler(KIT_IRQ_CURRENT, on_irq);
    kit_irq_unmask();
    for (current = sources; current < sources + 4; current++) {
        kit_printf("%s\n", current->name);
        for (unsigned int i = 0; i < 4 && current->fall[i] != NULL; i++) {
            void (*fall)(void) = current->fall[i];

            pending_ends(current, fall);
            enabled_too_late(current, fall);
            unmasked_too_late(current, fall);
            rises_again(current, fall);
            pending_by_software(current, fall);
        }
        current->fall[0]();
        kit_irq_disable(current->intid);
    }
    current = &sources[0];
    a_wait_ends_once(current, virtual_set);
    current->fall[0]();
    current = &sources[1];
    a_wait_ends_once(current, physical_set);
    current->fall[0]();
    CHECK(others == 0);
    (void)kit_irq_mask();
    return check_end("level");
}
