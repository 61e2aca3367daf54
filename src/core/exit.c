/* SPDX-License-Identifier: MIT */
/*
 * Out of the guest: the vectors (asm/switch.S) come to vcpu_exit_sync and vcpu_exit_async, whose
 * answer is the exit reason, or RUN_AGAIN. What is on a short path is here, compiled for speed, and
 * its instructions are counted by tests/bench.
 */
#include "arm/esr.h"
#include "arm/pstate.h"
#include "core/device.h"
#include "core/run.h"
#include "decode/exception.h"
#include "decode/mmio.h"
#include "decode/sysreg.h"
#include "hw/sysreg.h"

#define LIKELY(x)   __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

/*
 * Short paths for what a VM's first device answers, which is its interrupt controller: a word read
 * or written, and a system register, an SGI's for one. They write nothing to the exit.
 */
static __attribute__((noinline)) int exit_device_mmio(uint64_t esr, struct vcpu_state *v)
{
    uint64_t far = READ_SYSREG(far_el2), hpfar = READ_SYSREG(hpfar_el2);
    uint64_t data = 0;

    if (!decode_mmio_is_word(esr) || (v->pub.regs.pstate & PSTATE_NRW))
        return vcpu_exit_device(v);
    if (esr & ISS_ABORT_WNR) {
        data = decode_mmio_data(esr, v->pub.regs.x);
        if (!device_mmio(v, decode_ipa(far, hpfar), 4, true, &data))
            return vcpu_exit_device(v);
    } else {
        if (!device_mmio(v, decode_ipa(far, hpfar), 4, false, &data))
            return vcpu_exit_device(v);
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

/* What a device may answer, and the rest. */
static __attribute__((noinline)) int exit_longer(uint64_t esr, struct vcpu_state *v, uint64_t ec)
{
    if (device_any(v)) {
        if (ec == EC_DATA_ABORT_LOWER)
            return exit_device_mmio(esr, v);
        if (ec == EC_MSR_MRS)
            return exit_device_sysreg(esr, v);
    }
    return vcpu_exit_other(esr, v, ec);
}

/*
 * The two short paths are a hypercall that is no SMCCC fast call, and MMIO. Their instructions are
 * counted by tests/bench.
 *
 * asm/switch.S has told the hypercall apart, and calls this as the last thing of vcpu_run, with
 * all of the host restored. ELR_EL2 is behind an HVC already; the PC of an exit is that of its
 * instruction. BTYPE is for the instruction that was executed.
 */
uint64_t vcpu_exit_hypercall(uint64_t esr, struct vcpu_state *v, uint64_t ec, uint64_t pc,
                             uint64_t pstate)
{
    struct vcpu_exit *exit = &v->pub.exit;

    (void)esr;
    (void)ec;
    v->pub.regs.pc = pc - 4;
    v->pub.regs.pstate = pstate & ~PSTATE_BTYPE;
    exit->far_el2 = 0;
    exit->ipa = vcpu_ipa(0);
    exit->reason = VCPU_EXIT_HYPERCALL;
    exit->smc = 0;
    return VCPU_EXIT_HYPERCALL;
}

int vcpu_exit_sync(uint64_t esr, struct vcpu_state *v, uint64_t ec)
{
    struct vcpu_exit *exit = &v->pub.exit;

    if (LIKELY(ec == EC_DATA_ABORT_LOWER) && LIKELY(!device_any(v))) {
        int reason =
            decode_mmio(esr, READ_SYSREG(far_el2), READ_SYSREG(hpfar_el2), v->pub.regs.x, exit);

        if (LIKELY(reason))
            return reason;
    }
    return exit_longer(esr, v, ec);
}

/* An interrupt, or (kind 3) an SError. */
int vcpu_exit_async(uint64_t esr, struct vcpu_state *v, uint64_t vector)
{
    uint64_t kind = vector & 3; /* the slot's place among its four: 1 IRQ, 2 FIQ */
    uint64_t token = atomic_load_explicit(&v->token, memory_order_relaxed);

    if (UNLIKELY(kind == 3))
        return vcpu_exit_serror(esr, v);
    if (UNLIKELY(v->watch || (token & TOKEN_CALLS)))
        return vcpu_exit_watched(v, kind);
    return exit_interrupt(v, kind);
}
