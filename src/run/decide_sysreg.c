/* SPDX-License-Identifier: MIT */
/* Trapped registers: the VM's devices are asked first. */
#include "debug/debug.h"
#include "decode/sysreg.h"
#include "device/device.h"
#include "guest/cache.h"
#include "guest/sysreg.h"
#include "hw/sysreg.h"
#include "run/decide.h"

/*
 * The VM's cache registers, on a CPU that has others. CSSELR_EL1 is in the CPU, as without the
 * trap.
 */
static bool emulate_cache(const struct vcpu_state *v, struct vcpu_sysreg_access *access)
{
    uint64_t csselr = READ_SYSREG(csselr_el1);

    if (!vcpu_cache_access(v->vm->id, &csselr, access))
        return false;
    WRITE_SYSREG(csselr_el1, csselr);
    return true;
}

enum outcome vcpu_decide_sysreg(struct vcpu_state *v)
{
    struct vcpu_sysreg_access *access = &v->pub.exit.sysreg;
    enum outcome outcome = OUTCOME_DONE;

    if (vcpu_debug_traps(v, access->encoding))
        return OUTCOME_REFLECT;
    if (!vcpu_device_sysreg(v, access) && !emulate_cache(v, access))
        outcome = vcpu_sysreg_emulate(v->vm->id, &v->debug, access);
    if (outcome == OUTCOME_DONE && !access->write)
        register_write(v->pub.regs.x, access->reg, access->value);
    return outcome;
}

/*
 * AArch32 at EL0, where the guest's CNTKCTL_EL1 allows it: the VM's devices are asked as for the
 * AArch64 register. If no device has it and it is not hidden, it is the host's, as unhandled.
 */
enum outcome vcpu_decide_cp15(struct vcpu_state *v)
{
    uint64_t esr = v->pub.exit.esr_el2, *x = v->pub.regs.x;
    struct vcpu_sysreg_access access = {
        .encoding = vcpu_decode_cp15(esr),
        .write = !(esr & ISS_SYS_READ),
        .value = decode_cp15_data(esr, x),
    };

    if (!access.encoding)
        return OUTCOME_UNDEFINED;
    if (!vcpu_device_sysreg(v, &access))
        return vcpu_sysreg_emulate(v->vm->id, &v->debug, &access) == OUTCOME_UNDEFINED
                   ? OUTCOME_UNDEFINED
                   : OUTCOME_HOST;
    if (!access.write)
        decode_cp15_load(esr, x, access.value);
    return OUTCOME_DONE;
}
