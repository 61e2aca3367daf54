/* SPDX-License-Identifier: MIT */
/* The guest's tree, read as Linux's bindings say. */
#include "cmocka_all.h"

#include <libfdt.h>
#include <string.h>

#include "machine/guest_fdt.h"

static struct virt_gic gic3, gic2;
static struct virt_uart uart;
static const uint64_t mpidr[] = {0, 1, 2, 0x100};

static uint64_t tree[GUEST_FDT_SIZE / 8];
static struct guest_fdt guest;

static int reset(void **state)
{
    (void)state;
    gic3 = virt_gic(3, 4);
    gic2 = virt_gic(2, 4);
    uart = virt_uart();
    guest = (struct guest_fdt){
        .ram = {0x40000000, 0x120000000},
        .mpidr = mpidr,
        .cpus = 4,
        .gic = &gic3,
        .uart = &uart,
        .bootargs = "console=ttyAMA0",
    };
    return 0;
}

static void write(void)
{
    const char *reason = guest_fdt_write(&guest, tree, sizeof(tree));

    if (reason != NULL)
        fail_msg("%s", reason);
    assert_int_equal(fdt_check_full(tree, sizeof(tree)), 0);
}

static int node(const char *path)
{
    int offset = fdt_path_offset(tree, path);

    if (offset < 0)
        fail_msg("there is no %s", path);
    return offset;
}

static void assert_cells(const char *path, const char *name, const uint32_t *cells, size_t count)
{
    int length;
    const fdt32_t *value = fdt_getprop(tree, node(path), name, &length);

    if (value == NULL)
        fail_msg("%s has no %s", path, name);
    assert_int_equal(length, count * sizeof(*cells));
    for (size_t i = 0; i < count; i++)
        assert_int_equal(fdt32_to_cpu(value[i]), cells[i]);
}
#define ASSERT_CELLS(path, name, ...)                                                              \
    assert_cells(path, name, (const uint32_t[]){__VA_ARGS__},                                      \
                 sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

static void assert_text(const char *path, const char *name, const char *text)
{
    const char *value = fdt_getprop(tree, node(path), name, NULL);

    if (value == NULL)
        fail_msg("%s has no %s", path, name);
    assert_string_equal(value, text);
}

static void assert_compatible(const char *path, const char *with)
{
    assert_int_equal(fdt_node_check_compatible(tree, node(path), with), 0);
}

static void memory_is_the_guests(void **state)
{
    (void)state;
    write();
    assert_int_equal(fdt_address_cells(tree, 0), 2);
    assert_int_equal(fdt_size_cells(tree, 0), 2);
    assert_text("/memory@40000000", "device_type", "memory");
    ASSERT_CELLS("/memory@40000000", "reg", 0, 0x40000000, 1, 0x20000000);
}

/* Linux warns of each device with DMA that is not coherent, where cache lines are long (a64fx). */
static void dma_is_coherent(void **state)
{
    int length = -1;

    (void)state;
    write();
    assert_non_null(fdt_getprop(tree, 0, "dma-coherent", &length));
    assert_int_equal(length, 0);
}

static void cpus_are_those_of_mpidr(void **state)
{
    static const char *const paths[] = {"/cpus/cpu@0", "/cpus/cpu@1", "/cpus/cpu@2",
                                        "/cpus/cpu@100"};

    (void)state;
    write();
    assert_int_equal(fdt_address_cells(tree, node("/cpus")), 1);
    assert_int_equal(fdt_size_cells(tree, node("/cpus")), 0);
    for (unsigned i = 0; i < 4; i++) {
        ASSERT_CELLS(paths[i], "reg", (uint32_t)mpidr[i]);
        assert_text(paths[i], "device_type", "cpu");
        assert_text(paths[i], "enable-method", "psci");
    }
    guest.cpus = 1;
    write();
    assert_true(fdt_path_offset(tree, paths[1]) < 0);
}

/* Aff3 is in bits 39:32, which takes two cells for all. */
static void aff3_takes_two_cells(void **state)
{
    static const uint64_t far[] = {1, UINT64_C(0x200000000)};

    (void)state;
    guest.mpidr = far;
    guest.cpus = 2;
    write();
    assert_int_equal(fdt_address_cells(tree, node("/cpus")), 2);
    ASSERT_CELLS("/cpus/cpu@1", "reg", 0, 1);
    ASSERT_CELLS("/cpus/cpu@200000000", "reg", 2, 0);
}

static void psci_is_by_hvc(void **state)
{
    (void)state;
    write();
    assert_compatible("/psci", "arm,psci-1.0");
    assert_compatible("/psci", "arm,psci-0.2");
    assert_text("/psci", "method", "hvc");
}

/* PPIs 13, 14, 11, 10 are INTIDs 29, 30, 27, 26: secure, physical, virtual, hypervisor. */
static void the_timer_has_four_level_ppis(void **state)
{
    (void)state;
    write();
    assert_compatible("/timer", "arm,armv8-timer");
    ASSERT_CELLS("/timer", "interrupts", 1, 13, 4, 1, 14, 4, 1, 11, 4, 1, 10, 4);
    /* GICv2: bits 15:8 of the flags are the CPUs. */
    guest.gic = &gic2;
    write();
    ASSERT_CELLS("/timer", "interrupts", 1, 13, 0xf04, 1, 14, 0xf04, 1, 11, 0xf04, 1, 10, 0xf04);
}

/* PPI 7 is INTID 23. */
static void the_pmu_is_there_if_it_is_to_be(void **state)
{
    (void)state;
    write();
    assert_int_equal(fdt_path_offset(tree, "/pmu"), -FDT_ERR_NOTFOUND);
    guest.pmu = true;
    write();
    assert_compatible("/pmu", "arm,armv8-pmuv3");
    ASSERT_CELLS("/pmu", "interrupts", 1, 7, 4);
    guest.gic = &gic2;
    write();
    ASSERT_CELLS("/pmu", "interrupts", 1, 7, 0xf04);
}

static void the_gic_is_of_its_version(void **state)
{
    (void)state;
    write();
    assert_compatible("/intc@8000000", "arm,gic-v3");
    ASSERT_CELLS("/intc@8000000", "reg", 0, 0x08000000, 0, 0x10000, 0, 0x080a0000, 0, 0x80000);
    ASSERT_CELLS("/intc@8000000", "#interrupt-cells", 3);
    assert_non_null(fdt_getprop(tree, node("/intc@8000000"), "interrupt-controller", NULL));
    guest.gic = &gic2;
    write();
    assert_compatible("/intc@8000000", "arm,cortex-a15-gic");
    ASSERT_CELLS("/intc@8000000", "reg", 0, 0x08000000, 0, 0x10000, 0, 0x08010000, 0, 0x2000);
}

static void every_interrupt_has_the_gic_for_a_parent(void **state)
{
    (void)state;
    write();
    ASSERT_CELLS("/", "interrupt-parent", fdt_get_phandle(tree, node("/intc@8000000")));
    assert_int_not_equal(fdt_get_phandle(tree, node("/intc@8000000")), 0);
}

static void the_uart_has_its_clock(void **state)
{
    int clock;

    (void)state;
    write();
    assert_compatible("/pl011@9000000", "arm,pl011");
    assert_compatible("/pl011@9000000", "arm,primecell");
    ASSERT_CELLS("/pl011@9000000", "reg", 0, 0x09000000, 0, 0x1000);
    ASSERT_CELLS("/pl011@9000000", "interrupts", 0, 1, 4);
    clock = (int)fdt_get_phandle(tree, node("/apb-pclk"));
    ASSERT_CELLS("/pl011@9000000", "clocks", (uint32_t)clock, (uint32_t)clock);
    assert_compatible("/apb-pclk", "fixed-clock");
    ASSERT_CELLS("/apb-pclk", "clock-frequency", 24000000);
    assert_true(fdt_stringlist_search(tree, node("/pl011@9000000"), "clock-names", "apb_pclk") >=
                0);
}

static void chosen_tells_the_console_and_the_initrd(void **state)
{
    (void)state;
    write();
    assert_text("/chosen", "bootargs", "console=ttyAMA0");
    assert_text("/chosen", "stdout-path", "/pl011@9000000");
    assert_null(fdt_getprop(tree, node("/chosen"), "linux,initrd-start", NULL));
    guest.initrd = (struct virt_region){0x148000000, 0x1234};
    write();
    ASSERT_CELLS("/chosen", "linux,initrd-start", 1, 0x48000000);
    ASSERT_CELLS("/chosen", "linux,initrd-end", 1, 0x48001234);
}

static void assert_bytes(const char *path, const char *name, const uint8_t *bytes, size_t size)
{
    int length;
    const void *value = fdt_getprop(tree, node(path), name, &length);

    if (value == NULL)
        fail_msg("%s has no %s", path, name);
    assert_int_equal(length, size);
    assert_memory_equal(value, bytes, size);
}

/* SPI 2, and the clock of the bus, which the UART has as well. */
static void the_rtc_is_there_if_the_guest_has_it(void **state)
{
    const struct virt_rtc rtc = virt_rtc();

    (void)state;
    write();
    assert_true(fdt_path_offset(tree, "/pl031@9010000") < 0);
    guest.rtc = &rtc;
    write();
    assert_compatible("/pl031@9010000", "arm,pl031");
    assert_compatible("/pl031@9010000", "arm,primecell");
    ASSERT_CELLS("/pl031@9010000", "reg", 0, 0x09010000, 0, 0x1000);
    ASSERT_CELLS("/pl031@9010000", "interrupts", 0, 2, 4);
    ASSERT_CELLS("/pl031@9010000", "clocks", fdt_get_phandle(tree, node("/apb-pclk")));
    assert_text("/pl031@9010000", "clock-names", "apb_pclk");
}

static void seeds_are_in_chosen(void **state)
{
    static const struct guest_fdt_seeds seeds = {.rng = {1, 2, [31] = 32}, .kaslr = {9, [7] = 8}};

    (void)state;
    write();
    assert_null(fdt_getprop(tree, node("/chosen"), "rng-seed", NULL));
    assert_null(fdt_getprop(tree, node("/chosen"), "kaslr-seed", NULL));
    guest.seeds = &seeds;
    write();
    assert_bytes("/chosen", "rng-seed", seeds.rng, 32);
    assert_bytes("/chosen", "kaslr-seed", seeds.kaslr, 8);
}

/* As a host does that writes the tree once, and copies it with other seeds. */
static void a_copy_gets_seeds_of_its_own(void **state)
{
    static const struct guest_fdt_seeds none;
    static const uint8_t rng[32] = {3, [31] = 4}, kaslr[8] = {5, [7] = 6};
    static uint64_t original[GUEST_FDT_SIZE / 8];
    struct guest_fdt_places places;

    (void)state;
    write();
    places = guest_fdt_find_seeds(tree);
    assert_true(places.rng == 0 && places.kaslr == 0);
    guest.seeds = &none;
    write();
    places = guest_fdt_find_seeds(tree);
    memcpy(original, tree, sizeof(tree));
    memset(tree, 0xff, sizeof(tree));
    memcpy(tree, original, guest_fdt_size(original));
    memcpy((uint8_t *)tree + places.rng, rng, sizeof(rng));
    memcpy((uint8_t *)tree + places.kaslr, kaslr, sizeof(kaslr));
    assert_int_equal(fdt_check_full(tree, sizeof(tree)), 0);
    assert_bytes("/chosen", "rng-seed", rng, 32);
    assert_bytes("/chosen", "kaslr-seed", kaslr, 8);
    assert_text("/chosen", "bootargs", "console=ttyAMA0");
}

static void flash_is_there_if_the_guest_has_it(void **state)
{
    (void)state;
    write();
    assert_true(fdt_path_offset(tree, "/flash@0") < 0);
    guest.flash[0] = (struct virt_region){0, 0x4000000};
    guest.flash[1] = (struct virt_region){0x4000000, 0x4000000};
    write();
    assert_compatible("/flash@0", "cfi-flash");
    ASSERT_CELLS("/flash@0", "reg", 0, 0, 0, 0x4000000, 0, 0x4000000, 0, 0x4000000);
    ASSERT_CELLS("/flash@0", "bank-width", 4);
}

static void a_buffer_that_is_too_small_is_an_error(void **state)
{
    (void)state;
    assert_non_null(guest_fdt_write(&guest, tree, 512));
}

/* The most that a guest can have fits into the room that is promised. */
static void the_largest_tree_fits(void **state)
{
    static const struct guest_fdt_seeds seeds;
    const struct virt_rtc rtc = virt_rtc();
    static const uint64_t eight[] = {UINT64_C(0x100000000), 1, 2, 3, 4, 5, 6, 7};

    (void)state;
    guest.mpidr = eight;
    guest.cpus = 8;
    guest.pmu = true;
    guest.rtc = &rtc;
    guest.seeds = &seeds;
    guest.initrd = (struct virt_region){0x48000000, 0x1234};
    guest.flash[0] = (struct virt_region){0, 0x4000000};
    guest.flash[1] = (struct virt_region){0x4000000, 0x4000000};
    write();
}

#define TEST(name) cmocka_unit_test_setup(name, reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(memory_is_the_guests),
        TEST(dma_is_coherent),
        TEST(cpus_are_those_of_mpidr),
        TEST(aff3_takes_two_cells),
        TEST(psci_is_by_hvc),
        TEST(the_timer_has_four_level_ppis),
        TEST(the_pmu_is_there_if_it_is_to_be),
        TEST(the_gic_is_of_its_version),
        TEST(every_interrupt_has_the_gic_for_a_parent),
        TEST(the_uart_has_its_clock),
        TEST(chosen_tells_the_console_and_the_initrd),
        TEST(the_rtc_is_there_if_the_guest_has_it),
        TEST(seeds_are_in_chosen),
        TEST(a_copy_gets_seeds_of_its_own),
        TEST(flash_is_there_if_the_guest_has_it),
        TEST(a_buffer_that_is_too_small_is_an_error),
        TEST(the_largest_tree_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
