/* SPDX-License-Identifier: MIT */
/* Four CPUs: start, stop, start again; a lock; a page that goes away under the others. */
#include "check.h"

#define CPUS   4u
#define ROUNDS 20000u
#define VA     UINT64_C(0x5000000000)

static unsigned int arrived, released;
static uint64_t stacks[CPUS];
static struct kit_lock lock;
static uint64_t counted;
static uint64_t page[512] __attribute__((aligned(4096)));

static void wait_until(const unsigned int *value, unsigned int at_least)
{
    while (__atomic_load_n(value, __ATOMIC_ACQUIRE) < at_least)
        kit_yield();
}

static void arrive(void)
{
    __atomic_add_fetch(&arrived, 1, __ATOMIC_ACQ_REL);
}

static void wait_until_off(uint64_t mpidr)
{
    while (kit_psci_affinity_info(mpidr) != KIT_PSCI_OFF)
        kit_yield();
}

static void start_others(void (*fn)(uint64_t))
{
    __atomic_store_n(&arrived, 0, __ATOMIC_RELEASE);
    for (uint64_t mpidr = 1; mpidr < CPUS; mpidr++)
        CHECK(kit_cpu_start(mpidr, fn, mpidr) == 0);
}

static void join_others(void)
{
    wait_until(&arrived, CPUS - 1);
    for (uint64_t mpidr = 1; mpidr < CPUS; mpidr++)
        wait_until_off(mpidr);
}

static void look_around(uint64_t mpidr)
{
    unsigned int id = kit_cpu_id();

    CHECK((kit_mrs(mpidr_el1) & KIT_MPIDR_AFFINITY) == mpidr);
    CHECK(kit_cpu_affinity(id) == mpidr && id < CPUS);
    CHECK((kit_mrs(sctlr_el1) & 0x1005) == 0x1005); /* I, C, M */
    CHECK(kit_mrs(currentel) >> 2 == 1);
    stacks[id] = (uint64_t)__builtin_frame_address(0);
    arrive();
}

static void each_cpu_has_number_stack_and_mmu(void)
{
    bool apart = true;

    stacks[0] = (uint64_t)__builtin_frame_address(0);
    start_others(look_around);
    join_others();
    for (unsigned int i = 0; i < CPUS; i++) {
        for (unsigned int j = 0; j < i; j++)
            apart = apart && stacks[i] / KIT_STACK_SIZE != stacks[j] / KIT_STACK_SIZE;
    }
    CHECK(apart);
}

/* All begin together, or the first would be done before the last is up. */
static void count(uint64_t arg)
{
    (void)arg;
    arrive();
    wait_until(&arrived, CPUS);
    for (unsigned int i = 0; i < ROUNDS; i++) {
        uint64_t old;

        kit_lock(&lock);
        old = *(volatile uint64_t *)&counted;
        kit_yield();
        *(volatile uint64_t *)&counted = old + 1;
        kit_unlock(&lock);
    }
    arrive();
}

/* They have been off: this starts them a second time. */
static void one_cpu_at_a_time_holds_a_lock(void)
{
    start_others(count);
    count(0);
    wait_until(&arrived, 2 * CPUS);
    join_others();
    CHECK(counted == CPUS * ROUNDS);
}

static unsigned int entered;

static void enter_once(uint64_t arg)
{
    (void)arg;
    arrive();
    kit_lock(&lock);
    __atomic_add_fetch(&entered, 1, __ATOMIC_ACQ_REL);
    kit_unlock(&lock);
    arrive();
}

static void a_lock_that_is_held_keeps_the_others_out(void)
{
    kit_lock(&lock);
    start_others(enter_once);
    wait_until(&arrived, CPUS - 1);
    kit_delay_us(5000);
    CHECK(__atomic_load_n(&entered, __ATOMIC_ACQUIRE) == 0);
    kit_unlock(&lock);
    wait_until(&arrived, 2 * (CPUS - 1));
    CHECK(entered == CPUS - 1);
    join_others();
}

static void wait_for_release(uint64_t arg)
{
    (void)arg;
    arrive();
    wait_until(&released, 1);
}

static void a_running_cpu_is_not_started_again(void)
{
    start_others(wait_for_release);
    wait_until(&arrived, CPUS - 1);
    CHECK(kit_cpu_start(1, wait_for_release, 0) == KIT_PSCI_ALREADY_ON);
    CHECK(kit_cpu_start(0, wait_for_release, 0) == KIT_PSCI_ALREADY_ON);
    CHECK(kit_psci_affinity_info(1) == KIT_PSCI_ON);
    __atomic_store_n(&released, 1, __ATOMIC_RELEASE);
    join_others();
}

static void a_cpu_that_does_not_exist_is_an_error(void)
{
    CHECK(kit_cpu_start(CPUS, count, 0) == KIT_PSCI_INVALID_PARAMETERS);
    CHECK(kit_cpu_affinity(CPUS) == KIT_CPU_NONE);
}

static unsigned int faults;

static void on_sync(struct kit_frame *frame)
{
    __atomic_add_fetch(&faults, 1, __ATOMIC_RELAXED);
    frame->elr += 4;
}

/* Has the page in its TLB before it goes away. */
static void touch_twice(uint64_t arg)
{
    (void)arg;
    CHECK(kit_read64(VA) == 9);
    arrive();
    wait_until(&released, 1);
    (void)kit_read64(VA);
    arrive();
}

static void unmapping_is_seen_by_all(void)
{
    page[0] = 9;
    released = 0;
    kit_set_handler(KIT_SYNC_CURRENT, on_sync);
    CHECK(kit_map(VA, (uint64_t)page, 4096, KIT_NORMAL) == 0);
    start_others(touch_twice);
    wait_until(&arrived, CPUS - 1);
    CHECK(faults == 0);
    CHECK(kit_unmap(VA, 4096) == 0);
    __atomic_store_n(&released, 1, __ATOMIC_RELEASE);
    wait_until(&arrived, 2 * (CPUS - 1));
    CHECK(__atomic_load_n(&faults, __ATOMIC_RELAXED) == CPUS - 1);
}

int guest_main(uint64_t dtb)
{
    (void)dtb;
    CHECK(kit_cpu_id() == 0);
    each_cpu_has_number_stack_and_mmu();
    one_cpu_at_a_time_holds_a_lock();
    a_lock_that_is_held_keeps_the_others_out();
    a_running_cpu_is_not_started_again();
    a_cpu_that_does_not_exist_is_an_error();
    unmapping_is_seen_by_all();
    return check_end("cpus");
}
