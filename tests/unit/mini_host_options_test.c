/* SPDX-License-Identifier: MIT */
#include "cmocka_all.h"

#include <string.h>

#include "options.h"

#define CPUS 4 /* of the machine */

static struct options options;
static char error[160];

static bool parse(const char *text)
{
    memset(error, 0, sizeof(error));
    return options_parse(text, CPUS, &options, error, sizeof(error));
}

static void assert_parsed(const char *text)
{
    if (!parse(text))
        fail_msg("refused: %s", error);
}

static void assert_refused(const char *text, const char *part_of_line)
{
    assert_false(parse(text));
    if (strstr(error, part_of_line) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", error, part_of_line);
    assert_null(strchr(error, '\n'));
}

static void no_words_give_one_vm_of_defaults(void **state)
{
    (void)state;
    assert_parsed("");
    assert_int_equal(options.mode, OPTIONS_VIRTUAL);
    assert_int_equal(options.vm_count, 1);
    assert_string_equal(options.vms[0].name, "vm1");
    assert_int_equal(options.vms[0].vcpus, CPUS);
    assert_int_equal(options.vms[0].memory, 256);
    assert_int_equal(options.vms[0].kernel, 0);
    assert_int_equal(options.vms[0].initrd, 0);
    assert_int_equal(options.vms[0].firmware, 0);
    assert_false(options.vms[0].pmu);
    assert_false(options.vms[0].times);
    assert_false(options.harden);
    assert_parsed("   ");
    assert_int_equal(options.vm_count, 1);
}

static void each_word_sets_its_option(void **state)
{
    (void)state;
    assert_parsed(
        "mode=direct vcpus=2 memory=512 name=a-B_9. kernel=0x4a000000 initrd=0x123456789");
    assert_int_equal(options.mode, OPTIONS_DIRECT);
    assert_int_equal(options.vms[0].vcpus, 2);
    assert_int_equal(options.vms[0].memory, 512);
    assert_string_equal(options.vms[0].name, "a-B_9.");
    assert_int_equal(options.vms[0].kernel, 0x4a000000);
    assert_int_equal(options.vms[0].initrd, 0x123456789);
    assert_parsed("  firmware=0xfedcba0   mode=virtual ");
    assert_int_equal(options.vms[0].firmware, 0xfedcba0);
    assert_int_equal(options.mode, OPTIONS_VIRTUAL);
    assert_parsed("vm harden vm");
    assert_true(options.harden);
    assert_refused("harden mode=direct", "harden");
}

static void words_after_vm_are_that_vms(void **state)
{
    (void)state;
    assert_parsed("vm vcpus=2 kernel=0x1000 vm memory=64 pmu times name=second");
    assert_int_equal(options.vm_count, 2);
    assert_int_equal(options.vms[0].vcpus, 2);
    assert_int_equal(options.vms[0].memory, 256);
    assert_int_equal(options.vms[0].kernel, 0x1000);
    assert_string_equal(options.vms[0].name, "vm1");
    assert_int_equal(options.vms[1].vcpus, CPUS);
    assert_int_equal(options.vms[1].memory, 64);
    assert_int_equal(options.vms[1].kernel, 0);
    assert_string_equal(options.vms[1].name, "second");
    assert_false(options.vms[0].pmu);
    assert_true(options.vms[1].pmu);
    assert_false(options.vms[0].times);
    assert_true(options.vms[1].times);
}

static void words_before_the_first_vm_are_all_vms(void **state)
{
    (void)state;
    assert_parsed("vcpus=3 memory=128 vm vm vcpus=1");
    assert_int_equal(options.vm_count, 2);
    assert_int_equal(options.vms[0].vcpus, 3);
    assert_int_equal(options.vms[0].memory, 128);
    assert_int_equal(options.vms[1].vcpus, 1);
    assert_int_equal(options.vms[1].memory, 128);
}

/* The mode is the machine's, wherever it stands. */
static void mode_is_not_a_vms(void **state)
{
    (void)state;
    assert_parsed("vm mode=direct host=vhe");
    assert_int_equal(options.mode, OPTIONS_DIRECT);
}

static void the_last_of_two_counts(void **state)
{
    (void)state;
    assert_parsed("vcpus=4 vcpus=3");
    assert_int_equal(options.vms[0].vcpus, 3);
}

static void limits_are_inclusive(void **state)
{
    (void)state;
    assert_parsed("vcpus=8 memory=65536");
    assert_int_equal(options.vms[0].vcpus, 8);
    assert_int_equal(options.vms[0].memory, 65536);
    assert_parsed("vcpus=1 memory=8");
    assert_refused("vcpus=9", "vcpus takes a number from 1 to 8, not \"9\"");
    assert_refused("vcpus=0", "not \"0\"");
    assert_refused("memory=7", "memory takes a number from 8 to 65536");
    assert_refused("memory=65537", "not \"65537\"");
    assert_parsed("vm vm vm vm vm vm vm vm");
    assert_int_equal(options.vm_count, 8);
    assert_string_equal(options.vms[7].name, "vm8");
    assert_refused("vm vm vm vm vm vm vm vm vm", "more than 8 VMs");
    assert_parsed("name=fifteen-letters");
    assert_refused("name=sixteen--letters", "name takes 1 to 15 letters");
    assert_parsed("kernel=0xfffffffffffffff0");
    assert_true(options.vms[0].kernel == UINT64_C(0xfffffffffffffff0));
}

static void what_is_no_number_is_refused(void **state)
{
    (void)state;
    assert_refused("vcpus=", "vcpus takes");
    assert_refused("vcpus=-1", "vcpus takes");
    assert_refused("vcpus=2x", "vcpus takes");
    assert_refused("vcpus=0x2", "vcpus takes");
    /* 2^32 + 2: must not come out as 2. */
    assert_refused("vcpus=4294967298", "vcpus takes");
}

static void what_is_no_address_is_refused(void **state)
{
    (void)state;
    assert_refused("kernel=", "kernel takes an address");
    assert_refused("kernel=0x", "kernel takes");
    assert_refused("kernel=0x0", "kernel takes");
    assert_refused("kernel=1234", "kernel takes");
    assert_refused("initrd=0x12g", "initrd takes");
    assert_refused("firmware=0x10000000000000001", "firmware takes");
}

static void what_is_no_name_is_refused(void **state)
{
    (void)state;
    assert_refused("name=", "name takes");
    assert_refused("name=a/b", "name takes");
    assert_refused("name=a=b", "name takes");
}

static void two_vms_of_one_name_are_refused(void **state)
{
    (void)state;
    assert_refused("name=same vm vm", "two VMs have the name \"same\"");
    assert_refused("vm name=vm2 vm", "two VMs have the name \"vm2\"");
    assert_refused("vm name=a vm name=b vm name=a", "two VMs have the name \"a\"");
    assert_parsed("name=same vm vm name=other");
}

static void unknown_words_are_named(void **state)
{
    (void)state;
    assert_refused("vcpus=2 colour=red", "no option \"colour\"");
    assert_refused("vcpus", "no option \"vcpus\"");
    assert_refused("vm=1", "no option \"vm\"");
    assert_refused("cpus=1", "no option \"cpus\"");
    assert_refused("host=nvhe", "host takes \"vhe\", not \"nvhe\"");
    assert_refused("mode=fast", "mode takes \"virtual\" or \"direct\", not \"fast\"");
    assert_refused("=", "no option \"\"");
}

static void files_that_exclude_one_another_are_refused(void **state)
{
    (void)state;
    assert_refused("kernel=0x1000 vm vm name=bad firmware=0x2000", "bad has both");
    assert_refused("vm initrd=0x1000", "vm1 has an initrd and no kernel");
    assert_refused("firmware=0x1000 initrd=0x2000", "an initrd and no kernel");
}

static void direct_mode_has_one_vm_and_a_cpu_a_vcpu(void **state)
{
    (void)state;
    assert_parsed("mode=direct vcpus=4");
    assert_refused("mode=direct vcpus=5", "5 vCPUs and 4 CPUs");
    assert_parsed("mode=virtual vcpus=5");
    assert_parsed("mode=direct vm");
    assert_refused("vm vm mode=direct", "mode=direct takes one VM, not 2");
    assert_refused("mode=direct firmware=0x1000", "mode=direct takes a kernel, not a firmware");
}

static void a_word_beyond_the_buffer_is_refused(void **state)
{
    char longest[64];

    (void)state;
    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    assert_refused(longest, "longer than 40 characters");
    longest[40] = '\0';
    assert_refused(longest, "no option");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_words_give_one_vm_of_defaults),
        cmocka_unit_test(each_word_sets_its_option),
        cmocka_unit_test(words_after_vm_are_that_vms),
        cmocka_unit_test(words_before_the_first_vm_are_all_vms),
        cmocka_unit_test(mode_is_not_a_vms),
        cmocka_unit_test(the_last_of_two_counts),
        cmocka_unit_test(limits_are_inclusive),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(what_is_no_address_is_refused),
        cmocka_unit_test(what_is_no_name_is_refused),
        cmocka_unit_test(two_vms_of_one_name_are_refused),
        cmocka_unit_test(unknown_words_are_named),
        cmocka_unit_test(files_that_exclude_one_another_are_refused),
        cmocka_unit_test(direct_mode_has_one_vm_and_a_cpu_a_vcpu),
        cmocka_unit_test(a_word_beyond_the_buffer_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
