/* SPDX-License-Identifier: MIT */
#include "cmocka_all.h"

#include <string.h>

#include "consoles.h"

#define ERASE "\r\x1b[K"

static const char *const names[] = {"one", "two", "three"};

static struct consoles consoles;
static struct {
    char shown[4096];
    size_t length;
    char keys[3][2048];
    size_t counts[3];
    size_t room; /* keys that guests still take */
} outside;

static void on_show(void *ctx, const char *bytes, size_t count)
{
    assert_ptr_equal(ctx, &outside);
    assert_true(outside.length + count < sizeof(outside.shown));
    memcpy(outside.shown + outside.length, bytes, count);
    outside.length += count;
}

static bool on_deliver(void *ctx, unsigned console, uint8_t byte)
{
    assert_ptr_equal(ctx, &outside);
    if (outside.room == 0)
        return false;
    outside.room--;
    outside.keys[console][outside.counts[console]++] = (char)byte;
    return true;
}

static void on_ask_time(void *ctx)
{
    assert_ptr_equal(ctx, &outside);
    consoles_line(&consoles, "noon");
}

static const struct consoles_wires wires = {
    .show = on_show, .deliver = on_deliver, .ask_time = on_ask_time};

static void begin(unsigned count)
{
    memset(&outside, 0, sizeof(outside));
    outside.room = SIZE_MAX;
    consoles_init(&consoles, &wires, &outside, names, count);
}

static void output(unsigned console, const char *text)
{
    while (*text != '\0')
        consoles_output(&consoles, console, (uint8_t)*text++);
}

static void type(const char *keys)
{
    while (*keys != '\0')
        consoles_key(&consoles, (uint8_t)*keys++);
}

/* What was shown since the last look. */
static void assert_shown(const char *text)
{
    outside.shown[outside.length] = '\0';
    assert_string_equal(outside.shown, text);
    outside.length = 0;
}

static void assert_got(unsigned console, const char *keys)
{
    outside.keys[console][outside.counts[console]] = '\0';
    assert_string_equal(outside.keys[console], keys);
    outside.counts[console] = 0;
}

static void one_guest_has_the_terminal_to_itself(void **state)
{
    (void)state;
    begin(1);
    output(0, "a\r\nb\x1b[6n\n\r");
    assert_shown("a\r\nb\x1b[6n\n\r");
    type("x\x14n\x03");
    assert_got(0, "x\x14n\x03");
    assert_shown("");
}

static void the_selected_guest_is_shown_as_it_writes(void **state)
{
    (void)state;
    begin(2);
    output(0, "~ # ");
    assert_shown("[one] ~ # ");
    output(0, "l");
    assert_shown("l");
    output(0, "s\r\n");
    assert_shown("s\r\n");
    output(0, "\r\n");
    assert_shown("[one] \r\n");
    output(0, "\x1b[1mbold\n");
    assert_shown("[one] \x1b[1mbold\r\n");
}

static void others_are_shown_by_the_line(void **state)
{
    (void)state;
    begin(2);
    output(1, "Linux");
    assert_shown("");
    output(1, " boots\r\n");
    assert_shown("[two] Linux boots\r\n");
    output(1, "\n");
    assert_shown("[two] \r\n");
}

static void a_line_steps_in_above_the_selected_ones(void **state)
{
    (void)state;
    begin(2);
    output(0, "~ # lx\bs");
    assert_shown("[one] ~ # lx\bs");
    output(1, "hello\n");
    assert_shown(ERASE "[two] hello\r\n[one] ~ # ls");
    output(0, " -l\n");
    assert_shown(" -l\r\n");
    output(1, "again\n");
    assert_shown("[two] again\r\n");
}

/* A cursor report asked for twice would be answered twice, to the guest. */
static void control_sequences_are_not_repeated(void **state)
{
    (void)state;
    begin(2);
    output(0, "a\x1b[6nb\x1b]0;title\007c\x1b]0;x\x1b\\d\x1b"
              "7e");
    outside.length = 0;
    output(1, "\x1b[31mred\x1b[0m\n");
    assert_shown(ERASE "[two] red\r\n[one] abcde");
}

static void a_return_keeps_the_name(void **state)
{
    (void)state;
    begin(2);
    output(0, "10%\r");
    assert_shown("[one] 10%");
    output(0, "20%");
    assert_shown("\r[one] 20%");
    output(1, "10%\r20%\r\n");
    assert_shown(ERASE "[two] 20%\r\n[one] 20%");
}

static void a_long_line_comes_in_pieces(void **state)
{
    char line[CONSOLES_LINE + 1];

    (void)state;
    begin(2);
    memset(line, 'x', CONSOLES_LINE);
    line[CONSOLES_LINE] = '\0';
    output(1, line);
    output(1, "rest\n");
    outside.shown[outside.length] = '\0';
    assert_non_null(strstr(outside.shown, line));
    assert_string_equal(outside.shown + strlen("[two] ") + CONSOLES_LINE, "\r\n[two] rest\r\n");
    /* Of the selected one's all is shown, and a part again. */
    outside.length = 0;
    output(0, line);
    output(0, "rest");
    assert_int_equal(outside.length, strlen("[one] ") + CONSOLES_LINE + strlen("rest"));
    outside.length = 0;
    output(1, "\n");
    assert_int_equal(outside.length, strlen(ERASE "[two] \r\n[one] ") + CONSOLES_LINE);
}

static void keys_go_to_the_selected_guest(void **state)
{
    (void)state;
    begin(3);
    type("a");
    type("\x14"
         "3b");
    type("\x14"
         "2c");
    assert_got(0, "a");
    assert_got(1, "c");
    assert_got(2, "b");
}

static void selecting_says_so_and_shows_its_line(void **state)
{
    (void)state;
    begin(2);
    output(0, "# ");
    output(1, "login: ");
    outside.length = 0;
    type("\x14"
         "2");
    assert_shown("\r\nmini-host: the keys go to two\r\n[two] login: ");
    output(1, "r");
    assert_shown("r");
    type("\x14"
         "1");
    assert_shown("\r\nmini-host: the keys go to one\r\n[one] # ");
    output(1, "oot\n");
    assert_shown(ERASE "[two] login: root\r\n[one] # ");
}

static void n_selects_the_next_round_the_end(void **state)
{
    (void)state;
    begin(3);
    type("\x14na\x14nb\x14nc");
    assert_got(1, "a");
    assert_got(2, "b");
    assert_got(0, "c");
}

static void t_shows_the_time_above_the_line(void **state)
{
    (void)state;
    begin(2);
    output(0, "~ # ");
    outside.length = 0;
    type("\x14ty");
    assert_shown(ERASE "noon\r\n[one] ~ # ");
    assert_got(0, "y");
}

static void the_escape_key_twice_is_the_guests(void **state)
{
    (void)state;
    begin(2);
    type("\x14\x14n");
    assert_got(0, "\x14n");
    assert_got(1, "");
}

static void what_is_no_guest_gets_an_explanation(void **state)
{
    static const char *const wrong[] = {"\x14"
                                        "4",
                                        "\x14"
                                        "0",
                                        "\x14x", "\x14\xff"};

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        begin(3);
        type(wrong[i]);
        outside.shown[outside.length] = '\0';
        assert_non_null(strstr(outside.shown, "mini-host: Ctrl-T and a guest's number"));
        type("y");
        assert_got(0, "y"); /* still selected, and it got none of the two keys */
    }
}

static void keys_wait_for_a_guest_in_order(void **state)
{
    (void)state;
    begin(2);
    outside.room = 1;
    type("abcd");
    assert_got(0, "a");
    outside.room = 2;
    consoles_ready(&consoles, 0);
    assert_got(0, "bc");
    outside.room = 5;
    type("e"); /* not before the d */
    consoles_ready(&consoles, 0);
    assert_got(0, "de");
}

static void keys_beyond_the_ring_are_lost(void **state)
{
    (void)state;
    begin(1);
    for (int round = 0; round < 3; round++) {
        outside.room = 0;
        for (unsigned i = 0; i < CONSOLES_KEYS; i++)
            consoles_key(&consoles, (uint8_t)('a' + i % 26));
        type("XYZ");
        outside.room = SIZE_MAX;
        consoles_ready(&consoles, 0);
        assert_int_equal(outside.counts[0], CONSOLES_KEYS);
        for (unsigned i = 0; i < CONSOLES_KEYS; i++)
            assert_int_equal(outside.keys[0][i], 'a' + i % 26);
        outside.counts[0] = 0;
        type("q"); /* moves the ring's first on */
        assert_got(0, "q");
        outside.room = 0;
        type("r");
        outside.room = 1;
        consoles_ready(&consoles, 0);
        assert_got(0, "r");
    }
}

static void the_hosts_lines_step_in(void **state)
{
    (void)state;
    begin(2);
    consoles_line(&consoles, "host: a");
    assert_shown("host: a\r\n");
    output(0, "# ");
    outside.length = 0;
    consoles_line(&consoles, "host: b");
    assert_shown(ERASE "host: b\r\n[one] # ");
    /* With one guest its line is cut. */
    begin(1);
    output(0, "# ");
    outside.length = 0;
    consoles_line(&consoles, "host: c");
    assert_shown("\r\nhost: c\r\n");
    consoles_line(&consoles, "host: d");
    assert_shown("host: d\r\n");
}

static void closing_shows_the_rest_and_selects_the_next(void **state)
{
    (void)state;
    begin(3);
    output(1, "last words");
    consoles_close(&consoles, 1);
    assert_shown("[two] last words\r\n");
    type("\x14"
         "2x");
    assert_shown("mini-host: that guest is off\r\n");
    assert_got(0, "x");
    consoles_close(&consoles, 0);
    assert_shown("mini-host: the keys go to three\r\n");
    type("y");
    assert_got(2, "y");
    type("\x14nz"); /* there is no other */
    assert_got(2, "z");
    consoles_close(&consoles, 2);
    type("w");
    assert_got(0, "");
    assert_got(2, "");
}

static void keys_of_a_closed_guest_are_forgotten(void **state)
{
    (void)state;
    begin(2);
    outside.room = 0;
    type("abc");
    consoles_close(&consoles, 0);
    outside.room = SIZE_MAX;
    consoles_ready(&consoles, 0);
    assert_got(0, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_guest_has_the_terminal_to_itself),
        cmocka_unit_test(the_selected_guest_is_shown_as_it_writes),
        cmocka_unit_test(others_are_shown_by_the_line),
        cmocka_unit_test(a_line_steps_in_above_the_selected_ones),
        cmocka_unit_test(control_sequences_are_not_repeated),
        cmocka_unit_test(a_return_keeps_the_name),
        cmocka_unit_test(a_long_line_comes_in_pieces),
        cmocka_unit_test(keys_go_to_the_selected_guest),
        cmocka_unit_test(selecting_says_so_and_shows_its_line),
        cmocka_unit_test(n_selects_the_next_round_the_end),
        cmocka_unit_test(t_shows_the_time_above_the_line),
        cmocka_unit_test(the_escape_key_twice_is_the_guests),
        cmocka_unit_test(what_is_no_guest_gets_an_explanation),
        cmocka_unit_test(keys_wait_for_a_guest_in_order),
        cmocka_unit_test(keys_beyond_the_ring_are_lost),
        cmocka_unit_test(the_hosts_lines_step_in),
        cmocka_unit_test(closing_shows_the_rest_and_selects_the_next),
        cmocka_unit_test(keys_of_a_closed_guest_are_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
