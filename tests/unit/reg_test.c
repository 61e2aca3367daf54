/* SPDX-License-Identifier: MIT */
/* Registers by id, of a vCPU made by hand: no CPU is asked, but for what the mocks count. */
#include "cmocka_all.h"

#include <string.h>

#include <vcpu/reg.h>

#include "debug/debug.h"
#include "hw/cpu.h"
#include "kick/kick.h"
#include "random.h"
#include "reg/reg.h"
#include "state/hold.h"
#include "switch/el1.h"
#include "switch/switch.h"
#include "switch/vector.h"
#include "vm/power.h"

#define B(n)                            (UINT64_C(1) << (n))
#define ROW_ID(op0, op1, crn, crm, op2) (0x10000u + VCPU_SYSREG(op0, op1, crn, crm, op2))
#define SCTLR_EL1                       ROW_ID(3, 0, 1, 0, 0)
#define CPACR_EL1                       ROW_ID(3, 0, 1, 0, 2)
#define TCR_EL1                         ROW_ID(3, 0, 2, 0, 2)
#define FAR_EL1                         ROW_ID(3, 0, 6, 0, 0)
#define TPIDR2_EL0                      ROW_ID(3, 3, 13, 0, 5)
#define VSESR_EL2                       ROW_ID(3, 4, 5, 2, 3)
#define VDISR_EL2                       ROW_ID(3, 4, 12, 1, 1)
#define MDSCR_EL1                       ROW_ID(2, 0, 0, 2, 2)
#define OSLSR_EL1                       ROW_ID(2, 0, 1, 1, 4)
#define CLAIMCLR                        ROW_ID(2, 0, 7, 9, 6)
#define DEVICE_REG                      VCPU_SYSREG(3, 0, 4, 6, 0)
#define DEVICE_ID                       (0x10000u + DEVICE_REG)

#define DBGBVR0 ROW_ID(2, 0, 0, 0, 4)

#define MAX_IDS 2048u

static struct vcpu_vm vm;
static struct vcpu_state v;
static uint8_t z[32 * 256 + 17 * 32];

/* ---- What is the CPU's ---- */

static bool elsewhere, masked;
static uint64_t called;
static unsigned fetches, stores, takes;

bool vcpu_hold(const struct vcpu_state *state, uint64_t *daif)
{
    (void)state;
    *daif = 0;
    masked = !elsewhere;
    return !elsewhere;
}

void vcpu_el1_fetch(struct vcpu_state *state)
{
    (void)state;
    fetches++;
}

void vcpu_el1_store(const struct vcpu_state *state)
{
    (void)state;
    stores++;
}

bool vcpu_switch_leave(const struct vcpu_state *state)
{
    (void)state;
    return !elsewhere;
}

uint64_t *vcpu_vector_take(struct vcpu_state *state, unsigned *stride)
{
    *stride = 2;
    takes++;
    return state->simd.v[0];
}

void vcpu_vector_give_back(struct vcpu_state *state)
{
    (void)state;
    takes--;
}

void vcpu_call_out(struct vcpu_state *state, uint64_t bit)
{
    (void)state;
    called |= bit;
}

void vcpu_power_cancel(struct vcpu_state *state)
{
    (void)state;
}

uint64_t vcpu_cpu_mask(void)
{
    uint64_t was = masked;

    masked = true;
    return was;
}

void vcpu_cpu_restore(uint64_t daif)
{
    masked = daif;
}

/* ---- A device with one register, of which bit 7 cannot be set ---- */

static uint64_t device_value;
static bool device_was_masked;

static int device_reg(void *ctx, struct vcpu *vcpu, uint32_t encoding, enum vcpu_reg_op op,
                      uint64_t *value)
{
    (void)ctx;
    assert_ptr_equal(vcpu, &v.pub);
    device_was_masked = masked;
    if (encoding != DEVICE_REG)
        return VCPU_ERR_NOT_FOUND;
    if (op == VCPU_REG_OP_GET)
        *value = device_value;
    else if (*value & B(7))
        return VCPU_ERR_INVALID;
    if (op == VCPU_REG_OP_SET)
        device_value = *value;
    return VCPU_OK;
}

static uint32_t device_reg_at(void *ctx, const struct vcpu *vcpu, unsigned n)
{
    (void)ctx;
    (void)vcpu;
    return n == 0 ? DEVICE_REG : 0;
}

static const struct vcpu_device_ops without_registers;
static const struct vcpu_device_ops device = {.reg = device_reg, .reg_at = device_reg_at};

/* ---- The vCPU ---- */

static void make(uint32_t when, uint8_t vq)
{
    vm = (struct vcpu_vm){.when = when, .sve_vq = vq, .features.fp = true, .devices = 2};
    vm.id[ID_AA64PFR0_EL1] = 2; /* AArch32 at EL0 */
    vm.id[ID_AA64DFR0_EL1] = 6 | 3 << 12 | 1 << 20;
    vm.device[0].ops = &without_registers;
    vm.device[1].ops = &device;
    v = (struct vcpu_state){.vm = &vm, .mpidr = 0x102};
    v.sve.z = vq ? z : NULL;
    v.pub.regs.pstate = 0x3c5;
    atomic_init(&v.token, TOKEN_ABSENT);
    elsewhere = masked = false;
    called = fetches = stores = takes = 0;
    device_value = 0;
}

static int setup(void **state)
{
    (void)state;
    make(0, 0);
    return 0;
}

static uint64_t get(uint32_t id)
{
    uint64_t value = 0xdead;

    assert_int_equal(vcpu_get_reg(&v.pub, id, &value), VCPU_OK);
    return value;
}

static int set(uint32_t id, uint64_t value)
{
    return vcpu_set_reg(&v.pub, id, value);
}

/* ---- Ids ---- */

static void ids_are_these_numbers_for_ever(void **state)
{
    (void)state;
    assert_int_equal(VCPU_REG_X0, 0);
    assert_int_equal(VCPU_REG_PC, 32);
    assert_int_equal(VCPU_REG_PSTATE, 33);
    assert_int_equal(VCPU_REG_SP_EL0, 34);
    assert_int_equal(VCPU_REG_TPIDR_EL0, 35);
    assert_int_equal(VCPU_REG_PENDING, 36);
    assert_int_equal(VCPU_REG_SYSREG + VCPU_SYSREG(3, 0, 1, 0, 0), 0x1c080);
    assert_int_equal(VCPU_REG_SYSREG + VCPU_SYSREG(3, 3, 14, 3, 2), 0x1df1a);
    assert_int_equal(VCPU_REG_SYSREG + VCPU_SYSREG(2, 0, 0, 2, 2), 0x18012);
    assert_int_equal(VCPU_REG_SYSREG + VCPU_VM_CCSIDR(13), 0xec800);
    assert_int_equal(VCPU_REG_V(31, 1), 0x10003f);
    assert_int_equal(VCPU_REG_Z(31, 31), 0x1103ff);
    assert_int_equal(VCPU_REG_P(15, 3), 0x12003f);
    assert_int_equal(VCPU_REG_FFR(3), 0x120043);
}

static uint32_t ids[MAX_IDS];

static unsigned count_between(size_t n, uint32_t first, uint32_t last)
{
    unsigned count = 0;

    for (size_t i = 0; i < n; i++)
        count += ids[i] >= first && ids[i] <= last;
    return count;
}

static void the_list_has_each_register_once_and_each_can_be_written(void **state)
{
    (void)state;
    for (uint8_t vq = 0; vq <= 16; vq++) {
        unsigned pieces = (vq * 16 + 63) / 64;
        size_t n;

        make(vq ? EL1_SVE | EL1_PAUTH : EL1_RAS, vq);
        n = vcpu_list_regs(&v.pub, ids, MAX_IDS);
        assert_int_equal(vcpu_list_regs(&v.pub, NULL, 0), n);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(count_between(n, ids[i], ids[i]), 1);
            assert_int_equal(set(ids[i], get(ids[i])), VCPU_OK);
        }
        assert_int_equal(count_between(n, 0, 30), 31);
        assert_int_equal(count_between(n, 32, 0xffff), 5);
        assert_int_equal(count_between(n, VCPU_REG_V(0, 0), VCPU_REG_V(31, 1)), vq ? 0 : 64);
        assert_int_equal(count_between(n, VCPU_REG_Z(0, 0), VCPU_REG_Z(31, 31)), 32 * 2 * vq);
        assert_int_equal(count_between(n, VCPU_REG_P(0, 0), VCPU_REG_FFR(3)), 17 * pieces);
        /* Four breakpoints and two watchpoints. */
        assert_int_equal(count_between(n, ROW_ID(2, 0, 0, 0, 4), ROW_ID(2, 0, 0, 0, 7)), 4);
        assert_int_equal(count_between(n, ROW_ID(2, 0, 0, 3, 4), ROW_ID(2, 0, 0, 5, 7)), 2);
        assert_int_equal(count_between(n, DEVICE_ID, DEVICE_ID), 1);
        /* The keys; VSESR_EL2. */
        assert_int_equal(count_between(n, ROW_ID(3, 0, 2, 1, 0), ROW_ID(3, 0, 2, 3, 1)),
                         vq ? 10 : 0);
        assert_int_equal(count_between(n, ROW_ID(3, 4, 5, 2, 3), ROW_ID(3, 4, 5, 2, 3)), !vq);
        assert_int_equal(takes, 0);
    }
}

static void the_list_begins_with_what_decides_and_pstate_is_before_pc(void **state)
{
    size_t n = vcpu_list_regs(&v.pub, ids, MAX_IDS), pstate = 0, pc = 0, sctlr = 0, pfr0 = 0;

    (void)state;
    for (size_t i = 0; i < n; i++) {
        pstate = ids[i] == VCPU_REG_PSTATE ? i : pstate;
        pc = ids[i] == VCPU_REG_PC ? i : pc;
        sctlr = ids[i] == SCTLR_EL1 ? i : sctlr;
        pfr0 = ids[i] == ROW_ID(3, 0, 0, 4, 0) ? i : pfr0;
    }
    assert_true(pfr0 < pstate && pstate < pc && pc < sctlr);
}

static void what_is_short_of_room_is_counted(void **state)
{
    size_t n = vcpu_list_regs(&v.pub, NULL, 0), room = 3;
    struct vcpu_reg_value few[4] = {
        {.id = 0xffffffff}, {.id = 0xffffffff}, {.id = 0xffffffff}, {.id = 0xffffffff}};

    (void)state;
    memset(ids, 0xff, sizeof(ids));
    assert_int_equal(vcpu_list_regs(&v.pub, ids, 3), n);
    assert_int_equal(ids[3], 0xffffffff);
    assert_int_equal(vcpu_save(&v.pub, few, &room), VCPU_ERR_INVALID);
    assert_int_equal(room, n);
    assert_int_equal(few[3].id, 0xffffffff);
}

/* ---- Values ---- */

/* What makes a bit of a control register one that the guest has: a field of an ID register. */
static const struct {
    uint32_t id;
    uint8_t last, first; /* bits */
    uint8_t reg, shift, least;
    uint32_t when;
} feature_bits[] = {
    {SCTLR_EL1, 13, 13, 0, 0, 0, EL1_PAUTH},
    {SCTLR_EL1, 27, 27, 0, 0, 0, EL1_PAUTH},
    {SCTLR_EL1, 31, 30, 0, 0, 0, EL1_PAUTH},
    {SCTLR_EL1, 6, 6, ID_REG_INDEX(7, 2), 32, 1, 0},   /* LSE2 */
    {SCTLR_EL1, 10, 10, ID_REG_INDEX(6, 1), 40, 1, 0}, /* SPECRES */
    {SCTLR_EL1, 21, 21, 0, 0, 16, 0},                  /* IESB */
    {SCTLR_EL1, 25, 24, 0, 0, 16, 0},                  /* big-endian data */
    {SCTLR_EL1, 34, 32, 0, 0, 16, 0},                  /* CMOW, MSCEn, EnFPM */
    {SCTLR_EL1, 36, 35, ID_REG_INDEX(4, 1), 0, 1, 0},  /* BT */
    {SCTLR_EL1, 43, 37, 0, 0, 16, 0},                  /* MTE */
    {SCTLR_EL1, 44, 44, ID_REG_INDEX(4, 1), 4, 1, 0},  /* SSBS */
    {SCTLR_EL1, 56, 45, 0, 0, 16, 0},                  /* TWED, TME, LS64 */
    {SCTLR_EL1, 57, 57, ID_REG_INDEX(7, 1), 20, 3, 0}, /* PAN3 */
    {SCTLR_EL1, 63, 58, 0, 0, 16, 0},                  /* MTE, SME, NMI, TIDCP */
    {TCR_EL1, 39, 39, ID_REG_INDEX(7, 1), 0, 1, 0},    /* HAFDBS */
    {TCR_EL1, 40, 40, ID_REG_INDEX(7, 1), 0, 2, 0},
    {TCR_EL1, 42, 41, ID_REG_INDEX(7, 1), 12, 1, 0}, /* HPDS */
    {TCR_EL1, 50, 43, ID_REG_INDEX(7, 1), 12, 2, 0},
    {TCR_EL1, 52, 51, 0, 0, 0, EL1_PAUTH},
    {TCR_EL1, 54, 53, 0, 0, 0, EL1_SVE},
    {TCR_EL1, 56, 55, ID_REG_INDEX(7, 2), 60, 1, 0}, /* E0PD */
    {TCR_EL1, 61, 57, 0, 0, 16, 0},                  /* MTE, LPA2 */
    {CPACR_EL1, 17, 16, 0, 0, 0, EL1_SVE},
    {CPACR_EL1, 25, 24, 0, 0, 16, 0}, /* SME */
    {CPACR_EL1, 29, 28, 0, 0, 16, 0}, /* POE, trace */
};

static bool guest_has(uint32_t id, unsigned bit)
{
    for (size_t i = 0; i < sizeof(feature_bits) / sizeof(feature_bits[0]); i++)
        if (feature_bits[i].id == id && bit <= feature_bits[i].last && bit >= feature_bits[i].first)
            return (vm.when & feature_bits[i].when) == feature_bits[i].when &&
                   (vm.id[feature_bits[i].reg] >> feature_bits[i].shift & 0xf) >=
                       feature_bits[i].least;
    return true;
}

static void bits_of_features_that_are_not_shown_are_refused_and_read_as_0(void **state)
{
    static const uint32_t registers[] = {SCTLR_EL1, TCR_EL1, CPACR_EL1, FAR_EL1};
    uint64_t seed = 1;

    (void)state;
    for (unsigned round = 0; round < 200; round++) {
        make(random64(&seed) & (EL1_PAUTH | EL1_SVE), 0);
        vm.id[ID_REG_INDEX(4, 1)] = random64(&seed) & 0x33;
        vm.id[ID_REG_INDEX(7, 1)] = random64(&seed) & UINT64_C(0x303003);
        vm.id[ID_REG_INDEX(7, 2)] = random64(&seed) & (B(60) | B(32));
        vm.id[ID_REG_INDEX(6, 1)] = random64(&seed) & B(40);
        for (unsigned r = 0; r < 4; r++) {
            uint64_t all = 0;

            for (unsigned bit = 0; bit < 64; bit++) {
                bool has = guest_has(registers[r], bit);

                assert_int_equal(set(registers[r], B(bit)), has ? VCPU_OK : VCPU_ERR_INVALID);
                all |= has ? B(bit) : 0;
            }
            /* A guest may have them in the register all the same. */
            memset(v.el1, 0xff, sizeof(v.el1));
            assert_int_equal(get(registers[r]), all);
            assert_int_equal(set(registers[r], all), VCPU_OK);
        }
    }
}

static void registers_that_say_what_there_is_take_their_own_value_only(void **state)
{
    const uint32_t pfr0 = ROW_ID(3, 0, 0, 4, 0), mpidr = ROW_ID(3, 0, 0, 0, 5);

    (void)state;
    vm.id[ID_MIDR_EL1] = 0x410fd034;
    vm.id[ID_CCSIDR_EL1(3)] = 0x701fe00a;
    assert_int_equal(get(pfr0), 2);
    assert_int_equal(get(mpidr), 0x80000102);
    assert_int_equal(get(ROW_ID(3, 0, 0, 0, 0)), 0x410fd034);
    assert_int_equal(get(ROW_ID(3, 1, 0, 0, 0) + 3 * 0x10000), 0x701fe00a);
    assert_int_equal(set(pfr0, 2), VCPU_OK);
    assert_int_equal(set(pfr0, 1), VCPU_ERR_INVALID);
    assert_int_equal(set(mpidr, 0x80000101), VCPU_ERR_INVALID);
    assert_int_equal(get(mpidr), 0x80000102);
}

static void pstate_of_hidden_features_is_not_shown(void **state)
{
    (void)state;
    v.pub.regs.pstate = B(25) | B(13) | 0x3c5; /* TCO, ALLINT */
    assert_int_equal(get(VCPU_REG_PSTATE), 0x3c5);
    v.pub.regs.pstate = GENMASK(63, 32) | 0x3c5; /* of CPUs newer than the library */
    assert_int_equal(get(VCPU_REG_PSTATE), 0x3c5);
    v.pub.regs.pstate = B(25) | B(13) | 0x1d0; /* IT of AArch32 */
    assert_int_equal(get(VCPU_REG_PSTATE), B(25) | B(13) | 0x1d0);
    assert_int_equal(set(VCPU_REG_PSTATE, B(25) | 0x3c5), VCPU_ERR_INVALID);
    vm.id[ID_AA64PFR0_EL1] = 1;
    assert_int_equal(set(VCPU_REG_PSTATE, 0x1d0), VCPU_ERR_INVALID);
}

static void debug_state_is_what_the_guest_would_find(void **state)
{
    (void)state;
    v.debug.os_lock = true;
    assert_int_equal(get(OSLSR_EL1), 0xa); /* OSLM, OSLK */
    assert_int_equal(set(OSLSR_EL1, 0x8), VCPU_OK);
    assert_false(v.debug.os_lock);
    assert_int_equal(set(OSLSR_EL1, 0x2), VCPU_ERR_INVALID);
    assert_false(v.debug.os_lock);

    assert_int_equal(set(CLAIMCLR, 0xa5), VCPU_OK);
    assert_int_equal(set(CLAIMCLR, 0x0f), VCPU_OK);
    assert_int_equal(get(CLAIMCLR), 0x0f);
    assert_int_equal(v.debug.claim, 0x0f);
    assert_int_equal(set(CLAIMCLR, 0x100), VCPU_ERR_INVALID);
    assert_int_equal(v.debug.claim, 0x0f);

    assert_int_equal(set(MDSCR_EL1, B(15) | B(0)), VCPU_OK);
    assert_int_equal(set(MDSCR_EL1, B(14)), VCPU_ERR_INVALID); /* HDE: an external debugger's */
    assert_int_equal(v.debug.mdscr, B(15) | B(0));
    /* It is in effect from the next entry on, which must not be the fast one. */
    assert_true(atomic_load(&v.token) & TOKEN_SLOW);
    /* HMC and SSC would match at EL2. */
    assert_int_equal(set(ROW_ID(2, 0, 0, 0, 5), B(13) | 1), VCPU_ERR_INVALID);
    assert_int_equal(get(ROW_ID(2, 0, 0, 0, 5)), 0);
    /* The fifth breakpoint; what keeps nothing. */
    assert_int_equal(set(ROW_ID(2, 0, 0, 4, 4), 0), VCPU_ERR_NOT_FOUND);
    assert_int_equal(set(ROW_ID(2, 3, 0, 4, 0), 0), VCPU_ERR_NOT_FOUND);
}

static void what_is_pending_is_lines_and_an_serror_wherever_it_is(void **state)
{
    struct percpu_state *cpu = (struct percpu_state *)UINT64_C(0x1000);

    (void)state;
    assert_int_equal(set(VCPU_REG_PENDING, B(8) | B(7)), VCPU_OK);
    assert_int_equal(atomic_load(&v.lines), B(8) | B(7));
    assert_int_equal(called, TOKEN_CHANGED);
    assert_int_equal(set(VCPU_REG_PENDING, B(5)), VCPU_ERR_INVALID);
    atomic_store(&v.lines, B(6));
    v.pub.regs.hcr_el2 = B(8) | B(3);
    assert_int_equal(get(VCPU_REG_PENDING), B(6)); /* left over from when it was in a CPU */
    atomic_store(&v.token, (uintptr_t)cpu);
    assert_int_equal(get(VCPU_REG_PENDING), B(8) | B(6));
    /* A line that fell since is so with the next entry. */
    v.pub.regs.hcr_el2 |= B(7);
    assert_int_equal(get(VCPU_REG_PENDING), B(8) | B(6));
    assert_int_equal(set(VCPU_REG_PENDING, 0), VCPU_OK);
    assert_int_equal(v.pub.regs.hcr_el2, B(7) | B(3));
    vm.flags = VCPU_VM_DIRECT_IRQ;
    assert_int_equal(set(VCPU_REG_PENDING, B(7)), VCPU_ERR_INVALID);
    assert_int_equal(set(VCPU_REG_PENDING, B(8)), VCPU_OK);
}

/* ---- Where the state is ---- */

static void only_what_is_asked_for_is_brought_to_memory(void **state)
{
    (void)state;
    get(VCPU_REG_X0);
    get(MDSCR_EL1);
    assert_int_equal(fetches + stores, 0);
    get(FAR_EL1);
    assert_int_equal(fetches, 1);
    assert_int_equal(stores, 0);
    assert_int_equal(set(FAR_EL1, 1), VCPU_OK);
    assert_int_equal(fetches, 2);
    assert_int_equal(stores, 1);
    assert_int_equal(takes, 0);
    get(DEVICE_ID);
    assert_true(device_was_masked);
    assert_false(masked);
}

static struct vcpu_state copy;

static void elsewhere_nothing_is_done(void **state)
{
    struct vcpu_reg_value one = {.id = VCPU_REG_X0, .value = 1};
    uint64_t value = 0x5a;
    uint32_t refused = 7;
    size_t count = 1, n = vcpu_list_regs(&v.pub, ids, MAX_IDS);

    (void)state;
    elsewhere = true;
    memcpy(&copy, &v, sizeof(v));
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(vcpu_get_reg(&v.pub, ids[i], &value), VCPU_ERR_BUSY);
        assert_int_equal(set(ids[i], 1), VCPU_ERR_BUSY);
    }
    assert_int_equal(vcpu_save(&v.pub, &one, &count), VCPU_ERR_BUSY);
    assert_int_equal(vcpu_restore(&v.pub, &one, 1, &refused), VCPU_ERR_BUSY);
    assert_int_equal(value, 0x5a);
    assert_int_equal(refused, 7);
    assert_memory_equal(&copy, &v, sizeof(v));
}

/* ---- All of them ---- */

static struct vcpu_reg_value saved[MAX_IDS];

static size_t save(void)
{
    size_t count = MAX_IDS;

    assert_int_equal(vcpu_save(&v.pub, saved, &count), VCPU_OK);
    return count;
}

static void what_was_saved_makes_another_the_same(void **state)
{
    uint64_t seed = 5;
    size_t n;

    (void)state;
    make(EL1_SVE | EL1_PAUTH, 3);
    n = vcpu_list_regs(&v.pub, ids, MAX_IDS);
    for (size_t i = 0; i < n; i++)
        for (unsigned tries = 0; tries < 8; tries++)
            set(ids[i], random64(&seed) >> 8 * tries);
    v.pub.regs.x[7] = 0x77;
    assert_int_equal(save(), n);
    memcpy(&copy, &v, sizeof(v));
    make(EL1_SVE | EL1_PAUTH, 3);
    memset(z, 0x11, sizeof(z));
    assert_false(v.has_entry);
    v.pub.exit.reason = VCPU_EXIT_MMIO_READ;
    assert_int_equal(vcpu_restore(&v.pub, saved, n, NULL), VCPU_OK);
    assert_true(v.has_entry && v.stale_tlb);
    assert_int_equal(v.pub.exit.reason, VCPU_EXIT_NONE);
    assert_memory_equal(&copy.pub.regs, &v.pub.regs, sizeof(v.pub.regs));
    assert_memory_equal(copy.el1, v.el1, sizeof(v.el1));
    assert_memory_equal(&copy.debug, &v.debug, sizeof(v.debug));
    assert_memory_equal(&copy.simd.fpsr, &v.simd.fpsr, 16);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(get(saved[i].id), saved[i].value);
}

/* FEAT_RAS and FEAT_SME are hidden, but what CPUs keep of them is the vCPU's. */
static void what_a_cpu_has_of_hidden_features_is_nothing_on_one_without(void **state)
{
    static const uint32_t hidden[] = {VSESR_EL2, VDISR_EL2, TPIDR2_EL0};
    const uint32_t keys = ROW_ID(3, 0, 2, 1, 0);
    size_t with, without;
    uint32_t refused = 0;

    (void)state;
    without = vcpu_list_regs(&v.pub, NULL, 0);
    make(EL1_RAS | EL1_SME, 0);
    with = save();
    assert_int_equal(with, without + 3);
    make(0, 0);
    assert_int_equal(vcpu_restore(&v.pub, saved, with, &refused), VCPU_OK);
    for (unsigned i = 0; i < 3; i++) {
        struct vcpu_reg_value one = {.id = hidden[i], .value = 1};

        assert_int_equal(get(hidden[i]), 0);
        assert_int_equal(vcpu_restore(&v.pub, &one, 1, &refused), VCPU_ERR_INVALID);
        assert_int_equal(refused, hidden[i]);
    }
    /* A feature that the policy may show, and does not, is another matter. */
    assert_int_equal(set(keys, 0), VCPU_ERR_NOT_FOUND);
}

static void one_that_is_refused_leaves_all_as_it_was(void **state)
{
    static const struct vcpu_reg_value bad[] = {
        {.id = VCPU_REG_PC, .value = 2},
        {.id = VCPU_REG_PSTATE, .value = 0x9},
        {.id = SCTLR_EL1, .value = B(31)},
        {.id = ROW_ID(3, 0, 0, 6, 0), .value = 1},
        {.id = DEVICE_ID, .value = B(7)},
        {.id = MDSCR_EL1, .value = B(1)},
        {.id = VCPU_REG_Z(0, 0)},
        {.id = VCPU_REG_PENDING, .value = 1},
        {.id = ROW_ID(3, 3, 4, 4, 0), .value = B(32)},
    };
    uint64_t seed = 9;

    (void)state;
    for (unsigned round = 0; round < 200; round++) {
        size_t which = round % (sizeof(bad) / sizeof(bad[0])), n, at;
        uint32_t refused = 0;

        make(0, 0);
        n = save();
        for (size_t i = 0; i < n; i++)
            if (saved[i].id < 31 || saved[i].id == FAR_EL1 || saved[i].id == DBGBVR0 ||
                saved[i].id == VCPU_REG_V(3, 0))
                saved[i].value = random64(&seed);
        at = random64(&seed) % (n + 1);
        memmove(&saved[at + 1], &saved[at], (n - at) * sizeof(saved[0]));
        saved[at] = bad[which];
        memcpy(&copy, &v, sizeof(v));
        assert_int_not_equal(vcpu_restore(&v.pub, saved, n + 1, &refused), VCPU_OK);
        assert_int_equal(refused, bad[which].id);
        assert_memory_equal(&copy, &v, sizeof(v));
        assert_int_equal(device_value, 0);
    }
}

static void a_pc_is_judged_by_the_pstate_before_it(void **state)
{
    const struct vcpu_reg_value thumb[] = {{.id = VCPU_REG_PSTATE, .value = 0x1f0},
                                           {.id = VCPU_REG_PC, .value = 0x1002}};
    const struct vcpu_reg_value back[] = {{.id = VCPU_REG_PSTATE, .value = 0x3c5},
                                          {.id = VCPU_REG_PC, .value = 0x1002}};
    uint32_t refused = 0;

    (void)state;
    assert_int_equal(vcpu_restore(&v.pub, thumb, 2, &refused), VCPU_OK);
    assert_int_equal(v.pub.regs.pc, 0x1002);
    assert_int_equal(v.pub.regs.pstate, 0x1f0);
    assert_int_equal(vcpu_restore(&v.pub, back, 2, &refused), VCPU_ERR_INVALID);
    assert_int_equal(refused, VCPU_REG_PC);
    assert_int_equal(v.pub.regs.pstate, 0x1f0);
}

static void null_is_refused(void **state)
{
    uint64_t value;
    size_t count = 1;

    (void)state;
    assert_int_equal(vcpu_get_reg(NULL, 0, &value), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_get_reg(&v.pub, 0, NULL), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_set_reg(NULL, 0, 0), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_save(NULL, saved, &count), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_save(&v.pub, NULL, &count), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_save(&v.pub, saved, NULL), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_restore(NULL, saved, 0, NULL), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_restore(&v.pub, NULL, 1, NULL), VCPU_ERR_INVALID);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
    const struct CMUnitTest tests[] = {
        TEST(ids_are_these_numbers_for_ever),
        TEST(the_list_has_each_register_once_and_each_can_be_written),
        TEST(the_list_begins_with_what_decides_and_pstate_is_before_pc),
        TEST(what_is_short_of_room_is_counted),
        TEST(bits_of_features_that_are_not_shown_are_refused_and_read_as_0),
        TEST(registers_that_say_what_there_is_take_their_own_value_only),
        TEST(pstate_of_hidden_features_is_not_shown),
        TEST(debug_state_is_what_the_guest_would_find),
        TEST(what_is_pending_is_lines_and_an_serror_wherever_it_is),
        TEST(only_what_is_asked_for_is_brought_to_memory),
        TEST(elsewhere_nothing_is_done),
        TEST(what_was_saved_makes_another_the_same),
        TEST(what_a_cpu_has_of_hidden_features_is_nothing_on_one_without),
        TEST(one_that_is_refused_leaves_all_as_it_was),
        TEST(a_pc_is_judged_by_the_pstate_before_it),
        TEST(null_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
