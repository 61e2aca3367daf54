/* SPDX-License-Identifier: MIT */
/* Enabling a CPU again, while a vcpu_kick on another CPU may read its block. */
#include "cmocka_all.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cpu/block.h"

/* On this machine a page can be read-only: a write of what another CPU reads is a fault. */
static uint8_t *pages;
static struct percpu_state *cpu;
static size_t page_size;

static const struct vcpu_host host;
static const struct vcpu_features features = {.pa_bits = 44, .fp = true};

static int setup(void **state)
{
    (void)state;
    page_size = (size_t)sysconf(_SC_PAGESIZE);
    pages = mmap(NULL, 2 * page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED)
        return -1;
    cpu = (struct percpu_state *)(pages + page_size - offsetof(struct percpu_state, resident));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    return munmap(pages, 2 * page_size);
}

static void fill(uint64_t id, uint64_t mpidr)
{
    const struct vcpu_percpu_config config = {
        .host = &host, .id = id, .flags = VCPU_PERCPU_HOST_CNTPCT};

    vcpu_block_fill(cpu, &config, mpidr, &features);
}

static void the_first_enable_writes_all(void **state)
{
    (void)state;
    fill(7, 0x80000003);
    assert_ptr_equal(cpu->host, &host);
    assert_int_equal(cpu->id, 7);
    assert_int_equal(cpu->mpidr, 0x80000003);
    assert_int_equal(cpu->flags, VCPU_PERCPU_HOST_CNTPCT);
    assert_true(cpu->enabled);
    assert_int_equal(cpu->features.pa_bits, 44);
}

static void enabling_again_does_not_touch_what_a_kick_reads(void **state)
{
    (void)state;
    cpu->enabled = false;
    assert_int_equal(mprotect(pages, page_size, PROT_READ), 0);
    fill(7, 0x80000003);
    assert_int_equal(mprotect(pages, page_size, PROT_READ | PROT_WRITE), 0);
    assert_true(cpu->enabled);
}

/* Nothing else is left from the time before. */
static void enabling_again_forgets_the_rest(void **state)
{
    struct percpu_state fresh;

    (void)state;
    memcpy(&fresh, cpu, sizeof(fresh));
    memset(&cpu->resident, 0xa5, 8);
    memset(cpu->last, 0xa5, sizeof(cpu->last));
    cpu->sharing = 2;
    cpu->guest_keys = cpu->keys_each_run = true;
    cpu->host_zcr = cpu->vbar = 5;
    fill(7, 0x80000003);
    assert_memory_equal(cpu, &fresh, sizeof(fresh));
}

static void another_name_is_written(void **state)
{
    (void)state;
    fill(8, 0x80000100);
    assert_int_equal(cpu->id, 8);
    assert_int_equal(cpu->mpidr, 0x80000100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_enable_writes_all),
        cmocka_unit_test(enabling_again_does_not_touch_what_a_kick_reads),
        cmocka_unit_test(enabling_again_forgets_the_rest),
        cmocka_unit_test(another_name_is_written),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
