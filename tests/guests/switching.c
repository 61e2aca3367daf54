/* SPDX-License-Identifier: MIT */
/*
 * Several vCPUs, of one VM and of two, take turns on one CPU: each finds every register as it left
 * it, and sees nothing of another's.
 */
#include "cache.h"
#include "gic.h"
#include "hw/sysreg.h"
#include "rows.h"

extern const char fp_guest[], fresh_guest[], el0_guest[], timer_guest[], load_guest[],
    general_guest[];
void host_fp_fill(uint64_t seed, uint64_t fpcr, uint64_t fpsr);
unsigned host_fp_lost(uint64_t seed, uint64_t fpcr, uint64_t fpsr);

#define PSTATE_NEW 0x3c5u /* EL1h, DAIF masked */
#define SCTLR_NEW  UINT64_C(0x30d00800)

#define VIRTUAL_TIMER_PPI 27u

/* ---- FP and SIMD ---- */

/* Rounding, flush to zero, default NaN, alternative half precision; saturation and exceptions. */
static const uint64_t fpcr_values[] = {0x00c00000, 0x07400000, 0x03000000};
static const uint64_t fpsr_values[] = {0x0800009f, 0x00000015, 0x0800000a};

static struct vcpu *fp_vcpu(struct test_vm *t, uint16_t index, unsigned n)
{
    struct vcpu *vcpu = testhost_vcpu(t, index);

    testhost_enter_at(vcpu, fp_guest);
    vcpu->regs.x[19] = UINT64_C(0x0123456789abcdef) * (n + 1);
    vcpu->regs.x[20] = fpcr_values[n];
    vcpu->regs.x[21] = fpsr_values[n];
    return vcpu;
}

static void check_fp(const struct vcpu *vcpu)
{
    CHECK_EQ(vcpu->regs.x[1], 0); /* registers that are not as they were */
    CHECK_EQ(vcpu->regs.x[2], vcpu->regs.x[20]);
    CHECK_EQ(vcpu->regs.x[3], vcpu->regs.x[21]);
}

static void fp_is_kept_apart(struct test_vm *one, struct test_vm *two)
{
    struct vcpu *v[] = {fp_vcpu(one, 0, 0), fp_vcpu(one, 1, 1), fp_vcpu(two, 0, 2)};

    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < 3; i++)
            run_to_call(v[i]);
        for (unsigned i = 0; i < 3; i++) {
            run_to_call(v[i]);
            check_fp(v[i]);
        }
    }
    put();
    for (unsigned i = 0; i < 3; i++)
        MUST(vcpu_destroy(v[i]));
}

static void host_fp_is_kept(struct test_vm *t)
{
    const uint64_t fpcr = 0x01800000, fpsr = 0x08000004;
    struct vcpu *vcpu = fp_vcpu(t, 0, 1);

    for (unsigned round = 0; round < 4; round++) {
        host_fp_fill(round + 1, fpcr, fpsr);
        run_to_call(vcpu);
        CHECK_EQ(host_fp_lost(round + 1, fpcr, fpsr), 0);
        if (round % 2 != 0)
            check_fp(vcpu);
    }
    put();
    MUST(vcpu_destroy(vcpu));
}

/* ---- The registers of the table ---- */

/* What the CPU has not got is 0 if guests are not shown it on any CPU, else there is no register. */
static void no_row(struct vcpu *vcpu, unsigned row)
{
    bool hidden = row == EL1_TPIDR2_EL0 || row == EL1_VDISR_EL2 || row == EL1_VSESR_EL2;
    uint64_t value = 0;

    CHECK_EQ(vcpu_get_reg(vcpu, row_id(row), &value), hidden ? VCPU_OK : VCPU_ERR_NOT_FOUND);
    CHECK_EQ(vcpu_set_reg(vcpu, row_id(row), 0), hidden ? VCPU_OK : VCPU_ERR_NOT_FOUND);
    CHECK_EQ(value, 0);
}

/* Of a vCPU that is in no CPU the host reads what it wrote, and before that the reset values. */
static void host_writes_rows(struct vcpu *const v[2], bool direct_timer)
{
    for (unsigned row = 0; row < EL1_COUNT; row++) {
        if (!row_is_there(row, direct_timer)) {
            no_row(v[0], row);
            continue;
        }
        for (unsigned n = 0; n < 2; n++) {
            row_check(row, row_host_reads(v[n], row), row_reset(row));
            row_host_writes(v[n], row, row_value[n][0][row]);
        }
        for (unsigned n = 0; n < 2; n++)
            row_check(row, row_host_reads(v[n], row), row_value[n][0][row]);
    }
}

/* The guests take turns: each reads what the host wrote, and writes something else. */
static void guests_read_and_write_rows(struct vcpu *const v[2], bool direct_timer)
{
    for (unsigned row = 0; row < EL1_COUNT; row++) {
        if (!row_is_there(row, direct_timer))
            continue;
        if (!row_has_guest_name(row)) {
            CHECK_EQ(row, EL1_VSESR_EL2);
            continue;
        }
        for (unsigned n = 0; n < 2; n++) {
            row_check(row, row_guest_reads(v[n], row), row_value[n][0][row]);
            row_guest_writes(v[n], row, row_value[n][1][row]);
        }
        for (unsigned n = 0; n < 2; n++)
            row_check(row, row_guest_reads(v[n], row), row_value[n][1][row]);
    }
}

/* The host reads that, of the one in the CPU and of the one that is not; and writes both. */
static void host_reads_and_writes_rows(struct vcpu *const v[2], bool direct_timer)
{
    for (unsigned row = 0; row < EL1_COUNT; row++) {
        if (!row_is_there(row, direct_timer))
            continue;
        for (unsigned n = 0; n < 2; n++) {
            row_check(row, row_host_reads(v[n], row),
                      row_value[n][row_has_guest_name(row) ? 1 : 0][row]);
            row_host_writes(v[n], row, row_value[n][2][row]);
            row_check(row, row_host_reads(v[n], row), row_value[n][2][row]);
        }
    }
}

/* All of them are there at once, over a switch in the other order and a put. */
static void rows_stay(struct vcpu *const v[2], bool direct_timer)
{
    for (unsigned n = 2; n-- > 0;) {
        for (unsigned row = 0; row < EL1_COUNT; row++) {
            if (!row_is_there(row, direct_timer))
                continue;
            if (row_has_guest_name(row))
                row_check(row, row_guest_reads(v[n], row), row_value[n][2][row]);
            row_check(row, row_host_reads(v[n], row), row_value[n][2][row]);
            row_host_writes(v[n], row, row_value[n][3][row]);
        }
    }
    put();
    for (unsigned n = 0; n < 2; n++)
        for (unsigned row = 0; row < EL1_COUNT; row++)
            if (row_is_there(row, direct_timer))
                row_check(row, row_host_reads(v[n], row), row_value[n][3][row]);
}

/* a and b are new; of one VM, or of two with the same flags. */
static void rows_are_kept_apart(struct vcpu *a, struct vcpu *b, bool direct_timer)
{
    struct vcpu *const v[] = {a, b};

    put();
    row_choose_values(direct_timer);
    host_writes_rows(v, direct_timer);
    guests_read_and_write_rows(v, direct_timer);
    host_reads_and_writes_rows(v, direct_timer);
    rows_stay(v, direct_timer);
    MUST(vcpu_destroy(a));
    MUST(vcpu_destroy(b));
}

/* ---- General registers, and those of EL0 ---- */

static uint64_t general_value(unsigned vcpu, unsigned reg)
{
    return UINT64_C(0x1000000000000000) * (vcpu + 1) + reg * 256;
}

static void general_registers_are_kept(struct test_vm *one, struct test_vm *two)
{
    struct vcpu *v[] = {testhost_vcpu(one, 0), testhost_vcpu(one, 1), testhost_vcpu(two, 0)};

    for (unsigned n = 0; n < 3; n++) {
        testhost_enter_at(v[n], general_guest);
        for (unsigned reg = 0; reg < 31; reg++)
            MUST(vcpu_set_reg(v[n], VCPU_REG_X0 + reg, general_value(n, reg)));
    }
    /* Each time around the guest adds to a register its number and one. */
    for (unsigned round = 1; round <= 3; round++) {
        for (unsigned n = 0; n < 3; n++) {
            run_to_call(v[n]);
            for (unsigned reg = 0; reg < 31; reg++)
                CHECK_EQ(v[n]->regs.x[reg], general_value(n, reg) + round * (reg + 1));
        }
    }
    put();
    for (unsigned n = 0; n < 3; n++)
        MUST(vcpu_destroy(v[n]));
}

static void el0_registers_are_kept(struct test_vm *one, struct test_vm *two)
{
    const uint64_t tpidr = UINT64_C(0x111100001111), sp = UINT64_C(0x222200002222);
    const uint64_t next_tpidr = UINT64_C(0x333300003333), next_sp = UINT64_C(0x444400004444);
    struct vcpu *v[] = {testhost_vcpu(one, 0), testhost_vcpu(two, 0)};
    uint64_t value;

    for (unsigned n = 0; n < 2; n++) {
        testhost_enter_at(v[n], el0_guest);
        MUST(vcpu_set_reg(v[n], VCPU_REG_TPIDR_EL0, tpidr << n));
        MUST(vcpu_set_reg(v[n], VCPU_REG_SP_EL0, sp << n));
        v[n]->regs.x[19] = next_tpidr << n;
        v[n]->regs.x[20] = next_sp << n;
    }
    for (unsigned n = 0; n < 2; n++) {
        run_to_call(v[n]);
        CHECK_EQ(v[n]->regs.x[0], tpidr << n);
        CHECK_EQ(v[n]->regs.x[1], sp << n);
        run_to_call(v[n]);
    }
    for (unsigned n = 0; n < 2; n++) {
        CHECK_EQ(vcpu_get_reg(v[n], VCPU_REG_TPIDR_EL0, &value), VCPU_OK);
        CHECK_EQ(value, next_tpidr << n);
        CHECK_EQ(vcpu_get_reg(v[n], VCPU_REG_SP_EL0, &value), VCPU_OK);
        CHECK_EQ(value, next_sp << n);
        run_to_call(v[n]);
        CHECK_EQ(v[n]->regs.x[0], next_tpidr << n);
        CHECK_EQ(v[n]->regs.x[1], next_sp << n);
    }
    put();
    for (unsigned n = 0; n < 2; n++)
        MUST(vcpu_destroy(v[n]));
}

/* After others have filled every register of this CPU. */
static void new_vcpu_starts_clean(struct test_vm *t)
{
    struct vcpu *vcpu = testhost_vcpu(t, 5);

    testhost_enter_at(vcpu, fresh_guest);
    run_to_call(vcpu);
    for (unsigned i = 0; i < 31; i++)
        CHECK_EQ(vcpu->regs.x[i], 0);
    CHECK_EQ(vcpu->regs.sp_el0, 0);
    CHECK_EQ(vcpu->regs.tpidr_el0, 0);
    CHECK_EQ(vcpu->regs.pstate, PSTATE_NEW);
    run_to_call(vcpu);
    for (unsigned i = 0; i < 4; i++)
        CHECK_EQ(vcpu->regs.x[i], 0);
    MUST(vcpu_set_reg(vcpu, row_id(EL1_CPACR_EL1), 0)); /* the guest had to, for its FP registers */

    for (unsigned row = 0; row < EL1_COUNT; row++) {
        uint64_t reset = row == EL1_SCTLR_EL1 ? SCTLR_NEW : 0;

        if (!row_is_there(row, false))
            continue;
        row_check(row, row_host_reads(vcpu, row), reset);
        if (row_has_guest_name(row))
            row_check(row, row_guest_reads(vcpu, row), reset);
    }
    put();
    MUST(vcpu_destroy(vcpu));
}

/* ---- The virtual timer ---- */

#define TIMER_DUE 5u /* CNTV_CTL_EL0: ENABLE and ISTATUS */

static void timer_leaves_with_its_vcpu(struct test_vm *t)
{
    struct vcpu *a = testhost_vcpu(t, 0), *b = testhost_vcpu(t, 1);
    uint64_t due = timer_now();

    testhost_enter_at(a, timer_guest);
    testhost_enter_at(b, general_guest);
    a->regs.x[19] = due;
    for (unsigned round = 0; round < 2; round++) {
        run_to_call(a);
        CHECK_EQ(a->regs.x[0], TIMER_DUE);
        CHECK_EQ(a->regs.x[1], due);
        CHECK_EQ(testhost_cntv_ctl(), TIMER_DUE);
        CHECK(gic_is_pending(VIRTUAL_TIMER_PPI));

        run_to_call(b);
        CHECK_EQ(testhost_cntv_ctl() & 1, 0);
        CHECK_EQ(testhost_cntv_cval(), 0);
        CHECK(!gic_is_pending(VIRTUAL_TIMER_PPI));
    }
    /* Nor does it stay armed when no other comes. */
    run_to_call(a);
    CHECK_EQ(testhost_cntv_ctl(), TIMER_DUE);
    put();
    CHECK_EQ(testhost_cntv_ctl() & 1, 0);
    CHECK(!gic_is_pending(VIRTUAL_TIMER_PPI));
    MUST(vcpu_destroy(a));
    MUST(vcpu_destroy(b));
}

/* ---- Memory ---- */

#define WORD_IPA   (TEST_RAM_IPA + 0x100000u)
#define TABLE_IPA  (TEST_RAM_IPA + 0x380000u)
#define WINDOW_VA  0x80000000u
#define WINDOW_IPA (TEST_RAM_IPA + 0x200000u)

static struct vcpu *load_vcpu(struct test_vm *t, uint64_t first, uint64_t second)
{
    struct vcpu *vcpu = testhost_vcpu(t, 0);

    testhost_enter_at(vcpu, load_guest);
    vcpu->regs.x[19] = first;
    vcpu->regs.x[20] = second;
    return vcpu;
}

static void store(struct test_vm *t, uint64_t ipa, uint64_t value)
{
    *(uint64_t *)testhost_ram(t, ipa) = value;
    cache_clean(testhost_ram(t, ipa), sizeof(value));
}

/* Loads of two vCPUs in turn. VTTBR_EL2 has the VMID of each: not even the same TLB entries. */
static void check_loads(struct vcpu *const v[2], const uint64_t first[2], const uint64_t second[2])
{
    for (unsigned round = 0; round < 4; round++) {
        for (unsigned n = 0; n < 2; n++) {
            run_to_call(v[n]);
            CHECK_EQ(v[n]->regs.x[0], first[n]);
            CHECK_EQ(v[n]->regs.x[1], second[n]);
            CHECK_EQ(READ_SYSREG(vttbr_el2) >> 48, vcpu_vm_vmid(vcpu_vm_of(v[n])));
        }
    }
    put();
    MUST(vcpu_destroy(v[0]));
    MUST(vcpu_destroy(v[1]));
}

static void each_vm_sees_its_memory(struct test_vm *one, struct test_vm *two)
{
    struct vcpu *v[] = {load_vcpu(one, WORD_IPA, WORD_IPA + 8),
                        load_vcpu(two, WORD_IPA, WORD_IPA + 8)};

    CHECK(vcpu_vm_vmid(one->vm) != vcpu_vm_vmid(two->vm));
    store(one, WORD_IPA, 0x1111);
    store(two, WORD_IPA, 0x2222);
    store(one, WORD_IPA + 8, 0x3333);
    store(two, WORD_IPA + 8, 0x4444);
    check_loads(v, (const uint64_t[]){0x1111, 0x2222}, (const uint64_t[]){0x3333, 0x4444});
}

/*
 * Stage-1 tables in the guest's RAM, 39 bits of VA: a block of 1 GiB maps RAM to itself, and 2 MiB
 * at WINDOW_VA are at `window`. The ASID is the same in both VMs.
 */
static struct vcpu *mapped_vcpu(struct test_vm *t, uint64_t window)
{
    const uint64_t block = BIT(0) | GENMASK(9, 8) | BIT(10) | BIT(11); /* shareable, AF, nG */
    const uint64_t table = GENMASK(1, 0);
    const uint64_t asid = UINT64_C(5) << 48;
    /* T0SZ = 25, Write-Back and Inner Shareable walks, EPD1, 40 bits of IPA. */
    const uint64_t tcr = 25 | BIT(8) | BIT(10) | GENMASK(13, 12) | BIT(23) | BIT(33);
    struct vcpu *vcpu = load_vcpu(t, WORD_IPA, WINDOW_VA + 0x100000);

    store(t, TABLE_IPA + 8 * (TEST_RAM_IPA >> 30), TEST_RAM_IPA | block);
    store(t, TABLE_IPA + 8 * (WINDOW_VA >> 30), (TABLE_IPA + 0x1000) | table);
    store(t, TABLE_IPA + 0x1000, window | block);
    row_host_writes(vcpu, EL1_MAIR_EL1, 0xff);
    row_host_writes(vcpu, EL1_TTBR0_EL1, TABLE_IPA | asid);
    row_host_writes(vcpu, EL1_TCR_EL1, tcr);
    row_host_writes(vcpu, EL1_SCTLR_EL1, SCTLR_NEW | BIT(0) | BIT(2) | BIT(12)); /* M, C, I */
    return vcpu;
}

static void each_vm_sees_its_mappings(struct test_vm *one, struct test_vm *two)
{
    struct vcpu *v[] = {mapped_vcpu(one, TEST_RAM_IPA), mapped_vcpu(two, WINDOW_IPA)};

    store(one, WORD_IPA, 0x5555);
    store(two, WORD_IPA, 0x6666);
    store(one, WINDOW_IPA + 0x100000, 0x7777);
    store(two, WINDOW_IPA + 0x100000, 0x8888);
    check_loads(v, (const uint64_t[]){0x5555, 0x6666}, (const uint64_t[]){0x5555, 0x8888});
}

/* ---- */

static void registers(struct test_vm *one, struct test_vm *two)
{
    test_begin("FP registers of three vCPUs of two VMs are kept apart");
    fp_is_kept_apart(one, two);
    test_begin("general registers of three vCPUs are kept apart");
    general_registers_are_kept(one, two);
    test_begin("TPIDR_EL0 and SP_EL0 go to the guest and come back");
    el0_registers_are_kept(one, two);
    test_begin("every register of the table, of two vCPUs of one VM");
    rows_are_kept_apart(testhost_vcpu(one, 0), testhost_vcpu(one, 1), false);
    test_begin("every register of the table, of vCPUs of two VMs");
    rows_are_kept_apart(testhost_vcpu(one, 0), testhost_vcpu(two, 0), false);
    test_begin("a new vCPU has zeros where others had something");
    new_vcpu_starts_clean(one);
}

void host_main(const struct machine *machine)
{
    struct test_vm one, two, direct;

    testhost_enable(0);
    gic_find(machine);
    gic_init();
    testhost_gic();
    testhost_vm(&one, 0);
    testhost_vm(&two, 0);
    testhost_vm(&direct, VCPU_VM_DIRECT_TIMER);

    registers(&one, &two);
    test_begin("with the physical timer's, where the VM owns it");
    rows_are_kept_apart(testhost_vcpu(&direct, 0), testhost_vcpu(&direct, 1), true);
    test_begin("an armed timer leaves the CPU with its vCPU, and comes back");
    timer_leaves_with_its_vcpu(&one);
    test_begin("two VMs have different memory at one IPA");
    each_vm_sees_its_memory(&one, &two);
    test_begin("two VMs have different memory at one VA and ASID, with their MMUs on");
    each_vm_sees_its_mappings(&one, &two);

    console_print("And with a host that uses FP registers itself:\n");
    MUST(vcpu_percpu_disable(testhost_percpu(0)));
    testhost_enable(VCPU_PERCPU_HOST_FP);
    registers(&one, &two);
    test_begin("the host's d8-d15, FPCR and FPSR are kept");
    host_fp_is_kept(&one);
    test_end();
}
