/* SPDX-License-Identifier: MIT */
/*
 * The exit: the vectors (asm/switch.S) call vcpu_exit_call, _mmio and _sync, which return the exit
 * reason, or RUN_AGAIN. The short paths are here, compiled for speed; tests/bench counts their
 * instructions.
 */
#include "arm/esr.h"
#include "arm/pstate.h"
#include "arm/smccc.h"
#include "decode/exception.h"
#include "decode/mmio.h"
#include "decode/sysreg.h"
#include "device/device.h"
#include "hw/sysreg.h"
#include "psci/psci.h"
#include "run/decide.h"
#include "run/run.h"

#define LIKELY(x)   __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

/*
 * Short paths for accesses that the VM's first device, its interrupt controller, answers: a word or a
 * doubleword read, a store, and a system register, such as an SGI's. They write nothing to the exit.
 */
static __attribute__((noinline)) int exit_device_doubleword(uint64_t esr, struct vcpu_state *v,
                                                            vcpu_ipa_t ipa)
{
    uint64_t data = 0;

    if (!decode_mmio_is_doubleword_load(esr) || (v->pub.regs.pstate & PSTATE_NRW))
        return vcpu_exit_device(v, 0);
    if (!device_mmio(v, ipa, 8, false, &data))
        return vcpu_exit_device(v, 1);
    register_write(v->pub.regs.x, decode_mmio_reg(v->pub.exit.esr_el2), data);
    vcpu_complete_a64(&v->pub);
    return again(v);
}

/* A word read that the first device does not answer: another one's flags, in a guest's loop. */
static __attribute__((noinline)) int exit_other_device(struct vcpu_state *v)
{
    vcpu_ipa_t ipa = decode_ipa(READ_SYSREG(far_el2), READ_SYSREG(hpfar_el2));
    uint64_t data = 0;

    if (!vcpu_device_mmio(v, 1, ipa, 4, false, &data))
        return vcpu_exit_device(v, VCPU_VM_MAX_DEVICES);
    register_write(v->pub.regs.x, decode_mmio_reg(v->pub.exit.esr_el2), (uint32_t)data);
    vcpu_complete_a64(&v->pub);
    return again(v);
}

static __attribute__((noinline)) int exit_device_mmio(uint64_t esr, struct vcpu_state *v)
{
    vcpu_ipa_t ipa = decode_ipa(READ_SYSREG(far_el2), READ_SYSREG(hpfar_el2));
    bool store = esr & ISS_ABORT_WNR;
    uint64_t data = 0;

    if (!(store ? decode_mmio_is_plain(esr) : decode_mmio_is_word(esr)) ||
        (v->pub.regs.pstate & PSTATE_NRW))
        return exit_device_doubleword(esr, v, ipa);
    if (store) {
        data = decode_mmio_data(esr, v->pub.regs.x);
        if (!device_mmio(v, ipa, decode_mmio_size(esr), true, &data))
            return vcpu_exit_device(v, 1);
    } else {
        if (!device_mmio(v, ipa, 4, false, &data))
            return exit_other_device(v);
        register_write(v->pub.regs.x, decode_mmio_reg(v->pub.exit.esr_el2), (uint32_t)data);
    }
    vcpu_complete_a64(&v->pub);
    return again(v);
}

static __attribute__((noinline)) int exit_device_sysreg(uint64_t esr, struct vcpu_state *v)
{
    bool write = !(esr & ISS_SYS_READ);
    uint64_t value = write ? register_read(v->pub.regs.x, FIELD_GET(ISS_SYS_RT, esr)) : 0;

    if (!device_sysreg(v, decode_sysreg_encoding(esr), write, &value))
        return vcpu_exit_sysreg(v->pub.exit.esr_el2, v);
    esr = v->pub.exit.esr_el2;
    if (esr & ISS_SYS_READ)
        register_write(v->pub.regs.x, FIELD_GET(ISS_SYS_RT, esr), value);
    vcpu_complete_a64(&v->pub);
    return again(v);
}

/* HVC #0 with a function of PSCI that nobody but the library decides about. */
static bool is_plain_psci(const struct vcpu_state *v)
{
    uint32_t fn = PSCI_FN((uint32_t)v->pub.regs.x[0]);

    return fn <= PSCI_FN_LAST && (v->vm->plain_psci >> fn & 1) && vcpu_exit_imm(&v->pub.exit) == 0;
}

/* A call that neither the library nor vcpu/calls.h knows, whatever the immediate is. */
static bool is_hosts(const struct vcpu_state *v)
{
    uint32_t id = (uint32_t)v->pub.regs.x[0];

    return (v->vm->host_owners >> FIELD_GET(SMCCC_OWNER, id) & 1) && (~id & SMCCC_FN_QUERY);
}

/* No virtual SError is pending, and the CPU has no debug registers of the guest. */
int vcpu_exit_call(struct vcpu_state *v)
{
    enum outcome outcome;

    if (LIKELY(is_plain_psci(v)))
        outcome = vcpu_psci_call(v);
    else if (is_hosts(v))
        return VCPU_EXIT_HYPERCALL;
    else
        outcome = vcpu_decide_call(v);
    if (UNLIKELY(outcome != OUTCOME_DONE))
        return vcpu_exit_carry_out(v, outcome);
    vcpu_complete_a64(&v->pub);
    return again(v);
}

/* The host's vectors take effect only with an ISB, or the ERET: see asm/switch.S. */
uint64_t vcpu_exit_mmio(uint64_t esr, struct vcpu_state *v)
{
    uint64_t reason =
        decode_mmio(esr, READ_SYSREG(far_el2), READ_SYSREG(hpfar_el2), v->pub.regs.x, &v->pub.exit);

    if (LIKELY(reason))
        return reason;
    isb();
    return (uint64_t)vcpu_exit_other(esr, v, EC_DATA_ABORT_LOWER);
}

/* Accesses that a device can answer, and all others. */
int vcpu_exit_sync(uint64_t esr, struct vcpu_state *v, uint64_t ec)
{
    if (device_any(v)) {
        if (ec == EC_DATA_ABORT_LOWER)
            return exit_device_mmio(esr, v);
        if (ec == EC_MSR_MRS)
            return exit_device_sysreg(esr, v);
    }
    return vcpu_exit_other(esr, v, ec);
}
