/* SPDX-License-Identifier: MIT */
/*
 * A PL011 UART as a guest sees it: Arm's PrimeCell r1p1, FIFOs of 16 bytes, on a line of unlimited
 * speed. Pure, and without a lock: calls for one UART are made one at a time.
 */
#ifndef MINI_HOST_PL011_H
#define MINI_HOST_PL011_H

#include <stdbool.h>
#include <stdint.h>

#define PL011_SIZE      0x1000u /* of its registers, as QEMU virt's tree has it */
#define PL011_FIFO_SIZE 16u

/* What it is connected to. Called from the calls below. */
struct pl011_wires {
    void (*send)(void *ctx, uint8_t byte);    /* the guest sent a byte */
    void (*interrupt)(void *ctx, bool level); /* UARTINTR, when it changes; it begins low */
    void (*room)(void *ctx);                  /* there is room for input, after there was less */
};

/* Fields are named after the TRM's registers. */
struct pl011 {
    const struct pl011_wires *wires;
    void *ctx;
    uint8_t fifo[PL011_FIFO_SIZE];
    unsigned first, count; /* of the bytes in the receive FIFO */
    uint16_t ris, imsc, cr, ibrd;
    uint8_t lcr_h, fbrd, ifls, ilpr, dmacr;
    bool level; /* of the interrupt, as it was last told */
};

/* As out of reset. wires and ctx stay the caller's. */
void pl011_init(struct pl011 *uart, const struct pl011_wires *wires, void *ctx);

/*
 * An access of 1, 2, 4 or 8 bytes at an offset below PL011_SIZE. Where there is no register reads
 * are zero and writes ignored.
 */
uint64_t pl011_read(struct pl011 *uart, uint64_t offset, unsigned size);
void pl011_write(struct pl011 *uart, uint64_t offset, unsigned size, uint64_t value);

/* A byte comes in. False if there is no room: the line waits, so that nothing is overrun. */
bool pl011_receive(struct pl011 *uart, uint8_t byte);

#endif
