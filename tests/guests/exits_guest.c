/* SPDX-License-Identifier: MIT */

#include "exits_guest.h"

#define VECTORED 0xe /* HVC #0xe: an exception came to the guest's vectors */

struct test_vm vm;

struct vcpu *at(const char *snippet)
{
    static struct vcpu *vcpu;

    if (vcpu) {
        MUST(vcpu_percpu_put(testhost_percpu(0)));
        MUST(vcpu_destroy(vcpu));
    }
    vcpu = testhost_vcpu(&vm, 0);
    testhost_enter_at(vcpu, snippet);
    MUST(vcpu_set_reg(vcpu, VCPU_REG_SYSREG + VCPU_SYSREG(3, 0, 12, 0, 0),
                      testhost_ipa(guest_vectors)));
    vcpu->regs.x[0] = TEST_HOLE_IPA;
    return vcpu;
}

bool came_to_mark(struct vcpu *vcpu, const char *snippet)
{
    return testhost_run(vcpu) == VCPU_EXIT_HYPERCALL && vcpu_exit_imm(&vcpu->exit) == MARK &&
           vcpu->regs.pc == testhost_ipa(snippet) + 4;
}

bool came_to_vector(struct vcpu *vcpu, uint64_t ec)
{
    /* From EL1 with SP_EL1, synchronous: the fifth slot. The HVC is its fifth instruction. */
    return testhost_run(vcpu) == VCPU_EXIT_HYPERCALL && vcpu_exit_imm(&vcpu->exit) == VECTORED &&
           vcpu->regs.pc == testhost_ipa(guest_vectors) + 0x210 && vcpu->regs.x[10] >> 26 == ec;
}
