/* SPDX-License-Identifier: MIT */
#include "platform.h"

#include "console.h"
#include "exit.h"
#include "memory.h"
#include "mmu.h"
#include "psci.h"
#include "smp.h"

void platform_start(const void *fdt);

/* From boot.S. What can print an error comes before what can fail. */
void platform_start(const void *fdt)
{
    static struct machine machine;
    const char *error = machine_read(fdt, &machine);

    if (machine.uart.registers.base != 0) {
        mmu_map(machine.uart.registers.base, machine.uart.registers.size, MMU_DEVICE);
        console_init(machine.uart.registers.base);
    }
    psci_init(machine.psci_smc);
    exit_init(&machine);
    smp_init(&machine);
    if (error == NULL)
        error = memory_init(&machine);
    if (error != NULL)
        exit_panic("%s", error);
    host_main(&machine);
    exit_success();
}
