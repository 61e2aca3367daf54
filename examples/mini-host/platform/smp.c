/* SPDX-License-Identifier: MIT */
#include "smp.h"

#include <stddef.h>

#include "arch.h"
#include "cache.h"
#include "console.h"
#include "psci.h"

uint8_t smp_stacks[PLATFORM_MAX_CPUS][PLATFORM_STACKS_SIZE] __attribute__((aligned(4096)));

_Static_assert(offsetof(struct smp_cpu, stack) == SMP_CPU_STACK, "layout.h");
_Static_assert(offsetof(struct smp_cpu, fault_stack) == SMP_CPU_FAULT_STACK, "layout.h");
_Static_assert(PLATFORM_STACKS_SIZE % 4096 == 0, "a guard is a page");

static struct {
    struct smp_cpu cpus[PLATFORM_MAX_CPUS];
    unsigned count;
    void (*entry)(unsigned index);
} smp;

void boot_secondary(void);
void smp_secondary(struct smp_cpu *cpu);

static void add(uint64_t mpidr)
{
    struct smp_cpu *cpu = &smp.cpus[smp.count];
    uint64_t bottom = (uintptr_t)smp_stacks[smp.count];

    cpu->stack = bottom + PLATFORM_STACK_GUARD + PLATFORM_STACK_SIZE;
    cpu->fault_stack = bottom + PLATFORM_STACKS_SIZE;
    cpu->mpidr = mpidr;
    cpu->index = smp.count++;
}

void smp_init(const struct machine *machine)
{
    uint64_t self = arch_read(mpidr_el1) & ARCH_MPIDR_AFFINITY;

    add(self);
    for (unsigned i = 0; i < machine->cpu_count; i++) {
        if (machine->cpu_mpidr[i] != self && smp.count < PLATFORM_MAX_CPUS)
            add(machine->cpu_mpidr[i]);
    }
    smp.cpus[0].online = 1;
    arch_write(tpidr_el2, (uintptr_t)&smp.cpus[0]);
}

unsigned smp_count(void)
{
    return smp.count;
}

const struct smp_cpu *smp_cpu(unsigned index)
{
    return index < smp.count ? &smp.cpus[index] : NULL;
}

const struct smp_cpu *smp_this(void)
{
    return (const struct smp_cpu *)(uintptr_t)arch_read(tpidr_el2);
}

/* From boot.S, on the CPU that came up. */
void smp_secondary(struct smp_cpu *cpu)
{
    arch_write(tpidr_el2, (uintptr_t)cpu);
    __atomic_store_n(&cpu->online, 1, __ATOMIC_RELEASE);
    arch_sev();
    smp.entry(cpu->index);
}

bool smp_start(void (*entry)(unsigned index))
{
    extern char data_start[], image_end[];

    smp.entry = entry;
    /* They read boot_registers, their stack's address and the tables before their caches are on. */
    cache_clean(data_start, (size_t)(image_end - data_start));
    for (unsigned i = 1; i < smp.count; i++) {
        struct smp_cpu *cpu = &smp.cpus[i];
        int32_t status = psci_cpu_on(cpu->mpidr, (uintptr_t)boot_secondary, (uintptr_t)cpu);

        if (status != PSCI_SUCCESS) {
            console_print("host: CPU %u does not start: PSCI says %d\n", i, status);
            return false;
        }
        while (__atomic_load_n(&cpu->online, __ATOMIC_ACQUIRE) == 0)
            arch_wfe();
    }
    return true;
}
