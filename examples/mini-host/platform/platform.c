/* SPDX-License-Identifier: MIT */
#include "platform.h"

#include "arch.h"
#include "console.h"
#include "exit.h"
#include "memory.h"
#include "mmu.h"
#include "psci.h"
#include "smp.h"

void platform_start(const void *fdt);

/* Called by boot.S. Parts that can print an error come before parts that can fail. */
void platform_start(const void *fdt)
{
    static struct machine machine;
    const char *error = machine_read(fdt, &machine);

    if (machine.wants_vhe && arch_has_vhe())
        mmu_become_vhe(fdt);
    if (machine.uart.registers.base != 0) {
        mmu_map(machine.uart.registers.base, machine.uart.registers.size, MMU_DEVICE);
        console_init(machine.uart.registers.base);
    }
    psci_init(machine.psci_smc);
    exit_init(&machine);
    smp_init(&machine);
    if (error == NULL && machine.wants_vhe && !arch_has_vhe())
        error = "host=vhe takes a CPU with FEAT_VHE";
    if (error == NULL)
        error = memory_init(&machine);
    if (error != NULL)
        exit_panic("%s", error);
    if (arch_is_vhe())
        console_print("host: VHE\n");
    host_main(&machine);
    exit_success();
}
