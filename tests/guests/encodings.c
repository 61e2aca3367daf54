/* SPDX-License-Identifier: MIT */
#include "encodings.h"

#include <vcpu/pmu.h>

extern const char encodings_vectors[], encodings_open[], encodings_open_pmu[];

#define PSTATE_EL0T 0x3c0u
#define PSTATE_EL1H 0x3c5u

#define REG_CNTKCTL (VCPU_REG_SYSREG + VCPU_SYSREG(3, 0, 14, 1, 0))
#define REG_VBAR    (VCPU_REG_SYSREG + VCPU_SYSREG(3, 0, 12, 0, 0))
#define ID_DFR0     VCPU_SYSREG(3, 0, 0, 5, 0)
#define DFR0_PMUVER 0xf00u

/* RES1, and for EL0: UMA, EnRCTX, DZE, UCT, UCI, EnTP2; TSCXT = 0. */
#define SCTLR_OPEN                                                                                 \
    (UINT64_C(0x30c00800) | 1 << 9 | 1 << 10 | 1 << 14 | 1 << 15 | 1 << 26 | UINT64_C(1) << 60)
#define CPACR_OPEN     (UINT64_C(3) << 16 | 3 << 20 | 3 << 24) /* ZEN, FPEN, SMEN */
#define CNTKCTL_OPEN   0x303u /* EL0PTEN, EL0VTEN, EL0VCTEN, EL0PCTEN */
#define PMUSERENR_OPEN 1u     /* EN */

void encodings_rich_vm(struct test_vm *t, const struct vcpu_device_ops *first)
{
    const struct vcpu_features *cpu = vcpu_percpu_features(testhost_percpu(0));
    const struct vcpu_pmu_config config = {.host = &testhost_hooks};
    struct vcpu_pmu *pmu;

    testhost_vm(t, (cpu->sve ? VCPU_VM_SVE : 0u) | (cpu->pmu ? VCPU_VM_PMU : 0u));
    if (first)
        CHECK_EQ(vcpu_vm_attach(t->vm, first, NULL), VCPU_OK);
    if (cpu->pmu)
        CHECK_EQ(vcpu_pmu_create(t->vm, &config, &pmu), VCPU_OK);
}

struct vcpu *encodings_vcpu(struct test_vm *t, uint16_t index)
{
    struct vcpu *vcpu = testhost_vcpu(t, index);

    testhost_enter_at(vcpu, encodings_vectors);
    return vcpu;
}

static void set(struct vcpu *vcpu, uint32_t id, uint64_t value)
{
    CHECK_EQ(vcpu_set_reg(vcpu, id, value), VCPU_OK);
}

static void run(struct vcpu *vcpu, uint64_t pc, uint64_t pstate, void (*seen)(const struct vcpu *))
{
    set(vcpu, VCPU_REG_PC, pc);
    set(vcpu, VCPU_REG_PSTATE, pstate);
    for (;;) {
        int reason = testhost_run(vcpu);

        if (reason == VCPU_EXIT_HYPERCALL)
            return;
        if (reason != VCPU_EXIT_SYSREG_READ && reason != VCPU_EXIT_SYSREG_WRITE) {
            console_print("%s at 0x%lx, esr_el2 0x%lx\n", vcpu_exit_name(vcpu->exit.reason),
                          vcpu->regs.pc, vcpu->exit.esr_el2);
            test_fail("an exit that no system register makes");
            return;
        }
        if (seen)
            seen(vcpu);
        CHECK_EQ(vcpu_inject_undefined(vcpu), VCPU_OK);
    }
}

/* The guest does it itself: its host cannot open what the guest has not got. */
static void open(struct vcpu *vcpu)
{
    set(vcpu, REG_VBAR, testhost_ipa(encodings_vectors));
    set(vcpu, REG_CNTKCTL, CNTKCTL_OPEN);
    vcpu->regs.x[1] = SCTLR_OPEN;
    vcpu->regs.x[2] = CPACR_OPEN;
    vcpu->regs.x[3] = PMUSERENR_OPEN;
    run(vcpu, testhost_ipa(encodings_open), PSTATE_EL1H, NULL);
    if (vcpu_vm_id(vcpu_vm_of(vcpu), ID_DFR0) & DFR0_PMUVER)
        run(vcpu, testhost_ipa(encodings_open_pmu), PSTATE_EL1H, NULL);
}

void encodings_run(struct vcpu *vcpu, uint64_t ipa, bool el0, void (*seen)(const struct vcpu *))
{
    open(vcpu);
    vcpu->regs.x[1] = ipa;
    vcpu->regs.x[2] = TAKEN_IPA;
    run(vcpu, ipa, el0 ? PSTATE_EL0T : PSTATE_EL1H, seen);
}
