/* SPDX-License-Identifier: MIT */
#include "host.h"

#include "cpu.h"
#include "exit.h"
#include "interrupts.h"
#include "memory.h"
#include "terminal.h"

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

static void send_kick(void *ctx, uint64_t cpu)
{
    (void)ctx;
    interrupts_kick((unsigned)cpu);
}

static void wake(void *ctx, struct vcpu *vcpu)
{
    (void)ctx;
    cpu_wake(vcpu_user(vcpu));
}

static void log_line(void *ctx, const char *line)
{
    (void)ctx;
    terminal_print("libvcpu: %s", line);
}

const struct vcpu_host host_virtual = {
    .alloc_pages = alloc_pages,
    .free_pages = free_pages,
    .phys_to_virt = phys_to_virt,
    .send_kick = send_kick,
    .wake = wake,
    .log = log_line,
};

/* No send_kick: with the interrupt controller the guest's, there is nothing to send it with. */
const struct vcpu_host host_direct = {
    .alloc_pages = alloc_pages,
    .free_pages = free_pages,
    .phys_to_virt = phys_to_virt,
    .log = log_line,
};

noreturn void host_refused(int error)
{
    exit_panic("libvcpu refuses what it should not: %s", vcpu_error_string(error));
}
