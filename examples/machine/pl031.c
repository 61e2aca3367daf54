/* SPDX-License-Identifier: MIT */
#include "pl031.h"

#define RTCDR   0x000u /* the time */
#define RTCMR   0x004u
#define RTCLR   0x008u
#define RTCCR   0x00cu
#define RTCIMSC 0x010u
#define RTCRIS  0x014u
#define RTCMIS  0x018u
#define RTCICR  0x01cu
#define RTCID   0xfe0u /* RTCPeriphID0 to 3, RTCPCellID0 to 3: a byte a word, to the end */

#define CR_START 1u
#define INT      1u

static const uint8_t id[] = {0x31, 0x10, 0x04, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

static void tell_interrupt(struct pl031 *rtc)
{
    bool level = rtc->raw && rtc->mask;

    if (level == rtc->level)
        return;
    rtc->level = level;
    rtc->interrupt(rtc->ctx, level);
}

/* Seconds from the host's time `from` until the counter is what RTCMR says, be it 0. */
static uint32_t distance(const struct pl031 *rtc, uint32_t from)
{
    return rtc->match - rtc->ahead - from;
}

/* The comparison is with each second that the counter comes to, not with the one it is in. */
void pl031_advance(struct pl031 *rtc, uint32_t now)
{
    uint32_t passed = now - rtc->seen, left = distance(rtc, rtc->seen);

    rtc->seen = now;
    if (left != 0 && left <= passed)
        rtc->raw = true;
    tell_interrupt(rtc);
}

/* A register of the comparison was written: what is equal by that is a match as well. */
static void compare(struct pl031 *rtc, uint32_t now)
{
    if (distance(rtc, now) == 0)
        rtc->raw = true;
    tell_interrupt(rtc);
}

uint32_t pl031_alarm(const struct pl031 *rtc, uint32_t now)
{
    return rtc->mask && !rtc->raw ? distance(rtc, now) : 0;
}

static uint32_t read_register(const struct pl031 *rtc, uint32_t now, uint64_t offset)
{
    switch (offset) {
    case RTCDR:
        return now + rtc->ahead;
    case RTCMR:
        return rtc->match;
    case RTCLR:
        return rtc->loaded;
    case RTCCR:
        return CR_START;
    case RTCIMSC:
        return rtc->mask ? INT : 0;
    case RTCRIS:
        return rtc->raw ? INT : 0;
    case RTCMIS:
        return rtc->raw && rtc->mask ? INT : 0;
    default:
        return offset >= RTCID && offset < PL031_SIZE ? id[(offset - RTCID) / 4] : 0;
    }
}

static void write_register(struct pl031 *rtc, uint32_t now, uint64_t offset, uint32_t value)
{
    switch (offset) {
    case RTCMR:
        rtc->match = value;
        compare(rtc, now);
        break;
    case RTCLR:
        rtc->loaded = value;
        rtc->ahead = value - now;
        compare(rtc, now);
        break;
    case RTCIMSC:
        rtc->mask = (value & INT) != 0;
        tell_interrupt(rtc);
        break;
    case RTCICR:
        if ((value & INT) != 0)
            rtc->raw = false;
        tell_interrupt(rtc);
        break;
    default: /* read-only, or nothing; once it is started RTCCR is, too */
        break;
    }
}

/* What a narrow access moves; a wide one is two. */
static uint32_t cut(uint64_t value, unsigned size)
{
    return size >= 4 ? (uint32_t)value : (uint32_t)value & ((1u << 8 * size) - 1);
}

uint64_t pl031_read(struct pl031 *rtc, uint32_t now, uint64_t offset, unsigned size)
{
    uint64_t value;

    pl031_advance(rtc, now);
    if (offset % 4 != 0)
        return 0;
    value = cut(read_register(rtc, now, offset), size);
    return size == 8 ? value | (uint64_t)read_register(rtc, now, offset + 4) << 32 : value;
}

void pl031_write(struct pl031 *rtc, uint32_t now, uint64_t offset, unsigned size, uint64_t value)
{
    pl031_advance(rtc, now);
    if (offset % 4 != 0)
        return;
    write_register(rtc, now, offset, cut(value, size));
    if (size == 8)
        write_register(rtc, now, offset + 4, (uint32_t)(value >> 32));
}

void pl031_init(struct pl031 *rtc, uint32_t now, void (*interrupt)(void *ctx, bool level),
                void *ctx)
{
    *rtc = (struct pl031){.interrupt = interrupt, .ctx = ctx, .seen = now};
}
