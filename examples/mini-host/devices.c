/* SPDX-License-Identifier: MIT */
#include "devices.h"

#include <vcpu/device.h>

#include "clock.h"
#include "terminal.h"

static bool on_mmio(void *ctx, struct vcpu *vcpu, vcpu_ipa_t ipa, unsigned size, bool write,
                    uint64_t *data)
{
    const struct guest *guest = ctx;
    uint64_t in_uart = ipa.value - guest->uart.registers.base;
    uint64_t in_rtc = ipa.value - guest->rtc.registers.base;

    (void)vcpu;
    if (in_uart < guest->uart.registers.size)
        terminal_access(guest->number, in_uart, size, write, data);
    else if (in_rtc < guest->rtc.registers.size)
        clock_access(guest->number, in_rtc, size, write, data);
    else
        return false;
    return true;
}

int devices_attach(struct guest *guest)
{
    static const struct vcpu_device_ops ops = {.mmio = on_mmio};

    return vcpu_vm_attach(guest->vm, &ops, guest);
}
