/* SPDX-License-Identifier: MIT */

#include "inject_guest.h"

#define L2_IPA    (TEST_RAM_IPA + 0x101000u)
#define L3_IPA    (TEST_RAM_IPA + 0x102000u)
#define TABLE_LEN 0x3000u

/* Descriptors: Normal memory (MAIR_EL1's first), Inner Shareable, AF. AP 1: EL0 too; 3: read-only. */
#define DESC_TABLE 3u
#define DESC_BLOCK 1u
#define DESC_PAGE  3u
#define DESC_AP(n) (UINT64_C(n) << 6)
#define DESC_SH    (UINT64_C(3) << 8)
#define DESC_AF    (UINT64_C(1) << 10)
#define DESC_XN    (UINT64_C(3) << 53) /* UXN, PXN */
#define DSSBS      (UINT64_C(1) << 44)
#define CPACR_FPEN (UINT64_C(3) << 20)

struct test_vm vm;

struct vcpu *guest;

uint64_t reg(uint32_t id)
{
    return testhost_reg(guest, id);
}

void set_reg(uint32_t id, uint64_t value)
{
    testhost_set_reg(guest, id, value);
}

static uint64_t random64(void)
{
    static uint64_t state = 88172645463325252;

    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

/* ---- The guest's stage 1 ---- */

void make_tables(void)
{
    uint64_t *l1 = testhost_ram(&vm, L1_IPA), *l2 = testhost_ram(&vm, L2_IPA),
             *l3 = testhost_ram(&vm, L3_IPA);
    const uint64_t shared = DESC_SH | DESC_AF, readonly = shared | DESC_AP(3);

    l1[1] = L2_IPA | DESC_TABLE;
    l1[2] = UINT64_C(0x80000000) | DESC_BLOCK | DESC_SH | DESC_AP(1);
    l1[3] = UINT64_C(0xc0000000) | DESC_BLOCK | readonly;
    l2[0] = UINT64_C(0x40000000) | DESC_BLOCK | readonly;
    l2[1] = L3_IPA | DESC_TABLE;
    l2[3] = UINT64_C(0x40600000) | DESC_BLOCK | DESC_SH | DESC_AP(1);
    l3[0] = UINT64_C(0x40200000) | DESC_PAGE | DESC_SH | DESC_AP(1);
    l3[1] = UINT64_C(0x40201000) | DESC_PAGE | readonly;
    l3[3] = UINT64_C(0x40203000) | DESC_PAGE | readonly | DESC_XN;
    l3[4] = UINT64_C(0x40204000) | DESC_PAGE | shared | DESC_AP(1);
    cache_clean(l1, TABLE_LEN);
}

/* ---- States ---- */

const char *const level_names[] = {"EL0", "EL1t", "EL1h", "A32", "T32"};

const uint64_t level_modes[] = {0x0, 0x4, 0x5, 0x10, 0x30};

const unsigned level_vectors[] = {8, 0, 4, 12, 12};

bool is_a64(enum level level)
{
    return level <= EL1H;
}

static bool id_has(uint64_t id, unsigned shift)
{
    return (id >> shift & 0xf) != 0;
}

/* Bits of PSTATE that the CPU has, in either execution state; without M, T, SS and IL. */
static uint64_t pstate_bits(enum level level)
{
    const uint64_t pfr1 = arch_read(id_aa64pfr1_el1), mmfr1 = arch_read(id_aa64mmfr1_el1);
    uint64_t bits = UINT64_C(0xf0000000); /* N, Z, C, V */

    if (is_a64(level)) {
        bits |= 0x3c0;                                                /* DAIF */
        bits |= id_has(arch_read(id_aa64pfr0_el1), 48) ? 1 << 24 : 0; /* DIT */
        bits |= id_has(arch_read(id_aa64mmfr2_el1), 4) ? 1 << 23 : 0; /* UAO */
        bits |= id_has(mmfr1, 20) ? 1 << 22 : 0;                      /* PAN */
        bits |= (pfr1 >> 8 & 0xf) >= 2 ? 1 << 25 : 0;                 /* TCO */
        bits |= id_has(pfr1, 4) ? 1 << 12 : 0;                        /* SSBS */
        bits |= id_has(pfr1, 0) ? PSTATE_BTYPE : 0;
        return bits;
    }
    bits |= 0x080f01c0;                                        /* Q, GE, A, I, F */
    bits |= id_has(arch_read(id_pfr0_el1), 24) ? 1 << 24 : 0;  /* DIT */
    bits |= id_has(arch_read(S3_0_C0_C3_4), 4) ? 1 << 23 : 0;  /* ID_PFR2_EL1: SSBS */
    bits |= id_has(arch_read(id_mmfr3_el1), 16) ? 1 << 22 : 0; /* PAN */
    return bits;
}

uint64_t random_pstate(enum level level)
{
    uint64_t it = level == T32 && (random64() & 1) ? UINT64_C(0xe8) >> 2 << 10 : 0;

    return (random64() & pstate_bits(level)) | it | level_modes[level];
}

uint64_t random_sctlr(void)
{
    bool ssbs = id_has(arch_read(id_aa64pfr1_el1), 4);

    return SCTLR_MMU | (random64() & (SPAN | (ssbs ? DSSBS : 0)));
}
