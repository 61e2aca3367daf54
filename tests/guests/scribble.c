/* SPDX-License-Identifier: MIT */
/*
 * There is no fourth case: each system register that a guest can write is switched, trapped or
 * hidden. One guest writes zeros to every encoding that there is, known to anybody or not, and then
 * ones, at EL1 and at EL0; another vCPU, and other VMs, must read the same each time, at both, and
 * the host as well.
 */
#include "cache.h"
#include "encodings.h"
#include "string.h"

#define WRITER_IPA PROGRAM_IPA
#define READER_IPA (PROGRAM_IPA + 0x80000u)
#define VALUES_IPA AFTER_TAKEN_IPA

/* What a register reads as when the read faults: nobody's value. */
#define FAULTED UINT64_C(0x6e6f7468696e6721)

#define INSN_STR_X0_POST8 0xf80084c0u /* str x0, [x6], #8 */
#define INSN_MOV_X0_X7    0xaa0703e0u

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
            *writer++ = INSN_MSR(0, encoding);
        *reader++ = INSN_MOV_X0_X7;
        *reader++ = INSN_MRS(0, encoding);
        *reader++ = INSN_STR_X0_POST8;
    }
    *writer = INSN_END;
    *reader = INSN_END;
    cache_clean(testhost_ram(t, WRITER_IPA), TEST_RAM_SIZE - (WRITER_IPA - TEST_RAM_IPA));
}

static void scribble(struct vcpu *vcpu, uint64_t value)
{
    for (unsigned el0 = 0; el0 < 2; el0++) {
        vcpu->regs.x[0] = value;
        encodings_run(vcpu, WRITER_IPA, el0, NULL);
    }
}

/* By level, EL1 first. */
typedef uint64_t values_t[2][ENCODINGS];

static values_t seen[2];

static void read_all(const struct test_vm *t, struct vcpu *vcpu, values_t values)
{
    for (unsigned el0 = 0; el0 < 2; el0++) {
        vcpu->regs.x[6] = VALUES_IPA;
        vcpu->regs.x[7] = FAULTED;
        encodings_run(vcpu, READER_IPA, el0, NULL);
        CHECK_EQ(vcpu->regs.x[6], VALUES_IPA + ENCODINGS * 8);
        cache_invalidate(testhost_ram(t, VALUES_IPA), ENCODINGS * 8);
        memcpy(values[el0], testhost_ram(t, VALUES_IPA), ENCODINGS * 8);
    }
}

static void compare_at(unsigned el0, unsigned least)
{
    unsigned readable = 0;

    for (uint32_t i = 0; i < ENCODINGS; i++) {
        uint64_t before = seen[0][el0][i], after = seen[1][el0][i];

        readable += before != FAULTED;
        if (reader_differs(FIRST_ENCODING + i) || before == after)
            continue;
        console_print("encoding 0x%x at EL%d: 0x%lx became 0x%lx\n", FIRST_ENCODING + i,
                      el0 ? 0 : 1, before, after);
        test_fail("a register shows what another wrote");
    }
    CHECK(readable > least);
}

static void compare(void)
{
    /* The identification registers and those of the world-switch table are among them. */
    compare_at(0, 80);
    /* CTR, DCZID, NZCV, DAIF, FPCR, FPSR, TPIDR, TPIDRRO, CNTFRQ, CNTVCT, CNTV_* and more. */
    compare_at(1, 12);
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

    MUST(vcpu_percpu_put(testhost_percpu(0)));
    read_host(before);
    scribble(writer, ~UINT64_C(0));
    MUST(vcpu_percpu_put(testhost_percpu(0)));
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
    struct test_vm one, two, three;
    struct vcpu *writer, *neighbour, *like, *unlike, *latecomer;

    (void)machine;
    testhost_enable(0);
    encodings_rich_vm(&one, NULL);
    encodings_rich_vm(&two, NULL);
    testhost_vm(&three, 0);
    write_programs(&one);
    write_programs(&two);
    write_programs(&three);
    writer = encodings_vcpu(&one, 0);
    neighbour = encodings_vcpu(&one, 1);
    like = encodings_vcpu(&two, 0);
    unlike = encodings_vcpu(&three, 0);

    test_begin("the host's registers are as before after every register was written");
    host_keeps_its_own(writer);
    test_begin("a vCPU of the same VM sees nothing of it");
    others_see_nothing(&one, writer, neighbour);
    test_begin("nor does one of another VM");
    others_see_nothing(&two, writer, like);
    test_begin("nor does one of a VM without SVE and PMU");
    others_see_nothing(&three, writer, unlike);
    test_begin("which writes nothing that one with them sees");
    others_see_nothing(&one, unlike, neighbour);
    test_begin("nor does a vCPU that is made afterwards");
    scribble(writer, 0);
    read_all(&one, neighbour, seen[0]);
    scribble(writer, ~UINT64_C(0));
    latecomer = encodings_vcpu(&one, 2);
    read_all(&one, latecomer, seen[1]);
    compare();
    test_end();
}
