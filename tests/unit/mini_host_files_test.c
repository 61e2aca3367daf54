/* SPDX-License-Identifier: MIT */
#include "cmocka_all.h"

#include <string.h>

#include "files.h"

static char error[200];

static const struct machine machine = {
    .modules =
        {
            {.kind = MACHINE_RAMDISK, .file = {0x1000, 1}},
            {.kind = MACHINE_KERNEL, .file = {0x2000, 2}},
            {.kind = MACHINE_KERNEL, .file = {0x3000, 3}},
            {.kind = MACHINE_RAMDISK, .file = {0x4000, 4}},
        },
    .module_count = 4,
};

static void assert_found(const struct options_vm *vm, const struct files *expected)
{
    struct files files;

    if (!files_find(&machine, vm, &files, error, sizeof(error)))
        fail_msg("refused: %s", error);
    assert_ptr_equal(files.firmware, expected->firmware);
    assert_ptr_equal(files.kernel, expected->kernel);
    assert_ptr_equal(files.initrd, expected->initrd);
}

static void files_are_found_by_address(void **state)
{
    const struct machine_module *m = machine.modules;

    (void)state;
    assert_found(&(struct options_vm){.kernel = 0x3000, .initrd = 0x4000},
                 &(struct files){.kernel = &m[2], .initrd = &m[3]});
    /* None but those that are named. */
    assert_found(&(struct options_vm){.kernel = 0x2000}, &(struct files){.kernel = &m[1]});
    assert_found(&(struct options_vm){.firmware = 0x3000}, &(struct files){.firmware = &m[2]});
}

static void files_that_are_not_named_are_the_first(void **state)
{
    const struct machine_module *m = machine.modules;

    (void)state;
    assert_found(&(struct options_vm){.vcpus = 1},
                 &(struct files){.kernel = &m[1], .initrd = &m[0]});
}

static void files_that_are_missing_are_named(void **state)
{
    static const struct {
        struct options_vm vm;
        const char *line;
    } missing[] = {
        {{.kernel = 0x2001}, "kernel=0x2001: no boot module"},
        {{.firmware = 0x5000}, "firmware=0x5000: no boot module"},
        {{.kernel = 0x2000, .initrd = 0x6000}, "initrd=0x6000: no boot module"},
    };
    const struct machine empty = {.module_count = 0};
    struct files files;

    (void)state;
    for (size_t i = 0; i < sizeof(missing) / sizeof(missing[0]); i++) {
        assert_false(files_find(&machine, &missing[i].vm, &files, error, sizeof(error)));
        assert_non_null(strstr(error, missing[i].line));
    }
    assert_false(files_find(&empty, &missing[0].vm, &files, error, sizeof(error)));
    assert_false(
        files_find(&empty, &(struct options_vm){.vcpus = 1}, &files, error, sizeof(error)));
    assert_non_null(strstr(error, "there is no kernel"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_found_by_address),
        cmocka_unit_test(files_that_are_not_named_are_the_first),
        cmocka_unit_test(files_that_are_missing_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
