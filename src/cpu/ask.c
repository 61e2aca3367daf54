/* SPDX-License-Identifier: MIT */
#include <vcpu/percpu.h>

#include "cpu/firmware.h"
#include "hw/smc.h"
#include "state/hold.h"

int vcpu_percpu_ask_firmware(struct vcpu_percpu *block)
{
    struct percpu_state *cpu = percpu_of(block);

    if (!block)
        return VCPU_ERR_INVALID;
    if (!cpu->enabled || !vcpu_hold_is_this(cpu))
        return VCPU_ERR_STATE;
    vcpu_firmware_ask(vcpu_smc, &cpu->firmware);
    return VCPU_OK;
}
