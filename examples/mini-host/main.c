/* SPDX-License-Identifier: MIT */
/* The mini-host: one guest, one vCPU on each of the CPUs that it gets. */
#include <stdnoreturn.h>

#include <vcpu/error.h>
#include <vcpu/host.h>
#include <vcpu/percpu.h>

#include "console.h"
#include "exit.h"
#include "gic.h"
#include "guest.h"
#include "memory.h"
#include "options.h"
#include "platform.h"
#include "run.h"
#include "smp.h"

static struct vcpu_percpu percpu[PLATFORM_MAX_CPUS];
static struct guest guest;

static vcpu_pa_t alloc_pages(void *ctx, size_t count)
{
    uint64_t address = memory_alloc(count, count * MEMORY_PAGE_SIZE);

    (void)ctx;
    return vcpu_pa(address == MEMORY_NONE ? VCPU_PA_NONE_VALUE : address);
}

static void free_pages(void *ctx, vcpu_pa_t pa, size_t count)
{
    (void)ctx;
    memory_free(pa.value, count);
}

/* The platform maps all memory to its own addresses. */
static void *phys_to_virt(void *ctx, vcpu_pa_t pa)
{
    (void)ctx;
    return (void *)(uintptr_t)pa.value;
}

static void log_line(void *ctx, const char *line)
{
    (void)ctx;
    console_print("libvcpu: %s\n", line);
}

/* No send_kick: with the interrupt controller the guest's, there is nothing to send it with. */
static const struct vcpu_host host = {
    .alloc_pages = alloc_pages,
    .free_pages = free_pages,
    .phys_to_virt = phys_to_virt,
    .log = log_line,
};

static struct vcpu_percpu *enable_cpu(unsigned index)
{
    const struct vcpu_percpu_config config = {.host = &host, .id = index};
    int error;

    gic_give_away();
    error = vcpu_percpu_enable(&percpu[index], &config);
    if (error != VCPU_OK)
        exit_panic("libvcpu cannot use CPU %u: %s", index, vcpu_error_string(error));
    return &percpu[index];
}

/* On each CPU but the first. Those that the guest does not get go back to sleep. */
static void start_cpu(unsigned index)
{
    if (index < guest.cpu_count)
        run_vcpu(&guest, index, enable_cpu(index));
}

void host_main(const struct machine *machine)
{
    struct options options;
    struct vcpu_percpu *cpu;
    char error[160];

    if (!options_parse(machine->bootargs, machine->cpu_count, &options, error, sizeof(error)))
        exit_panic("%s", error);
    gic_find(machine);
    cpu = enable_cpu(0);
    if (!guest_create(&guest, machine, &options.vms[0], &host, cpu, error, sizeof(error)))
        exit_panic("%s", error);
    console_print("mini-host: %u vCPU%s, %u MiB, GICv%u; the guest starts\n", options.vms[0].vcpus,
                  options.vms[0].vcpus == 1 ? "" : "s", options.vms[0].memory,
                  machine->gic.version);
    if (!smp_start(start_cpu))
        exit_failure();
    run_vcpu(&guest, 0, cpu);
}
