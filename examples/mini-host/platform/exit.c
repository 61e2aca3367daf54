/* SPDX-License-Identifier: MIT */
#include "exit.h"

#include <stdarg.h>

#include "arch.h"
#include "bare-metal/mmio.h"
#include "bare-metal/text.h"
#include "console.h"
#include "pci.h"
#include "psci.h"

#define PVPANIC_VENDOR   0x1b36
#define PVPANIC_DEVICE   0x0011
#define PVPANIC_PANICKED 1

static uint64_t pvpanic; /* its one-byte register, 0 if there is none */

void exit_init(const struct machine *machine)
{
    pvpanic = pci_enable(&machine->pci, PVPANIC_VENDOR, PVPANIC_DEVICE);
}

static noreturn void stop(void)
{
    for (;;)
        arch_wfi();
}

noreturn void exit_success(void)
{
    psci_system_off();
    stop();
}

noreturn void exit_failure(void)
{
    if (pvpanic != 0) {
        mmio_write8(pvpanic, PVPANIC_PANICKED);
        arch_dsb();
    }
    console_emergency("host: failed, and no pvpanic device to say so\n");
    psci_system_reset();
    stop();
}

noreturn void exit_panic(const char *format, ...)
{
    char line[200];
    va_list args;

    va_start(args, format);
    text_vformat_buffer(line, sizeof(line), format, args);
    va_end(args);
    console_emergency("host: %s\n", line);
    exit_failure();
}
