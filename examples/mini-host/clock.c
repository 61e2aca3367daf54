/* SPDX-License-Identifier: MIT */
#include "clock.h"

#include "bare-metal/mmio.h"
#include "gic.h"
#include "irq.h"
#include "lock.h"
#include "machine/pl031.h"
#include "mmu.h"
#include "options.h"

/* Of the machine's PL031. */
#define RTCDR   0x000u
#define RTCMR   0x004u
#define RTCIMSC 0x010u
#define RTCICR  0x01cu

static struct {
    struct lock lock; /* of all that follows, and of the machine's registers */
    uint64_t registers;
    struct pl031 rtcs[OPTIONS_MAX_VMS];
    unsigned count;
    void (*set_line)(unsigned vm, bool level);
} clocks;

static uint32_t machine_time(void)
{
    return mmio_read32(clocks.registers + RTCDR);
}

/* A clock's ctx is its own place in the array. */
static void on_interrupt(void *ctx, bool level)
{
    clocks.set_line((unsigned)((struct pl031 *)ctx - clocks.rtcs), level);
}

/* Seconds until the first of all alarms, 0 if there is none. */
static uint32_t first_alarm(uint32_t now)
{
    uint32_t first = 0;

    for (unsigned i = 0; i < clocks.count; i++) {
        uint32_t left;

        pl031_advance(&clocks.rtcs[i], now);
        left = pl031_alarm(&clocks.rtcs[i], now);
        if (left != 0 && (first == 0 || left < first))
            first = left;
    }
    return first;
}

/*
 * The machine's clock compares for equality: if the second has passed by the time that its match
 * register is written, all is done again.
 */
static void set_alarm(void)
{
    uint32_t now, left;

    do {
        now = machine_time();
        left = first_alarm(now);
        if (left != 0)
            mmio_write32(clocks.registers + RTCMR, now + left);
        mmio_write32(clocks.registers + RTCIMSC, left != 0);
    } while (left != 0 && machine_time() - now >= left);
}

static void on_alarm(void)
{
    uint64_t daif = lock_acquire(&clocks.lock);

    mmio_write32(clocks.registers + RTCICR, 1);
    set_alarm();
    lock_release(&clocks.lock, daif);
}

void clock_access(unsigned vm, uint64_t offset, unsigned size, bool write, uint64_t *data)
{
    struct pl031 *rtc = &clocks.rtcs[vm];
    uint64_t daif = lock_acquire(&clocks.lock);

    if (write) {
        pl031_write(rtc, machine_time(), offset, size, *data);
        set_alarm();
    } else {
        *data = pl031_read(rtc, machine_time(), offset, size);
    }
    lock_release(&clocks.lock, daif);
}

void clock_reset(unsigned vm)
{
    uint64_t daif = lock_acquire(&clocks.lock);

    if (vm < clocks.count)
        pl031_init(&clocks.rtcs[vm], machine_time(), on_interrupt, &clocks.rtcs[vm]);
    lock_release(&clocks.lock, daif);
}

void clock_init(const struct machine_rtc *rtc, unsigned vms,
                void (*set_line)(unsigned vm, bool level))
{
    clocks.registers = rtc->registers.base;
    clocks.set_line = set_line;
    mmu_map(rtc->registers.base, rtc->registers.size, MMU_DEVICE);
    mmio_write32(clocks.registers + RTCIMSC, 0);
    clocks.count = vms;
    for (unsigned i = 0; i < vms; i++)
        clock_reset(i);
}

void clock_listen(const struct machine_rtc *rtc)
{
    irq_register(GIC_FIRST_SPI + rtc->spi, on_alarm);
    gic_enable(GIC_FIRST_SPI + rtc->spi);
}
