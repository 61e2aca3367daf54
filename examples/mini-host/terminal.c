/* SPDX-License-Identifier: MIT */
#include "terminal.h"

#include <stdarg.h>
#include <stddef.h>

#include "bare-metal/text.h"
#include "console.h"
#include "consoles.h"
#include "gic.h"
#include "irq.h"
#include "lock.h"
#include "machine/pl011.h"
#include "timer.h"

static struct {
    struct lock lock; /* of all that follows */
    struct consoles consoles;
    struct pl011 uarts[CONSOLES_MAX];
    void (*set_line)(unsigned vm, bool level);
} terminal;

/* A UART's ctx is its own place in the array. */
static unsigned number(void *ctx)
{
    return (unsigned)((struct pl011 *)ctx - terminal.uarts);
}

static void on_send(void *ctx, uint8_t byte)
{
    consoles_output(&terminal.consoles, number(ctx), byte);
}

static void on_interrupt(void *ctx, bool level)
{
    terminal.set_line(number(ctx), level);
}

static void on_room(void *ctx)
{
    consoles_ready(&terminal.consoles, number(ctx));
}

static const struct pl011_wires uart_wires = {
    .send = on_send,
    .interrupt = on_interrupt,
    .room = on_room,
};

static void on_show(void *ctx, const char *bytes, size_t count)
{
    (void)ctx;
    console_write(bytes, count);
}

static bool on_deliver(void *ctx, unsigned console, uint8_t byte)
{
    (void)ctx;
    return pl011_receive(&terminal.uarts[console], byte);
}

static void on_ask_time(void *ctx)
{
    uint64_t now = timer_now(), frequency = timer_frequency();
    char line[80];

    (void)ctx;
    text_format(line, sizeof(line), "mini-host: %lu.%03lu s by the machine's counter",
                now / frequency, now % frequency * 1000 / frequency);
    consoles_line(&terminal.consoles, line);
}

static const struct consoles_wires console_wires = {
    .show = on_show,
    .deliver = on_deliver,
    .ask_time = on_ask_time,
};

/* The machine's UART has something to read. */
static void on_key(void)
{
    uint64_t daif = lock_acquire(&terminal.lock);

    for (int key = console_read(); key >= 0; key = console_read())
        consoles_key(&terminal.consoles, (uint8_t)key);
    lock_release(&terminal.lock, daif);
}

void terminal_init(const char *const *names, unsigned count,
                   void (*set_line)(unsigned vm, bool level))
{
    terminal.set_line = set_line;
    consoles_init(&terminal.consoles, &console_wires, NULL, names, count);
    for (unsigned i = 0; i < count; i++)
        pl011_init(&terminal.uarts[i], &uart_wires, &terminal.uarts[i]);
}

void terminal_listen(const struct machine_uart *uart)
{
    irq_register(GIC_FIRST_SPI + uart->spi, on_key);
    gic_enable(GIC_FIRST_SPI + uart->spi);
    console_listen();
}

/* Apart, so that reads of the flags need no room on the stack. */
static __attribute__((noinline)) void access_locked(struct pl011 *uart, uint64_t offset,
                                                    unsigned size, bool write, uint64_t *data)
{
    uint64_t daif = lock_acquire(&terminal.lock);

    if (write)
        pl011_write(uart, offset, size, *data);
    else
        *data = pl011_read(uart, offset, size);
    lock_release(&terminal.lock, daif);
}

void terminal_access(unsigned vm, uint64_t offset, unsigned size, bool write, uint64_t *data)
{
    struct pl011 *uart = &terminal.uarts[vm];

    if (write || !pl011_read_flags(uart, offset, size, data))
        access_locked(uart, offset, size, write, data);
}

void terminal_print(const char *format, ...)
{
    char line[160];
    va_list args;
    uint64_t daif;

    va_start(args, format);
    text_vformat_buffer(line, sizeof(line), format, args);
    va_end(args);
    daif = lock_acquire(&terminal.lock);
    consoles_line(&terminal.consoles, line);
    lock_release(&terminal.lock, daif);
}

void terminal_reset(unsigned vm)
{
    struct pl011 *uart = &terminal.uarts[vm];
    uint64_t daif = lock_acquire(&terminal.lock);

    if (uart->level)
        terminal.set_line(vm, false);
    pl011_init(uart, &uart_wires, uart);
    consoles_ready(&terminal.consoles, vm);
    lock_release(&terminal.lock, daif);
}

void terminal_close(unsigned vm)
{
    uint64_t daif = lock_acquire(&terminal.lock);

    consoles_close(&terminal.consoles, vm);
    lock_release(&terminal.lock, daif);
}
