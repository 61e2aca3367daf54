/* SPDX-License-Identifier: MIT */
#include "mmu.h"

#include <stddef.h>

#include "arch.h"
#include "cache.h"
#include "layout.h"
#include "smp.h"

/* VMSAv8-64, 4 KiB granule, 48 bits of address: levels 0 to 3 of 512 descriptors. */
#define PAGE_SHIFT     12
#define LEVEL_BITS     9
#define LAST_LEVEL     3
#define LEVEL_SHIFT(l) (PAGE_SHIFT + LEVEL_BITS * (LAST_LEVEL - (l)))
#define LEVEL_SIZE(l)  (UINT64_C(1) << LEVEL_SHIFT(l))
#define FIRST_BLOCK    1 /* the level of 1 GiB blocks */
#define ADDRESS_BITS   48
#define ENTRIES        512
#define TABLE_PAGES    64

#define DESC_VALID    (UINT64_C(1) << 0)
#define DESC_TABLE    (UINT64_C(1) << 1) /* at level 3: a page */
#define DESC_ATTR(n)  ((uint64_t)(n) << 2)
#define DESC_AP1      (UINT64_C(1) << 6) /* EL0 has access; RES1 in a regime without EL0 */
#define DESC_READONLY (UINT64_C(1) << 7)
#define DESC_INNER    (UINT64_C(3) << 8)
#define DESC_AF       (UINT64_C(1) << 10)
#define DESC_PXN      (UINT64_C(1) << 53) /* RES0 in a regime without EL0 */
#define DESC_XN       (UINT64_C(1) << 54) /* UXN in one with EL0 */
#define DESC_ADDRESS  UINT64_C(0x0000fffffffff000)

/* MAIR_EL2: attribute 0 is Device-nGnRE, 1 is Normal Write-Back, read and write allocate. */
#define ATTR_DEVICE 0
#define ATTR_NORMAL 1
#define MAIR        UINT64_C(0xff04)

/*
 * TCR_EL2: the walks are Inner Shareable and Write-Back, granule 4 KiB; T0SZ and PS come on top.
 * With E2H = 0 bits 31 and 23 are RES1. With E2H = 1 the layout is TCR_EL1's, where PS (IPS) has
 * another place, and there is a second half: no walks in it (EPD1), of a size and granule (TG1)
 * that exist.
 */
#define TCR_WALKS        ((UINT64_C(1) << 8) | (UINT64_C(1) << 10) | (UINT64_C(3) << 12))
#define TCR_RES1         ((UINT64_C(1) << 31) | (UINT64_C(1) << 23))
#define TCR_PS_SHIFT     16
#define TCR_VHE_T1SZ     ((UINT64_C(64) - ADDRESS_BITS) << 16)
#define TCR_VHE_EPD1     (UINT64_C(1) << 23)
#define TCR_VHE_TG1      (UINT64_C(2) << 30)
#define TCR_VHE_PS_SHIFT 32
#define PARANGE_MAX      5 /* 48 bits; more needs FEAT_LPA */

/* CPTR_EL2: nothing of FP traps, for libfdt may use it before guests run. */
#define CPTR          UINT64_C(0)
#define CPTR_VHE_FPEN (UINT64_C(3) << 20)

/* With TGE = 1 interrupts are EL2's without AMO, IMO and FMO. */
#define HCR_VHE (ARCH_HCR_E2H | ARCH_HCR_TGE | ARCH_HCR_RW)

/*
 * SCTLR_EL2's bits that are RES1 with E2H = 1, among them SPAN: exceptions leave PSTATE.PAN alone.
 */
#define SCTLR_VHE_RES1 0x30d00980
/*
 * One of them, TSCXT, is RES1 only without SCXTNUM_ELx. It is about the host's EL0, and the host has
 * none. But with it QEMU before 10.1 traps the accesses of a guest's EL1, too.
 */
#define SCTLR_TSCXT  UINT64_C(0x100000)
#define PFR0_SCXTNUM (UINT64_C(7) << 57) /* ID_AA64PFR0_EL1.CSV2 of 2 or more */

struct boot_registers {
    uint64_t hcr, cptr, mair, tcr, ttbr, sctlr;
};

_Static_assert(offsetof(struct boot_registers, hcr) == BOOT_REGISTERS_HCR_CPTR, "layout.h");
_Static_assert(offsetof(struct boot_registers, mair) == BOOT_REGISTERS_MAIR_TCR, "layout.h");
_Static_assert(offsetof(struct boot_registers, ttbr) == BOOT_REGISTERS_TTBR_SCTLR, "layout.h");

/* The values that boot.S loads on each CPU. */
struct boot_registers boot_registers;

extern char image_start[], rodata_start[], data_start[], bss_start[], image_end[];

static struct {
    uint64_t tables[TABLE_PAGES][ENTRIES] __attribute__((aligned(4096)));
    unsigned used;
    uint64_t *root;
    bool vhe; /* the regime is EL2&0, whose pages are EL2's alone */
} mmu;

static uint64_t leaf(enum mmu_kind kind)
{
    const uint64_t any = DESC_VALID | DESC_AF | (mmu.vhe ? 0 : DESC_AP1);
    const uint64_t normal = any | DESC_INNER | DESC_ATTR(ATTR_NORMAL);
    const uint64_t never = DESC_XN | (mmu.vhe ? DESC_PXN : 0);

    switch (kind) {
    case MMU_CODE:
        return normal | DESC_READONLY | (mmu.vhe ? DESC_XN : 0);
    case MMU_READONLY:
        return normal | DESC_READONLY | never;
    case MMU_DEVICE:
        return any | DESC_ATTR(ATTR_DEVICE) | never;
    case MMU_DATA:
    default:
        return normal | never;
    }
}

static uint64_t *table_of(uint64_t descriptor)
{
    return (uint64_t *)(uintptr_t)(descriptor & DESC_ADDRESS);
}

/*
 * The table below *entry, made if there is none; NULL if there is no page left. A fresh one is
 * zero, as all of .bss, and visible to the walker before the entry that leads to it.
 */
static uint64_t *descend(uint64_t *entry)
{
    if ((*entry & DESC_VALID) == 0) {
        if (mmu.used == TABLE_PAGES)
            return NULL;
        __atomic_store_n(entry, (uintptr_t)mmu.tables[mmu.used++] | DESC_TABLE | DESC_VALID,
                         __ATOMIC_RELEASE);
    }
    return table_of(*entry);
}

/* Maps [at, end) in the table of this level that covers it. */
static bool map_level(uint64_t *table, unsigned level, uint64_t at, uint64_t end,
                      enum mmu_kind kind)
{
    uint64_t size = LEVEL_SIZE(level);

    while (at < end) {
        uint64_t *entry = &table[(at >> LEVEL_SHIFT(level)) % ENTRIES];
        uint64_t next = (at | (size - 1)) + 1;
        uint64_t stop = next < end ? next : end;
        bool is_table = level < LAST_LEVEL && (*entry & DESC_TABLE) != 0;
        bool is_whole = level >= FIRST_BLOCK && stop - at == size;

        if ((*entry & DESC_VALID) != 0 && !is_table) {
            /* A page or block is here already. */
        } else if (is_whole && !is_table) {
            *entry = at | leaf(kind) | (level == LAST_LEVEL ? DESC_TABLE : 0);
        } else {
            uint64_t *below = descend(entry);

            if (below == NULL || !map_level(below, level + 1, at, stop, kind))
                return false;
        }
        at = stop;
    }
    return true;
}

bool mmu_map(uint64_t address, uint64_t size, enum mmu_kind kind)
{
    uint64_t page = LEVEL_SIZE(LAST_LEVEL);
    uint64_t start = address & ~(page - 1);
    uint64_t end = (address + size + page - 1) & ~(page - 1);
    bool mapped;

    if (end < start || end > UINT64_C(1) << ADDRESS_BITS)
        return false;
    mapped = map_level(mmu.root, 0, start, end, kind);
    /* Only invalid entries became valid: no TLB holds them, the walker must just see the stores. */
    arch_dsb();
    arch_isb();
    return mapped;
}

static void map_image(void)
{
    mmu_map((uintptr_t)image_start, (uintptr_t)(rodata_start - image_start), MMU_CODE);
    mmu_map((uintptr_t)rodata_start, (uintptr_t)(data_start - rodata_start), MMU_READONLY);
    mmu_map((uintptr_t)data_start, (uintptr_t)((char *)smp_stacks - data_start), MMU_DATA);
    for (unsigned i = 0; i < PLATFORM_MAX_CPUS; i++) {
        uintptr_t stack = (uintptr_t)smp_stacks[i] + PLATFORM_STACK_GUARD;

        mmu_map(stack, PLATFORM_STACKS_SIZE - PLATFORM_STACK_GUARD, MMU_DATA);
    }
    mmu_map((uintptr_t)smp_stacks + sizeof(smp_stacks),
            (uintptr_t)image_end - (uintptr_t)smp_stacks - sizeof(smp_stacks), MMU_DATA);
}

/*
 * The image and the device tree, whose size is the second word of its header, in fresh tables. The
 * tree has secrets that are wiped (machine_take_seed).
 */
static void map_first(const void *fdt)
{
    mmu.root = mmu.tables[mmu.used++];
    map_image();
    mmu_map((uintptr_t)fdt, __builtin_bswap32(((const uint32_t *)fdt)[1]), MMU_DATA);
}

static uint64_t sctlr_vhe(void)
{
    bool has_scxtnum = arch_read(id_aa64pfr0_el1) & PFR0_SCXTNUM;

    return SCTLR_VHE_RES1 & ~(has_scxtnum ? SCTLR_TSCXT : 0);
}

/* The values for boot.S. */
static void choose_registers(void)
{
    uint64_t parange = arch_read(id_aa64mmfr0_el1) & 0xf;
    uint64_t ps = parange < PARANGE_MAX ? parange : PARANGE_MAX;
    uint64_t tcr = TCR_WALKS | (64 - ADDRESS_BITS);

    boot_registers = (struct boot_registers){
        .hcr = mmu.vhe ? HCR_VHE : ARCH_HCR_HOST,
        .cptr = mmu.vhe ? CPTR_VHE_FPEN : CPTR,
        .mair = MAIR,
        .tcr = tcr | (mmu.vhe ? TCR_VHE_T1SZ | TCR_VHE_EPD1 | TCR_VHE_TG1 | ps << TCR_VHE_PS_SHIFT
                              : TCR_RES1 | ps << TCR_PS_SHIFT),
        .ttbr = (uintptr_t)mmu.root,
        .sctlr = ARCH_SCTLR_ON | (mmu.vhe ? sctlr_vhe() : ARCH_SCTLR_RES1),
    };
}

/*
 * Called by boot.S on the first CPU with the MMU off. The static pages suffice, so that nothing
 * here can fail.
 */
void mmu_build(const void *fdt);
void mmu_build(const void *fdt)
{
    map_first(fdt);
    choose_registers();
    /* All this was written past the caches; they may hold older lines of the image's end. */
    cache_invalidate(data_start, (size_t)(image_end - data_start));
}

void boot_again(void);

void mmu_become_vhe(const void *fdt)
{
    mmu.vhe = true;
    map_first(fdt);
    choose_registers();
    boot_again();
}
