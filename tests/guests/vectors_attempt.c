/* SPDX-License-Identifier: MIT */
/* How an attempt is made and what must come of it; and the vCPUs that the tests run between them. */
#include "vectors_attempt.h"

#include <stddef.h>

#include "arch.h"

_Static_assert(offsetof(struct attempt, x[30]) == ATTEMPT_X(30), "vectors.h");
_Static_assert(offsetof(struct attempt, spsr) == ATTEMPT_SPSR, "vectors.h");
_Static_assert(offsetof(struct attempt, vbar) == ATTEMPT_VBAR, "vectors.h");
_Static_assert(offsetof(struct attempt, host_vbar) == ATTEMPT_HOST_VBAR, "vectors.h");
_Static_assert(offsetof(struct attempt, sp_el0) == ATTEMPT_SP_EL0, "vectors.h");
_Static_assert(offsetof(struct attempt, out_x[30]) == ATTEMPT_OUT_X(30), "vectors.h");
_Static_assert(offsetof(struct attempt, out_nzcv) == ATTEMPT_OUT_NZCV, "vectors.h");
_Static_assert(offsetof(struct attempt, out_daif) == ATTEMPT_OUT_DAIF, "vectors.h");
_Static_assert(offsetof(struct attempt, out_vbar) == ATTEMPT_OUT_VBAR, "vectors.h");
_Static_assert(offsetof(struct attempt, sp) == ATTEMPT_SP, "vectors.h");
_Static_assert(offsetof(struct attempt, out_sp) == ATTEMPT_OUT_SP, "vectors.h");
_Static_assert(offsetof(struct attempt, refault) == ATTEMPT_REFAULT, "vectors.h");
_Static_assert(offsetof(struct attempt, hcr) == ATTEMPT_HCR, "vectors.h");
_Static_assert(offsetof(struct attempt, host_hcr) == ATTEMPT_HOST_HCR, "vectors.h");
_Static_assert(offsetof(struct attempt, out_hcr) == ATTEMPT_OUT_HCR, "vectors.h");

#define HCR_EL2_TWI (UINT64_C(1) << 13)

#define SPSR_EL2H UINT64_C(0x3c9) /* DAIF masked */
#define SPSR_EL2T UINT64_C(0x3c8)

/* ---- Attempts ---- */

static uint8_t sp0_stack[256] __attribute__((aligned(16)));

struct attempt attempt_make(const void *vbar)
{
    struct attempt attempt = {
        .spsr = SPSR_EL2H | UINT64_C(0xa0000000),
        .vbar = (uintptr_t)vbar,
        .host_vbar = (uintptr_t)vectors_host,
        .sp_el0 = (uintptr_t)sp0_stack + sizeof(sp0_stack),
        .hcr = arch_read(hcr_el2),
        .host_hcr = arch_read(hcr_el2),
    };

    /* The world switch finds a guest's in the register. The library's own vectors leave it. */
    if (vbar == vcpu_vectors || vbar == vcpu_guard_vectors)
        attempt.hcr ^= HCR_EL2_TWI;
    for (unsigned i = 0; i < 31; i++)
        attempt.x[i] = UINT64_C(0x1eaf000000000000) + i * UINT64_C(0x0101010101);
    attempt.x[8] = UNMAPPED;
    return attempt;
}

void check_registers(const uint64_t *got, const uint64_t *want)
{
    for (unsigned i = 0; i < 31; i++) {
        if (got[i] == want[i])
            continue;
        console_print("x%u: ", i);
        CHECK_EQ(got[i], want[i]);
    }
}

void check_unchanged(const struct attempt *attempt)
{
    check_registers(attempt->out_x, attempt->x);
    CHECK_EQ(attempt->out_nzcv, attempt->spsr & SPSR_FLAGS);
    CHECK_EQ(attempt->out_daif, attempt->spsr & 0x3c0);
    CHECK_EQ(attempt->out_sp, attempt->sp);
    CHECK_EQ(attempt->out_hcr, attempt->host_hcr);
}

void check_shown(const struct vcpu_host_fault *fault, const struct attempt *attempt, unsigned slot,
                 const void *pc)
{
    uint64_t mode = slot < SLOT_SYNC ? SPSR_EL2T : SPSR_EL2H;

    check_registers(fault->x, attempt->x);
    CHECK_EQ(fault->vector, slot);
    CHECK_EQ(fault->pc, (uintptr_t)pc);
    CHECK_EQ(fault->spsr & (SPSR_FLAGS | 0x3cf), (attempt->spsr & SPSR_FLAGS) | mode);
    CHECK_EQ(fault->sp, attempt->sp);
}

/* ---- A guest ---- */

struct vcpu *guest_at(struct test_vm *t, const char *entry)
{
    struct vcpu *vcpu = testhost_vcpu(t, 0);

    testhost_enter_at(vcpu, entry);
    vcpu->regs.x[0] = TEST_HOLE_IPA;
    return vcpu;
}

void guest_done(struct vcpu *vcpu)
{
    CHECK_EQ(vcpu_put(testhost_percpu(0), vcpu), VCPU_OK);
    CHECK_EQ(vcpu_destroy(vcpu), VCPU_OK);
}
