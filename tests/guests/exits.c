/* SPDX-License-Identifier: MIT */
/* Every exit reason, every shape of MMIO, and where PC is after each way to go on. */
#include "testhost.h"

#include "cache.h"
#include "string.h"

extern const char guest_vectors[], call_hvc[], call_smc[], call_smccc[], call_smccc_smc[], load_b[],
    load_h[], load_w[], load_x[], load_sb_w[], load_sb_x[], load_sh_w[], load_sh_x[], load_sw_x[],
    load_w_zr[], load_x30[], load_acquire[], store_b[], store_h[], store_w[], store_x[], store_zr[],
    store_offset[], load_post[], store_pre[], load_pair[], load_vector[], cache_op[], jump[],
    mmu_load[], mmu_store[], wait_wfi[], wait_wfe[], debug_brk[], sysreg_read[], sysreg_write[],
    sysreg_write_zr[], timer_read[], id_read[];

#define MARK     0xd /* HVC #0xd: the guest went on behind the instruction */
#define VECTORED 0xe /* HVC #0xe: an exception came to the guest's vectors */

static struct test_vm vm;

/* A vCPU about to run a snippet, and away with the one before. */
static struct vcpu *at(const char *snippet)
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

static bool came_to_mark(struct vcpu *vcpu, const char *snippet)
{
    return testhost_run(vcpu) == VCPU_EXIT_HYPERCALL && vcpu_exit_imm(&vcpu->exit) == MARK &&
           vcpu->regs.pc == testhost_ipa(snippet) + 4;
}

static bool came_to_vector(struct vcpu *vcpu, uint64_t ec)
{
    /* From EL1 with SP_EL1, synchronous: the fifth slot. The HVC is its fifth instruction. */
    return testhost_run(vcpu) == VCPU_EXIT_HYPERCALL && vcpu_exit_imm(&vcpu->exit) == VECTORED &&
           vcpu->regs.pc == testhost_ipa(guest_vectors) + 0x210 && vcpu->regs.x[10] >> 26 == ec;
}

/* ---- Calls ---- */

static void calls(void)
{
    struct vcpu *vcpu;

    test_begin("HVC: immediate, PC at it until completed, result in x0");
    vcpu = at(call_hvc);
    vcpu->regs.x[0] = 5;
    vcpu->regs.x[17] = 17;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu->exit.reason, VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_exit_imm(&vcpu->exit), 0x1234);
    CHECK_EQ(vcpu->exit.smc, 0);
    CHECK_EQ(vcpu->exit.esr_el2, 0x5a001234);
    CHECK_EQ(vcpu->exit.far_el2, 0);
    CHECK_EQ(vcpu->exit.ipa.value, 0);
    CHECK_EQ(vcpu->regs.pc, testhost_ipa(call_hvc));
    CHECK_EQ(vcpu->regs.x[17], 17);
    test_begin("HVC: run again without completing does it again");
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_exit_imm(&vcpu->exit), 0x1234);
    CHECK_EQ(vcpu->regs.pc, testhost_ipa(call_hvc));
    test_begin("HVC: completed once and not twice");
    CHECK_EQ(vcpu_complete_call(vcpu, 99), VCPU_OK);
    CHECK_EQ(vcpu->regs.x[0], 99);
    CHECK_EQ(vcpu->exit.reason, VCPU_EXIT_NONE);
    CHECK_EQ(vcpu_complete_call(vcpu, 100), VCPU_ERR_STATE);
    CHECK_EQ(vcpu->regs.x[0], 99);
    CHECK(came_to_mark(vcpu, call_hvc));

    test_begin("SMC: the same, with smc set");
    vcpu = at(call_smc);
    vcpu->regs.x[0] = 5;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_exit_imm(&vcpu->exit), 0xabcd);
    CHECK_EQ(vcpu->exit.smc, 1);
    CHECK_EQ(vcpu->regs.pc, testhost_ipa(call_smc));
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu->regs.pc, testhost_ipa(call_smc));
    CHECK_EQ(vcpu_complete_call(vcpu, 7), VCPU_OK);
    CHECK(came_to_mark(vcpu, call_smc));

    test_begin("HVC answered by UNDEFINED: the guest's vector, ELR at the HVC");
    vcpu = at(call_hvc);
    vcpu->regs.x[0] = 5;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_inject_undefined(vcpu), VCPU_OK);
    CHECK_EQ(vcpu->exit.reason, VCPU_EXIT_NONE);
    CHECK(came_to_vector(vcpu, 0));
    CHECK_EQ(vcpu->regs.x[11], testhost_ipa(call_hvc));
}

/* ---- PSCI and SMCCC ---- */

static uint64_t answered(const char *snippet, uint64_t x0, uint64_t x1, uint64_t x2)
{
    struct vcpu *vcpu = at(snippet);

    vcpu->regs.x[0] = x0;
    vcpu->regs.x[1] = x1;
    vcpu->regs.x[2] = x2;
    vcpu->regs.x[4] = 0x4444;
    vcpu->regs.x[17] = 0x1717;
    CHECK(came_to_mark(vcpu, snippet));
    CHECK_EQ(vcpu->regs.x[4], 0x4444);
    CHECK_EQ(vcpu->regs.x[17], 0x1717);
    return vcpu->regs.x[0];
}

static void psci(void)
{
    static const char *const conduits[] = {call_smccc, call_smccc_smc};
    struct vcpu_config off = {.index = 5, .mpidr = 0x105, .off = true};
    struct vcpu *vcpu, *target;

    for (unsigned i = 0; i < 2; i++) {
        const char *const way = conduits[i];

        test_begin(i ? "PSCI by SMC" : "PSCI by HVC");
        CHECK_EQ(answered(way, 0x84000000, 0, 0), 0x10001);
        CHECK_EQ(answered(way, 0x80000000, 0, 0), 0x10002);
        /* Only W0 names the function. */
        CHECK_EQ(answered(way, 0xdeadbeef84000000, 0, 0), 0x10001);
        CHECK_EQ(answered(way, 0x84000006, 0, 0), 2);
        CHECK_EQ(answered(way, 0x8400000a, 0x84000003, 0), 0);
        CHECK_EQ(answered(way, 0x8400000a, 0xc4000003, 0), 0);
        CHECK_EQ(answered(way, 0x8400000a, 0x84000014, 0), UINT64_MAX);
        CHECK_EQ(answered(way, 0x84000014, 0, 0), UINT64_MAX); /* MEM_PROTECT_CHECK_RANGE */
        CHECK_EQ(answered(way, 0xc400000e, 0, 0), UINT64_MAX); /* SYSTEM_SUSPEND */
        CHECK_EQ(answered(way, 0xdead0000c400000e, 0, 0), UINT64_MAX);
        CHECK_EQ(answered(way, 0x80008000, 0, 0), UINT64_MAX); /* SMCCC_ARCH_WORKAROUND_1 */
        CHECK_EQ(answered(way, 0xc4000004, 0, 0), 0);          /* itself: on */
        CHECK_EQ(answered(way, 0xc4000004, 0x77, 0), (uint64_t)-2);
    }

    test_begin("PSCI: CPU_ON is checked, comes out once, starts the target from a reset state");
    vcpu = at(call_smccc);
    CHECK_EQ(vcpu_create(vm.vm, &off, &target), VCPU_OK);
    CHECK_EQ(vcpu_set_ept_root(target, vcpu_stage2_root(&vm.s2)), VCPU_OK);
    CHECK_EQ(vcpu_power(target), VCPU_POWER_OFF);
    CHECK_EQ(testhost_run(target), VCPU_ERR_STATE);
    target->regs.x[5] = 0xbad;
    vcpu->regs.x[0] = 0xffffffff84000003; /* 32 bits: the upper halves say nothing */
    vcpu->regs.x[1] = 0xffffffff00000105;
    vcpu->regs.x[2] = 0xffffffff00000000 | testhost_ipa(call_hvc);
    vcpu->regs.x[3] = 0xffffffff00000042;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_CPU_UP);
    CHECK(vcpu->exit.cpu_up.target == target);
    CHECK_EQ(vcpu->exit.cpu_up.entry, testhost_ipa(call_hvc));
    CHECK_EQ(vcpu->exit.cpu_up.context, 0x42);
    CHECK_EQ(vcpu_power(target), VCPU_POWER_ON_PENDING);
    CHECK_EQ(vcpu_complete_cpu_up(vcpu, VCPU_PSCI_SUCCESS), VCPU_OK);
    CHECK_EQ(vcpu_complete_cpu_up(vcpu, VCPU_PSCI_SUCCESS), VCPU_ERR_STATE);
    CHECK_EQ(vcpu->regs.x[0], 0);
    CHECK_EQ(vcpu_power(target), VCPU_POWER_ON);
    CHECK(came_to_mark(vcpu, call_smccc));
    CHECK_EQ(testhost_run(target), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(target->regs.x[0], 0x42);
    CHECK_EQ(target->regs.x[5], 0);
    CHECK_EQ(vcpu_exit_imm(&target->exit), 0x1234);

    test_begin("PSCI: CPU_ON of one that is on, of none, at an odd address");
    MUST(vcpu_percpu_put(testhost_percpu(0)));
    CHECK_EQ(answered(call_smccc, 0xc4000003, 0x105, testhost_ipa(call_hvc)), (uint64_t)-4);
    CHECK_EQ(answered(call_smccc, 0xc4000003, 0x106, testhost_ipa(call_hvc)), (uint64_t)-2);
    CHECK_EQ(answered(call_smccc, 0xc4000003, 0xff00000000000105, 0), (uint64_t)-2);
    CHECK_EQ(answered(call_smccc, 0xc4000003, 0x105, 0x40000002), (uint64_t)-9);

    test_begin("PSCI: CPU_OFF leaves no state in the CPU, and AFFINITY_INFO says so");
    target->regs.x[0] = 0x84000002;
    MUST(vcpu_set_entry(target, vcpu_ipa(testhost_ipa(call_smccc))));
    CHECK_EQ(testhost_run(target), VCPU_EXIT_CPU_DOWN);
    CHECK_EQ(vcpu_power(target), VCPU_POWER_OFF);
    CHECK_EQ(testhost_run(target), VCPU_ERR_STATE);
    CHECK_EQ(vcpu_put(testhost_percpu(0), target), VCPU_ERR_STATE);
    CHECK_EQ(answered(call_smccc, 0xc4000004, 0x105, 0), 1);
    MUST(vcpu_percpu_put(testhost_percpu(0)));

    test_begin("PSCI: a refused CPU_ON leaves the target off, and the caller has the status");
    vcpu = at(call_smccc);
    vcpu->regs.x[0] = 0xc4000003;
    vcpu->regs.x[1] = 0x105;
    vcpu->regs.x[2] = testhost_ipa(call_hvc);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_CPU_UP);
    CHECK_EQ(vcpu_complete_cpu_up(vcpu, VCPU_PSCI_DENIED), VCPU_OK);
    CHECK_EQ(vcpu->regs.x[0], (uint64_t)-3);
    CHECK_EQ(vcpu_power(target), VCPU_POWER_OFF);
    CHECK_EQ(vcpu_destroy(target), VCPU_OK);

    test_begin("PSCI: CPU_SUSPEND to standby goes on behind it, to power-down at its entry");
    vcpu = at(call_smccc);
    vcpu->regs.x[0] = 0xc4000001;
    vcpu->regs.x[1] = 0x3;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_CPU_SUSPEND);
    CHECK_EQ(vcpu->exit.suspend.power_state, 3);
    CHECK(!vcpu->exit.suspend.power_down);
    CHECK_EQ(vcpu_complete_suspend(vcpu, VCPU_PSCI_SUCCESS), VCPU_OK);
    CHECK_EQ(vcpu->regs.x[0], 0);
    CHECK(came_to_mark(vcpu, call_smccc));
    vcpu = at(call_smccc);
    vcpu->regs.x[0] = 0xc4000001;
    vcpu->regs.x[1] = 0x10000;
    vcpu->regs.x[2] = testhost_ipa(call_hvc);
    vcpu->regs.x[3] = 0x99;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_CPU_SUSPEND);
    CHECK(vcpu->exit.suspend.power_down);
    CHECK_EQ(vcpu_complete_suspend(vcpu, VCPU_PSCI_SUCCESS), VCPU_OK);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu->regs.x[0], 0x99);
    CHECK_EQ(vcpu->regs.x[2], 0);
    CHECK_EQ(vcpu->regs.pc, testhost_ipa(call_hvc));

    test_begin("PSCI: SYSTEM_OFF and SYSTEM_RESET come out");
    vcpu = at(call_smccc_smc);
    vcpu->regs.x[0] = 0x84000008;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_SYSTEM_OFF);
    vcpu = at(call_smccc);
    vcpu->regs.x[0] = 0xffffffff84000009;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_SYSTEM_RESET);

    test_begin("a call that is not PSCI's or Arm's is the host's, with its arguments");
    vcpu = at(call_smccc);
    vcpu->regs.x[0] = 0x86000001;
    vcpu->regs.x[1] = 0x11;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu->regs.x[0], 0x86000001);
    CHECK_EQ(vcpu->regs.x[1], 0x11);
    CHECK_EQ(vcpu->regs.pc, testhost_ipa(call_smccc));
    CHECK_EQ(vcpu_complete_call(vcpu, 3), VCPU_OK);
    CHECK(came_to_mark(vcpu, call_smccc));
}

/* ---- MMIO ---- */

static const struct load {
    const char *name, *snippet;
    uint8_t size;
    uint8_t reg;
    uint64_t data, result;
} loads[] = {
    {"LDRB", load_b, 1, 1, 0xfedcba9876543281, 0x81},
    {"LDRH", load_h, 2, 1, 0xfedcba9876548281, 0x8281},
    {"LDR W", load_w, 4, 1, 0xfedcba9886543281, 0x86543281},
    {"LDR X", load_x, 8, 1, 0xfedcba9876543281, 0xfedcba9876543281},
    {"LDRSB W", load_sb_w, 1, 1, 0x81, 0xffffff81},
    {"LDRSB X", load_sb_x, 1, 1, 0x81, 0xffffffffffffff81},
    {"LDRSB X, positive", load_sb_x, 1, 1, 0xff7f, 0x7f},
    {"LDRSH W", load_sh_w, 2, 1, 0x8000, 0xffff8000},
    {"LDRSH X", load_sh_x, 2, 1, 0x8000, 0xffffffffffff8000},
    {"LDRSW X", load_sw_x, 4, 1, 0x80000000, 0xffffffff80000000},
    {"LDR X30", load_x30, 8, 30, 0x1122334455667788, 0x1122334455667788},
    {"LDAR W", load_acquire, 4, 1, 0xffffffffffffffff, 0xffffffff},
};

static const struct store {
    const char *name, *snippet;
    uint8_t size;
    uint64_t data;
    uint64_t offset;
} stores[] = {
    {"STRB", store_b, 1, 0xef, 0},
    {"STRH", store_h, 2, 0xcdef, 0},
    {"STR W", store_w, 4, 0x89abcdef, 0},
    {"STR X", store_x, 8, 0x0123456789abcdef, 0},
    {"STR XZR", store_zr, 8, 0, 0},
    {"STR W with an offset", store_offset, 4, 0x89abcdef, 0x24},
};

static void mmio(void)
{
    struct vcpu *vcpu;

    for (unsigned i = 0; i < sizeof(loads) / sizeof(loads[0]); i++) {
        const struct load *l = &loads[i];

        test_begin(l->name);
        vcpu = at(l->snippet);
        vcpu->regs.x[0] += 0x123 & ~(l->size - 1u);
        vcpu->regs.x[l->reg] = 0x5555555555555555;
        CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_MMIO_READ);
        CHECK_EQ(vcpu->exit.mmio.size, l->size);
        CHECK_EQ(vcpu->exit.ipa.value, vcpu->regs.x[0]);
        CHECK_EQ(vcpu->exit.far_el2, vcpu->regs.x[0]);
        CHECK_EQ(vcpu->regs.pc, testhost_ipa(l->snippet));
        CHECK_EQ(vcpu->regs.x[l->reg], 0x5555555555555555);
        CHECK_EQ(vcpu_complete_mmio_write(vcpu), VCPU_ERR_STATE);
        CHECK_EQ(vcpu_complete_call(vcpu, 0), VCPU_ERR_STATE);
        CHECK_EQ(vcpu_complete_mmio_read(vcpu, l->data), VCPU_OK);
        CHECK_EQ(vcpu->regs.x[l->reg], l->result);
        CHECK_EQ(vcpu_complete_mmio_read(vcpu, 1), VCPU_ERR_STATE);
        CHECK(came_to_mark(vcpu, l->snippet));
        CHECK_EQ(vcpu->regs.x[l->reg], l->result);
    }
    test_begin("a load to the zero register writes none");
    vcpu = at(load_w_zr);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_MMIO_READ);
    CHECK_EQ(vcpu_complete_mmio_read(vcpu, 0x77), VCPU_OK);
    for (unsigned i = 1; i < 31; i++)
        CHECK_EQ(vcpu->regs.x[i], 0);
    CHECK_EQ(vcpu->regs.sp_el0, 0);
    CHECK(came_to_mark(vcpu, load_w_zr));

    for (unsigned i = 0; i < sizeof(stores) / sizeof(stores[0]); i++) {
        const struct store *s = &stores[i];

        test_begin(s->name);
        vcpu = at(s->snippet);
        vcpu->regs.x[1] = 0x0123456789abcdef;
        CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_MMIO_WRITE);
        CHECK_EQ(vcpu->exit.mmio.size, s->size);
        CHECK_EQ(vcpu->exit.mmio.data, s->data);
        CHECK_EQ(vcpu->exit.ipa.value, TEST_HOLE_IPA + s->offset);
        CHECK_EQ(vcpu_complete_mmio_read(vcpu, 0), VCPU_ERR_STATE);
        CHECK_EQ(vcpu_complete_mmio_write(vcpu), VCPU_OK);
        CHECK_EQ(vcpu_complete_mmio_write(vcpu), VCPU_ERR_STATE);
        CHECK(came_to_mark(vcpu, s->snippet));
    }

    test_begin("MMIO retried: memory was mapped meanwhile, and the load reads it");
    vcpu = at(load_w);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_MMIO_READ);
    *(uint32_t *)testhost_ram(&vm, TEST_RAM_IPA + 0x100000) = 0xcafe;
    cache_clean(testhost_ram(&vm, TEST_RAM_IPA + 0x100000), 64);
    CHECK_EQ(vcpu_stage2_map(&vm.s2, vcpu_ipa(TEST_HOLE_IPA), vcpu_pa(vm.ram + 0x100000), 4096,
                             VCPU_S2_RW),
             VCPU_OK);
    CHECK(came_to_mark(vcpu, load_w));
    CHECK_EQ(vcpu->regs.x[1], 0xcafe);
    test_begin("and after unmapping it is MMIO again");
    CHECK_EQ(vcpu_stage2_unmap(&vm.s2, vcpu_ipa(TEST_HOLE_IPA), 4096), VCPU_OK);
    vcpu = at(load_w);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_MMIO_READ);

    test_begin("MMIO answered by an abort: ESR, FAR and ELR as for an external abort");
    CHECK_EQ(vcpu_inject_data_abort(vcpu, vcpu->exit.far_el2), VCPU_OK);
    CHECK(came_to_vector(vcpu, 0x25));
    CHECK_EQ(vcpu->regs.x[10], 0x96000010);
    CHECK_EQ(vcpu->regs.x[11], testhost_ipa(load_w));
    CHECK_EQ(vcpu->regs.x[12], TEST_HOLE_IPA);
}

/* ---- Faults that are not MMIO ---- */

static void faults(void)
{
    static const struct {
        const char *name, *snippet;
        uint8_t access;
    } blind[] = {
        {"LDR with post-index has no syndrome", load_post, VCPU_ACCESS_READ},
        {"STR with pre-index has no syndrome", store_pre, VCPU_ACCESS_WRITE},
        {"LDP has no syndrome", load_pair, VCPU_ACCESS_READ},
        {"LDR Q has no syndrome", load_vector, VCPU_ACCESS_READ},
    };
    struct vcpu *vcpu;

    for (unsigned i = 0; i < sizeof(blind) / sizeof(blind[0]); i++) {
        test_begin(blind[i].name);
        vcpu = at(blind[i].snippet);
        /* CPACR_EL1.FPEN, for the vector load. */
        MUST(vcpu_set_reg(vcpu, VCPU_REG_SYSREG + VCPU_SYSREG(3, 0, 1, 0, 2), 3u << 20));
        vcpu->regs.x[1] = 0x55;
        CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_STAGE2_FAULT);
        CHECK_EQ(vcpu->exit.fault.mmio.size, 0);
        CHECK_EQ(vcpu->exit.fault.kind, VCPU_FAULT_TRANSLATION);
        CHECK_EQ(vcpu->exit.fault.access, blind[i].access);
        CHECK(vcpu->exit.fault.ipa_valid);
        CHECK_EQ(vcpu->exit.ipa.value & ~UINT64_C(15), TEST_HOLE_IPA);
        CHECK_EQ(vcpu->regs.x[1], 0x55);
        CHECK_EQ(vcpu_complete_mmio_read(vcpu, 0), VCPU_ERR_STATE);
        CHECK_EQ(vcpu_complete_mmio_write(vcpu), VCPU_ERR_STATE);
        CHECK_EQ(vcpu->regs.pc, testhost_ipa(blind[i].snippet));
    }

    test_begin("a fetch from a hole");
    vcpu = at(jump);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_STAGE2_FAULT);
    CHECK_EQ(vcpu->exit.fault.access, VCPU_ACCESS_EXECUTE);
    CHECK_EQ(vcpu->exit.fault.kind, VCPU_FAULT_TRANSLATION);
    CHECK_EQ(vcpu->exit.ipa.value, TEST_HOLE_IPA);
    CHECK_EQ(vcpu->regs.pc, TEST_HOLE_IPA);
    CHECK_EQ(vcpu_inject_instruction_abort(vcpu, vcpu->exit.far_el2), VCPU_OK);
    CHECK(came_to_vector(vcpu, 0x21));
    CHECK_EQ(vcpu->regs.x[12], TEST_HOLE_IPA);

    test_begin("a write to read-only memory: permission, address by AT, syndrome, retry");
    CHECK_EQ(vcpu_stage2_map(&vm.s2, vcpu_ipa(0x50000000), vcpu_pa(vm.ram + 0x200000), 0x2000,
                             VCPU_S2_READ),
             VCPU_OK);
    vcpu = at(store_offset);
    vcpu->regs.x[0] = 0x50001008;
    vcpu->regs.x[1] = 0x1234;
    MUST(vcpu_set_reg(vcpu, VCPU_REG_SYSREG + VCPU_SYSREG(3, 0, 7, 4, 0), 0x1)); /* PAR_EL1 */
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_STAGE2_FAULT);
    CHECK_EQ(vcpu->exit.fault.kind, VCPU_FAULT_PERMISSION);
    CHECK_EQ(vcpu->exit.fault.access, VCPU_ACCESS_WRITE);
    CHECK(vcpu->exit.fault.ipa_valid);
    CHECK_EQ(vcpu->exit.ipa.value, 0x5000102c);
    CHECK_EQ(vcpu->exit.fault.mmio.size, 4);
    CHECK_EQ(vcpu->exit.fault.mmio.data, 0x1234);
    {
        uint64_t par;

        CHECK_EQ(vcpu_get_reg(vcpu, VCPU_REG_SYSREG + VCPU_SYSREG(3, 0, 7, 4, 0), &par), VCPU_OK);
        CHECK_EQ(par & 1, 1); /* the guest's PAR_EL1 is as it was */
    }
    CHECK_EQ(vcpu_stage2_protect(&vm.s2, vcpu_ipa(0x50001000), 0x1000, VCPU_S2_RW), VCPU_OK);
    CHECK(came_to_mark(vcpu, store_offset));
    CHECK_EQ(*(uint32_t *)testhost_ram(&vm, TEST_RAM_IPA + 0x20102c), 0x1234);

    test_begin("a write to read-only memory can be emulated instead");
    vcpu = at(store_offset);
    vcpu->regs.x[0] = 0x50000000;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_STAGE2_FAULT);
    CHECK_EQ(vcpu_complete_mmio_read(vcpu, 0), VCPU_ERR_STATE);
    CHECK_EQ(vcpu_complete_mmio_write(vcpu), VCPU_OK);
    CHECK(came_to_mark(vcpu, store_offset));

    test_begin("a fetch from memory that is not executable: permission");
    vcpu = at(jump);
    vcpu->regs.x[0] = 0x50000000;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_STAGE2_FAULT);
    CHECK_EQ(vcpu->exit.fault.kind, VCPU_FAULT_PERMISSION);
    CHECK_EQ(vcpu->exit.fault.access, VCPU_ACCESS_EXECUTE);
    CHECK_EQ(vcpu->exit.ipa.value, 0x50000000);
    CHECK_EQ(vcpu_stage2_unmap(&vm.s2, vcpu_ipa(0x50000000), 0x2000), VCPU_OK);

    test_begin("cache maintenance of a hole is no MMIO, and can be skipped");
    vcpu = at(cache_op);
    /* QEMU's DC CIVAC does not translate: then it is done without an exit. */
    if (testhost_run(vcpu) == VCPU_EXIT_STAGE2_FAULT) {
        CHECK(vcpu->exit.fault.cache_maintenance);
        CHECK_EQ(vcpu_complete_skip(vcpu), VCPU_OK);
        CHECK(came_to_mark(vcpu, cache_op));
    } else {
        CHECK_EQ(vcpu_exit_imm(&vcpu->exit), MARK);
    }
}

/* ---- With the guest's MMU on ---- */

/* Level-1 table: RAM identity at 1 GiB, and a table for VA 0 that leads to l2. */
static void guest_tables(uint64_t l2_descriptor)
{
    uint64_t *l1 = testhost_ram(&vm, TEST_RAM_IPA + 0x180000);

    memset(l1, 0, 4096);
    l1[0] = l2_descriptor;
    l1[1] = 0x40000000 | 0x701; /* block, AF, Inner Shareable, attribute 0 */
    cache_clean(l1, 4096);
}

static void walks(void)
{
    struct vcpu *vcpu;

    test_begin("the guest's own table walk meets a hole: S1PTW, page address, no MMIO");
    guest_tables(0x0b001000 | 3); /* a table where nothing is */
    vcpu = at(mmu_load);
    vcpu->regs.x[0] = TEST_RAM_IPA + 0x180000;
    vcpu->regs.x[1] = 0x345678;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_STAGE2_FAULT);
    CHECK(vcpu->exit.fault.s1ptw);
    CHECK_EQ(vcpu->exit.fault.kind, VCPU_FAULT_TRANSLATION);
    CHECK(vcpu->exit.fault.ipa_valid);
    CHECK_EQ(vcpu->exit.ipa.value, 0x0b001000);
    CHECK_EQ(vcpu->exit.far_el2, 0x345678);
    CHECK_EQ(vcpu->exit.fault.mmio.size, 0);

    test_begin("MMIO through the guest's MMU: IPA and VA are told apart");
    {
        uint64_t *l2 = testhost_ram(&vm, TEST_RAM_IPA + 0x181000);

        memset(l2, 0, 4096);
        l2[1] = 0x0a000000 | 0x705; /* VA 0x200000 -> IPA 0x0a000000; attribute 1: Device */
        cache_clean(l2, 4096);
    }
    guest_tables((TEST_RAM_IPA + 0x181000) | 3);
    vcpu = at(mmu_load);
    vcpu->regs.x[0] = TEST_RAM_IPA + 0x180000;
    vcpu->regs.x[1] = 0x200018;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_MMIO_READ);
    CHECK_EQ(vcpu->exit.far_el2, 0x200018);
    CHECK_EQ(vcpu->exit.ipa.value, 0x0a000018);
    CHECK_EQ(vcpu_complete_mmio_read(vcpu, 0x1122334455667788), VCPU_OK);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu->regs.x[2], 0x1122334455667788);

    test_begin("a permission fault through the guest's MMU: the address is the IPA");
    CHECK_EQ(vcpu_stage2_map(&vm.s2, vcpu_ipa(0x0a000000), vcpu_pa(vm.ram + 0x200000), 0x1000,
                             VCPU_S2_READ),
             VCPU_OK);
    vcpu = at(mmu_store);
    vcpu->regs.x[0] = TEST_RAM_IPA + 0x180000;
    vcpu->regs.x[1] = 0x200020;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_STAGE2_FAULT);
    CHECK_EQ(vcpu->exit.fault.kind, VCPU_FAULT_PERMISSION);
    CHECK_EQ(vcpu->exit.far_el2, 0x200020);
    CHECK(vcpu->exit.fault.ipa_valid);
    CHECK_EQ(vcpu->exit.ipa.value, 0x0a000020);
    CHECK_EQ(vcpu_stage2_unmap(&vm.s2, vcpu_ipa(0x0a000000), 0x1000), VCPU_OK);

    test_begin("the guest's own fault stays with the guest");
    guest_tables(0);
    vcpu = at(mmu_load);
    vcpu->regs.x[0] = TEST_RAM_IPA + 0x180000;
    vcpu->regs.x[1] = 0x1000;
    CHECK(came_to_vector(vcpu, 0x25));
    CHECK_EQ(vcpu->regs.x[12], 0x1000);
}

/* ---- The rest ---- */

static void registers(void)
{
    struct vcpu *vcpu;

    test_begin("a trapped MRS: encoding, completed into Xt");
    vcpu = at(sysreg_read);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_SYSREG_READ);
    CHECK_EQ(vcpu->exit.sysreg.encoding, VCPU_SYSREG(3, 3, 14, 2, 2));
    CHECK(!vcpu->exit.sysreg.write);
    CHECK_EQ(vcpu->regs.pc, testhost_ipa(sysreg_read));
    CHECK_EQ(vcpu_complete_sysreg_write(vcpu), VCPU_ERR_STATE);
    CHECK_EQ(vcpu_complete_sysreg_read(vcpu, 0x8877665544332211), VCPU_OK);
    CHECK_EQ(vcpu->regs.x[3], 0x8877665544332211);
    CHECK(came_to_mark(vcpu, sysreg_read));
    test_begin("a trapped MSR: value, and XZR writes 0");
    vcpu = at(sysreg_write);
    vcpu->regs.x[3] = 0x1234567890;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_SYSREG_WRITE);
    CHECK_EQ(vcpu->exit.sysreg.value, 0x1234567890);
    CHECK_EQ(vcpu_complete_sysreg_read(vcpu, 0), VCPU_ERR_STATE);
    CHECK_EQ(vcpu_complete_sysreg_write(vcpu), VCPU_OK);
    CHECK(came_to_mark(vcpu, sysreg_write));
    vcpu = at(sysreg_write_zr);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_SYSREG_WRITE);
    CHECK_EQ(vcpu->exit.sysreg.value, 0);
    test_begin("a trapped MRS answered by UNDEFINED");
    vcpu = at(sysreg_read);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_SYSREG_READ);
    CHECK_EQ(vcpu_inject_undefined(vcpu), VCPU_OK);
    CHECK(came_to_vector(vcpu, 0));
    CHECK_EQ(vcpu->regs.x[10], 0x02000000);
    CHECK_EQ(vcpu->regs.x[11], testhost_ipa(sysreg_read));
    test_begin("the physical timer is the host's unless it is given away");
    vcpu = at(timer_read);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_SYSREG_READ);
    CHECK_EQ(vcpu->exit.sysreg.encoding, VCPU_SYSREG(3, 3, 14, 2, 1));
    test_begin("MPIDR_EL1 is the vCPU's, ID registers are read without an exit");
    vcpu = at(id_read);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu->regs.x[4], UINT64_C(1) << 31);
    CHECK_EQ(vcpu->regs.x[3] & 0xf0, 0x10);   /* EL1 is AArch64 only */
    CHECK_EQ(vcpu->regs.x[3] >> 8 & 0xff, 0); /* no EL2, no EL3 */
}

static void waits(void)
{
    struct vcpu *vcpu;
    struct test_vm trapping;

    test_begin("WFE and WFI come out where the VM wants them, and are gone on from");
    testhost_vm(&trapping, VCPU_VM_TRAP_WFI | VCPU_VM_TRAP_WFE | VCPU_VM_TRAP_DEBUG);
    vcpu = testhost_vcpu(&trapping, 0);
    testhost_enter_at(vcpu, wait_wfi);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_WFI);
    CHECK_EQ(vcpu->regs.pc, testhost_ipa(wait_wfi));
    CHECK_EQ(vcpu_complete_skip(vcpu), VCPU_OK);
    CHECK_EQ(vcpu_complete_skip(vcpu), VCPU_ERR_STATE);
    CHECK(came_to_mark(vcpu, wait_wfi));
    testhost_enter_at(vcpu, wait_wfe);
    /* An implementation may trap the first WFE too, or none that does not wait. */
    for (int n = 0; n < 3 && testhost_run(vcpu) == VCPU_EXIT_WFE; n++)
        CHECK_EQ(vcpu_complete_skip(vcpu), VCPU_OK);
    CHECK_EQ(vcpu->exit.reason, VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_exit_imm(&vcpu->exit), MARK);

    test_begin("BRK comes out where the VM wants debug exceptions, with its immediate");
    testhost_enter_at(vcpu, debug_brk);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_DEBUG);
    CHECK_EQ(vcpu->exit.debug.exception_class, 0x3c);
    CHECK_EQ(vcpu->exit.debug.comment, 0x77);
    CHECK_EQ(vcpu->regs.pc, testhost_ipa(debug_brk));
    CHECK_EQ(vcpu_complete_skip(vcpu), VCPU_OK);
    CHECK(came_to_mark(vcpu, debug_brk));
    testhost_vm_free(&trapping);

    test_begin("BRK stays with the guest otherwise");
    vcpu = at(debug_brk);
    CHECK(came_to_vector(vcpu, 0x3c));
    CHECK_EQ(vcpu->regs.x[11], testhost_ipa(debug_brk));
}

void host_main(const struct machine *machine)
{
    (void)machine;
    testhost_enable(0);
    testhost_vm(&vm, 0);
    calls();
    psci();
    mmio();
    faults();
    walks();
    registers();
    waits();
    test_end();
}
