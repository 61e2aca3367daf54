/* SPDX-License-Identifier: MIT */
/* The memory and string functions, and the formats of kit_printf. */
#include "check.h"

#define SIZE 64u

static uint8_t from[SIZE], to[SIZE];

static void fill(void)
{
    for (size_t i = 0; i < SIZE; i++) {
        from[i] = (uint8_t)(i + 1);
        to[i] = 0xee;
    }
}

/* Whether to[] is as it must be when from[source..] was copied to to[target..]. */
static bool copied(size_t target, size_t source, size_t size)
{
    for (size_t i = 0; i < SIZE; i++) {
        bool inside = i >= target && i < target + size;

        if (to[i] != (inside ? (uint8_t)(i - target + source + 1) : 0xee))
            return false;
    }
    return true;
}

static void copies_are_exact_at_every_alignment_and_size(void)
{
    bool good = true;

    for (size_t target = 8; target < 16; target++) {
        for (size_t source = 0; source < 8; source++) {
            for (size_t size = 0; size < 40; size++) {
                fill();
                memcpy(to + target, from + source, size);
                good = good && copied(target, source, size);
            }
        }
    }
    CHECK(good);
}

static void moves_within_one_buffer_keep_what_was_there(void)
{
    bool good = true;

    for (size_t target = 0; target < 24; target++) {
        for (size_t source = 0; source < 24; source++) {
            for (size_t size = 0; size < 40; size++) {
                fill();
                memmove(from + target, from + source, size);
                for (size_t i = 0; i < SIZE; i++) {
                    bool inside = i >= target && i < target + size;
                    size_t old = inside ? i - target + source : i;

                    good = good && from[i] == (uint8_t)(old + 1);
                }
            }
        }
    }
    CHECK(good);
}

static void memset_sets_nothing_around(void)
{
    bool good = true;

    for (size_t start = 8; start < 16; start++) {
        for (size_t size = 0; size < 40; size++) {
            fill();
            memset(to + start, 0x1a5, size);
            for (size_t i = 0; i < SIZE; i++)
                good = good && to[i] == (i >= start && i < start + size ? 0xa5 : 0xee);
        }
    }
    CHECK(good);
}

static void comparisons_are_of_unsigned_bytes(void)
{
    CHECK(memcmp("a\x80", "a\x7f", 2) > 0);
    CHECK(memcmp("a\x7f", "a\x80", 2) < 0);
    CHECK(memcmp("abc", "abd", 2) == 0);
    CHECK(strcmp("abc", "abc") == 0);
    CHECK(strcmp("ab", "abc") < 0);
    CHECK(strcmp("\x80", "\x7f") > 0);
    CHECK(strncmp("abc", "abd", 2) == 0);
    CHECK(strncmp("abc", "abd", 3) < 0);
    CHECK(strncmp("ab", "ab", 10) == 0);
}

static void strings_are_searched_with_their_end(void)
{
    static const char text[] = "a.b.c";

    CHECK(strlen(text) == 5);
    CHECK(strnlen(text, 3) == 3);
    CHECK(strnlen(text, 30) == 5);
    CHECK(strchr(text, '.') == text + 1);
    CHECK(strrchr(text, '.') == text + 3);
    CHECK(strchr(text, '\0') == text + 5);
    CHECK(strchr(text, 'x') == NULL);
    CHECK(strrchr(text, 'x') == NULL);
    CHECK(memchr(text, 'c', 4) == NULL);
}

/* The text, and the length that kit_snprintf returns. */
#define FORMATS(expected, ...)                                                                     \
    CHECK(kit_snprintf(line, sizeof(line), __VA_ARGS__) == (int)sizeof(expected) - 1 &&            \
          strcmp(line, expected) == 0)

static void numbers_have_sign_width_and_length(void)
{
    char line[80];

    FORMATS("0 -1 2147483647 -2147483648", "%d %d %d %d", 0, -1, INT32_MAX, INT32_MIN);
    FORMATS("-9223372036854775808", "%ld", INT64_MIN);
    FORMATS("18446744073709551615", "%lu", UINT64_MAX);
    FORMATS("ffffffffffffffff FFFFFFFF", "%llx %X", ~0ull, UINT32_MAX);
    FORMATS("4294967295", "%u", UINT32_MAX);
    FORMATS("[   42][42   ][00042]", "[%5d][%-5d][%05d]", 42, 42, 42);
    FORMATS("[-0042][  -42][-42  ]", "[%05d][%5d][%-5d]", -42, -42, -42);
    FORMATS("[123456]", "[%3d]", 123456);
    FORMATS("0x40080000", "%p", (void *)0x40080000);
    FORMATS("12", "%zu", (size_t)12);
    FORMATS("-1 255 65535", "%hhd %hhu %hu", (unsigned char)255, (signed char)-1, (short)-1);
}

static void texts_and_letters_have_width(void)
{
    char line[80];

    FORMATS("[  ab][ab  ][x][   y]", "[%4s][%-4s][%c][%4c]", "ab", "ab", 'x', 'y');
    FORMATS("100%", "100%%");
}

static void what_does_not_fit_is_cut_and_counted(void)
{
    char line[4] = {'q', 'q', 'q', 'q'};

    CHECK(kit_snprintf(line, 3, "%d", 12345) == 5);
    CHECK(strcmp(line, "12") == 0 && line[3] == 'q');
    CHECK(kit_snprintf(NULL, 0, "%s", "abc") == 3);
}

static void registers_are_read_in_their_width(void)
{
    static uint64_t cell;
    uint64_t address = (uint64_t)&cell;

    kit_write64(address, UINT64_C(0x8877665544332211));
    CHECK(kit_read8(address + 7) == 0x88 && kit_read16(address + 2) == 0x4433);
    CHECK(kit_read32(address + 4) == 0x88776655);
    kit_write8(address, 0xf0);
    kit_write16(address + 2, 0xf1f2);
    kit_write32(address + 4, 0);
    CHECK(kit_read64(address) == 0xf1f222f0);
}

int guest_main(uint64_t dtb)
{
    (void)dtb;
    copies_are_exact_at_every_alignment_and_size();
    moves_within_one_buffer_keep_what_was_there();
    memset_sets_nothing_around();
    comparisons_are_of_unsigned_bytes();
    strings_are_searched_with_their_end();
    numbers_have_sign_width_and_length();
    texts_and_letters_have_width();
    what_does_not_fit_is_cut_and_counted();
    registers_are_read_in_their_width();
    return check_end("library");
}
