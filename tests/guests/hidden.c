/* SPDX-License-Identifier: MIT */
/*
 * A guest that tries what it is not meant to have, at EL1 and at EL0, an instruction at a time.
 * Each ends in the guest's own vectors, in an exit, or in nothing; what the host has set for the
 * guest, and its own registers, stay as they are.
 */
#include "hidden_words.h"

/* ---- Exceptions with a place of their own ---- */

/* Runs an instruction; it ends in a synchronous exception of this class, with this ELR_EL1. */
static void check_exception(bool el0, unsigned class, uint64_t elr, uint64_t spsr)
{
    testhost_run(guest);
    CHECK(took_exception(el0));
    CHECK_EQ(ESR_CLASS(reg(REG_ESR)), class);
    CHECK_EQ(reg(REG_ELR), elr);
    CHECK_EQ(reg(REG_SPSR), spsr);
    check_canaries("exception");
}

static void illegal_returns(const struct test_vm *t)
{
    /* EL2h, EL2t, EL3h, EL3t, a reserved mode; AArch32 Supervisor, Hyp, Monitor, System. */
    static const uint32_t modes[] = {0x09, 0x08, 0x0d, 0x0c, 0x01, 0x13, 0x1a, 0x16, 0x1f};
    const uint64_t pc = slot(0, false);

    write_slot(t, 0, INSN_ERET);
    for (unsigned i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        prepare(pc, false);
        set_reg(REG_SPSR, 0x3c0 | modes[i]);
        /* PSTATE.IL is set, at the same level: the next instruction is not executed. */
        check_exception(false, CLASS_ILLEGAL_STATE, pc + 4, PSTATE_EL1H | PSTATE_IL);
    }
}

static void misalignment(const struct test_vm *t)
{
    write_slot(t, 0, INSN_RET_X1);
    write_slot(t, 1, INSN_LDR_SP);
    for (unsigned el0 = 0; el0 < 2; el0++) {
        const uint64_t pstate = el0 ? PSTATE_EL0T : PSTATE_EL1H;

        prepare(slot(0, el0), el0);
        guest->regs.x[1] = DATA_IPA + 2;
        check_exception(el0, CLASS_PC_ALIGNMENT, DATA_IPA + 2, pstate);
        CHECK_EQ(reg(REG_FAR), DATA_IPA + 2);

        /* QEMU does not look at SP's alignment: there the load goes by. */
        prepare(slot(1, el0), el0);
        set_reg(VCPU_REG_SP_EL0, DATA_IPA + 8);
        set_reg(REG_SP_EL1, DATA_IPA + 8);
        testhost_run(guest);
        if (outcome(slot(1, el0), el0) != RAN) {
            CHECK(took_exception(el0));
            CHECK_EQ(ESR_CLASS(reg(REG_ESR)), CLASS_SP_ALIGNMENT);
            CHECK_EQ(reg(REG_ELR), slot(1, el0));
        }
    }
}

/* ---- Registers that are emulated ---- */

static uint64_t guest_reads(const struct test_vm *t, uint32_t mrs)
{
    write_slot(t, 0, mrs);
    prepare(slot(0, false), false);
    testhost_run(guest);
    CHECK_EQ(outcome(slot(0, false), false), RAN);
    return guest->regs.x[1];
}

static void guest_writes(const struct test_vm *t, uint32_t msr, uint64_t value)
{
    write_slot(t, 0, msr);
    prepare(slot(0, false), false);
    guest->regs.x[1] = value;
    testhost_run(guest);
    CHECK_EQ(outcome(slot(0, false), false), RAN);
    check_canaries("debug register");
}

/* DBGBVR, DBGBCR, DBGWVR, DBGWCR 0 and 1, MDSCR_EL1, MDCCINT_EL1: what they keep of 0xe1e5. */
static void debug_registers(const struct test_vm *t)
{
    static const struct {
        uint32_t encoding, value;
    } kept[] = {{VCPU_SYSREG(2, 0, 0, 0, 4), 0xe1e5}, {VCPU_SYSREG(2, 0, 0, 0, 5), 0x01e5},
                {VCPU_SYSREG(2, 0, 0, 0, 6), 0xe1e5}, {VCPU_SYSREG(2, 0, 0, 0, 7), 0x01e5},
                {VCPU_SYSREG(2, 0, 0, 1, 4), 0xe1e5}, {VCPU_SYSREG(2, 0, 0, 1, 5), 0x01e5},
                {VCPU_SYSREG(2, 0, 0, 1, 6), 0xe1e5}, {VCPU_SYSREG(2, 0, 0, 1, 7), 0x01e5},
                {VCPU_SYSREG(2, 0, 0, 2, 2), 0xa001}, {VCPU_SYSREG(2, 0, 0, 2, 0), 0}};
    const unsigned count = sizeof(kept) / sizeof(kept[0]);
    const uint32_t mrs = MRS(0, 0, 0, 0, 0), msr = MSR(0, 0, 0, 0, 0);
    const uint64_t hardware[] = {arch_read(S2_0_C0_C0_4), arch_read(S2_0_C0_C0_5),
                                 arch_read(S2_0_C0_C0_6), arch_read(S2_0_C0_C0_7)};

    for (unsigned i = 0; i < count; i++)
        guest_writes(t, msr | kept[i].encoding << 5, 0xe1e5);
    for (unsigned i = 0; i < count; i++)
        CHECK_EQ(guest_reads(t, mrs | kept[i].encoding << 5), kept[i].value);
    CHECK_EQ(arch_read(S2_0_C0_C0_4), hardware[0]);
    CHECK_EQ(arch_read(S2_0_C0_C0_5), hardware[1]);
    CHECK_EQ(arch_read(S2_0_C0_C0_6), hardware[2]);
    CHECK_EQ(arch_read(S2_0_C0_C0_7), hardware[3]);

    /* OSLSR_EL1: the lock is implemented (OSLM = 0b10); OSLAR_EL1 sets and clears it. */
    guest_writes(t, MSR(2, 0, 1, 0, 4), 0);
    CHECK_EQ(guest_reads(t, MRS(2, 0, 1, 1, 4)), 0x8);
    guest_writes(t, MSR(2, 0, 1, 0, 4), 1);
    CHECK_EQ(guest_reads(t, MRS(2, 0, 1, 1, 4)), 0xa);
    /* ACTLR_EL1 is the machine's. */
    guest_writes(t, MSR(3, 0, 1, 0, 1), ~UINT64_C(0));
    CHECK_EQ(guest_reads(t, MRS(3, 0, 1, 0, 1)), 0);
}

/* A new vCPU of the same VM finds debug registers as after a reset. */
static void debug_registers_are_each_vcpus_own(struct test_vm *t)
{
    struct vcpu *first = guest;

    guest = testhost_vcpu(t, 1);
    testhost_enter_at(guest, guest_vectors);
    prepare(slot(0, false), false);
    testhost_run(guest);
    read_canaries(canaries); /* VMPIDR_EL2 is another */
    CHECK_EQ(guest_reads(t, MRS(2, 0, 0, 0, 4)), 0);
    CHECK_EQ(guest_reads(t, MRS(2, 0, 0, 2, 2)), 0);
    CHECK_EQ(guest_reads(t, MRS(2, 0, 1, 1, 4)), 0xa);
    MUST(vcpu_percpu_put(testhost_percpu(0)));
    MUST(vcpu_destroy(guest));
    guest = first;
    prepare(slot(0, false), false);
    testhost_run(guest);
    read_canaries(canaries);
}

static void pac_hints_are_hints(const struct test_vm *t)
{
    /* paciasp, autiasp, pacibsp, autibsp */
    static const uint32_t hints[] = {0xd503233f, 0xd50323bf, 0xd503237f, 0xd50323ff};

    for (unsigned i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
        write_slot(t, 0, hints[i]);
        for (unsigned el0 = 0; el0 < 2; el0++) {
            prepare(slot(0, el0), el0);
            testhost_run(guest);
            CHECK_EQ(outcome(slot(0, el0), el0), RAN);
            CHECK_EQ(guest->regs.x[30], initial_x(30, slot(0, el0)));
        }
    }
}

/* ---- Identification ---- */

/* Fields that show something which a guest has not got: CRm, op2, bits. */
static const struct {
    uint8_t crm, op2;
    uint64_t bits;
    const char *what;
} absent[] = {
    {1, 0, UINT64_C(0xf0f00000), "ID_PFR0_EL1: RAS, AMU"},
    {1, 1, UINT64_C(0xfff0fff0), "ID_PFR1_EL1: GIC, Virt_frac, Sec_frac, Virtualization, Security"},
    {1, 2, UINT64_C(0xfffffff0), "ID_DFR0_EL1: PMU, trace, memory-mapped debug"},
    {1, 3, ~UINT64_C(0), "ID_AFR0_EL1"},
    {3, 4, UINT64_C(0xffffff00), "ID_PFR2_EL1: RAS_frac"},
    {3, 5, ~UINT64_C(0), "ID_DFR1_EL1"},
    {4, 0, UINT64_C(0x00f0fffff000ff00),
     "ID_AA64PFR0_EL1: RME, AMU, MPAM, SEL2, SVE, RAS, EL3, EL2"},
    {4, 1, UINT64_C(0xfffffff0ffffff00),
     "ID_AA64PFR1_EL1: MTE, RAS_frac, MPAM_frac, SME, NMI and on"},
    {4, 2, ~UINT64_C(0), "ID_AA64PFR2_EL1"},
    {4, 4, ~UINT64_C(0), "ID_AA64ZFR0_EL1"},
    {4, 5, ~UINT64_C(0), "ID_AA64SMFR0_EL1"},
    {5, 0, UINT64_C(0xffffff0f0f0f0ff0),
     "ID_AA64DFR0_EL1: BRBE, MTPMU, TRBE, TRF, SPE, PMU, trace"},
    {5, 1, ~UINT64_C(0), "ID_AA64DFR1_EL1"},
    {5, 4, ~UINT64_C(0), "ID_AA64AFR0_EL1"},
    {5, 5, ~UINT64_C(0), "ID_AA64AFR1_EL1"},
    {6, 0, UINT64_C(0x000000000f000000), "ID_AA64ISAR0_EL1: TME"},
    {6, 1, UINT64_C(0xff00000000000000), "ID_AA64ISAR1_EL1: LS64, XS"},
    {6, 2, UINT64_C(0x000000000f0f0000), "ID_AA64ISAR2_EL1: PAC_frac, MOPS"},
    {7, 0, UINT64_C(0xff00000000000000), "ID_AA64MMFR0_EL1: ECV, FGT"},
    {7, 1, UINT64_C(0x0fff0f00000f0f00), "ID_AA64MMFR1_EL1: LO, VH, HCX, TWED, TIDCP1, CMOW"},
    {7, 2, UINT64_C(0x0f000f000f000000), "ID_AA64MMFR2_EL1: EVT, FWB, NV"},
    {7, 3, ~UINT64_C(0), "ID_AA64MMFR3_EL1"},
    {7, 4, ~UINT64_C(0), "ID_AA64MMFR4_EL1"},
};

#define ID(crm, op2) (guest_id[-1 + (crm)][op2])

static void read_id_registers(const struct test_vm *t, uint64_t guest_id[7][8])
{
    for (unsigned crm = 1; crm < 8; crm++)
        for (unsigned op2 = 0; op2 < 8; op2++)
            ID(crm, op2) = guest_reads(t, MRS(3, 0, 0, crm, op2));
}

static void id_registers(const struct test_vm *t)
{
    uint64_t guest_id[7][8];

    read_id_registers(t, guest_id);
    for (unsigned i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
        test_check_eq(ID(absent[i].crm, absent[i].op2) & absent[i].bits, 0, absent[i].what,
                      __FILE__, __LINE__);

    CHECK_EQ(ID(4, 0) >> 4 & 0xf, 1);                           /* EL1: AArch64 only */
    CHECK_EQ(ID(4, 0) >> 24 & 0xf, 0);                          /* GIC: no system registers */
    CHECK_EQ(ID(4, 0) >> 56, arch_read(id_aa64pfr0_el1) >> 56); /* CSV3 and CSV2 as the host's */
    CHECK_EQ(ID(4, 0) & 0xf, arch_read(id_aa64pfr0_el1) & 0xf); /* EL0 as the host's */
    CHECK_EQ(ID(5, 0) & 0xf, 6);                                /* Armv8 debug */
    CHECK_EQ(ID(5, 0) >> 12 & 0xf, 3);                          /* BRPs: four of six */
    CHECK_EQ(ID(5, 0) >> 20 & 0xf, 1);                          /* WRPs: two of four */
    CHECK_EQ(ID(5, 0) >> 28 & 0xf, 1);                          /* CTX_CMPs: two */
    CHECK_EQ(ID(5, 0) >> 36 & 0xf, 0xf);                        /* no double lock */
    CHECK((ID(7, 0) & 0xf) <= 5);                               /* PARange: 48 bits */

    /* What needs no state is there: atomics, and AES and its like, as the host has them. */
    CHECK_EQ(ID(6, 0) & 0xfffff0, arch_read(id_aa64isar0_el1) & 0xfffff0);
}

/* Each vCPU of a VM reads the same, but for MPIDR_EL1, which is what it was created with. */
static void id_registers_are_the_same(struct test_vm *t)
{
    uint64_t first_id[7][8], other_id[7][8];
    struct vcpu *first = guest;

    read_id_registers(t, first_id);
    CHECK_EQ(guest_reads(t, MRS(3, 0, 0, 0, 5)), 0x80000000);
    guest = testhost_vcpu(t, 3);
    testhost_enter_at(guest, guest_vectors);
    read_id_registers(t, other_id);
    CHECK_EQ(memcmp(first_id, other_id, sizeof(first_id)), 0);
    CHECK_EQ(guest_reads(t, MRS(3, 0, 0, 0, 5)), 0x80000003);
    CHECK_EQ(guest_reads(t, MRS(3, 0, 0, 0, 0)), arch_read(midr_el1));
    CHECK_EQ(guest_reads(t, MRS(3, 0, 0, 0, 6)), 0);      /* REVIDR_EL1 */
    CHECK_EQ(guest_reads(t, MRS(3, 1, 0, 0, 7)), 0);      /* AIDR_EL1 */
    CHECK_EQ(guest_reads(t, MRS(3, 0, 4, 2, 2)), 1 << 2); /* CurrentEL: EL1, not EL2 */
    MUST(vcpu_percpu_put(testhost_percpu(0)));
    MUST(vcpu_destroy(guest));
    guest = first;
}

void host_main(const struct machine *machine)
{
    struct test_vm t;

    (void)machine;
    testhost_enable(0);
    testhost_vm(&t, 0);
    guest = testhost_vcpu(&t, 0);
    testhost_enter_at(guest, guest_vectors);

    /* What is right while this vCPU is resident. */
    write_slot(&t, 0, 0xd503201f); /* nop */
    prepare(slot(0, false), false);
    testhost_run(guest);
    read_canaries(canaries);

    try_all(&t);
    try_guarded_stacks();
    test_begin("an exception return to EL2, EL3 or AArch32 EL1 is illegal");
    illegal_returns(&t);
    test_begin("a misaligned PC and a misaligned SP are the guest's own faults");
    misalignment(&t);
    test_begin("pointer authentication's hints do nothing");
    pac_hints_are_hints(&t);
    test_begin("debug registers keep what is written, and the machine's stay as they are");
    debug_registers(&t);
    test_begin("another vCPU has debug registers of its own");
    debug_registers_are_each_vcpus_own(&t);
    test_begin("ID registers show nothing that is hidden");
    id_registers(&t);
    test_begin("each vCPU reads the same in them");
    id_registers_are_the_same(&t);
    test_end();
}
