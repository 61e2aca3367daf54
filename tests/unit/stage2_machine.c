/* SPDX-License-Identifier: MIT */
#include "cmocka_all.h"

#include <string.h>

#include "stage2_machine.h"

#include "stage2/tlb.h"

#define PAGE      4096u
#define PA_BASE   UINT64_C(0x1230000) /* a multiple of 64 KiB: roots of 16 pages */
#define GARBAGE   0xd7                /* a valid descriptor of whatever sort */
#define MAX_LEVEL 3

/* A bit for each level: is the descriptor there read from memory, or as of the last DSB? */
#define VIEW_VISIBLE 0x0u
#define VIEW_MEMORY  0xfu

struct path {
    uint64_t tables[MAX_LEVEL + 1]; /* PA of the table that was read at a level */
    struct machine_leaf leaf;
};

/* What the TLBs of the machine hold for an address. */
struct watch {
    uint64_t ipa;
    struct machine_leaf stage2, combined;
    uint64_t tables[MAX_LEVEL + 1]; /* cached links: PA, or 0 */
};

struct machine machine;

static _Alignas(65536) uint8_t memory[MACHINE_PAGES][PAGE];
static uint8_t visible[MACHINE_PAGES][PAGE];
static uint8_t saved[MACHINE_PAGES][PAGE];
static uint8_t in_use[MACHINE_PAGES], saved_in_use[MACHINE_PAGES]; /* the count, at the first */

static struct {
    bool attached;
    uint64_t root;
    int start_level, ipa_bits;
    bool wide;
    uint16_t vmid;
} tables;

static struct watch watches[MACHINE_WATCHES];
static unsigned watches_count;
static bool selected;
static uint64_t pending_ipas[4096];
static unsigned pending_ipas_count;
static bool pending_combined, pending_all;
static unsigned completed, under_way; /* kinds of invalidation: see dsb_ish */
static uint32_t view_random = 1;

/* The host's pages. */

static bool page_is_table(uint64_t pa)
{
    uint64_t index = (pa - PA_BASE) / PAGE;

    if (pa < PA_BASE || index >= MACHINE_PAGES)
        return false;
    for (uint64_t first = index + 1; first-- > 0;) {
        if (in_use[first])
            return first + in_use[first] > index;
    }
    return false;
}

static bool range_is_free(unsigned first, size_t count)
{
    for (unsigned i = first; i < first + count; i++) {
        if (page_is_table(PA_BASE + (uint64_t)i * PAGE))
            return false;
    }
    return true;
}

static vcpu_pa_t alloc_pages(void *ctx, size_t count)
{
    assert_ptr_equal(ctx, &machine);
    assert_false(selected);
    if (machine.pages_left == 0)
        return vcpu_pa(VCPU_PA_NONE_VALUE);
    if (machine.pages_left > 0)
        machine.pages_left--;
    for (unsigned i = 0; i + count <= MACHINE_PAGES; i += (unsigned)count) {
        if (!range_is_free(i, count))
            continue;
        in_use[i] = (uint8_t)count;
        machine.pages_in_use += (unsigned)count;
        memset(memory[i], GARBAGE, count * PAGE);
        memset(visible[i], GARBAGE, count * PAGE);
        return vcpu_pa(PA_BASE + (uint64_t)i * PAGE);
    }
    fail_msg("the machine has too few pages for this test");
    return vcpu_pa(VCPU_PA_NONE_VALUE);
}

static void refill(void);

static void free_pages(void *ctx, vcpu_pa_t pa, size_t count)
{
    uint64_t index = (pa.value - PA_BASE) / PAGE;

    assert_ptr_equal(ctx, &machine);
    assert_false(selected);
    assert_true(pa.value % PAGE == 0 && index < MACHINE_PAGES);
    assert_int_equal(in_use[index], count);
    refill();
    for (unsigned i = 0; i < watches_count; i++) {
        for (int level = 0; level <= MAX_LEVEL; level++) {
            uint64_t cached = watches[i].tables[level];

            assert_false(cached >= pa.value && cached < pa.value + count * PAGE);
        }
    }
    in_use[index] = 0;
    machine.pages_in_use -= (unsigned)count;
    memset(memory[index], GARBAGE, count * PAGE);
    memset(visible[index], GARBAGE, count * PAGE);
}

static void *phys_to_virt(void *ctx, vcpu_pa_t pa)
{
    assert_ptr_equal(ctx, &machine);
    assert_true(pa.value % PAGE == 0 && page_is_table(pa.value));
    return memory[(pa.value - PA_BASE) / PAGE];
}

/* The walker. */

static uint64_t read_descriptor(uint64_t pa, bool from_memory)
{
    uint64_t offset = pa - PA_BASE, descriptor;

    assert_true(page_is_table(pa));
    memcpy(&descriptor, (from_memory ? &memory[0][0] : &visible[0][0]) + offset, 8);
    return descriptor;
}

static struct path walk(uint64_t ipa, unsigned view)
{
    struct path path;
    uint64_t table = tables.root;

    memset(&path, 0, sizeof(path));
    assert_true(ipa >> tables.ipa_bits == 0);
    for (int level = tables.start_level;; level++) {
        uint64_t index = ipa >> (39 - 9 * level);

        /* At the start, concatenated tables are one long one. */
        if (level > tables.start_level)
            index %= 512;
        path.tables[level] = table;
        uint64_t descriptor = read_descriptor(table + index * 8, view >> level & 1);
        if ((descriptor & 1) == 0)
            return path;
        if (level == 3) {
            assert_int_equal(descriptor & 2, 2); /* else reserved */
            path.leaf = machine_decode(descriptor, level, ipa);
            return path;
        }
        if ((descriptor & 2) == 0) {
            assert_int_not_equal(level, 0); /* no blocks there with this granule */
            path.leaf = machine_decode(descriptor, level, ipa);
            return path;
        }
        table = descriptor & UINT64_C(0x0000fffffffff000);
        assert_int_equal(descriptor & ~UINT64_C(0x0000fffffffff003), 0);
    }
}

struct machine_leaf machine_walk(uint64_t ipa)
{
    return walk(ipa, VIEW_MEMORY).leaf;
}

static uint64_t count_table(uint64_t table, int level, uint64_t entries, unsigned *count)
{
    uint64_t mapped = 0;
    bool empty = true;

    for (uint64_t i = 0; i < entries; i++) {
        uint64_t descriptor = read_descriptor(table + i * 8, true);

        if ((descriptor & 1) == 0)
            continue;
        empty = false;
        if (level < 3 && (descriptor & 2))
            mapped += count_table(descriptor & UINT64_C(0x0000fffffffff000), level + 1, 512, count);
        else
            mapped += UINT64_C(1) << (39 - 9 * level);
    }
    /* Memory that nobody needs: only the root stays when it is empty. */
    assert_false(empty && table != tables.root);
    *count += (unsigned)((entries + 511) / 512);
    return mapped;
}

uint64_t machine_count(unsigned *count)
{
    *count = 0;
    return count_table(tables.root, tables.start_level,
                       UINT64_C(1) << (tables.ipa_bits - (39 - 9 * tables.start_level)), count);
}

/* The TLBs. */

/* Two entries that may be in a TLB together: at most the permissions differ. */
static bool agree(const struct machine_leaf *a, const struct machine_leaf *b)
{
    return a->base == b->base && a->size == b->size && a->out == b->out && a->type == b->type &&
           a->outer == b->outer;
}

static bool same(const struct machine_leaf *a, const struct machine_leaf *b)
{
    return a->valid == b->valid && agree(a, b) && a->read == b->read && a->write == b->write &&
           a->execute_el0 == b->execute_el0 && a->execute_el1 == b->execute_el1;
}

static void cache_leaf(struct machine_leaf *cached, const struct machine_leaf *found)
{
    if (!found->valid)
        return;
    if (!cached->valid)
        *cached = *found;
    else if (!agree(cached, found))
        fail_msg("two TLB entries for IPA %#llx: no break before make",
                 (unsigned long long)found->base);
}

static void cache_view(struct watch *watch, unsigned view)
{
    struct path path = walk(watch->ipa, view);

    /* The root is in VTTBR_EL2, not in a TLB. */
    for (int level = tables.start_level + 1; level <= MAX_LEVEL; level++) {
        if (!watch->tables[level])
            watch->tables[level] = path.tables[level];
    }
    cache_leaf(&watch->stage2, &path.leaf);
    cache_leaf(&watch->combined, &watch->stage2);
}

/* Everything that a walker can find now goes into the TLBs. */
static void refill(void)
{
    if (!tables.attached)
        return;
    view_random = view_random * 1664525u + 1013904223u;
    for (unsigned i = 0; i < watches_count; i++) {
        cache_view(&watches[i], VIEW_VISIBLE);
        cache_view(&watches[i], VIEW_MEMORY);
        cache_view(&watches[i], view_random >> 28);
        cache_view(&watches[i], view_random >> 24 & 0xf);
    }
}

static bool holds(const struct machine_leaf *leaf, uint64_t ipa)
{
    return leaf->valid && ipa - leaf->base < leaf->size;
}

static void invalidate_ipa(struct watch *watch, uint64_t ipa)
{
    if (holds(&watch->stage2, ipa))
        watch->stage2.valid = false;
    /* A link is found by any address under its table. */
    for (int level = tables.start_level + 1; level <= MAX_LEVEL; level++) {
        unsigned shift = 39 - 9 * ((unsigned)level - 1);

        if (watch->ipa >> shift == ipa >> shift)
            watch->tables[level] = 0;
    }
}

static void complete_invalidations(void)
{
    for (unsigned i = 0; i < watches_count; i++) {
        struct watch *watch = &watches[i];

        if (pending_combined)
            watch->combined.valid = false;
        cache_leaf(&watch->combined, &watch->stage2);
        for (unsigned n = 0; n < pending_ipas_count; n++)
            invalidate_ipa(watch, pending_ipas[n]);
        if (pending_all) {
            watch->stage2.valid = watch->combined.valid = false;
            memset(watch->tables, 0, sizeof(watch->tables));
        }
    }
    pending_ipas_count = 0;
    pending_combined = pending_all = false;
}

static void complete_stores(void)
{
    memcpy(visible, memory, sizeof(visible));
}

/* The instructions, in the place of tlb_hw.c. */

static void record(char what, uint64_t value)
{
    struct machine_event event = {what, value};

    assert_true(machine.events_count < sizeof(machine.events) / sizeof(machine.events[0]));
    machine.events[machine.events_count++] = event;
}

void vcpu_tlb_dsb_ishst(void)
{
    record('w', 0);
    refill();
    complete_stores();
    refill();
}

static void dsb_ish(void)
{
    unsigned kinds =
        (pending_ipas_count != 0) | (unsigned)pending_combined << 1 | (unsigned)pending_all << 2;

    refill();
    complete_invalidations();
    refill();
    complete_stores();
    refill();
    /* An invalidation waits for the accesses of those before it, but not for its own. */
    if (kinds) {
        under_way = kinds & ~completed;
        completed = kinds;
    }
}

void vcpu_tlb_dsb_ish(void)
{
    record('d', 0);
    dsb_ish();
}

void vcpu_tlb_isb(void)
{
    record('i', 0);
}

struct vcpu_tlb_saved vcpu_tlb_select(uint64_t vttbr_el2, uint64_t vtcr_el2)
{
    struct vcpu_tlb_saved before = {11, 22, 33, 44};

    record('s', vttbr_el2);
    assert_false(selected);
    selected = true;
    completed = 0;
    assert_int_equal(vttbr_el2 >> 48, tables.vmid);
    assert_int_equal(vttbr_el2 & 1, 0);                /* CnP */
    assert_int_equal(vtcr_el2 >> 19 & 1, tables.wide); /* VS */
    assert_int_equal(vtcr_el2 >> 31 & 1, 1);           /* RES1 */
    /* No walk may succeed with it: the start level finds no bit of the IPA left to resolve. */
    int start = 2 - (int)(vtcr_el2 >> 6 & 3), ipa_bits = 64 - (int)(vtcr_el2 & 63);
    assert_true(ipa_bits >= 25 && ipa_bits <= 48 && start >= 0);
    assert_true(ipa_bits < 9 * (3 - start) + 12 + 1);
    return before;
}

void vcpu_tlb_restore(struct vcpu_tlb_saved before)
{
    record('r', 0);
    assert_true(selected);
    selected = false;
    assert_int_equal(before.vttbr_el2, 11);
    assert_int_equal(before.vtcr_el2, 22);
    assert_int_equal(before.daif, 33);
    assert_int_equal(before.hcr_el2, 44);
    /* The VMID may change only after the invalidations for it are complete. */
    assert_false(pending_ipas_count || pending_combined || pending_all || under_way);
}

void vcpu_tlb_ipas2e1is(uint64_t operand)
{
    record('p', operand);
    assert_true(selected);
    assert_int_equal(operand >> 36, 0);
    assert_true(pending_ipas_count < sizeof(pending_ipas) / sizeof(pending_ipas[0]));
    pending_ipas[pending_ipas_count++] = operand << 12;
}

void vcpu_tlb_vmalle1is_twice(void)
{
    record('c', 0);
    assert_true(selected);
    for (int i = 0; i < 2; i++) {
        pending_combined = true;
        dsb_ish();
    }
}

void vcpu_tlb_vmalls12e1is_twice(void)
{
    record('a', 0);
    assert_true(selected);
    for (int i = 0; i < 2; i++) {
        pending_all = true;
        dsb_ish();
    }
}

/* The tests' side. */

void machine_reset(void)
{
    memset(&machine, 0, sizeof(machine));
    memset(&tables, 0, sizeof(tables));
    memset(in_use, 0, sizeof(in_use));
    machine.host = (struct vcpu_host){
        .ctx = &machine,
        .alloc_pages = alloc_pages,
        .free_pages = free_pages,
        .phys_to_virt = phys_to_virt,
    };
    machine.pages_left = -1;
    watches_count = 0;
    selected = false;
    pending_ipas_count = 0;
    pending_combined = pending_all = false;
    under_way = 0;
}

void machine_attach(const struct vcpu_stage2 *s2)
{
    uint64_t vtcr = s2->shape.vtcr_el2;

    /* As a CPU would take it: from the registers. */
    tables.root = vcpu_stage2_root(s2).value;
    tables.start_level = 2 - (int)(vtcr >> 6 & 3);
    tables.ipa_bits = 64 - (int)(vtcr & 63);
    tables.wide = vtcr >> 19 & 1;
    tables.vmid = s2->vmid;
    tables.attached = true;
}

void machine_watch(uint64_t ipa)
{
    struct watch watch = {.ipa = ipa};

    assert_true(watches_count < MACHINE_WATCHES);
    watches[watches_count++] = watch;
}

void machine_detach(void)
{
    tables.attached = false;
    watches_count = 0;
}

void machine_check_settled(void)
{
    refill();
    for (unsigned i = 0; i < watches_count; i++) {
        struct machine_leaf now = machine_walk(watches[i].ipa);

        assert_true(now.valid == watches[i].stage2.valid);
        assert_true(now.valid == watches[i].combined.valid);
        assert_true(!now.valid || same(&now, &watches[i].stage2));
        assert_true(!now.valid || same(&now, &watches[i].combined));
    }
    for (unsigned i = 0; i < MACHINE_PAGES; i++) {
        if (page_is_table(PA_BASE + (uint64_t)i * PAGE))
            assert_memory_equal(memory[i], visible[i], PAGE);
    }
}

void machine_save(void)
{
    memcpy(saved, memory, sizeof(saved));
    memcpy(saved_in_use, in_use, sizeof(in_use));
}

bool machine_is_as_saved(void)
{
    if (memcmp(saved_in_use, in_use, sizeof(in_use)) != 0)
        return false;
    for (unsigned i = 0; i < MACHINE_PAGES; i++) {
        if (page_is_table(PA_BASE + (uint64_t)i * PAGE) && memcmp(saved[i], memory[i], PAGE) != 0)
            return false;
    }
    return true;
}
