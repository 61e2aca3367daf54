/* SPDX-License-Identifier: MIT */
#include "pl011.h"

#define UARTDR    0x000u
#define UARTILPR  0x020u
#define UARTIBRD  0x024u
#define UARTFBRD  0x028u
#define UARTLCR_H 0x02cu
#define UARTCR    0x030u
#define UARTIFLS  0x034u
#define UARTIMSC  0x038u
#define UARTRIS   0x03cu
#define UARTMIS   0x040u
#define UARTICR   0x044u
#define UARTDMACR 0x048u
#define UARTID    0xfe0u /* UARTPeriphID0 to 3, UARTPCellID0 to 3: a byte a word, to the end */

#define FR_RXFE (1u << 4) /* receive FIFO empty */
#define FR_RXFF (1u << 6) /* receive FIFO full */
#define FR_TXFE (1u << 7) /* transmit FIFO empty */

#define LCR_H_FEN (1u << 4) /* FIFOs on; else each holds one byte */

#define INT_RX  (1u << 4)
#define INT_TX  (1u << 5)
#define INT_RT  (1u << 6)
#define INT_ALL 0x7ffu

#define IFLS_RX(r) ((r) >> 3 & 7)

#define CR_RESET   0x300u /* TXE, RXE */
#define IFLS_RESET 0x12u  /* both levels at half of the FIFO */

/* Revision r1p1: later ones have FIFOs of 32 bytes, and drivers believe it. */
static const uint8_t id[] = {0x11, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

static unsigned capacity(const struct pl011 *uart)
{
    return (uart->lcr_h & LCR_H_FEN) != 0 ? PL011_FIFO_SIZE : 1;
}

/* How many bytes make the receive interrupt. UARTIFLS: 1/8, 1/4, 1/2, 3/4, 7/8, reserved above. */
static unsigned trigger(const struct pl011 *uart)
{
    static const uint8_t levels[] = {2, 4, 8, 12, 14, 14, 14, 14};

    return (uart->lcr_h & LCR_H_FEN) != 0 ? levels[IFLS_RX(uart->ifls)] : 1;
}

/* After each change of what the flags are about. */
static void set_flags(struct pl011 *uart)
{
    uint32_t flags =
        FR_TXFE | (uart->count == 0 ? FR_RXFE : 0) | (uart->count >= capacity(uart) ? FR_RXFF : 0);

    __atomic_store_n(&uart->fr, (uint8_t)flags, __ATOMIC_RELAXED);
}

static void tell_interrupt(struct pl011 *uart)
{
    bool level = (uart->ris & uart->imsc) != 0;

    if (level == uart->level)
        return;
    uart->level = level;
    uart->wires->interrupt(uart->ctx, level);
}

/*
 * Interrupts of the receiver after a byte came. The timeout comes when nothing followed for 32
 * bits' time: on this line, at once. Without FIFOs the first byte is the level already.
 */
static void raise_receive(struct pl011 *uart)
{
    if (uart->count >= trigger(uart))
        uart->ris |= INT_RX;
    if ((uart->lcr_h & LCR_H_FEN) != 0)
        uart->ris |= INT_RT;
    tell_interrupt(uart);
}

/* And after bytes were taken. */
static void lower_receive(struct pl011 *uart)
{
    if (uart->count < trigger(uart))
        uart->ris &= (uint16_t)~INT_RX;
    if (uart->count == 0)
        uart->ris &= (uint16_t)~INT_RT;
    tell_interrupt(uart);
    uart->wires->room(uart->ctx);
}

bool pl011_receive(struct pl011 *uart, uint8_t byte)
{
    if (uart->count >= capacity(uart))
        return false;
    uart->fifo[(uart->first + uart->count++) % PL011_FIFO_SIZE] = byte;
    set_flags(uart);
    raise_receive(uart);
    return true;
}

static uint8_t read_data(struct pl011 *uart)
{
    uint8_t byte;

    if (uart->count == 0)
        return 0;
    byte = uart->fifo[uart->first];
    uart->first = (uart->first + 1) % PL011_FIFO_SIZE;
    uart->count--;
    set_flags(uart);
    lower_receive(uart);
    return byte;
}

/*
 * The byte leaves at once. The transmit interrupt is about that transition, not about being empty:
 * nothing raises it before the first byte is written, and UARTICR clears it until the next one.
 */
static void write_data(struct pl011 *uart, uint8_t byte)
{
    uart->wires->send(uart->ctx, byte);
    uart->ris |= INT_TX;
    tell_interrupt(uart);
}

/* FIFOs are switched on and off empty. */
static void write_line_control(struct pl011 *uart, uint8_t value)
{
    bool switched = ((uart->lcr_h ^ value) & LCR_H_FEN) != 0;

    uart->lcr_h = value;
    if (switched) {
        uart->count = 0;
        set_flags(uart);
        lower_receive(uart);
    }
}

static uint32_t read_register(struct pl011 *uart, uint64_t offset)
{
    switch (offset) {
    case UARTDR:
        return read_data(uart);
    case PL011_FR:
        return uart->fr;
    case UARTILPR:
        return uart->ilpr;
    case UARTIBRD:
        return uart->ibrd;
    case UARTFBRD:
        return uart->fbrd;
    case UARTLCR_H:
        return uart->lcr_h;
    case UARTCR:
        return uart->cr;
    case UARTIFLS:
        return uart->ifls;
    case UARTIMSC:
        return uart->imsc;
    case UARTRIS:
        return uart->ris;
    case UARTMIS:
        return uart->ris & uart->imsc;
    case UARTDMACR:
        return uart->dmacr;
    default:
        return offset >= UARTID && offset < PL011_SIZE ? id[(offset - UARTID) / 4] : 0;
    }
}

static void write_register(struct pl011 *uart, uint64_t offset, uint32_t value)
{
    switch (offset) {
    case UARTDR:
        write_data(uart, (uint8_t)value);
        break;
    case UARTILPR:
        uart->ilpr = (uint8_t)value;
        break;
    case UARTIBRD:
        uart->ibrd = (uint16_t)value;
        break;
    case UARTFBRD:
        uart->fbrd = value & 0x3f;
        break;
    case UARTLCR_H:
        write_line_control(uart, (uint8_t)value);
        break;
    case UARTCR:
        uart->cr = (uint16_t)value;
        break;
    case UARTIFLS:
        uart->ifls = value & 0x3f;
        break;
    case UARTIMSC:
        uart->imsc = value & INT_ALL;
        tell_interrupt(uart);
        break;
    case UARTICR:
        uart->ris &= (uint16_t)~value;
        tell_interrupt(uart);
        break;
    case UARTDMACR:
        uart->dmacr = value & 7;
        break;
    default: /* read-only, or nothing */
        break;
    }
}

/* What a narrow access moves; a wide one is two. */
static uint32_t cut(uint64_t value, unsigned size)
{
    return size >= 4 ? (uint32_t)value : (uint32_t)value & ((1u << 8 * size) - 1);
}

uint64_t pl011_read(struct pl011 *uart, uint64_t offset, unsigned size)
{
    uint64_t value;

    if (offset % 4 != 0)
        return 0;
    value = cut(read_register(uart, offset), size);
    return size == 8 ? value | (uint64_t)read_register(uart, offset + 4) << 32 : value;
}

void pl011_write(struct pl011 *uart, uint64_t offset, unsigned size, uint64_t value)
{
    if (offset % 4 != 0)
        return;
    write_register(uart, offset, cut(value, size));
    if (size == 8)
        write_register(uart, offset + 4, (uint32_t)(value >> 32));
}

void pl011_init(struct pl011 *uart, const struct pl011_wires *wires, void *ctx)
{
    *uart = (struct pl011){
        .wires = wires,
        .ctx = ctx,
        .cr = CR_RESET,
        .ifls = IFLS_RESET,
        .fr = FR_TXFE | FR_RXFE,
    };
}
