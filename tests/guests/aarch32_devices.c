/* SPDX-License-Identifier: MIT */
/* Accesses to devices, and conditions that fail. */
#include "aarch32_program.h"

/* ---- Devices ---- */

static const struct access accesses[] = {
    {"A32 ldr", false, A32_LDR_R1_R0, false, 4, UINT64_C(0xaaaaaaaa12345678), 0x12345678},
    {"A32 ldrb", false, 0xe5d01000, false, 1, 0x1fe, 0xfe},
    {"A32 ldrsb", false, 0xe1d010d0, false, 1, 0xfe, 0xfffffffe},
    {"A32 ldrh", false, 0xe1d010b0, false, 2, 0x1fffe, 0xfffe},
    {"A32 ldrsh", false, 0xe1d010f0, false, 2, 0x8000, 0xffff8000},
    {"A32 str", false, 0xe5801000, true, 4, 0, 0},
    {"A32 strb", false, 0xe5c01000, true, 1, 0, 0},
    {"A32 strh", false, 0xe1c010b0, true, 2, 0, 0},
    {"T32 ldr, 16 bits", true, T32_LDR_R1_R0, false, 4, 0x87654321, 0x87654321},
    {"T32 ldrb, 16 bits", true, 0x7801, false, 1, 0x180, 0x80},
    {"T32 ldrh, 16 bits", true, 0x8801, false, 2, 0x18000, 0x8000},
    {"T32 str, 16 bits", true, 0x6001, true, 4, 0, 0},
    {"T32 strb, 16 bits", true, 0x7001, true, 1, 0, 0},
    {"T32 strh, 16 bits", true, 0x8001, true, 2, 0, 0},
    {"T32 ldr, 32 bits", true, 0xf8d01000, false, 4, 0x87654321, 0x87654321},
    {"T32 ldrsb, 32 bits", true, 0xf9901000, false, 1, 0x80, 0xffffff80},
    {"T32 ldrsh, 32 bits", true, 0xf9b01000, false, 2, 0x8000, 0xffff8000},
    {"T32 str, 32 bits", true, 0xf8c01000, true, 4, 0, 0},
};

static uint64_t mask_of(unsigned size)
{
    return (UINT64_C(1) << 8 * size) - 1;
}

static void try_access(const struct access *a)
{
    const uint64_t stored = 0x89abcdef;
    uint64_t pstate;

    program(a->thumb);
    emit(a->word);
    emit_svc(7);
    emit_svc(8);
    start(0);
    guest->regs.x[1] = stored;
    pstate = reg(VCPU_REG_PSTATE);

    CHECK_EQ(testhost_run(guest), a->store ? VCPU_EXIT_MMIO_WRITE : VCPU_EXIT_MMIO_READ);
    CHECK_EQ(guest->exit.ipa.value, TEST_HOLE_IPA);
    CHECK_EQ(guest->exit.mmio.size, a->size);
    CHECK_EQ(reg(VCPU_REG_PC), CODE_IPA);
    CHECK_EQ(reg(VCPU_REG_PSTATE), pstate);
    if (a->store) {
        CHECK_EQ(guest->exit.mmio.data, stored & mask_of(a->size));
        CHECK_EQ(vcpu_complete_mmio_write(guest), VCPU_OK);
        CHECK_EQ(guest->regs.x[1], stored);
    } else {
        CHECK_EQ(vcpu_complete_mmio_read(guest, a->device), VCPU_OK);
        CHECK_EQ(guest->regs.x[1], a->result);
    }
    CHECK_EQ(reg(VCPU_REG_PC), CODE_IPA + size_of(a->word));

    run_to_svc(7, CODE_IPA + code_size - (a->thumb ? 2 : 4));
    run_to_svc(8, CODE_IPA + code_size);
}

void each_access(void)
{
    for (unsigned i = 0; i < sizeof(accesses) / sizeof(accesses[0]); i++) {
        test_begin(accesses[i].name);
        try_access(&accesses[i]);
    }
}

void accesses_without_syndrome(void)
{
    /* ldrd r2, r3, [r0]; ldr r1, [r0], #4; ldm r0, {r1, r2}; vldr d0, [r0] */
    static const uint32_t words[] = {0xe1c020d0, 0xe4901004, 0xe8900006, 0xed900b00};

    for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        program(false);
        emit(words[i]);
        emit_svc(7);
        start(0);
        CHECK_EQ(testhost_run(guest), VCPU_EXIT_STAGE2_FAULT);
        CHECK_EQ(guest->exit.fault.mmio.size, 0);
        CHECK_EQ(guest->exit.fault.access, VCPU_ACCESS_READ);
        CHECK_EQ(guest->exit.ipa.value, TEST_HOLE_IPA);
        CHECK_EQ(reg(VCPU_REG_PC), CODE_IPA);
        CHECK_EQ(vcpu_complete_mmio_read(guest, 0), VCPU_ERR_STATE);
    }
}

/* ---- Conditions ---- */

/* Of a 16-bit load in an IT block: PSTATE.IT at the exit, and after it is completed. */
static void load_in_it_block(uint32_t pc, uint8_t it, uint8_t next_it)
{
    CHECK_EQ(testhost_run(guest), VCPU_EXIT_MMIO_READ);
    CHECK_EQ(reg(VCPU_REG_PC), pc);
    CHECK_EQ(reg(VCPU_REG_PSTATE) & IT_MASK, PSTATE_IT(it));
    CHECK_EQ(vcpu_complete_mmio_read(guest, 1), VCPU_OK);
    CHECK_EQ(reg(VCPU_REG_PC), pc + 2);
    CHECK_EQ(reg(VCPU_REG_PSTATE) & IT_MASK, PSTATE_IT(next_it));
}

void it_blocks(void)
{
    /* itt eq: both loads are made while Z is set. IT is condition:mask, 0000:0100, then :1000. */
    program(true);
    emit(0xbf04);
    emit(T32_LDR_R1_R0);
    emit(T32_LDR_R2_R0);
    emit_svc(7);
    start(PSTATE_Z);
    load_in_it_block(CODE_IPA + 2, 0x04, 0x08);
    load_in_it_block(CODE_IPA + 4, 0x08, 0x00);
    CHECK_EQ(guest->regs.x[1], 1);
    CHECK_EQ(guest->regs.x[2], 1);
    run_to_svc(7, CODE_IPA + code_size);

    /* Neither of them while it is clear. */
    start(0);
    run_to_svc(7, CODE_IPA + code_size);
    CHECK_EQ(guest->regs.x[1], UINT32_MAX);

    /* ite eq: the first one, and the second is skipped by the CPU. */
    program(true);
    emit(0xbf0c);
    emit(T32_LDR_R1_R0);
    emit(T32_LDR_R2_R0);
    emit_svc(7);
    start(PSTATE_Z);
    load_in_it_block(CODE_IPA + 2, 0x0c, 0x18);
    run_to_svc(7, CODE_IPA + code_size);
    CHECK_EQ(guest->regs.x[2], UINT32_MAX);
}

void failed_conditions(void)
{
    /* ldreq r1, [r0]; streq; mrceq p15, PMCR; mrceq p14, DBGDSCRint; svceq; all with Z clear. */
    static const uint32_t words[] = {0x05901000, 0x05801000, 0x0e191f1c, 0x0e101e11, 0x0f000001};

    for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        program(false);
        emit(words[i]);
        emit_svc(7);
        start(0);
        run_to_svc(7, CODE_IPA + code_size);
        CHECK_EQ(guest->regs.x[1], UINT32_MAX);
    }
}
