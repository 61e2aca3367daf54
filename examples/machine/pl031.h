/* SPDX-License-Identifier: MIT */
/*
 * A PL031 real-time clock as a guest sees it: Arm's PrimeCell, a counter of seconds with a match
 * register. Pure, and without a lock: calls for one clock are made one at a time.
 *
 * Each call is told the host's own time, in seconds: any counter of 32 bits that wraps. The clock
 * begins with that time. As QEMU's, and unlike silicon, it runs from reset on.
 */
#ifndef MACHINE_PL031_H
#define MACHINE_PL031_H

#include <stdbool.h>
#include <stdint.h>

#define PL031_SIZE 0x1000u /* of its registers */

struct pl031 {
    void (*interrupt)(void *ctx, bool level);
    void *ctx;
    uint32_t ahead; /* of the host's time: the guest's is that much greater */
    uint32_t seen;  /* the host's time at the last call */
    uint32_t match; /* the registers RTCMR and RTCLR */
    uint32_t loaded;
    bool mask, raw; /* RTCIMSC and RTCRIS: bit 0 */
    bool level;     /* of the interrupt, as it was last told */
};

/*
 * As out of reset, with the host's time. interrupt is RTCINTR: it is called from the calls below
 * when the level changes. It begins low, which is not told.
 */
void pl031_init(struct pl031 *rtc, uint32_t now, void (*interrupt)(void *ctx, bool level),
                void *ctx);

/*
 * An access of 1, 2, 4 or 8 bytes at an offset below PL031_SIZE. Registers are at words: one of 8
 * bytes is two accesses, and between words, as where there is no register, reads are zero and
 * writes ignored.
 */
uint64_t pl031_read(struct pl031 *rtc, uint32_t now, uint64_t offset, unsigned size);
void pl031_write(struct pl031 *rtc, uint32_t now, uint64_t offset, unsigned size, uint64_t value);

/* The host's time has come so far: a match since the last call raises the interrupt. */
void pl031_advance(struct pl031 *rtc, uint32_t now);

/*
 * Seconds from `now` until the interrupt is due. 0: there is nothing to wait for, because it is
 * masked or raised already.
 */
uint32_t pl031_alarm(const struct pl031 *rtc, uint32_t now);

#endif
