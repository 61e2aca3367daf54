/* SPDX-License-Identifier: MIT */
/* The console: a PL011. */
#include <kit/console.h>

#include <limits.h>
#include <stdint.h>

#include <kit/arch.h>
#include <kit/cpu.h>

#include "bare-metal/text.h"
#include "internal.h"

#define UARTDR   (KIT_PL011_BASE + 0x00)
#define UARTFR   (KIT_PL011_BASE + 0x18)
#define UARTLCRH (KIT_PL011_BASE + 0x2c)
#define UARTCR   (KIT_PL011_BASE + 0x30)

#define DR_DATA  0xffu
#define FR_RXFE  (1u << 4)
#define FR_TXFF  (1u << 5)
#define LCRH_FEN (1u << 4)
#define LCRH_8   (3u << 5)
#define CR_ON    0x301u /* UARTEN, TXE, RXE */

static struct kit_lock console_lock;

/* One that runs was set up by the firmware, or is shared with the hypervisor: it is left alone. */
void kit_console_start(void)
{
    if ((kit_read32(UARTCR) & CR_ON) == CR_ON)
        return;
    kit_write32(UARTCR, 0);
    kit_write32(UARTLCRH, LCRH_8 | LCRH_FEN);
    kit_write32(UARTCR, CR_ON);
}

static void put_raw(char c)
{
    while ((kit_read32(UARTFR) & FR_TXFF) != 0)
        kit_yield();
    kit_write32(UARTDR, (uint8_t)c);
}

static void put(void *ctx, char c)
{
    (void)ctx;
    if (c == '\n')
        put_raw('\r');
    put_raw(c);
}

void kit_emergency_printf(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    text_vformat(put, NULL, format, arguments);
    va_end(arguments);
}

void kit_printf(const char *format, ...)
{
    uint64_t daif = kit_irq_mask();
    va_list arguments;

    va_start(arguments, format);
    kit_lock(&console_lock);
    text_vformat(put, NULL, format, arguments);
    kit_unlock(&console_lock);
    va_end(arguments);
    kit_irq_restore(daif);
}

void kit_putc(char c)
{
    kit_printf("%c", c);
}

void kit_puts(const char *text)
{
    kit_printf("%s\n", text);
}

int kit_getc(void)
{
    if ((kit_read32(UARTFR) & FR_RXFE) != 0)
        return -1;
    return (int)(kit_read32(UARTDR) & DR_DATA);
}

int kit_vsnprintf(char *buffer, size_t size, const char *format, va_list arguments)
{
    size_t length = text_vformat_buffer(buffer, size, format, arguments);

    return length <= INT_MAX ? (int)length : -1;
}

int kit_snprintf(char *buffer, size_t size, const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = kit_vsnprintf(buffer, size, format, arguments);
    va_end(arguments);
    return length;
}
