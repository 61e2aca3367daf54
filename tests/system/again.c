/* SPDX-License-Identifier: MIT */
/*
 * A guest that resets in the middle of everything, ten times: its other CPUs go off and are started
 * again, wait, and are woken by SGIs just then. At last it powers off.
 */
#include <kit/kit.h>

#define BOOTS 10

#define SYSTEM_RESET2 UINT64_C(0x84000012)
#define VENDORS_RESET UINT64_C(0x80000001)

/* Memory behind the image: a reset leaves it as it is. Magic and count in one. */
#define NOTE  ((volatile uint64_t *)UINT64_C(0x43000000))
#define MAGIC UINT64_C(0x616761696e000000)

#define SLEEPER UINT64_C(1) /* a CPU that waits for interrupts, */
#define LATE    UINT64_C(2) /* and one that is on for a moment, again and again */

static unsigned int woken, lived;

static void on_irq(struct kit_frame *frame)
{
    (void)frame;
    kit_irq_end(kit_irq_ack());
    __atomic_add_fetch(&woken, 1, __ATOMIC_RELAXED);
}

static void sleep_on(uint64_t arg)
{
    (void)arg;
    kit_gic_cpu_init();
    kit_irq_enable(0);
    kit_irq_unmask();
    __atomic_add_fetch(&woken, 1, __ATOMIC_RELEASE);
    for (;;)
        kit_wfi();
}

static void live_once(uint64_t arg)
{
    (void)arg;
    __atomic_add_fetch(&lived, 1, __ATOMIC_RELEASE);
}

/* The one that lives for a moment may still be on: then this call is one that fails. */
static void stir(unsigned int rounds)
{
    for (unsigned int i = 0; i < rounds; i++) {
        kit_cpu_start(LATE, live_once, 0);
        kit_sgi_send(1, 0);
    }
}

static bool refuses_a_vendors_reset(void)
{
    return (int64_t)kit_smccc(SYSTEM_RESET2, VENDORS_RESET, 0, 0) == KIT_PSCI_INVALID_PARAMETERS;
}

int guest_main(uint64_t dtb)
{
    uint64_t boot = (*NOTE & ~UINT64_C(0xff)) == MAGIC ? *NOTE & 0xff : 0;

    *NOTE = MAGIC + boot + 1;
    kit_gic_init(dtb);
    kit_set_handler(KIT_IRQ_CURRENT, on_irq);
    if (!refuses_a_vendors_reset()) {
        kit_printf("a vendor's reset is not refused\n");
        return 1;
    }
    if (kit_cpu_start(SLEEPER, sleep_on, 0) != 0)
        return 1;
    while (__atomic_load_n(&woken, __ATOMIC_ACQUIRE) == 0)
        kit_yield();
    stir(20 + 7 * (unsigned int)boot);
    while (__atomic_load_n(&woken, __ATOMIC_ACQUIRE) < 2 ||
           __atomic_load_n(&lived, __ATOMIC_ACQUIRE) == 0)
        kit_yield();
    kit_printf("boot %u.\n", (unsigned int)boot + 1);
    stir(3);
    if (boot + 1 == BOOTS)
        return 0;
    kit_smccc(SYSTEM_RESET2, 0, 0, 0);
    return 1;
}
