/* SPDX-License-Identifier: MIT */
/* Exceptions and interrupts that come to an AArch32 program from outside. */
#include "aarch32_program.h"

/* ---- Faults from the host ---- */

void injection(bool thumb)
{
    uint64_t pstate;

    program(thumb);
    emit(thumb ? T32_LDR_R1_R0 : A32_LDR_R1_R0);
    start(PSTATE_Z);
    pstate = reg(VCPU_REG_PSTATE);
    CHECK_EQ(testhost_run(guest), VCPU_EXIT_MMIO_READ);
    CHECK_EQ(vcpu_inject_data_abort(guest, guest->exit.far_el2), VCPU_OK);
    testhost_run(guest);
    CHECK(took(CLASS_DATA_ABORT, CODE_IPA));
    CHECK_EQ(reg(REG_FAR), TEST_HOLE_IPA);
    CHECK_EQ(reg(REG_SPSR), pstate);
}

/* ---- Interrupts and kicks ---- */

void timer_interrupt(void)
{
    timer_clear();
}

void interrupt(bool thumb)
{
    uint64_t pstate;

    program(thumb);
    emit(thumb ? T32_B_SELF : A32_B_SELF);
    start(PSTATE_Z);
    pstate = reg(VCPU_REG_PSTATE);
    timer_set(timer_now() + timer_frequency() / 1000);
    CHECK_EQ(testhost_run(guest), VCPU_EXIT_IRQ);
    irq_handle();
    CHECK_EQ(reg(VCPU_REG_PC), CODE_IPA);
    CHECK_EQ(reg(VCPU_REG_PSTATE), pstate);
    CHECK_EQ(guest->regs.x[14], UINT32_MAX);
}

static uint64_t count(void)
{
    cache_invalidate(testhost_ram(vm, COUNT_IPA), sizeof(uint32_t));
    return *(volatile uint32_t *)testhost_ram(vm, COUNT_IPA);
}

static atomic_bool wants_kick;

void other_cpu(unsigned index)
{
    (void)index;
    for (;;) {
        while (!wants_kick)
            arch_wfe();
        while (count() < 100)
            ;
        MUST(vcpu_kick(guest));
        wants_kick = false;
    }
}

void kick(void)
{
    uint64_t pc;

    program(false);
    emit(0xe5921000); /* ldr r1, [r2] */
    emit(0xe2811001); /* add r1, r1, #1 */
    emit(0xe5821000); /* str r1, [r2] */
    emit(0xeafffffb); /* b to the ldr */
    start(0);
    guest->regs.x[2] = COUNT_IPA;
    *(volatile uint32_t *)testhost_ram(vm, COUNT_IPA) = 0;
    cache_clean(testhost_ram(vm, COUNT_IPA), sizeof(uint32_t));
    wants_kick = true;
    arch_sev();
    CHECK_EQ(testhost_run(guest), VCPU_EXIT_KICK);
    irq_handle();
    pc = reg(VCPU_REG_PC);
    CHECK(pc >= CODE_IPA && pc < CODE_IPA + code_size && pc % 4 == 0);
    CHECK_EQ(reg(VCPU_REG_PSTATE) & (0x1f | PSTATE_T), USER32);
    CHECK(count() >= 100);
    while (wants_kick)
        ;
}
