/* SPDX-License-Identifier: MIT */
/* What single calls do: entries, errors, the maintenance instructions one by one. */
#include "cmocka_all.h"

#include <string.h>

#include <vcpu/error.h>
#include <vcpu/stage2.h>

#include "stage2_machine.h"

#define KIB UINT64_C(0x400)
#define MIB (KIB * KIB)
#define GIB (KIB * MIB)

#define RAM GIB /* where QEMU's virt machine has it */

static struct vcpu_stage2 s2;

static int setup(void **state)
{
    (void)state;
    machine_reset();
    assert_int_equal(vcpu_stage2_create(&s2, &machine.host, 40, 40, 8, 0x5a), VCPU_OK);
    machine_attach(&s2);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    machine_check_settled();
    assert_int_equal(machine.pages_in_use, s2.pages);
    assert_int_equal(vcpu_stage2_destroy(&s2), VCPU_OK);
    machine_detach();
    assert_int_equal(machine.pages_in_use, 0);
    return 0;
}

static int map(uint64_t ipa, uint64_t pa, uint64_t size, uint32_t flags)
{
    return vcpu_stage2_map(&s2, vcpu_ipa(ipa), vcpu_pa(pa), size, flags);
}

static int unmap(uint64_t ipa, uint64_t size)
{
    return vcpu_stage2_unmap(&s2, vcpu_ipa(ipa), size);
}

static int protect(uint64_t ipa, uint64_t size, uint32_t flags)
{
    return vcpu_stage2_protect(&s2, vcpu_ipa(ipa), size, flags);
}

/* The instructions since the last call of it, as letters; see struct machine_event. */
static const char *instructions(void)
{
    static char letters[4097];

    for (unsigned i = 0; i < machine.events_count; i++)
        letters[i] = machine.events[i].what;
    letters[machine.events_count] = '\0';
    machine.events_count = 0;
    return letters;
}

static void assert_leaf(uint64_t ipa, uint64_t out, uint64_t size)
{
    struct machine_leaf leaf = machine_walk(ipa);

    assert_true(leaf.valid);
    assert_int_equal(leaf.out, out);
    assert_int_equal(leaf.size, size);
}

static void a_gib_of_aligned_memory_takes_one_entry(void **state)
{
    unsigned tables;

    (void)state;
    assert_int_equal(map(RAM, 5 * GIB, GIB, VCPU_S2_RWX), VCPU_OK);
    assert_leaf(RAM, 5 * GIB, GIB);
    assert_leaf(2 * GIB - 4 * KIB, 5 * GIB, GIB);
    assert_int_equal(machine_count(&tables), GIB);
    assert_int_equal(tables, 2); /* the two of the root */
    assert_int_equal(s2.pages, 2);
    /* One store into an invalid entry: no TLB holds those, a barrier is enough. */
    instructions();
    assert_int_equal(map(3 * GIB, 7 * GIB, GIB, VCPU_S2_RWX), VCPU_OK);
    assert_string_equal(instructions(), "wi");
}

static void entries_are_as_large_as_alignment_allows(void **state)
{
    unsigned tables;

    (void)state;
    /* From the last page of one block, over 2 MiB and 1 GiB, to the first of another. */
    assert_int_equal(map(GIB - 2 * MIB - 4 * KIB, 3 * GIB - 2 * MIB - 4 * KIB,
                         4 * KIB + 2 * MIB + GIB + 2 * MIB + 4 * KIB, VCPU_S2_RW),
                     VCPU_OK);
    assert_leaf(GIB - 2 * MIB - 4 * KIB, 3 * GIB - 2 * MIB - 4 * KIB, 4 * KIB);
    assert_leaf(GIB - 2 * MIB, 3 * GIB - 2 * MIB, 2 * MIB);
    assert_leaf(GIB, 3 * GIB, GIB);
    assert_leaf(2 * GIB, 4 * GIB, 2 * MIB);
    assert_leaf(2 * GIB + 2 * MIB, 4 * GIB + 2 * MIB, 4 * KIB);
    assert_int_equal(machine_count(&tables), GIB + 4 * MIB + 8 * KIB);
    assert_int_equal(tables, 2 + 4);

    /* Where PA and IPA do not agree modulo 2 MiB, there are only pages. */
    assert_int_equal(map(8 * GIB, 8 * GIB + 4 * KIB, 4 * MIB, VCPU_S2_RW), VCPU_OK);
    assert_leaf(8 * GIB, 8 * GIB + 4 * KIB, 4 * KIB);
    assert_leaf(8 * GIB + 2 * MIB, 8 * GIB + 2 * MIB + 4 * KIB, 4 * KIB);
}

static void permissions_and_memory_types_reach_the_descriptor(void **state)
{
    (void)state;
    for (uint32_t flags = 1; flags < 8; flags++) {
        uint64_t ipa = RAM + flags * 4 * KIB;

        assert_int_equal(map(ipa, ipa, 4 * KIB, flags), VCPU_OK);
        struct machine_leaf leaf = machine_walk(ipa);
        assert_int_equal(leaf.read, (flags & VCPU_S2_READ) != 0);
        assert_int_equal(leaf.write, (flags & VCPU_S2_WRITE) != 0);
        assert_int_equal(leaf.execute, (flags & VCPU_S2_EXECUTE) != 0);
        assert_false(leaf.device);
    }
    assert_int_equal(map(0x9000000, 0x9000000, 4 * KIB, VCPU_S2_RW | VCPU_S2_DEVICE), VCPU_OK);
    struct machine_leaf leaf = machine_walk(0x9000000);
    assert_true(leaf.device && leaf.read && leaf.write && !leaf.execute);
}

static void an_overlapping_map_changes_nothing(void **state)
{
    (void)state;
    assert_int_equal(map(RAM + 6 * MIB, 0, 4 * KIB, VCPU_S2_RW), VCPU_OK);
    machine_save();
    uint64_t pages = s2.pages;
    instructions();
    assert_int_equal(map(RAM, 0, GIB, VCPU_S2_RW), VCPU_ERR_EXISTS);
    assert_int_equal(map(RAM + 4 * MIB, 0, 2 * MIB + 4 * KIB, VCPU_S2_RW), VCPU_ERR_EXISTS);
    assert_int_equal(map(RAM + 6 * MIB, 0, 4 * KIB, VCPU_S2_RW), VCPU_ERR_EXISTS);
    assert_true(machine_is_as_saved());
    assert_int_equal(s2.pages, pages);
    assert_string_equal(instructions(), "");
    assert_int_equal(map(RAM + 4 * MIB, 0, 2 * MIB, VCPU_S2_RW), VCPU_OK);
}

static void unmapping_a_page_invalidates_its_ipa(void **state)
{
    uint64_t ipa = 0xfe40201000; /* of 40 bits */

    (void)state;
    machine_watch(ipa);
    machine_watch(ipa + 4 * KIB);
    assert_int_equal(map(ipa, 0x80000000, 8 * KIB, VCPU_S2_RWX), VCPU_OK);
    machine_check_settled();
    instructions();

    assert_int_equal(unmap(ipa, 4 * KIB), VCPU_OK);
    assert_int_equal(machine.events_count, 6);
    assert_int_equal(machine.events[1].what, 's');
    assert_int_equal(machine.events[1].value >> 48, 0x5a);
    assert_int_equal(machine.events[2].what, 'p');
    assert_int_equal(machine.events[2].value, 0xfe40201); /* IPA[47:12] from bit 0 */
    /* DSB ISHST; TLBI IPAS2E1IS; DSB ISH; TLBI VMALLE1IS and DSB ISH twice; and the ISB of restore. */
    assert_string_equal(instructions(), "wspdcr");
    assert_false(machine_walk(ipa).valid);
    assert_leaf(ipa + 4 * KIB, 0x80001000, 4 * KIB);
}

static void many_entries_are_invalidated_at_once(void **state)
{
    (void)state;
    machine_watch(RAM);
    machine_watch(RAM + 62 * MIB);
    machine_watch(RAM + 64 * MIB);
    assert_int_equal(map(RAM, 0, 130 * MIB, VCPU_S2_RW), VCPU_OK);
    instructions();
    assert_int_equal(unmap(RAM, 64 * MIB), VCPU_OK); /* 32 entries */
    assert_string_equal(instructions(), "wsppppppppppppppppppppppppppppppppdcr");
    machine_check_settled();
    assert_int_equal(unmap(RAM + 64 * MIB, 66 * MIB), VCPU_OK); /* 33 */
    assert_string_equal(instructions(), "wsar");
}

static void cutting_a_block_breaks_before_it_makes(void **state)
{
    unsigned tables;

    (void)state;
    machine_watch(RAM);
    machine_watch(RAM + 0x201000);
    machine_watch(RAM + 0x202000);
    machine_watch(2 * GIB - 4 * KIB);
    assert_int_equal(map(RAM, 4 * GIB, GIB, VCPU_S2_RWX), VCPU_OK);
    machine_check_settled();
    instructions();

    assert_int_equal(unmap(RAM + 0x201000, 4 * KIB), VCPU_OK);
    /* The block's invalidation, the link's barrier, the page's invalidation. */
    assert_string_equal(instructions(), "wspdcrwiwspdcr");
    assert_leaf(RAM, 4 * GIB, 2 * MIB);
    assert_leaf(RAM + 0x200000, 4 * GIB + 0x200000, 4 * KIB);
    assert_false(machine_walk(RAM + 0x201000).valid);
    assert_leaf(RAM + 0x202000, 4 * GIB + 0x202000, 4 * KIB);
    assert_leaf(2 * GIB - 2 * MIB, 5 * GIB - 2 * MIB, 2 * MIB);
    assert_int_equal(machine_count(&tables), GIB - 4 * KIB);
    assert_int_equal(tables, 2 + 2);
    assert_true(machine_walk(RAM).execute);
}

static void a_change_of_permissions_leaves_no_gap(void **state)
{
    (void)state;
    machine_watch(RAM);
    assert_int_equal(map(RAM, RAM, 2 * GIB, VCPU_S2_RWX), VCPU_OK);
    instructions();
    assert_int_equal(protect(RAM, 2 * GIB, VCPU_S2_READ), VCPU_OK);
    /* No break: permissions may change in place. */
    assert_string_equal(instructions(), "wsppdcr");
    machine_check_settled();
    struct machine_leaf leaf = machine_walk(RAM);
    assert_true(leaf.valid && leaf.read && !leaf.write && !leaf.execute && leaf.size == GIB);
    /* What is so already needs nothing. */
    assert_int_equal(protect(RAM, 2 * GIB, VCPU_S2_READ), VCPU_OK);
    assert_string_equal(instructions(), "");
}

static void protecting_holes_or_code_in_devices_changes_nothing(void **state)
{
    (void)state;
    assert_int_equal(map(RAM, RAM, 2 * MIB, VCPU_S2_RWX), VCPU_OK);
    assert_int_equal(map(RAM + 4 * MIB, RAM, 2 * MIB, VCPU_S2_RW | VCPU_S2_DEVICE), VCPU_OK);
    machine_save();
    instructions();
    assert_int_equal(protect(RAM, 4 * MIB, VCPU_S2_READ), VCPU_ERR_NOT_FOUND);
    assert_int_equal(protect(RAM + 4 * KIB, 4 * MIB, VCPU_S2_READ), VCPU_ERR_NOT_FOUND);
    assert_int_equal(protect(RAM + 5 * MIB, 4 * KIB, VCPU_S2_RWX), VCPU_ERR_INVALID);
    assert_true(machine_is_as_saved());
    assert_string_equal(instructions(), "");
    /* The memory type stays. */
    assert_int_equal(protect(RAM + 4 * MIB, 2 * MIB, VCPU_S2_READ), VCPU_OK);
    assert_true(machine_walk(RAM + 4 * MIB).device);
}

static void tables_that_become_empty_go_back(void **state)
{
    (void)state;
    machine_watch(RAM);
    machine_watch(RAM + 2 * MIB);
    assert_int_equal(map(RAM, 0, 2 * MIB + 4 * KIB, VCPU_S2_RW), VCPU_OK);
    assert_int_equal(s2.pages, 2 + 2);
    assert_int_equal(unmap(RAM + 2 * MIB, 2 * MIB), VCPU_OK);
    assert_int_equal(s2.pages, 2 + 1);
    assert_int_equal(unmap(0, 1024 * GIB), VCPU_OK);
    assert_int_equal(s2.pages, 2);
    assert_int_equal(machine.pages_in_use, 2);
}

static void unmapping_nothing_does_nothing(void **state)
{
    (void)state;
    instructions();
    assert_int_equal(unmap(0, 1024 * GIB), VCPU_OK);
    assert_string_equal(instructions(), "");
}

static void a_query_gives_the_very_address(void **state)
{
    struct vcpu_stage2_mapping mapping;

    (void)state;
    assert_int_equal(map(RAM, 6 * GIB, GIB, VCPU_S2_READ | VCPU_S2_EXECUTE), VCPU_OK);
    assert_int_equal(map(0x8000000, 0x9000, 4 * KIB, VCPU_S2_RW | VCPU_S2_DEVICE), VCPU_OK);
    assert_int_equal(vcpu_stage2_query(&s2, vcpu_ipa(RAM + 0x1234567), &mapping), VCPU_OK);
    assert_int_equal(mapping.pa.value, 6 * GIB + 0x1234567);
    assert_int_equal(mapping.size, GIB);
    assert_int_equal(mapping.flags, VCPU_S2_READ | VCPU_S2_EXECUTE);
    assert_int_equal(vcpu_stage2_query(&s2, vcpu_ipa(0x8000fff), &mapping), VCPU_OK);
    assert_int_equal(mapping.pa.value, 0x9fff);
    assert_int_equal(mapping.size, 4 * KIB);
    assert_int_equal(mapping.flags, VCPU_S2_RW | VCPU_S2_DEVICE);

    assert_int_equal(vcpu_stage2_query(&s2, vcpu_ipa(0x8001000), &mapping), VCPU_ERR_NOT_FOUND);
    assert_int_equal(vcpu_stage2_query(&s2, vcpu_ipa(1024 * GIB - 1), &mapping),
                     VCPU_ERR_NOT_FOUND);
    assert_int_equal(vcpu_stage2_query(&s2, vcpu_ipa(1024 * GIB), &mapping), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_stage2_query(&s2, vcpu_ipa(UINT64_MAX), &mapping), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_stage2_query(&s2, vcpu_ipa(0), NULL), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_stage2_query(NULL, vcpu_ipa(0), &mapping), VCPU_ERR_INVALID);
}

static void ranges_that_are_none_are_refused(void **state)
{
    static const struct {
        uint64_t ipa, size;
    } bad[] = {
        {0, 0},
        {1, 4 * KIB},
        {0, 4 * KIB - 1},
        {2 * KIB, 4 * KIB},
        {1024 * GIB, 4 * KIB},
        {1024 * GIB - 4 * KIB, 8 * KIB},
        {0, 1024 * GIB + 4 * KIB},
        {4 * KIB, ~UINT64_C(0xfff)},
        {~UINT64_C(0xfff), 8 * KIB},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(map(bad[i].ipa, 0, bad[i].size, VCPU_S2_RW), VCPU_ERR_INVALID);
        assert_int_equal(unmap(bad[i].ipa, bad[i].size), VCPU_ERR_INVALID);
        assert_int_equal(protect(bad[i].ipa, bad[i].size, VCPU_S2_RW), VCPU_ERR_INVALID);
    }
    assert_int_equal(map(0, 1, 4 * KIB, VCPU_S2_RW), VCPU_ERR_INVALID);
    assert_int_equal(map(0, 1024 * GIB, 4 * KIB, VCPU_S2_RW), VCPU_ERR_INVALID);
    assert_int_equal(map(0, 1024 * GIB - 4 * KIB, 8 * KIB, VCPU_S2_RW), VCPU_ERR_INVALID);
    assert_int_equal(map(0, ~UINT64_C(0xfff), 8 * KIB, VCPU_S2_RW), VCPU_ERR_INVALID);
    assert_int_equal(map(0, 0, 4 * KIB, 0), VCPU_ERR_INVALID);
    assert_int_equal(map(0, 0, 4 * KIB, VCPU_S2_DEVICE), VCPU_ERR_INVALID);
    assert_int_equal(map(0, 0, 4 * KIB, VCPU_S2_DEVICE | VCPU_S2_RWX), VCPU_ERR_INVALID);
    assert_int_equal(map(0, 0, 4 * KIB, VCPU_S2_RW | 1u << 9), VCPU_ERR_INVALID);
    assert_int_equal(map(0, 0, 4 * KIB, VCPU_S2_RW | 1u << 31), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_stage2_map(NULL, vcpu_ipa(0), vcpu_pa(0), 4 * KIB, VCPU_S2_RW),
                     VCPU_ERR_INVALID);
    assert_int_equal(vcpu_stage2_unmap(NULL, vcpu_ipa(0), 4 * KIB), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_stage2_protect(NULL, vcpu_ipa(0), 4 * KIB, VCPU_S2_RW), VCPU_ERR_INVALID);

    assert_int_equal(map(0, 0, 4 * KIB, VCPU_S2_RW), VCPU_OK);
    assert_int_equal(protect(0, 4 * KIB, 0), VCPU_ERR_INVALID);
    assert_int_equal(protect(0, 4 * KIB, VCPU_S2_RW | VCPU_S2_DEVICE), VCPU_ERR_INVALID);
}

static void creation_refuses_what_cannot_be(void **state)
{
    struct vcpu_host host;
    struct vcpu_stage2 other;

    (void)state;
    machine_reset();
    host = machine.host;
    assert_int_equal(vcpu_stage2_create(NULL, &host, 40, 40, 8, 1), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_stage2_create(&other, NULL, 40, 40, 8, 1), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_stage2_create(&other, &host, 41, 40, 8, 1), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_stage2_create(&other, &host, 40, 41, 8, 1), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_stage2_create(&other, &host, 40, 40, 9, 1), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_stage2_create(&other, &host, 40, 40, 8, 0), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_stage2_create(&other, &host, 40, 40, 8, 256), VCPU_ERR_INVALID);
    host.phys_to_virt = NULL;
    assert_int_equal(vcpu_stage2_create(&other, &host, 40, 40, 8, 1), VCPU_ERR_INVALID);
    host = machine.host;
    host.alloc_pages = NULL;
    assert_int_equal(vcpu_stage2_create(&other, &host, 40, 40, 8, 1), VCPU_ERR_INVALID);
    host = machine.host;
    host.free_pages = NULL;
    assert_int_equal(vcpu_stage2_create(&other, &host, 40, 40, 8, 1), VCPU_ERR_INVALID);
    machine.pages_left = 0;
    assert_int_equal(vcpu_stage2_create(&other, &machine.host, 40, 40, 8, 1), VCPU_ERR_NO_MEMORY);
    assert_int_equal(machine.pages_in_use, 0);
    assert_int_equal(vcpu_stage2_destroy(NULL), VCPU_ERR_INVALID);
}

static void a_root_is_empty_and_of_its_shape(void **state)
{
    static const struct {
        uint8_t ipa_bits, pa_bits, pages;
    } roots[] = {{32, 48, 4}, {34, 48, 16}, {36, 36, 1}, {43, 44, 16}, {44, 44, 1}, {48, 48, 1}};
    struct vcpu_stage2 other;

    (void)state;
    for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
        unsigned tables;

        machine_reset();
        assert_int_equal(vcpu_stage2_create(&other, &machine.host, roots[i].ipa_bits,
                                            roots[i].pa_bits, 16, 0x8001),
                         VCPU_OK);
        machine_attach(&other);
        machine_check_settled();
        assert_int_equal(machine.pages_in_use, roots[i].pages);
        assert_int_equal(other.pages, roots[i].pages);
        assert_int_equal(vcpu_stage2_root(&other).value % (roots[i].pages * 4 * KIB), 0);
        assert_int_equal(machine_count(&tables), 0);

        /* The very last page of the IPA space. */
        uint64_t last = (UINT64_C(1) << roots[i].ipa_bits) - 4 * KIB;
        machine_watch(last);
        assert_int_equal(
            vcpu_stage2_map(&other, vcpu_ipa(last), vcpu_pa(0x7000), 4 * KIB, VCPU_S2_RW), VCPU_OK);
        assert_leaf(last, 0x7000, 4 * KIB);
        machine_check_settled();
        assert_int_equal(vcpu_stage2_destroy(&other), VCPU_OK);
        machine_detach();
        assert_int_equal(machine.pages_in_use, 0);
    }
}

#define WITH_TABLES(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_TABLES(a_gib_of_aligned_memory_takes_one_entry),
        WITH_TABLES(entries_are_as_large_as_alignment_allows),
        WITH_TABLES(permissions_and_memory_types_reach_the_descriptor),
        WITH_TABLES(an_overlapping_map_changes_nothing),
        WITH_TABLES(unmapping_a_page_invalidates_its_ipa),
        WITH_TABLES(many_entries_are_invalidated_at_once),
        WITH_TABLES(cutting_a_block_breaks_before_it_makes),
        WITH_TABLES(a_change_of_permissions_leaves_no_gap),
        WITH_TABLES(protecting_holes_or_code_in_devices_changes_nothing),
        WITH_TABLES(tables_that_become_empty_go_back),
        WITH_TABLES(unmapping_nothing_does_nothing),
        WITH_TABLES(a_query_gives_the_very_address),
        WITH_TABLES(ranges_that_are_none_are_refused),
        cmocka_unit_test(creation_refuses_what_cannot_be),
        cmocka_unit_test(a_root_is_empty_and_of_its_shape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
