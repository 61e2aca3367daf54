/* SPDX-License-Identifier: MIT */
/*
 * What guests read of the CPU that they run on: the policy of their VM, on each CPU and vCPU, and
 * at EL0. A policy that differs from the CPU stands for a CPU that differs from the policy, for the
 * CPUs of a QEMU machine are all alike.
 */
#include "id.h"

#include <vcpu/cache.h>

#include "arch.h"
#include "cache.h"
#include "gic.h"
#include "guest/id.h"
#include "state/state.h"
#include "testhost.h"

extern const char id_guest[], id_vectors[];

#define READ_IPA (TEST_RAM_IPA + 0x100000u)
#define SLOT_IPA (TEST_RAM_IPA + 0x110000u)
#define DATA_IPA (TEST_RAM_IPA + 0x120000u)

#define ID_GROUP VCPU_SYSREG(3, 0, 0, 1, 0)
#define PFR0     VCPU_SYSREG(3, 0, 0, 4, 0)
#define ZFR0     VCPU_SYSREG(3, 0, 0, 4, 4)
#define ISAR0    VCPU_SYSREG(3, 0, 0, 6, 0)
#define ISAR1    VCPU_SYSREG(3, 0, 0, 6, 1)
#define MMFR0    VCPU_SYSREG(3, 0, 0, 7, 0)
#define MMFR2    VCPU_SYSREG(3, 0, 0, 7, 2)
#define MIDR     VCPU_SYSREG(3, 0, 0, 0, 0)
#define CTR      VCPU_SYSREG(3, 3, 0, 0, 1)
#define CLIDR    VCPU_SYSREG(3, 1, 0, 0, 1)
#define DCZID    VCPU_SYSREG(3, 3, 0, 0, 7)
#define CNTFRQ   VCPU_SYSREG(3, 3, 14, 0, 0)

/* HCR_EL2: TID2 17, TDZ 28, TID4 49 */
#define HCR_TID2    (UINT64_C(1) << 17)
#define HCR_TDZ     (UINT64_C(1) << 28)
#define HCR_TID4    (UINT64_C(1) << 49)
#define HCR_UNLIKE  (HCR_TID2 | HCR_TDZ | HCR_TID4)
#define DCZID_DZP   0x10u
#define CCIDX       UINT64_C(0x0000000000f00000)
#define SVE         UINT64_C(0x0000000f00000000)
#define SCXTNUM     UINT64_C(0x0e00000000000000) /* CSV2 of 2 or more */
#define PAUTH_ISAR1 UINT64_C(0x00000000ff000ff0)

#define ESR_UNDEFINED UINT64_C(0x02000000)
#define REG_ESR       (VCPU_REG_SYSREG + VCPU_SYSREG(3, 0, 5, 2, 0))
#define REG_ELR       (VCPU_REG_SYSREG + VCPU_SYSREG(3, 0, 4, 0, 1))
#define PSTATE_EL0T   0x3c0u
#define PSTATE_EL1H   0x3c5u

static struct test_vm t;
static struct vcpu *vcpu;

static void other_cpu(unsigned index)
{
    (void)index;
    testhost_enable(0);
    testhost_gic();
    testhost_serve();
}

static void put(void)
{
    CHECK_EQ(vcpu_percpu_put(testhost_percpu(smp_this()->index)), VCPU_OK);
}

static uint64_t policy(uint32_t encoding)
{
    return vcpu_vm_id(t.vm, encoding);
}

static void set_policy(uint32_t encoding, uint64_t value)
{
    CHECK_EQ(vcpu_vm_set_id(t.vm, encoding, value), VCPU_OK);
}

/* ---- Reading ---- */

static uint64_t guest_read(uint32_t offset)
{
    return *(volatile uint64_t *)testhost_ram(&t, READ_IPA + offset);
}

/* Of the values of CSSELR_EL1, those for which there is a cache: Ctype is 0 for none, 1 for I, 2
 * for D, 3 for both, 4 for one for all. */
static uint64_t caches(uint64_t clidr)
{
    static const uint8_t of_type[8] = {0, 2, 1, 3, 1, 0, 0, 0};
    uint64_t set = 0;

    for (unsigned level = 0; level < 7; level++)
        set |= (uint64_t)of_type[clidr >> 3 * level & 7] << 2 * level;
    return set;
}

/* A failure names the encoding, where others name the line. */
static void check_read(const char *what, uint64_t got, uint32_t encoding)
{
    test_check_eq(got, policy(encoding), what, "id.c", (int)encoding);
}

static void check_group(void)
{
    for (uint32_t i = 0; i < 56; i++)
        check_read("ID register", guest_read(READ_GROUP + 8 * i), ID_GROUP + i);
    check_read("MIDR_EL1", guest_read(READ_MIDR), MIDR);
    check_read("CNTFRQ_EL0", guest_read(READ_CNTFRQ), CNTFRQ);
    CHECK_EQ(guest_read(READ_REVIDR), 0);
    CHECK_EQ(guest_read(READ_AIDR), 0);
    CHECK_EQ(guest_read(READ_MPIDR), 0x80000000 | vcpu_mpidr(vcpu));
}

/* With DC ZVA prohibited the size of its block is of no meaning. */
static void check_caches(uint64_t selected)
{
    uint64_t dczid = policy(DCZID), last = 0;

    check_read("CTR_EL0", guest_read(READ_CTR), CTR);
    check_read("CLIDR_EL1", guest_read(READ_CLIDR), CLIDR);
    CHECK_EQ(guest_read(READ_DCZID) & DCZID_DZP, dczid & DCZID_DZP);
    if (!(dczid & DCZID_DZP))
        CHECK_EQ(guest_read(READ_DCZID), dczid);
    for (unsigned i = 0; i < 14; i++) {
        if (!(selected >> i & 1))
            continue;
        check_read("CCSIDR_EL1", guest_read(READ_CCSIDR + 8 * i), VCPU_VM_CCSIDR(i));
        last = i;
    }
    CHECK_EQ(guest_read(READ_CSSELR), last);
}

/* The vCPU reads all on this CPU, which traps what HCR_EL2 says. */
static uint64_t expected_traps;

static void check_on_this_cpu(void)
{
    const uint64_t selected = caches(policy(CLIDR));

    testhost_enter_at(vcpu, id_guest);
    CHECK_EQ(vcpu_set_reg(vcpu, VCPU_REG_PSTATE, PSTATE_EL1H), VCPU_OK);
    vcpu->regs.x[19] = READ_IPA;
    vcpu->regs.x[20] = selected;
    MUST(vcpu_cache_clean(testhost_ram(&t, READ_IPA), READ_SIZE, false));
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_exit_imm(&vcpu->exit), SAY_READ);
    CHECK_EQ(((struct percpu_state *)testhost_percpu(smp_this()->index))->guest_el2.hcr &
                 HCR_UNLIKE,
             expected_traps);
    cache_invalidate(testhost_ram(&t, READ_IPA), READ_SIZE);
    check_group();
    check_caches(selected);

    /* And at EL0, where HCR_EL2 traps as well. */
    MUST(vcpu_complete_call(vcpu, 0));
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_exit_imm(&vcpu->exit), SAY_VECTOR + 8);
    check_read("CTR_EL0 at EL0", vcpu->regs.x[1], CTR);
    CHECK_EQ(vcpu->regs.x[2], guest_read(READ_DCZID));
    check_read("CNTFRQ_EL0 at EL0", vcpu->regs.x[3], CNTFRQ);
    put();
}

/* Two vCPUs, each on both CPUs. */
static void check_everywhere(uint64_t traps)
{
    expected_traps = traps;
    for (uint16_t index = 0; index < 2; index++) {
        vcpu = testhost_vcpu(&t, index);
        check_on_this_cpu();
        testhost_on_other(check_on_this_cpu);
        check_on_this_cpu();
    }
}

/* ---- Trying ---- */

/* Does the instruction work? Else it is UNDEFINED. x1 is the address of RAM. */
static bool works(uint32_t word, bool el0)
{
    const uint32_t code[] = {word, 0xd4000002u | SAY_DONE << 5, 0x14000000u,
                             word, 0xd4000001u | SAY_DONE << 5, 0x14000000u};
    const uint64_t pc = SLOT_IPA + (el0 ? 12 : 0);
    volatile uint32_t *slot = testhost_ram(&t, SLOT_IPA);
    uint64_t esr = 0, elr = 0;

    for (unsigned i = 0; i < 6; i++)
        slot[i] = code[i];
    MUST(vcpu_cache_clean(testhost_ram(&t, SLOT_IPA), sizeof(code), false));
    vcpu_cache_drop_code();
    CHECK_EQ(vcpu_set_reg(vcpu, VCPU_REG_PSTATE, el0 ? PSTATE_EL0T : PSTATE_EL1H), VCPU_OK);
    CHECK_EQ(vcpu_set_reg(vcpu, VCPU_REG_PC, pc), VCPU_OK);
    vcpu->regs.x[1] = DATA_IPA;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    if (vcpu_exit_imm(&vcpu->exit) == SAY_DONE)
        return true;
    CHECK_EQ(vcpu_exit_imm(&vcpu->exit), SAY_VECTOR + (el0 ? 8 : 4));
    CHECK_EQ(vcpu_get_reg(vcpu, REG_ESR, &esr), VCPU_OK);
    CHECK_EQ(vcpu_get_reg(vcpu, REG_ELR, &elr), VCPU_OK);
    if (el0 && esr == (UINT64_C(0x56000000) | SAY_DONE)) /* SVC from AArch64 */
        return true;
    CHECK_EQ(esr, ESR_UNDEFINED);
    CHECK_EQ(elr, pc);
    return false;
}

static const struct {
    const char *what;
    uint32_t word;
    uint32_t encoding; /* it is there if this register shows this */
    uint64_t field;
} instructions[] = {
    {"rdvl x1, #1", 0x04bf5021, PFR0, SVE},
    {"ptrue p0.b", 0x2518e3e0, PFR0, SVE},
    {"mrs x1, ZCR_EL1", 0xd5381201, PFR0, SVE},
    {"pacga x1, x2, x3", 0x9ac33041, ISAR1, 0x00000000ff000000},
    {"mrs x1, APIAKeyLo_EL1", 0xd5382101, ISAR1, PAUTH_ISAR1},
    {"mrs x1, APGAKeyHi_EL1", 0xd5382321, ISAR1, PAUTH_ISAR1},
    {"mrs x1, SCXTNUM_EL1", 0xd538d0e1, PFR0, SCXTNUM},
    {"msr SCXTNUM_EL1, x1", 0xd518d0e1, PFR0, SCXTNUM},
    {"mrs x1, SCXTNUM_EL0", 0xd53bd0e1, PFR0, SCXTNUM},
    {"msr SCXTNUM_EL0, x1", 0xd51bd0e1, PFR0, SCXTNUM},
};

/* At EL1 what the policy shows works, and nothing else of it. */
static void check_instructions(void)
{
    for (unsigned i = 0; i < sizeof(instructions) / sizeof(instructions[0]); i++)
        test_check_eq(works(instructions[i].word, false),
                      (policy(instructions[i].encoding) & instructions[i].field) != 0,
                      instructions[i].what, "id.c", 0);
    for (unsigned el0 = 0; el0 < 2; el0++)
        CHECK_EQ(works(0xd50b7421, el0), !(policy(DCZID) & DCZID_DZP)); /* dc zva, x1 */
    put();
}

static void check_instructions_everywhere(void)
{
    check_instructions();
    testhost_on_other(check_instructions);
}

/* ---- Policies ---- */

static struct vcpu_features *features_of(unsigned cpu)
{
    return &((struct percpu_state *)testhost_percpu(cpu))->features;
}

static uint32_t sve_flag(void)
{
    return features_of(0)->sve ? VCPU_VM_SVE : 0;
}

static void as_the_cpu(void)
{
    uint64_t host[ID_COUNT] = {0}, computed[ID_COUNT];

    test_begin(
        "each vCPU reads on each CPU what the library computes, and nothing of it is trapped");
    testhost_vm(&t, sve_flag());
    CHECK_EQ(policy(MIDR), arch_read(midr_el1));
    CHECK_EQ(policy(CTR), arch_read(ctr_el0));
    CHECK_EQ(policy(CLIDR), arch_read(clidr_el1));
    CHECK_EQ(policy(DCZID), arch_read(dczid_el0));
    CHECK_EQ(policy(CNTFRQ), arch_read(cntfrq_el0));
    host[ID_AA64PFR0_EL1] = arch_read(id_aa64pfr0_el1);
    host[ID_AA64ISAR0_EL1] = arch_read(id_aa64isar0_el1);
    host[ID_AA64ISAR1_EL1] = arch_read(id_aa64isar1_el1);
    host[ID_AA64MMFR0_EL1] = arch_read(id_aa64mmfr0_el1);
    vcpu_id_for_guest(
        host, (sve_flag() ? ID_WITH_SVE : 0u) | (features_of(0)->scxtnum ? ID_WITH_SCXTNUM : 0u),
        computed);
    CHECK_EQ(policy(PFR0), computed[ID_AA64PFR0_EL1]);
    CHECK_EQ(policy(ISAR0), computed[ID_AA64ISAR0_EL1]);
    CHECK_EQ(policy(ISAR1), computed[ID_AA64ISAR1_EL1]);
    CHECK_EQ(policy(MMFR0), computed[ID_AA64MMFR0_EL1]);
    check_everywhere(0);
    test_begin("what it shows works");
    check_instructions_everywhere();
    test_begin("a VM with vCPUs keeps its policy");
    CHECK_EQ(vcpu_vm_set_id(t.vm, ISAR0, 0), VCPU_ERR_STATE);
    testhost_vm_free(&t);
}

/* Everything that can be lowered is. */
static void lowered(void)
{
    uint64_t ctr = arch_read(ctr_el0);

    test_begin("a policy shows less, of caches something else, and never more");
    testhost_vm(&t, sve_flag());
    CHECK_EQ(vcpu_vm_set_id(t.vm, ISAR0, ~UINT64_C(0)), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_vm_set_id(t.vm, CTR, ctr + 1), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_vm_set_id(t.vm, CNTFRQ, policy(CNTFRQ) + 1), VCPU_ERR_INVALID);
    set_policy(PFR0, policy(PFR0) & ~(SVE | SCXTNUM | 0xff0000));
    set_policy(ISAR0, 0);
    set_policy(ISAR1, policy(ISAR1) & ~PAUTH_ISAR1);
    set_policy(MMFR0, policy(MMFR0) & ~UINT64_C(0xff));
    set_policy(MMFR2, 0);
    set_policy(MIDR, 0x410fd034);
    set_policy(CTR, (ctr & ~UINT64_C(0xf000f)) | ((ctr & 0xf000f) / 2 & 0xf000f));
    set_policy(CLIDR, policy(CLIDR) & 0x3f);
    set_policy(VCPU_VM_CCSIDR(0), 0x700fe01a);
    set_policy(DCZID, policy(DCZID) | DCZID_DZP);
    CHECK_EQ(policy(ZFR0), 0);
    check_everywhere(HCR_TID2 | HCR_TDZ);
    test_begin("what it does not show is UNDEFINED, where there is a trap for it");
    check_instructions_everywhere();
    testhost_vm_free(&t);
}

/* ---- CPUs that differ ---- */

/* With FEAT_EVT programs at EL0 go on reading CTR_EL0 by themselves. */
static void other_caches(void)
{
    const bool evt = features_of(0)->evt;

    test_begin("a VM with other caches than the CPU's");
    testhost_vm(&t, 0);
    set_policy(CLIDR, 0x0a200024);
    set_policy(VCPU_VM_CCSIDR(0), 0x1234);
    set_policy(VCPU_VM_CCSIDR(2), 0x5678);
    check_everywhere(evt ? HCR_TID4 : HCR_TID2);
    testhost_vm_free(&t);
}

/*
 * QEMU's machines have no EL3, so SCXTNUM_ELx are there if the CPU has them. A CPU whose EL3 does not let
 * EL2 access them stands for one that has not got them.
 */
static void closed_scxtnum(void)
{
    bool *const closed = &features_of(0)->scxtnum;

    if (!*closed) {
        CHECK_EQ(arch_read(id_aa64pfr0_el1) & SCXTNUM, 0);
        return;
    }
    test_begin("a VM that shows SCXTNUM_ELx is refused where EL3 does not allow them");
    testhost_vm(&t, 0);
    vcpu = testhost_vcpu(&t, 0);
    CHECK_EQ(policy(PFR0) >> 56, arch_read(id_aa64pfr0_el1) >> 56);
    *closed = false;
    testhost_enter_at(vcpu, id_guest);
    CHECK_EQ(testhost_run(vcpu), VCPU_ERR_UNSUPPORTED);
    testhost_vm_free(&t);
    test_begin("there a VM does not show them, and can run on any CPU");
    testhost_vm(&t, 0);
    CHECK_EQ(policy(PFR0) >> 56 & 0xf, 1);
    check_everywhere(0);
    check_instructions_everywhere();
    testhost_vm_free(&t);
    *closed = true;
}

/* The VM is said to have been made on a CPU that read something else there. */
static void refuses(unsigned index, uint64_t value)
{
    uint64_t *id = ((struct vcpu_vm *)t.vm)->id, before = id[index];

    for (unsigned i = 0; i < VM_KINDS; i++)
        t.vm->fit[i] = 0;
    id[index] = value;
    testhost_enter_at(vcpu, id_guest);
    CHECK_EQ(testhost_run(vcpu), VCPU_ERR_UNSUPPORTED);
    CHECK_EQ(testhost_run(vcpu), VCPU_ERR_UNSUPPORTED);
    id[index] = before;
    for (unsigned i = 0; i < VM_KINDS; i++)
        t.vm->fit[i] = 0;
    expected_traps = 0;
    check_on_this_cpu();
}

static void refused_here(void)
{
    const uint64_t ctr = policy(CTR);

    refuses(ID_AA64ISAR0_EL1, policy(ISAR0) + (UINT64_C(1) << 16)); /* CRC32 */
    refuses(ID_AA64PFR0_EL1, policy(PFR0) + (UINT64_C(1) << 60));   /* CSV3 */
    refuses(ID_CTR_EL0, ctr + 1);                                   /* longer lines */
    refuses(ID_DCZID_EL0, policy(DCZID) ^ 1);
    refuses(ID_CNTFRQ_EL0, policy(CNTFRQ) * 2);
}

static void unfit(void)
{
    test_begin("a CPU that has not what the VM shows is refused, and one that has is not");
    testhost_vm(&t, 0);
    vcpu = testhost_vcpu(&t, 0);
    refused_here();
    testhost_on_other(refused_here);
    testhost_vm_free(&t);
}

void host_main(const struct machine *machine)
{
    testhost_enable(0);
    gic_find(machine);
    gic_init();
    testhost_gic();
    if (!smp_start(other_cpu))
        test_fail("the other CPU does not start");
    as_the_cpu();
    lowered();
    other_caches();
    closed_scxtnum();
    unfit();
    test_end();
}
