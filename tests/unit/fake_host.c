/* SPDX-License-Identifier: MIT */
#include "fake_host.h"

#include "cmocka_all.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "hw/cpu.h"

#define DAIF 0x123

struct fake fake = {.allocations_left = -1, .looks = UINT_MAX};

void fake_reset(void)
{
    fake = (struct fake){.allocations_left = -1, .looks = UINT_MAX};
}

uint64_t vcpu_cpu_id(void)
{
    return UINT64_C(0x80000000) | fake.here;
}

uint64_t vcpu_cpu_mask(void)
{
    assert_false(fake.masked);
    fake.masked = true;
    return DAIF;
}

bool vcpu_cpu_is_interrupted(void)
{
    if (fake.looks == 0)
        return true;
    fake.looks--;
    return false;
}

void vcpu_cpu_restore(uint64_t daif)
{
    assert_int_equal(daif, DAIF);
    assert_true(fake.masked);
    fake.masked = false;
}

static vcpu_pa_t alloc_pages(void *ctx, size_t count)
{
    size_t size = count * VCPU_PAGE_SIZE;
    void *memory;

    (void)ctx;
    if (fake.allocations_left == 0)
        return vcpu_pa(VCPU_PA_NONE_VALUE);
    if (fake.allocations_left > 0)
        fake.allocations_left--;
    assert_int_equal(posix_memalign(&memory, size, size), 0);
    memset(memory, 0xa5, size);
    fake.pages += count;
    return vcpu_pa((uintptr_t)memory);
}

static void free_pages(void *ctx, vcpu_pa_t pa, size_t count)
{
    (void)ctx;
    fake.freed += count;
    free((void *)(uintptr_t)pa.value);
}

static void *phys_to_virt(void *ctx, vcpu_pa_t pa)
{
    (void)ctx;
    return (void *)(uintptr_t)pa.value;
}

const struct vcpu_host fake_host = {
    .alloc_pages = alloc_pages,
    .free_pages = free_pages,
    .phys_to_virt = phys_to_virt,
};
