/* SPDX-License-Identifier: MIT */
/* The map of the distributor and the redistributors, by the numbers of the GIC specifications. */
#include "cmocka_all.h"

#include "gic_machine.h"

#define ALL 0xffffffffu

static void start(unsigned version, unsigned vcpus, unsigned spis)
{
    struct machine_config config = {.version = (uint8_t)version,
                                    .vcpus = (uint16_t)vcpus,
                                    .spis = (uint16_t)spis,
                                    .lrs = 4,
                                    .tdir = true};

    machine_start(&config);
    machine_load(0, 0);
}

/* What a frame has: anything else reads as zero and ignores writes. */
struct row {
    uint32_t first, last; /* offsets of the words */
    uint32_t value;       /* after all ones were written to all of the frame, word by word */
    uint8_t sizes;        /* a set: the bits 1, 2, 4 and 8 */
    bool other;           /* what it holds is looked at elsewhere */
};

static const struct row *find(const struct row *row, uint32_t offset)
{
    for (; row->sizes; row++)
        if (offset >= row->first && offset <= row->last)
            return row;
    return NULL;
}

static uint64_t ones(unsigned size)
{
    return size == 8 ? UINT64_MAX : (UINT64_C(1) << (8 * size)) - 1;
}

/* Each size at each offset, also where no aligned access is. */
static void check_frame(uint64_t base, uint32_t frame, const struct row *rows)
{
    for (unsigned size = 1; size <= 8; size *= 2)
        for (uint32_t offset = 0; offset < frame; offset++) {
            machine_read(0, base + offset, size);
            machine_write(0, base + offset, size, 0);
        }
    for (uint32_t offset = 0; offset < frame; offset += 4)
        machine_write(0, base + offset, 4, ALL);
    for (unsigned size = 1; size <= 8; size *= 2)
        for (uint32_t offset = 0; offset < frame; offset++) {
            const struct row *row = find(rows, offset & ~3u);
            uint64_t value = machine_read(0, base + offset, size);

            if (!row || !(row->sizes & size) || offset % size) {
                if (value)
                    fail_msg("offset %#x, size %u: %#lx", offset, size, (unsigned long)value);
            } else if (!row->other) {
                uint64_t expected = row->value >> (8 * (offset % 4)) & ones(size);

                if (value != expected)
                    fail_msg("offset %#x, size %u: %#lx for %#lx", offset, size,
                             (unsigned long)value, (unsigned long)expected);
            }
        }
}

/*
 * 40 SPIs: two banks, of which the second has 8. Writing all ones enables, then disables: what is
 * set and cleared is clear in the end. The lines are edges in the end, so nothing pends.
 */
static const struct row v3_distributor[] = {
    {0x0000, 0x0000, 0x53, 4, false},       /* both groups, ARE, DS; RWP is 0 */
    {0x0004, 0x0004, 0x07490002, 4, false}, /* RSS, No1N, A3V, MBIS, 10 bits of INTID, 96 lines */
    {0x0084, 0x0084, ALL, 4, false},        /* IGROUPR1 */
    {0x0088, 0x0088, 0xff, 4, false},       /* IGROUPR2 */
    {0x0420, 0x0447, 0xf8f8f8f8, 1 | 4, false}, /* IPRIORITYR of INTIDs 32 to 71 */
    {0x0c08, 0x0c0f, 0xaaaaaaaa, 4, false},     /* ICFGR of 32 to 63 */
    {0x0c10, 0x0c10, 0xaaaa, 4, false},         /* and of 64 to 71 */
    {.first = 0x6100, .last = 0x623f, .sizes = 4 | 8, .other = true}, /* IROUTER */
    {0xffe8, 0xffe8, 0x3b, 4, false},                                 /* PIDR2 */
    {.sizes = 0},
};

static void v3_distributor_has_its_registers_and_no_others(void **state)
{
    (void)state;
    start(3, 2, 40);
    check_frame(GICD_BASE, 0x10000, v3_distributor);
    machine_stop();
}

static void routers_keep_an_affinity(void **state)
{
    (void)state;
    start(3, 2, 40);
    for (uint64_t router = GICD_BASE + 0x6100; router < GICD_BASE + 0x6100 + 40 * 8; router += 8) {
        machine_write(0, router, 8, UINT64_MAX);
        assert_int_equal(machine_read(0, router, 8), UINT64_C(0xff00ffffff)); /* no 1-of-N */
        machine_write(0, router + 4, 4, 0x12);
        machine_write(0, router, 4, 0x345678);
        assert_int_equal(machine_read(0, router, 8), UINT64_C(0x1200345678));
        assert_int_equal(machine_read(0, router, 4), 0x345678);
        assert_int_equal(machine_read(0, router + 4, 4), 0x12);
    }
    machine_stop();
}

static const struct row redistributor[] = {
    {0x0000, 0x0000, 0, 4, false},                                    /* CTLR: RWP is 0 */
    {.first = 0x0008, .last = 0x000c, .sizes = 4 | 8, .other = true}, /* TYPER */
    {0x0014, 0x0014, 6, 4, false},                                    /* WAKER: asleep on request */
    {0xffe8, 0xffe8, 0x3b, 4, false},
    {.sizes = 0},
};

static const struct row sgi_base[] = {
    {0x0080, 0x0080, ALL, 4, false},
    {0x0400, 0x041f, 0xf8f8f8f8, 1 | 4, false},
    {0x0c00, 0x0c04, 0xaaaaaaaa, 4, false}, /* SGIs are edges, PPIs can be */
    {.sizes = 0},
};

static void redistributor_has_its_registers_and_no_others(void **state)
{
    (void)state;
    start(3, 2, 40);
    check_frame(GICR(0), 0x10000, redistributor);
    check_frame(SGIS(0), 0x10000, sgi_base);
    check_frame(SGIS(1), 0x10000, sgi_base);
    machine_stop();
}

/* What a frame does not have, it does not write in another one. */
static void arrays_are_in_their_own_frames(void **state)
{
    const uint64_t nowhere[] = {GICD_BASE, GICR(0), SGIS(0) + 4, GICR(0) + 4};

    (void)state;
    start(3, 2, 40);
    for (unsigned i = 0; i < sizeof(nowhere) / sizeof(nowhere[0]); i++) {
        machine_write(0, nowhere[i] + 0x100, 4, ALL);
        machine_write(0, (nowhere[i] & ~UINT64_C(4)) + (nowhere[i] & 4) * 8 + 0x400, 1, 0x50);
    }
    for (unsigned n = 0; n < 2; n++) {
        const uint64_t frame = n ? GICD_BASE : SGIS(0);

        assert_int_equal(machine_read(0, frame + 0x100 + 4 * n, 4), 0);
        assert_int_equal(machine_read(0, frame + 0x400 + 32 * n, 4), 0);
    }
    machine_stop();
}

/* A driver wakes it and waits until it is awake. */
static void redistributor_sleeps_until_it_is_woken(void **state)
{
    (void)state;
    start(3, 2, 40);
    for (unsigned v = 0; v < 2; v++) {
        assert_int_equal(machine_read(0, GICR(v) + 0x14, 4), 6);
        machine_write(0, GICR(v) + 0x14, 4, 4); /* ChildrenAsleep is read-only */
        assert_int_equal(machine_read(0, GICR(v) + 0x14, 4), 0);
    }
    machine_write(0, GICR(1) + 0x14, 4, 2);
    assert_int_equal(machine_read(0, GICR(0) + 0x14, 4), 0);
    assert_int_equal(machine_read(0, GICR(1) + 0x14, 4), 6);
    machine_stop();
}

static const struct row v2_distributor[] = {
    {0x000, 0x000, 3, 4, false},
    {0x004, 0x004, 0x22, 4, false}, /* two CPUs, 96 lines */
    {0x080, 0x084, ALL, 4, false},
    {0x088, 0x088, 0xff, 4, false},
    {0x200, 0x200, 0xffff, 4, false},
    {0x280, 0x280, 0xffff, 4, false}, /* by their sources */
    {0x400, 0x447, 0xf8f8f8f8, 1 | 4, false},
    {0x800, 0x81f, 0x01010101, 1 | 4, false}, /* its own number */
    {0x820, 0x847, 0x03030303, 1 | 4, false},
    {0xc00, 0xc0f, 0xaaaaaaaa, 4, false},
    {0xc10, 0xc10, 0xaaaa, 4, false},
    {0xf10, 0xf2f, 0x03030303, 1 | 4, false}, /* SGIs pending from both */
    {0xfe8, 0xfe8, 0x2b, 4, false},
    {.sizes = 0},
};

static void v2_distributor_has_its_registers_and_no_others(void **state)
{
    (void)state;
    start(2, 2, 40);
    check_frame(GICD_BASE, 0x1000, v2_distributor);
    machine_stop();
}

static void v2_on_one_cpu_has_no_targets(void **state)
{
    (void)state;
    start(2, 1, 40);
    for (uint32_t offset = 0x800; offset < 0xc00; offset += 4) {
        machine_write(0, GICD_BASE + offset, 4, ALL);
        assert_int_equal(machine_read(0, GICD_BASE + offset, 4), 0);
    }
    machine_stop();
}

static void sets_and_clears_are_one_state(void **state)
{
    static const struct {
        uint32_t set, clear;
    } pairs[] = {{0x100, 0x180}, {0x200, 0x280}, {0x300, 0x380}};

    (void)state;
    start(3, 2, 40);
    for (unsigned i = 0; i < 3; i++) {
        machine_write(0, GICD_BASE + pairs[i].set + 4, 4, 0xf0f0);
        machine_write(0, GICD_BASE + pairs[i].set + 4, 4, 0x000f);
        assert_int_equal(machine_read(0, GICD_BASE + pairs[i].set + 4, 4), 0xf0ff);
        assert_int_equal(machine_read(0, GICD_BASE + pairs[i].clear + 4, 4), 0xf0ff);
        machine_write(0, GICD_BASE + pairs[i].clear + 4, 4, 0xf00f);
        assert_int_equal(machine_read(0, GICD_BASE + pairs[i].clear + 4, 4), 0x00f0);
        /* What is not there cannot be set. */
        machine_write(0, GICD_BASE + pairs[i].set + 8, 4, ALL);
        assert_int_equal(machine_read(0, GICD_BASE + pairs[i].set + 8, 4), 0xff);
    }
    machine_stop();
}

static void all_spis_of_the_architecture_fit(void **state)
{
    (void)state;
    start(3, 1, 988);
    assert_int_equal(machine_read(0, GICD_BASE + 4, 4) & 0x1f, 31);
    machine_write(0, GICD_BASE + 0x100 + 4 * 31, 4, ALL);
    assert_int_equal(machine_read(0, GICD_BASE + 0x100 + 4 * 31, 4), 0x0fffffff);
    machine_write(0, GICD_BASE + 0x400 + 1019, 1, 0x50);
    machine_write(0, GICD_BASE + 0x400 + 1020, 1, 0x50);
    assert_int_equal(machine_read(0, GICD_BASE + 0x400 + 1016, 4), 0x50000000);
    assert_int_equal(machine_read(0, GICD_BASE + 0x400 + 1020, 4), 0);
    machine_write(0, GICD_BASE + 0x6000 + 8 * 1019, 8, 7);
    machine_write(0, GICD_BASE + 0x6000 + 8 * 1020, 8, 7);
    assert_int_equal(machine_read(0, GICD_BASE + 0x6000 + 8 * 1019, 8), 7);
    assert_int_equal(machine_read(0, GICD_BASE + 0x6000 + 8 * 1020, 8), 0);
    machine_stop();
}

static uint64_t far_apart(unsigned v)
{
    return (uint64_t)(0xa0 + v) << 32 | 0x010203 | (uint64_t)v << 8;
}

static void redistributors_tell_whose_they_are(void **state)
{
    struct machine_config config = {
        .version = 3, .vcpus = 3, .spis = 0, .lrs = 4, .mpidr = far_apart};

    (void)state;
    machine_start(&config);
    machine_load(1, 0);
    for (unsigned v = 0; v < 3; v++) {
        uint64_t typer = machine_read(1, GICR(v) + 8, 8);

        assert_int_equal(typer >> 32, (0xa0u + v) << 24 | 0x010203 | v << 8);
        assert_int_equal(typer >> 8 & 0xffff, v);
        assert_int_equal(typer >> 4 & 1, v == 2);
        assert_int_equal(typer & 0xf, 0); /* no LPIs */
        assert_int_equal(machine_read(1, GICR(v) + 8, 4), typer & ALL);
        assert_int_equal(machine_read(1, GICR(v) + 12, 4), typer >> 32);
    }
    machine_stop();
}

static void what_is_beside_it_is_not_its_own(void **state)
{
    uint64_t data = 0;
    static const uint64_t outside[] = {0,       GICD_BASE - 1, GICD_BASE + 0x10000, GICR_BASE - 1,
                                       GICR(2), UINT64_MAX};

    (void)state;
    start(3, 2, 40);
    for (unsigned i = 0; i < sizeof(outside) / sizeof(outside[0]); i++)
        assert_false(machine.ops->mmio(machine.ctx, &machine.vcpu[0], vcpu_ipa(outside[i]), 4,
                                       false, &data));
    machine_stop();
    start(2, 2, 40);
    assert_false(machine.ops->mmio(machine.ctx, &machine.vcpu[0], vcpu_ipa(GICD_BASE + 0x1000), 4,
                                   false, &data));
    assert_false(
        machine.ops->mmio(machine.ctx, &machine.vcpu[0], vcpu_ipa(GICR_BASE), 4, false, &data));
    machine_stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(v3_distributor_has_its_registers_and_no_others),
        cmocka_unit_test(routers_keep_an_affinity),
        cmocka_unit_test(redistributor_has_its_registers_and_no_others),
        cmocka_unit_test(arrays_are_in_their_own_frames),
        cmocka_unit_test(redistributor_sleeps_until_it_is_woken),
        cmocka_unit_test(v2_distributor_has_its_registers_and_no_others),
        cmocka_unit_test(v2_on_one_cpu_has_no_targets),
        cmocka_unit_test(sets_and_clears_are_one_state),
        cmocka_unit_test(all_spis_of_the_architecture_fit),
        cmocka_unit_test(redistributors_tell_whose_they_are),
        cmocka_unit_test(what_is_beside_it_is_not_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
