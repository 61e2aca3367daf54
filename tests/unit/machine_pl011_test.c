/* SPDX-License-Identifier: MIT */
/* What the PL011's Technical Reference Manual says, as far as a guest's driver can see it. */
#include "cmocka_all.h"

#include <string.h>

#include "machine/pl011.h"

#define DR    0x000
#define RSR   0x004
#define FR    0x018
#define ILPR  0x020
#define IBRD  0x024
#define FBRD  0x028
#define LCR_H 0x02c
#define CR    0x030
#define IFLS  0x034
#define IMSC  0x038
#define RIS   0x03c
#define MIS   0x040
#define ICR   0x044
#define DMACR 0x048

#define RXFE 0x10
#define TXFF 0x20
#define RXFF 0x40
#define TXFE 0x80
#define BUSY 0x08

#define FEN 0x10

#define RX 0x10
#define TX 0x20
#define RT 0x40

static struct pl011 uart;
static struct {
    char sent[64];
    unsigned sent_count, edges, rooms;
    bool level;
} outside;

static void on_send(void *ctx, uint8_t byte)
{
    assert_ptr_equal(ctx, &outside);
    outside.sent[outside.sent_count++] = (char)byte;
}

static void on_interrupt(void *ctx, bool level)
{
    assert_ptr_equal(ctx, &outside);
    assert_int_not_equal(level, outside.level); /* told only when it changes */
    outside.level = level;
    outside.edges++;
}

static void on_room(void *ctx)
{
    assert_ptr_equal(ctx, &outside);
    outside.rooms++;
}

static const struct pl011_wires wires = {
    .send = on_send,
    .interrupt = on_interrupt,
    .room = on_room,
};

static int reset(void **state)
{
    (void)state;
    memset(&outside, 0, sizeof(outside));
    pl011_init(&uart, &wires, &outside);
    return 0;
}

static uint32_t get(uint32_t offset)
{
    uint32_t value = (uint32_t)pl011_read(&uart, offset, 4);
    uint64_t flags = 0;

    /* The short form reads the same, and nothing else. */
    assert_int_equal(pl011_read_flags(&uart, offset, 4, &flags), offset == FR);
    assert_false(pl011_read_flags(&uart, offset, 8, &flags));
    if (offset == FR)
        assert_int_equal(flags, value);
    return value;
}

static void put(uint32_t offset, uint32_t value)
{
    pl011_write(&uart, offset, 4, value);
}

static void receive(const char *text)
{
    while (*text != '\0')
        assert_true(pl011_receive(&uart, (uint8_t)*text++));
}

static void registers_are_as_out_of_reset(void **state)
{
    (void)state;
    assert_int_equal(get(DR), 0);
    assert_int_equal(get(RSR), 0);
    assert_int_equal(get(FR), TXFE | RXFE);
    assert_int_equal(get(ILPR), 0);
    assert_int_equal(get(IBRD), 0);
    assert_int_equal(get(FBRD), 0);
    assert_int_equal(get(LCR_H), 0);
    assert_int_equal(get(CR), 0x300);
    assert_int_equal(get(IFLS), 0x12);
    assert_int_equal(get(IMSC), 0);
    assert_int_equal(get(RIS), 0);
    assert_int_equal(get(MIS), 0);
    assert_int_equal(get(DMACR), 0);
    assert_false(outside.level);
}

static void it_says_what_it_is(void **state)
{
    (void)state;
    /* PartNumber 0x011, DesignerID 0x41 ("A"), Revision 1 (FIFOs of 16), Configuration 0. */
    uint32_t peripheral = 0, cell = 0;

    for (uint32_t i = 0; i < 4; i++) {
        peripheral |= get(0xfe0 + 4 * i) << (8 * i);
        cell |= get(0xff0 + 4 * i) << (8 * i);
    }
    assert_int_equal(peripheral & 0xfff, 0x011);
    assert_int_equal(peripheral >> 12 & 0xff, 0x41);
    assert_int_equal(peripheral >> 20 & 0xf, 1);
    assert_int_equal(peripheral >> 24, 0);
    assert_int_equal(cell, 0xb105f00d); /* PrimeCell */
}

static void registers_keep_their_bits_and_no_others(void **state)
{
    static const struct {
        uint32_t offset, bits;
    } registers[] = {
        {ILPR, 0xff}, {IBRD, 0xffff}, {FBRD, 0x3f},  {LCR_H, 0xff},
        {CR, 0xffff}, {IFLS, 0x3f},   {IMSC, 0x7ff}, {DMACR, 0x7},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++) {
        put(registers[i].offset, UINT32_MAX);
        assert_int_equal(get(registers[i].offset), registers[i].bits);
        put(registers[i].offset, 0);
        assert_int_equal(get(registers[i].offset), 0);
    }
}

static void what_is_not_there_reads_as_zero(void **state)
{
    static const uint32_t offsets[] = {0x008, 0x014, 0x01c, 0x04c, 0x080, 0xfdc};

    (void)state;
    for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
        put(offsets[i], UINT32_MAX);
        assert_int_equal(get(offsets[i]), 0);
    }
    put(FR, UINT32_MAX);
    put(RIS, UINT32_MAX);
    put(MIS, UINT32_MAX);
    put(0xfe0, 0);
    assert_int_equal(get(FR), TXFE | RXFE);
    assert_int_equal(get(RIS), 0);
    assert_int_equal(get(0xfe0), 0x11);
    assert_int_equal(get(ICR), 0);
}

static void narrow_and_wide_accesses(void **state)
{
    (void)state;
    put(IBRD, 0x1234);
    put(FBRD, 0x2a);
    assert_int_equal(pl011_read(&uart, IBRD, 1), 0x34);
    assert_int_equal(pl011_read(&uart, IBRD, 2), 0x1234);
    assert_true(pl011_read(&uart, IBRD, 8) == UINT64_C(0x2a00001234));
    assert_int_equal(pl011_read(&uart, IBRD + 1, 1), 0);
    assert_int_equal(pl011_read(&uart, IBRD + 2, 2), 0);
    pl011_write(&uart, IBRD, 2, 0x9876);
    assert_int_equal(get(IBRD), 0x9876);
    pl011_write(&uart, IBRD, 1, 0xabcd);
    assert_int_equal(get(IBRD), 0xcd);
    pl011_write(&uart, IBRD + 1, 1, 0x11);
    assert_int_equal(get(IBRD), 0xcd);
    pl011_write(&uart, IBRD, 8, UINT64_C(0x1500004321));
    assert_int_equal(get(IBRD), 0x4321);
    assert_int_equal(get(FBRD), 0x15);
    /* The last byte of all, and the last word. */
    assert_int_equal(pl011_read(&uart, 0xfff, 1), 0);
    assert_int_equal(pl011_read(&uart, 0xffc, 8), 0xb1);
    pl011_write(&uart, 0xffc, 8, UINT64_MAX);
}

/* Between words lies nothing: a byte there must not take one from the FIFO. */
static void a_read_between_words_takes_no_byte(void **state)
{
    (void)state;
    receive("x");
    pl011_read(&uart, DR + 1, 1);
    assert_int_equal(get(FR), TXFE | RXFF);
    assert_int_equal(pl011_read(&uart, DR, 1), 'x');
}

static void bytes_are_sent_at_once_and_in_order(void **state)
{
    (void)state;
    for (const char *c = "PL011"; *c != '\0'; c++) {
        pl011_write(&uart, DR, 1, (uint8_t)*c);
        assert_int_equal(get(FR) & (TXFE | TXFF | BUSY), TXFE);
    }
    put(DR, 0xffffff41); /* DATA is 8 bits */
    assert_int_equal(outside.sent_count, 6);
    assert_memory_equal(outside.sent, "PL011A", 6);
}

static void the_fifo_holds_16_in_order(void **state)
{
    (void)state;
    put(LCR_H, FEN);
    for (int round = 0; round < 3; round++) { /* round its end */
        receive("0123456789abcde");
        assert_int_equal(get(FR) & (RXFE | RXFF), 0);
        receive("f");
        assert_int_equal(get(FR) & (RXFE | RXFF), RXFF);
        assert_false(pl011_receive(&uart, 'x'));
        for (const char *c = "0123456789abcdef"; *c != '\0'; c++)
            assert_int_equal(get(DR), *c);
        assert_int_equal(get(FR) & (RXFE | RXFF), RXFE);
        assert_int_equal(get(DR), 0);
        receive("yz");
        assert_int_equal(get(DR), 'y');
        assert_int_equal(get(DR), 'z');
    }
}

static void without_fifos_one_byte_is_held(void **state)
{
    (void)state;
    receive("a");
    assert_int_equal(get(FR) & (RXFE | RXFF), RXFF);
    assert_false(pl011_receive(&uart, 'b'));
    assert_int_equal(get(DR), 'a');
    receive("b");
    assert_int_equal(get(DR), 'b');
}

static void switching_fifos_empties_them(void **state)
{
    (void)state;
    put(LCR_H, FEN);
    receive("abc");
    put(LCR_H, FEN | 0x60); /* the word length only */
    assert_int_equal(get(FR) & RXFE, 0);
    put(LCR_H, 0x60);
    assert_int_equal(get(FR) & RXFE, RXFE);
    assert_int_equal(get(RIS) & (RX | RT), 0);
    receive("d");
    assert_int_equal(get(DR), 'd');
}

static void room_is_told_for_each_byte_taken(void **state)
{
    (void)state;
    put(LCR_H, FEN);
    outside.rooms = 0;
    receive("ab");
    assert_int_equal(outside.rooms, 0);
    get(DR);
    assert_int_equal(outside.rooms, 1);
    get(DR);
    assert_int_equal(outside.rooms, 2);
    get(DR); /* empty: nothing is taken */
    assert_int_equal(outside.rooms, 2);
    receive("c");
    put(LCR_H, 0);
    assert_int_equal(outside.rooms, 3);
}

/* RXIFLSEL: 1/8, 1/4, 1/2, 3/4, 7/8 of 16. */
static void the_receive_interrupt_is_at_its_level(void **state)
{
    static const unsigned levels[] = {2, 4, 8, 12, 14};

    (void)state;
    for (uint32_t select = 0; select < 5; select++) {
        reset(NULL);
        put(LCR_H, FEN);
        put(IFLS, select << 3);
        for (unsigned i = 1; i <= 16; i++) {
            receive("x");
            assert_int_equal(get(RIS) & RX, i >= levels[select] ? RX : 0);
        }
        for (unsigned i = 15; i > 0; i--) {
            get(DR);
            assert_int_equal(get(RIS) & RX, i >= levels[select] ? RX : 0);
        }
    }
}

static void without_fifos_each_byte_is_the_level(void **state)
{
    (void)state;
    receive("x");
    assert_int_equal(get(RIS), RX);
    get(DR);
    assert_int_equal(get(RIS), 0);
}

/* A guest with FIFOs hears of one byte alone: that is what the timeout is for. */
static void the_timeout_interrupt_lasts_until_empty(void **state)
{
    (void)state;
    put(LCR_H, FEN);
    put(IMSC, RT);
    receive("ab");
    assert_int_equal(get(RIS), RT);
    assert_true(outside.level);
    get(DR);
    assert_true(outside.level);
    get(DR);
    assert_int_equal(get(RIS), 0);
    assert_false(outside.level);
}

static void icr_clears_until_the_next_byte(void **state)
{
    (void)state;
    put(LCR_H, FEN);
    put(IFLS, 0);
    receive("ab");
    put(DR, 'x');
    assert_int_equal(get(RIS), RX | RT | TX);
    put(ICR, RT);
    assert_int_equal(get(RIS), RX | TX);
    put(ICR, RX | TX);
    assert_int_equal(get(RIS), 0);
    receive("c");
    assert_int_equal(get(RIS), RX | RT);
}

/*
 * The transmit interrupt is about leaving the FIFO, not about its being empty. Linux fills the FIFO
 * first and unmasks the interrupt then; it clears nothing in its handler but by writing on.
 */
static void the_transmit_interrupt_follows_a_byte(void **state)
{
    (void)state;
    put(IMSC, TX);
    assert_int_equal(get(RIS), 0);
    assert_false(outside.level);
    put(DR, 'x');
    assert_int_equal(get(MIS), TX);
    assert_true(outside.level);
    put(ICR, TX);
    assert_false(outside.level);
    put(IMSC, 0);
    put(DR, 'y');
    assert_false(outside.level);
    put(IMSC, TX); /* it came while masked */
    assert_true(outside.level);
    put(IMSC, 0);
    assert_false(outside.level);
    assert_int_equal(get(RIS), TX);
    assert_int_equal(get(MIS), 0);
}

static void the_interrupt_is_the_or_of_what_is_not_masked(void **state)
{
    (void)state;
    put(LCR_H, FEN);
    put(IFLS, 0);
    put(IMSC, RX | RT | TX);
    receive("ab");
    put(DR, 'x');
    assert_int_equal(outside.edges, 1);
    put(ICR, TX);
    put(ICR, RX);
    assert_int_equal(outside.edges, 1);
    put(ICR, RT);
    assert_int_equal(outside.edges, 2);
    assert_false(outside.level);
}

#define TEST(name) cmocka_unit_test_setup(name, reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(registers_are_as_out_of_reset),
        TEST(it_says_what_it_is),
        TEST(registers_keep_their_bits_and_no_others),
        TEST(what_is_not_there_reads_as_zero),
        TEST(narrow_and_wide_accesses),
        TEST(a_read_between_words_takes_no_byte),
        TEST(bytes_are_sent_at_once_and_in_order),
        TEST(the_fifo_holds_16_in_order),
        TEST(without_fifos_one_byte_is_held),
        TEST(switching_fifos_empties_them),
        TEST(room_is_told_for_each_byte_taken),
        TEST(the_receive_interrupt_is_at_its_level),
        TEST(without_fifos_each_byte_is_the_level),
        TEST(the_timeout_interrupt_lasts_until_empty),
        TEST(icr_clears_until_the_next_byte),
        TEST(the_transmit_interrupt_follows_a_byte),
        TEST(the_interrupt_is_the_or_of_what_is_not_masked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
