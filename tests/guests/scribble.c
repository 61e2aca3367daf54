/* SPDX-License-Identifier: MIT */
/*
 * There is no fourth case: each system register that a guest can write is switched, trapped or
 * hidden. One guest writes zeros to every encoding that there is, known to anybody or not, and then
 * ones; another vCPU, and another VM, must read the same each time, and the host as well.
 */
#include "cache.h"
#include "string.h"
#include "testhost.h"

extern const char scribble_vectors[];

#define WRITER_IPA (TEST_RAM_IPA + 0x100000u)
#define READER_IPA (TEST_RAM_IPA + 0x200000u)
#define VALUES_IPA (TEST_RAM_IPA + 0x300000u)

/* What a register reads as when the read faults: nobody's value. */
#define FAULTED UINT64_C(0x6e6f7468696e6721)

#define INSN_MRS_X0(encoding) (0xd5200000u | (encoding) << 5)
#define INSN_MSR_X0(encoding) (0xd5000000u | (encoding) << 5)
#define INSN_STR_X0_POST8     0xf8008420u /* str x0, [x1], #8 */
#define INSN_HVC1             0xd4000022u
#define INSN_MOV_X0_X3        0xaa0303e0u

/* op0 = 2 and 3. */
#define FIRST_ENCODING VCPU_SYSREG(2, 0, 0, 0, 0)
#define LAST_ENCODING  VCPU_SYSREG(3, 7, 15, 15, 7)
#define ENCODINGS      (LAST_ENCODING - FIRST_ENCODING + 1)

/* Registers without which the writer could not go on: MMU and byte order, vectors. */
static bool writer_needs(uint32_t encoding)
{
    switch (encoding) {
    case VCPU_SYSREG(3, 0, 1, 0, 0):  /* SCTLR_EL1 */
    case VCPU_SYSREG(3, 0, 12, 0, 0): /* VBAR_EL1 */
        return true;
    default:
        return false;
    }
}

/* Registers that differ from one read to the next, or from one vCPU to another. */
static bool reader_differs(uint32_t encoding)
{
    switch (encoding) {
    case VCPU_SYSREG(3, 0, 0, 0, 5):  /* MPIDR_EL1 */
    case VCPU_SYSREG(3, 0, 4, 0, 0):  /* SPSR_EL1: of the reader's own faults */
    case VCPU_SYSREG(3, 0, 4, 0, 1):  /* ELR_EL1 */
    case VCPU_SYSREG(3, 0, 5, 2, 0):  /* ESR_EL1 */
    case VCPU_SYSREG(3, 3, 2, 4, 0):  /* RNDR */
    case VCPU_SYSREG(3, 3, 2, 4, 1):  /* RNDRRS */
    case VCPU_SYSREG(3, 3, 4, 2, 0):  /* NZCV: RNDR sets it */
    case VCPU_SYSREG(3, 3, 14, 0, 2): /* CNTVCT_EL0 */
    case VCPU_SYSREG(3, 3, 14, 0, 6): /* CNTVCTSS_EL0 */
    case VCPU_SYSREG(3, 3, 14, 3, 0): /* CNTV_TVAL_EL0 */
        return true;
    default:
        return false;
    }
}

/* ---- The programs ---- */

static void write_programs(const struct test_vm *t)
{
    uint32_t *writer = testhost_ram(t, WRITER_IPA), *reader = testhost_ram(t, READER_IPA);

    for (uint32_t encoding = FIRST_ENCODING; encoding <= LAST_ENCODING; encoding++) {
        if (!writer_needs(encoding))
            *writer++ = INSN_MSR_X0(encoding);
        *reader++ = INSN_MOV_X0_X3;
        *reader++ = INSN_MRS_X0(encoding);
        *reader++ = INSN_STR_X0_POST8;
    }
    *writer = INSN_HVC1;
    *reader = INSN_HVC1;
    cache_clean(testhost_ram(t, WRITER_IPA), TEST_RAM_SIZE - (WRITER_IPA - TEST_RAM_IPA));
}

#define REG(crn, crm, op2) (VCPU_REG_SYSREG + VCPU_SYSREG(3, 0, crn, crm, op2))

/* Runs a program to its end; what the host is asked about is UNDEFINED. */
static void run_program(struct vcpu *vcpu, uint64_t ipa)
{
    CHECK_EQ(vcpu_set_reg(vcpu, VCPU_REG_PC, ipa), VCPU_OK);
    CHECK_EQ(vcpu_set_reg(vcpu, VCPU_REG_PSTATE, 0x3c5), VCPU_OK);
    CHECK_EQ(vcpu_set_reg(vcpu, REG(12, 0, 0), testhost_ipa(scribble_vectors)), VCPU_OK);
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
        CHECK_EQ(vcpu_inject_undefined(vcpu), VCPU_OK);
    }
}

static void scribble(struct vcpu *vcpu, uint64_t value)
{
    vcpu->regs.x[0] = value;
    run_program(vcpu, WRITER_IPA);
}

static uint64_t seen[2][ENCODINGS];

static void read_all(const struct test_vm *t, struct vcpu *vcpu, uint64_t values[ENCODINGS])
{
    vcpu->regs.x[1] = VALUES_IPA;
    vcpu->regs.x[3] = FAULTED;
    run_program(vcpu, READER_IPA);
    CHECK_EQ(vcpu->regs.x[1], VALUES_IPA + ENCODINGS * 8);
    cache_invalidate(testhost_ram(t, VALUES_IPA), ENCODINGS * 8);
    memcpy(values, testhost_ram(t, VALUES_IPA), ENCODINGS * 8);
}

static void compare(void)
{
    unsigned readable = 0;

    for (uint32_t i = 0; i < ENCODINGS; i++) {
        readable += seen[0][i] != FAULTED;
        if (reader_differs(FIRST_ENCODING + i) || seen[0][i] == seen[1][i])
            continue;
        console_print("encoding 0x%x: 0x%lx became 0x%lx\n", FIRST_ENCODING + i, seen[0][i],
                      seen[1][i]);
        test_fail("a register shows what another wrote");
    }
    /* The identification registers and those of the world-switch table are among them. */
    CHECK(readable > 80);
}

/* ---- The host's own ---- */

#define HOST_REGISTERS(X)                                                                          \
    X(sctlr_el2)                                                                                   \
    X(ttbr0_el2)                                                                                   \
    X(tcr_el2)                                                                                     \
    X(mair_el2)                                                                                    \
    X(amair_el2)                                                                                   \
    X(afsr0_el2)                                                                                   \
    X(afsr1_el2)                                                                                   \
    X(vbar_el2)                                                                                    \
    X(tpidr_el2)                                                                                   \
    X(hcr_el2)                                                                                     \
    X(mdcr_el2)                                                                                    \
    X(cptr_el2)                                                                                    \
    X(hstr_el2)                                                                                    \
    X(vttbr_el2)                                                                                   \
    X(vtcr_el2)                                                                                    \
    X(vpidr_el2)                                                                                   \
    X(vmpidr_el2)                                                                                  \
    X(cnthctl_el2)                                                                                 \
    X(cntvoff_el2)                                                                                 \
    X(cnthp_ctl_el2)                                                                               \
    X(cnthp_cval_el2)                                                                              \
    X(cntfrq_el0)                                                                                  \
    X(mdscr_el1)                                                                                   \
    X(sp_el0)                                                                                      \
    X(tpidr_el0)                                                                                   \
    X(daif)

enum {
#define INDEX(name) HOST_##name,
    HOST_REGISTERS(INDEX)
#undef INDEX
        HOST_REGISTER_COUNT
};

static const char *const host_names[] = {
#define NAME(name) #name,
    HOST_REGISTERS(NAME)
#undef NAME
};

static void read_host(uint64_t values[HOST_REGISTER_COUNT])
{
#define READ(name) values[HOST_##name] = arch_read(name);
    HOST_REGISTERS(READ)
#undef READ
}

/* While no vCPU is resident all of these are the host's. */
static void host_keeps_its_own(struct vcpu *writer)
{
    uint64_t before[HOST_REGISTER_COUNT], after[HOST_REGISTER_COUNT];

    vcpu_percpu_put(testhost_percpu(0));
    read_host(before);
    scribble(writer, ~UINT64_C(0));
    vcpu_percpu_put(testhost_percpu(0));
    read_host(after);
    for (unsigned i = 0; i < HOST_REGISTER_COUNT; i++)
        test_check_eq(after[i], before[i], host_names[i], __FILE__, __LINE__);
}

/* ---- */

/*
 * What a vCPU reads after another wrote zeros everywhere, and after it wrote ones. The first time
 * the reader is only to leave its own EL1 as its reading does.
 */
static void others_see_nothing(const struct test_vm *t, struct vcpu *writer, struct vcpu *reader)
{
    read_all(t, reader, seen[0]);
    scribble(writer, 0);
    read_all(t, reader, seen[0]);
    scribble(writer, ~UINT64_C(0));
    read_all(t, reader, seen[1]);
    compare();
}

void host_main(const struct machine *machine)
{
    struct test_vm one, two;
    struct vcpu *writer, *neighbour, *stranger, *latecomer;

    (void)machine;
    testhost_enable(0);
    testhost_vm(&one, 0);
    testhost_vm(&two, 0);
    write_programs(&one);
    write_programs(&two);
    writer = testhost_vcpu(&one, 0);
    neighbour = testhost_vcpu(&one, 1);
    stranger = testhost_vcpu(&two, 0);
    testhost_enter_at(writer, scribble_vectors);
    testhost_enter_at(neighbour, scribble_vectors);
    testhost_enter_at(stranger, scribble_vectors);

    test_begin("the host's registers are as before after every register was written");
    host_keeps_its_own(writer);
    test_begin("a vCPU of the same VM sees nothing of it");
    others_see_nothing(&one, writer, neighbour);
    test_begin("nor does one of another VM");
    others_see_nothing(&two, writer, stranger);
    test_begin("nor does a vCPU that is made afterwards");
    scribble(writer, 0);
    read_all(&one, neighbour, seen[0]);
    scribble(writer, ~UINT64_C(0));
    latecomer = testhost_vcpu(&one, 2);
    testhost_enter_at(latecomer, scribble_vectors);
    read_all(&one, latecomer, seen[1]);
    compare();
    test_end();
}
