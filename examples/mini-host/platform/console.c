/* SPDX-License-Identifier: MIT */
#include "console.h"

#include "bare-metal/mmio.h"
#include "bare-metal/text.h"
#include "lock.h"

#define UARTDR   0x000u
#define UARTFR   0x018u
#define UARTCR   0x030u
#define UARTIMSC 0x038u

#define UARTFR_RXFE (1u << 4) /* nothing received */
#define UARTFR_TXFF (1u << 5) /* no room to send */

/*
 * The receive FIFO is at its level, or not empty and nothing follows. Reading it takes them back.
 */
#define UARTIMSC_RXIM (1u << 4)
#define UARTIMSC_RTIM (1u << 6)

#define UARTCR_UARTEN (1u << 0)
#define UARTCR_TXE    (1u << 8)
#define UARTCR_RXE    (1u << 9)

static struct {
    uint64_t base; /* 0 while it is not known */
    struct lock lock;
} console;

void console_init(uint64_t base)
{
    console.base = base;
    console_resume();
}

void console_resume(void)
{
    mmio_write32(console.base + UARTIMSC, 0);
    mmio_write32(console.base + UARTCR, UARTCR_UARTEN | UARTCR_TXE | UARTCR_RXE);
}

static void send(char c)
{
    while ((mmio_read32(console.base + UARTFR) & UARTFR_TXFF) != 0)
        arch_yield();
    mmio_write32(console.base + UARTDR, (uint8_t)c);
}

static void put(void *ctx, char c)
{
    (void)ctx;
    if (c == '\n')
        send('\r');
    send(c);
}

void console_print(const char *format, ...)
{
    va_list args;
    uint64_t daif;

    if (console.base == 0)
        return;
    va_start(args, format);
    daif = lock_acquire(&console.lock);
    text_vformat(put, NULL, format, args);
    lock_release(&console.lock, daif);
    va_end(args);
}

void console_write(const char *bytes, size_t count)
{
    uint64_t daif = lock_acquire(&console.lock);

    while (count-- > 0)
        send(*bytes++);
    lock_release(&console.lock, daif);
}

void console_emergency(const char *format, ...)
{
    va_list args;

    if (console.base == 0)
        return;
    va_start(args, format);
    text_vformat(put, NULL, format, args);
    va_end(args);
}

int console_read(void)
{
    if ((mmio_read32(console.base + UARTFR) & UARTFR_RXFE) != 0)
        return -1;
    return (uint8_t)mmio_read32(console.base + UARTDR);
}

void console_listen(void)
{
    mmio_write32(console.base + UARTIMSC, UARTIMSC_RXIM | UARTIMSC_RTIM);
}
