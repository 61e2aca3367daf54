/* SPDX-License-Identifier: MIT */
/*
 * kit_map, kit_unmap and kit_protect: what can be reached afterwards, and that only. And how
 * devices can be reached.
 */
#include "check.h"

#define MIB   (UINT64_C(1) << 20)
#define GIB   (UINT64_C(1) << 30)
#define BLOCK (2 * MIB)

/* A 2 MiB block of RAM behind the image, that nothing else uses. */
#define RAM (KIT_RAM_BASE + 32 * MIB)
#define VA  UINT64_C(0x5000000000)

static unsigned int faults;

static void on_sync(struct kit_frame *frame)
{
    faults++;
    frame->elr += 4;
}

static bool read_faults(uint64_t va)
{
    unsigned int before = faults;

    (void)kit_read8(va);
    return faults == before + 1;
}

static bool write_faults(uint64_t va)
{
    unsigned int before = faults;

    kit_write8(va, 1);
    return faults == before + 1;
}

static void a_hole_in_a_block_leaves_the_rest(void)
{
    kit_write64(RAM, 11);
    kit_write64(RAM + 2 * 4096, 33);
    CHECK(kit_unmap(RAM + 4096, 4096) == 0);
    CHECK(kit_read64(RAM) == 11 && kit_read64(RAM + 2 * 4096) == 33);
    CHECK(read_faults(RAM + 4096) && read_faults(RAM + 2 * 4096 - 1));
    CHECK(!read_faults(RAM + 4095) && !write_faults(RAM + BLOCK - 1));
    CHECK(kit_map(RAM + 4096, RAM + 4096, 4096, KIT_NORMAL | KIT_WRITE) == 0);
    CHECK(!write_faults(RAM + 4096));
}

static void a_page_can_be_moved(void)
{
    kit_write64(RAM, 1);
    kit_write64(RAM + 4096, 2);
    CHECK(kit_map(VA, RAM, 4096, KIT_NORMAL) == 0);
    CHECK(kit_read64(VA) == 1);
    CHECK(kit_map(VA, RAM + 4096, 4096, KIT_NORMAL) == 0);
    CHECK(kit_read64(VA) == 2);
    CHECK(kit_unmap(VA, 4096) == 0);
    CHECK(read_faults(VA));
}

static void protection_follows_the_attributes(void)
{
    CHECK(kit_map(VA, RAM, 3 * 4096, KIT_NORMAL | KIT_WRITE) == 0);
    CHECK(kit_protect(VA + 4096, 4096, KIT_NORMAL) == 0);
    CHECK(!write_faults(VA + 4095) && write_faults(VA + 4096) && !write_faults(VA + 8192));
    CHECK(!read_faults(VA + 4096));
    CHECK(kit_protect(VA + 4096, 4096, KIT_NORMAL | KIT_WRITE) == 0);
    CHECK(!write_faults(VA + 4096));
    CHECK(kit_protect(VA, 4096, KIT_NONCACHEABLE | KIT_WRITE) == 0);
    CHECK(!write_faults(VA));
    CHECK(kit_unmap(VA, 3 * 4096) == 0);
}

static void code_runs_where_it_may(void)
{
    static const uint32_t code[2] = {0x52800540, 0xd65f03c0}; /* MOV W0, #42; RET */

    memcpy((void *)RAM, code, sizeof(code));
    kit_sync_code((void *)RAM, sizeof(code));
    CHECK(kit_map(VA, RAM, 4096, KIT_NORMAL | KIT_EXEC) == 0);
    CHECK(((int (*)(void))VA)() == 42);
    CHECK(kit_unmap(VA, 4096) == 0);
}

/* The whole of it is one entry of level 1, then cut down to a page. */
static void large_ranges_take_large_entries(void)
{
    CHECK(kit_map(GIB * 100, KIT_RAM_BASE, GIB, KIT_NORMAL) == 0);
    kit_write64(RAM, 5);
    CHECK(kit_read64(GIB * 100 + RAM - KIT_RAM_BASE) == 5);
    CHECK(write_faults(GIB * 100 + RAM - KIT_RAM_BASE));
    CHECK(kit_unmap(GIB * 100 + 4096, GIB - 4096) == 0);
    CHECK(!read_faults(GIB * 100) && read_faults(GIB * 100 + 4096));
    CHECK(read_faults(GIB * 101 - 1));
    CHECK(kit_unmap(GIB * 100, 4096) == 0);
    CHECK(read_faults(GIB * 100));
}

static void a_range_may_begin_and_end_inside_of_blocks(void)
{
    uint64_t va = VA + BLOCK - 4096;

    CHECK(kit_map(va, RAM - 4096, BLOCK + 2 * 4096, KIT_NORMAL | KIT_WRITE) == 0);
    CHECK(read_faults(va - 1) && read_faults(va + BLOCK + 2 * 4096));
    kit_write64(va, 21);
    kit_write64(va + 4096, 22);
    kit_write64(va + BLOCK + 4096, 23);
    CHECK(kit_read64(RAM - 4096) == 21 && kit_read64(RAM) == 22 && kit_read64(RAM + BLOCK) == 23);
    CHECK(kit_unmap(VA, 3 * BLOCK) == 0);
    CHECK(read_faults(va) && read_faults(va + 4096) && read_faults(va + BLOCK + 4096));
}

static void unmapping_goes_over_what_is_not_mapped(void)
{
    uint64_t empty = VA + 16 * BLOCK;

    CHECK(kit_map(empty + BLOCK, RAM, 4096, KIT_NORMAL) == 0);
    CHECK(kit_unmap(empty + 4096, BLOCK) == 0);
    CHECK(read_faults(empty + BLOCK));
}

static void what_cannot_be_is_refused(void)
{
    CHECK(kit_map(VA + 1, RAM, 4096, 0) == KIT_MEMORY_INVALID);
    CHECK(kit_map(VA, RAM + 1, 4096, 0) == KIT_MEMORY_INVALID);
    CHECK(kit_map(VA, RAM, 4095, 0) == KIT_MEMORY_INVALID);
    CHECK(kit_map(VA, RAM, 0, 0) == KIT_MEMORY_INVALID);
    CHECK(kit_map(VA, RAM, 4096, 3) == KIT_MEMORY_INVALID);
    CHECK(kit_map(VA, RAM, 4096, 1 << 7) == KIT_MEMORY_INVALID);
    CHECK(kit_map(VA, UINT64_C(1) << 48, 4096, 0) == KIT_MEMORY_INVALID);
    CHECK(kit_map((UINT64_C(1) << KIT_VA_BITS) - 4096, RAM, 8192, 0) == KIT_MEMORY_INVALID);
    CHECK(kit_unmap(UINT64_MAX - 4095, 8192) == KIT_MEMORY_INVALID);
    CHECK(kit_protect(VA, 4096, KIT_WRITE) == KIT_MEMORY_NOT_MAPPED);
    CHECK(read_faults(VA));
}

static void tables_run_out_with_an_error(void)
{
    int error = 0;

    for (uint64_t i = 0; i <= KIT_SPARE_TABLES && error == 0; i++)
        error = kit_map(GIB * 200 + i * GIB, RAM, 4096, KIT_NORMAL);
    CHECK(error == KIT_MEMORY_NO_TABLES);
}

/* Identification registers of the UART, and the type of the distributor and what is behind it. */
#define PL011_PERIPHERAL_ID (KIT_PL011_BASE + 0xfe0)
#define PL011_IBRD          (KIT_PL011_BASE + 0x24)
#define GICD_TYPER          (KIT_GICD_BASE + 0x4)

/* A hypervisor learns nothing of them from the CPU but that they faulted. */
static void devices_are_read_and_written_by_pairs_and_with_a_changing_base(void)
{
    uint64_t at = PL011_PERIPHERAL_ID, a, b, c;

    __asm__ volatile("ldr %w1, [%0], #4\n\tldrb %w2, [%0, #4]!\n\tldp %w3, wzr, [%0, #-4]"
                     : "+r"(at), "=&r"(a), "=&r"(b), "=&r"(c)
                     :
                     : "memory");
    CHECK(at == PL011_PERIPHERAL_ID + 8);
    CHECK(a == 0x11 && b == 0x14 && c == 0x10);

    at = PL011_IBRD;
    __asm__ volatile("stp %w1, %w2, [%0], #8"
                     : "+r"(at)
                     : "r"(UINT64_C(0x1234)), "r"(UINT64_C(0x2a))
                     : "memory");
    CHECK(at == PL011_IBRD + 8);
    CHECK(kit_read32(PL011_IBRD) == 0x1234 && kit_read32(PL011_IBRD + 4) == 0x2a);

    __asm__ volatile("ldp %w0, %w1, [%2]"
                     : "=&r"(a), "=&r"(b)
                     : "r"((uint64_t)GICD_TYPER)
                     : "memory");
    CHECK(a == kit_read32(GICD_TYPER) && b == kit_read32(GICD_TYPER + 4));
}

int guest_main(uint64_t dtb)
{
    (void)dtb;
    kit_set_handler(KIT_SYNC_CURRENT, on_sync);
    a_hole_in_a_block_leaves_the_rest();
    a_page_can_be_moved();
    protection_follows_the_attributes();
    code_runs_where_it_may();
    large_ranges_take_large_entries();
    a_range_may_begin_and_end_inside_of_blocks();
    unmapping_goes_over_what_is_not_mapped();
    what_cannot_be_is_refused();
    tables_run_out_with_an_error();
    devices_are_read_and_written_by_pairs_and_with_a_changing_base();
    return check_end("memory");
}
