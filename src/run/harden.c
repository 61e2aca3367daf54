/* SPDX-License-Identifier: MIT */
#include <vcpu/percpu.h>

#include "cpu/hardening.h"
#include "hw/id.h"
#include "hw/sysreg.h"
#include "run/run.h"
#include "state/hold.h"

#define KNOWN_FLAGS ((uint32_t)(VCPU_HARDEN_BRANCHES | VCPU_HARDEN_SERRORS))

#define WRITE_DISR_EL1(v) WRITE_SYSREG_S(3, 0, 12, 1, 1, v)

int vcpu_percpu_harden(struct vcpu_percpu *block, uint32_t flags, struct vcpu_hardening *result)
{
    struct percpu_state *cpu = percpu_of(block);
    struct vcpu_hardening h = {0};
    uint64_t id[ID_COUNT];

    if (!block || (flags & ~KNOWN_FLAGS))
        return VCPU_ERR_INVALID;
    if (!hold_is_usable(cpu) || cpu->resident)
        return VCPU_ERR_STATE;
    if (flags & VCPU_HARDEN_BRANCHES) {
        vcpu_id_read_all(id);
        h = vcpu_hardening_choose(id, &cpu->firmware);
    }
    cpu->guard = (struct guard){.call = h.call, .loop = h.loop};
    if (flags & VCPU_HARDEN_SERRORS)
        cpu->guard.serrors = cpu->features.ras ? GUARD_BY_ESB : GUARD_BY_ISR;
    if (cpu->guard.serrors == GUARD_BY_ESB)
        WRITE_DISR_EL1(0); /* what an ESB of the host left is no guest's */
    cpu->vectors = h.clrbhb || h.loop || h.call || cpu->guard.serrors ? vcpu_guard_vectors : NULL;
    if (result)
        *result = h;
    return VCPU_OK;
}
