/* SPDX-License-Identifier: MIT */
/* A tour of the guest kit: it uses each part once and prints what it saw. */
#include <stdbool.h>

#include <kit/kit.h>

#include "fp.h"

/* Outside of the identity map. */
#define DEMO_VA UINT64_C(0x2000000000)

#define BRK_COMMENT 0x4711

static uint64_t page[512] __attribute__((aligned(4096)));
static unsigned int others_done;

static struct {
    unsigned int breaks, faults;
    uint64_t comment, address;
} seen;

/* BRK and data aborts: records them, and goes on after the instruction. */
static void on_sync(struct kit_frame *frame)
{
    switch (kit_esr_class(frame->esr)) {
    case KIT_EC_BRK:
        seen.breaks++;
        seen.comment = frame->esr & 0xffff;
        break;
    case KIT_EC_DABORT_CURRENT:
        seen.faults++;
        seen.address = frame->far;
        break;
    default:
        kit_emergency_printf("unexpected exception: ESR 0x%lx ELR 0x%lx\n", frame->esr, frame->elr);
        kit_reset();
    }
    frame->elr += kit_esr_length(frame->esr);
}

static bool show_exceptions(void)
{
    kit_set_handler(KIT_SYNC_CURRENT, on_sync);
    __asm__ volatile("brk %0" ::"i"(BRK_COMMENT));
    kit_printf("exception  BRK #0x%lx taken and handled\n", seen.comment);
    return seen.breaks == 1 && seen.comment == BRK_COMMENT;
}

static bool show_mapping(void)
{
    uint64_t value;

    page[0] = 42;
    if (kit_map(DEMO_VA, (uint64_t)page, KIT_PAGE_SIZE, KIT_NORMAL | KIT_WRITE) != 0)
        return false;
    value = kit_read64(DEMO_VA);
    kit_printf("mapping    0x%lx -> 0x%lx, reads %lu\n", DEMO_VA, (uint64_t)page, value);
    if (kit_unmap(DEMO_VA, KIT_PAGE_SIZE) != 0)
        return false;
    (void)kit_read64(DEMO_VA);
    kit_printf("unmapped   a read faults at 0x%lx\n", seen.address);
    return value == 42 && seen.faults == 1 && seen.address == DEMO_VA;
}

static void other_cpu(uint64_t number)
{
    kit_printf("cpu        %lu is up, MPIDR 0x%lx\n", number, kit_mrs(mpidr_el1));
    __atomic_add_fetch(&others_done, 1, __ATOMIC_RELEASE);
}

/* Aff0 counts the CPUs: the first number that PSCI does not know ends it. */
static bool show_cpus(void)
{
    uint64_t own = kit_mrs(mpidr_el1) & KIT_MPIDR_AFFINITY;
    unsigned int started = 0;
    int64_t result;

    for (uint64_t mpidr = 0; mpidr < KIT_MAX_CPUS; mpidr++) {
        if (mpidr == own)
            continue;
        result = kit_cpu_start(mpidr, other_cpu, mpidr);
        if (result == KIT_PSCI_INVALID_PARAMETERS)
            break;
        if (result != KIT_PSCI_SUCCESS) {
            kit_printf("cpu        %lu does not start: %ld\n", mpidr, result);
            return false;
        }
        started++;
    }
    while (__atomic_load_n(&others_done, __ATOMIC_ACQUIRE) != started)
        kit_yield();
    kit_printf("cpus       %u in all\n", started + 1);
    return true;
}

static bool show_counter(void)
{
    uint64_t start = kit_counter(), ticks;

    kit_delay_us(1000);
    ticks = kit_counter() - start;
    kit_printf("counter    %lu Hz, a delay of 1 ms took %lu ticks\n", kit_counter_frequency(),
               ticks);
    return ticks * 1000 >= kit_counter_frequency();
}

static bool show_calls(void)
{
    uint32_t psci = kit_psci_version(), smccc = kit_smccc_version();

    kit_printf("calls      PSCI %u.%u, SMCCC %u.%u\n", psci >> 16, psci & 0xffff, smccc >> 16,
               smccc & 0xffff);
    /* CPU_ON as this guest uses it came with PSCI 0.2; an unknown call is negative. */
    return (int32_t)psci >= 2;
}

static bool show_fp(void)
{
    uint64_t digits = fp_square_root_of_two();

    kit_printf("fp         the square root of 2 is 1.%06lu\n", digits % 1000000);
    return digits == 1414213;
}

static void show_machine(uint64_t dtb)
{
    uint64_t base, size;

    kit_printf("level      EL%lu\n", kit_mrs(currentel) >> 2 & 3);
    if (kit_fdt_memory(dtb, &base, &size))
        kit_printf("memory     %lu MiB at 0x%lx\n", size >> 20, base);
    else
        kit_printf("memory     unknown, there is no device tree\n");
}

int guest_main(uint64_t dtb)
{
    kit_puts("guest-kit demo");
    show_machine(dtb);
    if (!show_cpus() || !show_exceptions() || !show_mapping() || !show_counter() || !show_fp() ||
        !show_calls())
        return 1;
    kit_puts("done: powering off");
    return 0;
}
