/* SPDX-License-Identifier: MIT */
#include <vcpu/percpu.h>

#include "cpu/firmware.h"
#include "hw/id.h"
#include "hw/smc.h"
#include "state/hold.h"

int vcpu_percpu_ask_firmware(struct vcpu_percpu *block)
{
    struct percpu_state *cpu = percpu_of(block);
    uint64_t id[ID_COUNT];

    if (!block)
        return VCPU_ERR_INVALID;
    if (!hold_is_usable(cpu))
        return VCPU_ERR_STATE;
    vcpu_id_read_all(id);
    cpu->firmware.unaffected = vcpu_firmware_unaffected(id);
    vcpu_firmware_ask(vcpu_smc, &cpu->firmware);
    return VCPU_OK;
}
