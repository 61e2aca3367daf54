/* SPDX-License-Identifier: MIT */

#include "aarch32_program.h"

/* A32: condition "always". */
#define A32_SVC(imm) (0xef000000u | (imm))
#define T32_SVC(imm) (0xdf00u | (imm))
#define REG_ESR      REG(0, 5, 2, 0)
#define REG_CPACR    REG(0, 1, 0, 2)
#define REG_VBAR     REG(0, 12, 0, 0)

struct vcpu *guest;

const struct test_vm *vm;

uint64_t reg(uint32_t id)
{
    return testhost_reg(guest, id);
}

void set_reg(uint32_t id, uint64_t value)
{
    testhost_set_reg(guest, id, value);
}

/* ---- The program ---- */

uint32_t code_size;
static bool code_thumb;

void program(bool thumb)
{
    code_size = 0;
    code_thumb = thumb;
}

unsigned size_of(uint32_t word)
{
    return code_thumb && word <= 0xffff ? 2 : 4;
}

void emit(uint32_t word)
{
    uint16_t *at = testhost_ram(vm, CODE_IPA + code_size);
    unsigned size = size_of(word);
    bool upper_first = code_thumb && size == 4;

    at[0] = (uint16_t)(upper_first ? word >> 16 : word);
    if (size == 4)
        at[1] = (uint16_t)(upper_first ? word : word >> 16);
    cache_clean(at, size);
    code_size += size;
}

void emit_svc(unsigned imm)
{
    emit(code_thumb ? T32_SVC(imm) : A32_SVC(imm));
}

void start(uint64_t flags)
{
    for (unsigned i = 0; i < 31; i++)
        guest->regs.x[i] = UINT32_MAX;
    guest->regs.x[0] = TEST_HOLE_IPA;
    set_reg(VCPU_REG_PC, CODE_IPA);
    set_reg(VCPU_REG_PSTATE, USER32 | (code_thumb ? PSTATE_T : 0) | flags);
    set_reg(REG_VBAR, testhost_ipa(el1_vectors));
    set_reg(REG_CPACR, 3 << 20);
    set_reg(REG_ESR, ~UINT64_C(0));
}

bool took(unsigned class, uint64_t elr)
{
    return guest->exit.reason == VCPU_EXIT_HYPERCALL &&
           vcpu_exit_imm(&guest->exit) == SAY_VECTOR + VECTOR_SYNC32 &&
           (reg(REG_ESR) >> 26 & 0x3f) == class && reg(REG_ELR) == elr;
}

void run_to_svc(unsigned imm, uint64_t elr)
{
    testhost_run(guest);
    CHECK(took(CLASS_SVC32, elr));
    CHECK_EQ(reg(REG_ESR) & 0xffff, imm);
    CHECK_EQ(reg(REG_SPSR) & (IT_MASK | PSTATE_T | 0x1f), USER32 | (code_thumb ? PSTATE_T : 0));
    CHECK_EQ(vcpu_complete_call(guest, guest->regs.x[0]), VCPU_OK);
}
