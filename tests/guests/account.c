/* SPDX-License-Identifier: MIT */
/*
 * The account of all state, held against the CPU: a guest reads and writes every system register,
 * and executes every system instruction, that there is an encoding for, at EL1 and at EL0. Each one
 * works, is UNDEFINED, or comes to the host, as the account says for what this VM's identification
 * registers show.
 *
 * A register is written with what was read from it, so that the guest can go on.
 */
#include "guest/account.h"

#include <vcpu/gic.h>
#include <vcpu/timer.h>

#include "arch.h"
#include "cache.h"
#include "encodings.h"
#include "string.h"

#define DATA_IPA AFTER_TAKEN_IPA /* what instructions get for an address */

/* op0 = 1 to 3. */
#define FIRST_ENCODING VCPU_SYSREG(1, 0, 0, 0, 0)
#define ENCODINGS      (VCPU_SYSREG(3, 7, 15, 15, 7) - FIRST_ENCODING + 1)

/* Of the three words of each encoding. */
#define WORD(encoding, write) (3 * (-FIRST_ENCODING + (encoding)) + ((write) ? 2u : 1u))
#define WORDS                 (ENCODINGS * 3)

#define INSN_MOV_X0_X6 0xaa0603e0u

/* ---- The account ---- */

enum fate { SWITCHED, EMULATED, EXIT, HIDDEN, PLAIN };
enum access { NO = 0, RO = 1, WO = 2, RW = 3 };

struct row {
    uint8_t fate, el1, el0;
    uint16_t first, n;
    const char *name, *feature;
};

static const struct row rows[] = {
#define ROW(fate, name, op0, op1, crn, crm, op2, n, el1, el0, feature, by)                         \
    {fate, el1, el0, VCPU_SYSREG(op0, op1, crn, crm, op2), n, #name, #feature},
    ACCOUNT_TABLE(ROW)
#undef ROW
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const struct row *find(uint32_t encoding)
{
    for (size_t i = 0; i < ROWS; i++)
        if (encoding - rows[i].first < rows[i].n)
            return &rows[i];
    return NULL;
}

/* ---- Features ---- */

#define ID(crm, op2) VCPU_SYSREG(3, 0, 0, crm, op2)
#define PFR0         ID(4, 0)
#define PFR1         ID(4, 1)
#define DFR0         ID(5, 0)
#define ISAR0        ID(6, 0)
#define ISAR1        ID(6, 1)
#define ISAR2        ID(6, 2)
#define MMFR0        ID(7, 0)
#define MMFR1        ID(7, 1)
#define MMFR2        ID(7, 2)

/* By the least value of a field of four bits. Several of one name: any of them. */
static const struct feature {
    const char *name;
    uint32_t id;
    uint8_t shift, least;
} features[] = {
    {"SVE", PFR0, 32, 1},      {"DIT", PFR0, 48, 1},       {"SSBS2", PFR1, 4, 2},
    {"MTE", PFR1, 8, 1},       {"MTE2", PFR1, 8, 2},       {"NMI", PFR1, 36, 1},
    {"PMU", DFR0, 8, 1},       {"TLBIOS", ISAR0, 56, 1},   {"TLBIRANGE", ISAR0, 56, 2},
    {"RNG", ISAR0, 60, 1},     {"DPB", ISAR1, 0, 1},       {"DPB2", ISAR1, 0, 2},
    {"PAUTH", ISAR1, 4, 1},    {"PAUTH", ISAR1, 8, 1},     {"PAUTH", ISAR2, 12, 1},
    {"SPECRES", ISAR1, 40, 1}, {"SPECRES2", ISAR1, 40, 2}, {"XS", ISAR1, 56, 1},
    {"ECV", MMFR0, 60, 1},     {"PAN", MMFR1, 20, 1},      {"PAN2", MMFR1, 20, 2},
    {"UAO", MMFR2, 4, 1},      {"CCIDX", MMFR2, 20, 1},    {"RAS", PFR0, 28, 1},
    {"SSBS", PFR1, 4, 1},      {"IDST", MMFR2, 36, 1},     {"SME", PFR1, 24, 1},
    {"FGT", MMFR0, 56, 1},     {"GCS", PFR1, 44, 1},       {"SCXTNUM", PFR0, 56, 2},
    {"SCXTNUM", PFR1, 32, 2},
};

static uint64_t cpu_id(uint32_t id)
{
    switch (id) {
    case PFR0:
        return arch_read(id_aa64pfr0_el1);
    case PFR1:
        return arch_read(id_aa64pfr1_el1);
    case DFR0:
        return arch_read(id_aa64dfr0_el1);
    case ISAR0:
        return arch_read(id_aa64isar0_el1);
    case ISAR1:
        return arch_read(id_aa64isar1_el1);
    case ISAR2:
        return arch_read(S3_0_C0_C6_2);
    case MMFR0:
        return arch_read(id_aa64mmfr0_el1);
    case MMFR1:
        return arch_read(id_aa64mmfr1_el1);
    default:
        return arch_read(id_aa64mmfr2_el1);
    }
}

/* Of the CPU, or of the guests of a VM. */
static uint64_t id_of(const struct vcpu_vm *vm, uint32_t id)
{
    return vm ? vcpu_vm_id(vm, id) : cpu_id(id);
}

static bool has_field(const struct vcpu_vm *vm, const char *name)
{
    bool known = false;

    for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
        const struct feature *f = &features[i];

        if (strcmp(f->name, name) != 0)
            continue;
        known = true;
        if ((id_of(vm, f->id) >> f->shift & 0xf) >= f->least)
            return true;
    }
    if (!known) {
        console_print("%s: ", name);
        test_fail("no such feature");
    }
    return false;
}

/* Has it the register's feature? vm: NULL for the CPU. */
static bool has(const struct vcpu_vm *vm, const struct row *row, uint32_t encoding)
{
    uint64_t dfr0 = id_of(vm, DFR0);
    const char *feature = row->feature;

    if (strcmp(feature, "ALWAYS") == 0)
        return true;
    if (strcmp(feature, "FP") == 0)
        return (id_of(vm, PFR0) >> 16 & 0xf) != 0xf;
    if (strcmp(feature, "BREAKPOINT") == 0)
        return (encoding >> 3 & 0xf) <= (dfr0 >> 12 & 0xf);
    if (strcmp(feature, "WATCHPOINT") == 0)
        return (encoding >> 3 & 0xf) <= (dfr0 >> 20 & 0xf);
    if (strcmp(feature, "PMU_COUNTER") == 0)
        return has_field(vm, "PMU") && encoding - row->first < vcpu_vm_pmu_counters(vm);
    if (strcmp(feature, "ZVA") == 0)
        return !((vm ? vcpu_vm_id(vm, VCPU_SYSREG(3, 3, 0, 0, 7)) : 0) & 1 << 4);
    /* Not the guest's to see: whether the host uses them. */
    if (strcmp(feature, "GIC") == 0)
        return vcpu_percpu_features(testhost_percpu(0))->gic_sysregs;
    if (memcmp(feature, "GIC_", 4) == 0)
        return false;
    if (strcmp(feature, "CPU_TPIDR2") == 0)
        return has_field(NULL, "SME") && !has_field(NULL, "FGT");
    if (memcmp(feature, "CPU_", 4) == 0)
        return has_field(NULL, feature + 4);
    return has_field(vm, feature);
}

/* ---- What happens ---- */

/* Which accesses were trapped, and which of them the host was asked about, by word. */
static bool trapped[WORDS], asked[WORDS];

/* A device that sees what is trapped, and takes nothing. */
static bool see(void *ctx, struct vcpu *vcpu, uint32_t encoding, bool write, uint64_t *value)
{
    (void)ctx;
    (void)vcpu;
    (void)value;
    if (encoding >= FIRST_ENCODING)
        trapped[WORD(encoding, write)] = true;
    return false;
}

static const struct vcpu_device_ops seer = {.sysreg = see};

static void write_program(const struct test_vm *t)
{
    uint32_t *word = testhost_ram(t, PROGRAM_IPA);

    for (uint32_t i = 0; i < ENCODINGS; i++) {
        *word++ = INSN_MOV_X0_X6;
        *word++ = INSN_MRS(0, FIRST_ENCODING + i);
        *word++ = INSN_MSR(0, FIRST_ENCODING + i);
    }
    *word = INSN_END;
    cache_clean(testhost_ram(t, PROGRAM_IPA), (WORDS + 1) * 4);
}

static void ask(const struct vcpu *vcpu)
{
    const struct vcpu_sysreg_access *access = &vcpu->exit.sysreg;

    asked[WORD(access->encoding, access->write)] = true;
}

enum outcome { RAN = 1, UNDEF = 2, TRAP = 4, ASKED = 8, OTHER = 16 };

/* What it came to in the guest, at its own EL1 if there was an exception. */
static enum outcome outcome(const uint8_t *taken, unsigned word)
{
    if (asked[word])
        return ASKED;
    switch (taken[word]) {
    case 0:
        return RAN;
    case 0x80:
        return UNDEF;
    case 0x80 | 0x18:
        return TRAP;
    default:
        return OTHER;
    }
}

/* ---- What is to happen ---- */

/* What QEMU 7.2 makes of it, where that is not what the architecture says. */
static unsigned of_qemu(uint32_t encoding, bool el0)
{
    /* It did not look at HCR_EL2.TIDCP yet; what it has of them is constant (see scribble). */
    if (account_is_impdef(encoding))
        return el0 ? 0 : RAN;
    switch (encoding) {
    case VCPU_SYSREG(3, 0, 12, 12, 5): /* ICC_SRE_EL1: constant, ICC_SRE_EL2.Enable not looked at */
    case VCPU_SYSREG(3, 0, 1, 2, 4):   /* SMPRI_EL1: FEAT_SME without FEAT_FGT, and constant */
        return el0 ? 0 : RAN;
    case VCPU_SYSREG(3, 3, 4, 2, 6): /* SSBS: there with FEAT_SSBS, without FEAT_SSBS2 */
        return has_field(NULL, "SSBS") ? RAN : 0;
    /* Not there: */
    case VCPU_SYSREG(2, 0, 0, 0, 2):  /* OSDTRRX_EL1 */
    case VCPU_SYSREG(2, 0, 0, 3, 2):  /* OSDTRTX_EL1 */
    case VCPU_SYSREG(2, 0, 0, 6, 2):  /* OSECCR_EL1 */
    case VCPU_SYSREG(2, 0, 1, 4, 4):  /* DBGPRCR_EL1 */
    case VCPU_SYSREG(2, 0, 7, 8, 6):  /* DBGCLAIMSET_EL1 */
    case VCPU_SYSREG(2, 0, 7, 9, 6):  /* DBGCLAIMCLR_EL1 */
    case VCPU_SYSREG(2, 0, 7, 14, 6): /* DBGAUTHSTATUS_EL1 */
    case VCPU_SYSREG(2, 3, 0, 4, 0):  /* DBGDTR_EL0 */
    case VCPU_SYSREG(2, 3, 0, 5, 0):  /* DBGDTRRX_EL0, DBGDTRTX_EL0 */
        return UNDEF;
    case VCPU_SYSREG(3, 1, 0, 0, 2): /* CCSIDR2_EL1 */
        return UNDEF | TRAP;
    default:
        return 0;
    }
}

/*
 * If the guest has it not. An access of EL0 is for EL1 to allow before EL2 is asked; and FEAT_IDST
 * tells EL1 of reads of identification registers.
 */
static unsigned undefined(const struct row *row, uint32_t encoding, bool write, bool el0)
{
    uint32_t op1 = encoding >> 11 & 7;
    bool is_id = (encoding & VCPU_SYSREG(3, 0, 15, 8, 0)) == VCPU_SYSREG(3, 0, 0, 0, 0) &&
                 (op1 == 0 || op1 == 1 || op1 == 3);

    if (el0 && row && row->el0 != NO)
        return UNDEF | TRAP;
    return is_id && !write && has_field(NULL, "IDST") ? UNDEF | TRAP : UNDEF;
}

/* What the host is not asked, for the VM has a GIC and a timer. */
static bool has_devices;

static unsigned allowed(const struct vcpu_vm *vm, const struct row *row, uint32_t encoding,
                        bool write, bool el0)
{
    const unsigned none = undefined(row, encoding, write, el0);

    if (account_is_impdef(encoding))
        return ASKED | UNDEF;
    if (!row || row->fate == HIDDEN || !((el0 ? row->el0 : row->el1) & (write ? WO : RO)))
        return none;
    if (has(vm, row, encoding))
        return row->fate == EXIT && !has_devices ? ASKED : RAN;
    /* Not for anybody to see. */
    if (row->fate == EXIT)
        return (has_devices ? RAN : ASKED) | none;
    return row->fate == PLAIN && has(NULL, row, encoding) ? RAN | none : none;
}

/* Of those that devices have: the timers', and what other vCPUs are concerned by. */
static bool is_devices_work(uint32_t encoding)
{
    switch (encoding) {
    case VCPU_SYSREG(3, 0, 12, 11, 1): /* ICC_DIR_EL1 */
    case VCPU_SYSREG(3, 0, 12, 11, 5): /* ICC_SGI1R_EL1 */
    case VCPU_SYSREG(3, 0, 12, 11, 6): /* ICC_ASGI1R_EL1 */
    case VCPU_SYSREG(3, 0, 12, 11, 7): /* ICC_SGI0R_EL1 */
        return true;
    default:
        return encoding >= VCPU_SYSREG(3, 3, 14, 0, 0);
    }
}

/* Did the trap that the account counts on go off, and no other one? */
static bool is_trapped_right(const struct row *row, uint32_t encoding, bool write)
{
    bool is_trapped = trapped[WORD(encoding, write)];

    switch (row->fate) {
    case PLAIN:
        return true;
    case EXIT:
        return is_trapped == is_devices_work(encoding);
    default:
        return is_trapped == (row->fate == EMULATED);
    }
}

static void check(const struct vcpu_vm *vm, const uint8_t *taken, uint32_t encoding, bool write,
                  bool el0)
{
    const struct row *row = find(encoding);
    const unsigned word = WORD(encoding, write);
    const enum outcome got = outcome(taken, word);

    if (test_holds(((allowed(vm, row, encoding, write, el0) | of_qemu(encoding, el0)) & got) &&
                   (!row || got != RAN || is_trapped_right(row, encoding, write))))
        return;
    console_print("FAIL %s of S%u_%u_C%u_C%u_%u %s at EL%d: %d, class 0x%x%s\n",
                  write ? "write" : "read", encoding >> 14, encoding >> 11 & 7, encoding >> 7 & 15,
                  encoding >> 3 & 15, encoding & 7, row ? row->name : "", el0 ? 0 : 1, got,
                  taken[word], trapped[word] ? ", trapped" : "");
}

static void all_encodings(const struct test_vm *t, struct vcpu *vcpu, bool el0)
{
    const uint8_t *taken = testhost_ram(t, TAKEN_IPA);

    memset(trapped, 0, sizeof(trapped));
    memset(asked, 0, sizeof(asked));
    memset(testhost_ram(t, TAKEN_IPA), 0, WORDS);
    cache_clean(testhost_ram(t, TAKEN_IPA), WORDS);
    vcpu->regs.x[6] = DATA_IPA;
    encodings_run(vcpu, PROGRAM_IPA, el0, ask);
    cache_invalidate(testhost_ram(t, TAKEN_IPA), WORDS);
    for (uint32_t i = 0; i < ENCODINGS; i++) {
        check(t->vm, taken, FIRST_ENCODING + i, false, el0);
        check(t->vm, taken, FIRST_ENCODING + i, true, el0);
    }
}

/* ---- VMs ---- */

static void make_plain(struct test_vm *t)
{
    testhost_vm(t, 0);
    CHECK_EQ(vcpu_vm_attach(t->vm, &seer, NULL), VCPU_OK);
}

/* As little as its host can show it. */
static void make_poor(struct test_vm *t)
{
    const uint32_t dczid = VCPU_SYSREG(3, 3, 0, 0, 7);

    testhost_vm(t, 0);
    CHECK_EQ(vcpu_vm_set_id(t->vm, PFR0, vcpu_vm_id(t->vm, PFR0) & ~(UINT64_C(15) << 56)), VCPU_OK);
    CHECK_EQ(vcpu_vm_set_id(t->vm, ISAR0, 0), VCPU_OK);
    CHECK_EQ(vcpu_vm_set_id(t->vm, ISAR1, 0), VCPU_OK);
    CHECK_EQ(vcpu_vm_set_id(t->vm, ISAR2, 0), VCPU_OK);
    CHECK_EQ(vcpu_vm_set_id(t->vm, dczid, vcpu_vm_id(t->vm, dczid) | 1 << 4), VCPU_OK);
    /* A VM that has a device keeps its identification. */
    CHECK_EQ(vcpu_vm_attach(t->vm, &seer, NULL), VCPU_OK);
}

static void set_ppi(void *ctx, struct vcpu *vcpu, uint32_t intid, bool level)
{
    (void)ctx;
    (void)vcpu;
    (void)intid;
    (void)level;
}

/* A GIC and timers of its own. */
static void make_with_devices(struct test_vm *t)
{
    const struct vcpu_gic_config gic = {.host = &testhost_hooks,
                                        .version = 3,
                                        .max_vcpus = 8,
                                        .distributor = vcpu_ipa(0x08000000),
                                        .redistributors = vcpu_ipa(0x080a0000)};
    const struct vcpu_timer_config timer = {.host = &testhost_hooks, .set_ppi = set_ppi};
    struct vcpu_gic *made_gic;
    struct vcpu_timer *made_timer;

    testhost_vm(t, VCPU_VM_VIRTUAL_GIC);
    CHECK_EQ(vcpu_vm_attach(t->vm, &seer, NULL), VCPU_OK);
    CHECK_EQ(vcpu_gic_create(t->vm, &gic, &made_gic), VCPU_OK);
    CHECK_EQ(vcpu_timer_create(t->vm, &timer, &made_timer), VCPU_OK);
}

static void with_devices(void)
{
    struct test_vm t;
    struct vcpu *vcpu;

    test_begin("EL1 of a VM with a GIC and timers");
    make_with_devices(&t);
    write_program(&t);
    vcpu = encodings_vcpu(&t, 0);
    has_devices = true;
    all_encodings(&t, vcpu, false);
    test_begin("its EL0");
    all_encodings(&t, vcpu, true);
}

void host_main(const struct machine *machine)
{
    struct test_vm plain, rich, poor;
    struct vcpu *one, *two, *three;

    testhost_enable(0);
    make_plain(&plain);
    encodings_rich_vm(&rich, &seer);
    make_poor(&poor);
    write_program(&plain);
    one = encodings_vcpu(&plain, 0);
    write_program(&rich);
    two = encodings_vcpu(&rich, 0);
    write_program(&poor);
    three = encodings_vcpu(&poor, 0);

    test_begin("EL1 of a VM: each encoding as the account says");
    all_encodings(&plain, one, false);
    test_begin("its EL0");
    all_encodings(&plain, one, true);
    test_begin("EL1 of a VM with SVE and a PMU, where the CPU has them");
    all_encodings(&rich, two, false);
    test_begin("its EL0");
    all_encodings(&rich, two, true);
    test_begin("EL1 of a VM that is shown no more than it must be");
    all_encodings(&poor, three, false);
    test_begin("its EL0");
    all_encodings(&poor, three, true);
    if (machine->gic.version == 3)
        with_devices();
    test_end();
}
