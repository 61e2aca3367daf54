/* SPDX-License-Identifier: MIT */
#include "cmocka_all.h"

#include <string.h>

#include <vcpu/error.h>
#include <vcpu/exit.h>
#include <vcpu/version.h>

static void every_reason_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < VCPU_EXIT_REASONS; i++) {
        assert_non_null(vcpu_exit_name(i));
        for (uint32_t j = 0; j < i; j++)
            assert_string_not_equal(vcpu_exit_name(i), vcpu_exit_name(j));
    }
}

static void numbers_beyond_the_tables_are_unknown(void **state)
{
    (void)state;
    assert_string_equal(vcpu_exit_name(VCPU_EXIT_REASONS), "unknown");
    assert_string_equal(vcpu_exit_name(UINT32_MAX), "unknown");
    assert_string_equal(vcpu_error_string(1), "unknown error");
    assert_string_equal(vcpu_error_string(VCPU_ERR_NO_VMID - 1), "unknown error");
    assert_string_equal(vcpu_error_string(INT32_MIN), "unknown error");
}

static void every_error_has_a_text(void **state)
{
    (void)state;
    for (int e = VCPU_OK; e >= VCPU_ERR_NO_VMID; e--) {
        assert_non_null(vcpu_error_string(e));
        assert_string_not_equal(vcpu_error_string(e), "unknown error");
    }
}

static void the_version_is_the_headers(void **state)
{
    (void)state;
    assert_int_equal(vcpu_version(), VCPU_VERSION);
    assert_int_equal(vcpu_version() >> 16, VCPU_VERSION_MAJOR);
    assert_int_equal(vcpu_version() >> 8 & 255, VCPU_VERSION_MINOR);
    assert_int_equal(vcpu_version() & 255, VCPU_VERSION_PATCH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_reason_has_a_name_of_its_own),
        cmocka_unit_test(numbers_beyond_the_tables_are_unknown),
        cmocka_unit_test(every_error_has_a_text),
        cmocka_unit_test(the_version_is_the_headers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
