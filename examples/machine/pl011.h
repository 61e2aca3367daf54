/* SPDX-License-Identifier: MIT */
/*
 * A PL011 UART as a guest sees it: Arm's PrimeCell with FIFOs of 16 bytes, on a line of unlimited
 * speed. Pure, and without a lock: calls for one UART are made one at a time, but for pl011_read_flags.
 *
 * As QEMU's, and unlike silicon, it sends and receives before it is enabled: many a small program
 * that was made for QEMU does not ask for more. Modem lines, loopback and DMA are not connected:
 * their registers keep what is written.
 */
#ifndef MACHINE_PL011_H
#define MACHINE_PL011_H

#include <stdbool.h>
#include <stdint.h>

#define PL011_SIZE      0x1000u /* of its registers */
#define PL011_FIFO_SIZE 16u
#define PL011_FR        0x018u /* the offset of the flags, UARTFR */

/* What it is connected to. Called from the calls below. */
struct pl011_wires {
    void (*send)(void *ctx, uint8_t byte);    /* the guest sent a byte */
    void (*interrupt)(void *ctx, bool level); /* UARTINTR, when it changes; it begins low */
    void (*room)(void *ctx);                  /* the guest took a byte, or emptied the FIFO */
};

/* Members of 16 and 8 bits are the registers that the manual calls UART and then that name. */
struct pl011 {
    const struct pl011_wires *wires;
    void *ctx;
    uint8_t fifo[PL011_FIFO_SIZE];
    unsigned first, count; /* of the bytes in the receive FIFO */
    uint16_t ibrd, cr, imsc, ris;
    uint8_t ilpr, fbrd, lcr_h, ifls, dmacr;
    uint8_t fr; /* stored at once, for those who read it at any time */
    bool level; /* of the interrupt, as it was last told */
};

/* As out of reset. wires and ctx stay the caller's; the interrupt is not told to be low. */
void pl011_init(struct pl011 *uart, const struct pl011_wires *wires, void *ctx);

/*
 * An access of 1, 2, 4 or 8 bytes at an offset below PL011_SIZE. Registers are at words: one of 8
 * bytes is two accesses, and between words, as where there is no register, reads are zero and
 * writes ignored.
 */
uint64_t pl011_read(struct pl011 *uart, uint64_t offset, unsigned size);
void pl011_write(struct pl011 *uart, uint64_t offset, unsigned size, uint64_t value);

/*
 * A read of the flags, which a guest that waits makes again and again: at any time, also during a call
 * above. False: it is another access.
 */
static inline bool pl011_read_flags(const struct pl011 *uart, uint64_t offset, unsigned size,
                                    uint64_t *data)
{
    if (offset != PL011_FR || size > 4)
        return false;
    *data = __atomic_load_n(&uart->fr, __ATOMIC_RELAXED);
    return true;
}

/* A byte comes in. False if there is no room: the line waits, so that nothing is overrun. */
bool pl011_receive(struct pl011 *uart, uint8_t byte);

#endif
