/* SPDX-License-Identifier: MIT */
#include "cmocka_all.h"

#include <string.h>

#include "machine/image.h"

#define MIB UINT64_C(0x100000)
#define RAM UINT64_C(0x40000000)

/* A file of a kernel, whose header a test fills in. */
static uint8_t file[4096];
static struct image_request request;
static struct image_layout layout;
static char error[200];

static void put_le64(size_t at, uint64_t value)
{
    for (size_t i = 0; i < 8; i++)
        file[at + i] = (uint8_t)(value >> (8 * i));
}

static void put_header(uint64_t text_offset, uint64_t image_size, uint64_t flags)
{
    put_le64(8, text_offset);
    put_le64(16, image_size);
    put_le64(24, flags);
    memcpy(file + 56, "ARM\x64", 4);
}

static int reset(void **state)
{
    (void)state;
    memset(file, 0, sizeof(file));
    memset(error, 0, sizeof(error));
    request = (struct image_request){
        .file = file,
        .file_size = sizeof(file),
        .ram_base = RAM,
        .ram_size = 64 * MIB,
        .fdt_size = 0x5000,
        .page_sizes = IMAGE_PAGE_4K | IMAGE_PAGE_64K,
    };
    return 0;
}

static void assert_planned(void)
{
    if (!image_plan(&request, &layout, error, sizeof(error)))
        fail_msg("refused: %s", error);
}

static void assert_refused(const char *part_of_line)
{
    assert_false(image_plan(&request, &layout, error, sizeof(error)));
    if (strstr(error, part_of_line) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", error, part_of_line);
    assert_null(strchr(error, '\n'));
}

static void a_linux_image_goes_to_its_text_offset(void **state)
{
    (void)state;
    put_header(0, 8 * MIB, 0xa);
    assert_planned();
    assert_true(layout.is_linux);
    assert_int_equal(layout.kernel, RAM);
    assert_int_equal(layout.kernel_end, RAM + 8 * MIB);

    put_header(0x200000, 8 * MIB, 0xa);
    assert_planned();
    assert_int_equal(layout.kernel, RAM + 0x200000);
}

static void a_flat_binary_goes_to_512_kib(void **state)
{
    (void)state;
    assert_planned();
    assert_false(layout.is_linux);
    assert_int_equal(layout.kernel, RAM + 0x80000);
    assert_int_equal(layout.kernel_end, RAM + 0x80000 + sizeof(file));
}

/* Shorter than a header: the magic's place is not in it. */
static void a_flat_binary_may_be_one_instruction(void **state)
{
    (void)state;
    put_header(0, 8 * MIB, 0);
    request.file_size = 4;
    assert_planned();
    assert_false(layout.is_linux);
    request.file_size = 60; /* the magic is, the rest of the header is not */
    assert_planned();
    assert_false(layout.is_linux);
    request.file_size = 64;
    assert_planned();
    assert_true(layout.is_linux);
}

static void image_size_0_means_an_old_kernel(void **state)
{
    (void)state;
    /* Its text_offset and flags are not to be believed. */
    put_header(0x12345678, 0, 1);
    assert_planned();
    assert_true(layout.is_linux);
    assert_int_equal(layout.kernel, RAM + 0x80000);
    assert_int_equal(layout.kernel_end, RAM + 0x80000 + sizeof(file));
}

/* A signature may stand behind what image_size covers. */
static void a_file_longer_than_image_size_is_kept_whole(void **state)
{
    (void)state;
    put_header(0, 100, 0);
    assert_planned();
    assert_int_equal(layout.kernel_end, RAM + sizeof(file));
}

static void companions_go_to_the_top_in_order(void **state)
{
    (void)state;
    put_header(0, 8 * MIB, 0xa);
    request.initrd_size = 3 * MIB + 5;
    assert_planned();
    assert_int_equal(layout.fdt, RAM + 62 * MIB); /* the last block of 2 MiB */
    assert_int_equal(layout.initrd, RAM + 62 * MIB - 3 * MIB - 4096);
    request.initrd_size = 0;
    assert_planned();
    assert_int_equal(layout.initrd, 0);
}

/* The protocol: the tree must not cross a 2 MiB boundary. */
static void the_tree_stays_in_one_2_mib_block(void **state)
{
    (void)state;
    request.ram_size = 64 * MIB + 0x4000; /* the last block is too small for it */
    assert_planned();
    assert_int_equal(layout.fdt, RAM + 62 * MIB);
    request.ram_size = 64 * MIB + 0x5000;
    assert_planned();
    assert_int_equal(layout.fdt, RAM + 64 * MIB);
    request.fdt_size = 2 * MIB + 1;
    assert_refused("device tree");
}

static void the_tree_is_within_512_mib_if_all_fits_there(void **state)
{
    (void)state;
    put_header(0, 100 * MIB, 0);
    request.ram_size = 4096 * MIB;
    request.initrd_size = 408 * MIB;
    assert_planned();
    assert_int_equal(layout.fdt, RAM + 510 * MIB);
    assert_int_equal(layout.initrd, RAM + 102 * MIB);

    request.initrd_size = 410 * MIB + 1; /* there, but for the tree */
    assert_planned();
    assert_int_equal(layout.fdt, RAM + 4094 * MIB);

    request.initrd_size = 600 * MIB;
    assert_planned();
    assert_int_equal(layout.fdt, RAM + 4094 * MIB);
    assert_int_equal(layout.initrd, RAM + 3494 * MIB);

    put_header(0, 600 * MIB, 0);
    request.initrd_size = 0;
    assert_planned();
    assert_int_equal(layout.fdt, RAM + 4094 * MIB);
}

static void a_big_endian_kernel_is_refused(void **state)
{
    (void)state;
    put_header(0, 8 * MIB, 1);
    assert_refused("big endian");
}

static void a_page_size_that_the_cpu_has_not_is_refused(void **state)
{
    (void)state;
    put_header(0, 8 * MIB, 2 << 1);
    assert_refused("16 KiB pages");
    put_header(0, 8 * MIB, 3 << 1);
    assert_planned();
    request.page_sizes = IMAGE_PAGE_4K;
    assert_refused("64 KiB pages");
    put_header(0, 8 * MIB, 0); /* not said: not asked */
    request.page_sizes = 0;
    assert_planned();
}

/* TGran4 and TGran64 are 0 for "yes" and 0xf for "no", TGran16 is 0 for "no" and 1 for "yes". */
static void page_sizes_are_those_of_the_id_register(void **state)
{
    (void)state;
    assert_int_equal(image_page_sizes(0), IMAGE_PAGE_4K | IMAGE_PAGE_64K);
    assert_int_equal(image_page_sizes(0x100000), IMAGE_PAGE_4K | IMAGE_PAGE_16K | IMAGE_PAGE_64K);
    assert_int_equal(image_page_sizes(0xf0000000), IMAGE_PAGE_64K);
    assert_int_equal(image_page_sizes(0xff200000), IMAGE_PAGE_16K); /* 2: with 52 bits */
    assert_int_equal(image_page_sizes(0x1f000000), IMAGE_PAGE_4K);
}

static void an_odd_text_offset_is_refused(void **state)
{
    (void)state;
    put_header(0x80001, 8 * MIB, 0);
    assert_refused("text_offset 0x80001");
}

static void the_kernel_must_fit(void **state)
{
    (void)state;
    put_header(0, 62 * MIB, 0);
    assert_planned();
    put_header(0, 62 * MIB + 1, 0);
    assert_refused("overlaps the device tree");
    put_header(0, 64 * MIB + 1, 0);
    assert_refused("too little memory");
    put_header(64 * MIB, 4096, 0);
    assert_refused("too little memory");
}

static void the_initrd_must_fit(void **state)
{
    (void)state;
    put_header(0, 30 * MIB, 0);
    request.initrd_size = 32 * MIB;
    assert_planned();
    request.initrd_size = 32 * MIB + 1;
    assert_refused("overlaps the initrd");
    request.initrd_size = 62 * MIB;
    assert_refused("overlaps the initrd");
    request.initrd_size = 62 * MIB + 1;
    assert_refused("the initrd overlaps the device tree");
    request.initrd_size = 64 * MIB + 1;
    assert_refused("the initrd has");
    request.initrd_size = UINT64_MAX;
    assert_refused("the initrd has");
}

/* No header may make a sum wrap round and look small. */
static void headers_cannot_wrap_round(void **state)
{
    (void)state;
    put_header(0, UINT64_MAX, 0);
    assert_refused("too little memory");
    put_header(UINT64_C(0xfffffffffffff000), 0x2000, 0);
    assert_refused("too little memory");
    put_header(UINT64_C(0xfffffffffffff000), UINT64_MAX, 0);
    assert_refused("too little memory");
}

static void containers_are_named(void **state)
{
    (void)state;
    memcpy(file, "\x1f\x8b\x08", 3);
    assert_refused("gzip");
    memcpy(file,
           "\xfd"
           "7zXZ",
           5);
    assert_refused("xz");
    memcpy(file, "\x28\xb5\x2f\xfd", 4);
    assert_refused("zstd");
    memcpy(file,
           "\x7f"
           "ELF",
           4);
    assert_refused("ELF");
    memcpy(file, "MZ\0\0zimg", 8);
    assert_refused("EFI");
}

static void an_empty_file_is_refused(void **state)
{
    (void)state;
    request.file_size = 0;
    assert_refused("empty");
}

static void a_firmware_is_at_0_and_the_tree_at_the_base(void **state)
{
    (void)state;
    assert_true(image_plan_firmware(&request, sizeof(file), &layout, error, sizeof(error)));
    assert_int_equal(layout.kernel, 0);
    assert_int_equal(layout.kernel_end, sizeof(file));
    assert_int_equal(layout.fdt, RAM);
    assert_int_equal(layout.initrd, 0);
    assert_false(layout.is_linux);
}

static void a_firmware_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    assert_false(image_plan_firmware(&request, sizeof(file) - 1, &layout, error, sizeof(error)));
    assert_non_null(strstr(error, "flash memory"));
    request.ram_size = request.fdt_size - 1;
    assert_false(image_plan_firmware(&request, sizeof(file), &layout, error, sizeof(error)));
    assert_non_null(strstr(error, "device tree"));
    memcpy(file, "\x1f\x8b\x08", 3);
    assert_false(image_plan_firmware(&request, sizeof(file), &layout, error, sizeof(error)));
    assert_non_null(strstr(error, "the firmware is a gzip file"));
    request.file_size = 0;
    assert_false(image_plan_firmware(&request, sizeof(file), &layout, error, sizeof(error)));
    assert_non_null(strstr(error, "empty"));
}

#define TEST(name) cmocka_unit_test_setup(name, reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_linux_image_goes_to_its_text_offset),
        TEST(a_flat_binary_goes_to_512_kib),
        TEST(a_flat_binary_may_be_one_instruction),
        TEST(image_size_0_means_an_old_kernel),
        TEST(a_file_longer_than_image_size_is_kept_whole),
        TEST(companions_go_to_the_top_in_order),
        TEST(the_tree_stays_in_one_2_mib_block),
        TEST(the_tree_is_within_512_mib_if_all_fits_there),
        TEST(a_big_endian_kernel_is_refused),
        TEST(a_page_size_that_the_cpu_has_not_is_refused),
        TEST(page_sizes_are_those_of_the_id_register),
        TEST(an_odd_text_offset_is_refused),
        TEST(the_kernel_must_fit),
        TEST(the_initrd_must_fit),
        TEST(headers_cannot_wrap_round),
        TEST(containers_are_named),
        TEST(an_empty_file_is_refused),
        TEST(a_firmware_is_at_0_and_the_tree_at_the_base),
        TEST(a_firmware_that_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
