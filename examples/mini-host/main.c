/* SPDX-License-Identifier: MIT */
/* The mini-host: a few guests on the CPUs of one machine. */
#include <vcpu/error.h>

#include "clock.h"
#include "cpu.h"
#include "direct.h"
#include "exit.h"
#include "gic.h"
#include "guest.h"
#include "host.h"
#include "life.h"
#include "options.h"
#include "platform.h"
#include "seeds.h"
#include "smp.h"
#include "terminal.h"

static struct guest guests[OPTIONS_MAX_VMS];
static unsigned guest_count;

static void make_guest(unsigned number, const struct machine *machine,
                       const struct options *options, const struct vcpu_percpu *cpu)
{
    struct guest *guest = &guests[number];
    const struct options_vm *vm = &options->vms[number];
    char error[160];

    if (!guest_create(guest, number, machine, options, cpu, error, sizeof(error)))
        exit_panic("%s: %s", vm->name, error);
    terminal_print("mini-host: %s: %u vCPU%s, %u MiB, GICv%u; the guest starts", vm->name,
                   vm->vcpus, vm->vcpus == 1 ? "" : "s", vm->memory, machine->gic.version);
}

static void make_guests(const struct machine *machine, const struct options *options,
                        const struct vcpu_percpu *cpu)
{
    for (unsigned i = 0; i < guest_count; i++)
        make_guest(i, machine, options, cpu);
    life_begin(guest_count);
}

static void set_uart_line(unsigned vm, bool level)
{
    guest_set_line(&guests[vm], guests[vm].uart.spi, level);
}

static void set_rtc_line(unsigned vm, bool level)
{
    guest_set_line(&guests[vm], guests[vm].rtc.spi, level);
}

static void start_virtual(unsigned index)
{
    (void)index;
    cpu_enable();
    cpu_run();
}

static void virtual_mode(const struct machine *machine, const struct options *options)
{
    const struct vcpu_percpu *cpu;

    cpu_init(machine, options->harden);
    cpu = cpu_enable();
    if (machine->rtc.registers.size != 0) {
        clock_init(&machine->rtc, guest_count, set_rtc_line);
        clock_listen(&machine->rtc);
    }
    make_guests(machine, options, cpu);
    for (unsigned i = 0; i < guest_count; i++) {
        cpu_add(&guests[i]);
        cpu_start(&guests[i].vcpus[0]);
    }
    terminal_listen(&machine->uart);
    if (!smp_start(start_virtual))
        exit_failure();
    cpu_run();
}

static struct vcpu_percpu *enable_direct(unsigned index, const struct machine *machine)
{
    static struct vcpu_percpu percpu[PLATFORM_MAX_CPUS];
    const struct vcpu_percpu_config config = {.host = &host_direct, .id = index};
    int error;

    gic_give_away();
    error = vcpu_percpu_enable(&percpu[index], &config);
    if (error != VCPU_OK)
        exit_panic("libvcpu cannot use CPU %u: %s", index, vcpu_error_string(error));
    if (machine->psci_smc)
        host_demand(vcpu_percpu_ask_firmware(&percpu[index]));
    return &percpu[index];
}

/* On each CPU but the first. Those that the guest does not get go back to sleep. */
static void start_direct(unsigned index)
{
    if (index < guests[0].vcpu_count)
        direct_run(&guests[0], index, enable_direct(index, guests[0].machine));
}

static void direct_mode(const struct machine *machine, const struct options *options)
{
    struct vcpu_percpu *cpu = enable_direct(0, machine);
    enum guest_progress progress;

    make_guests(machine, options, cpu);
    do
        progress = life_start(&guests[0], cpu);
    while (progress == GUEST_IS_STARTING);
    if (progress == GUEST_CANNOT)
        life_give_up(&guests[0]);
    if (!smp_start(start_direct))
        exit_failure();
    direct_run(&guests[0], 0, cpu);
}

void host_main(const struct machine *machine)
{
    static struct options options; /* guests have pointers to it */
    const char *names[OPTIONS_MAX_VMS];
    char error[160];

    if (!options_parse(machine->bootargs, machine->cpu_count, &options, error, sizeof(error)))
        exit_panic("%s", error);
    guest_count = options.vm_count;
    for (unsigned i = 0; i < guest_count; i++)
        names[i] = options.vms[i].name;
    terminal_init(names, guest_count, set_uart_line);
    seeds_init(machine);
    gic_find(machine);
    if (options.mode == OPTIONS_DIRECT)
        direct_mode(machine, &options);
    else
        virtual_mode(machine, &options);
}
