/* SPDX-License-Identifier: MIT */
/*
 * From the first instruction to C, on the first CPU and on those that PSCI starts.
 *
 * With the MMU off every access bypasses the caches. So nothing is written before the MMU is on,
 * and everything that is read until then (these instructions, the tables below) is part of the
 * image, which the loader has cleaned to the point of coherency. No cache maintenance by address is
 * needed.
 */
#include <kit/config.h>

#include "tables.h"

    .macro address reg, symbol
    adrp    \reg, \symbol
    add     \reg, \reg, :lo12:\symbol
    .endm

    .macro constant reg, value
    movz    \reg, #((\value) & 0xffff)
    movk    \reg, #(((\value) >> 16) & 0xffff), lsl #16
    .endm

    .section .text.start, "ax"

/* x0: the device tree. */
    .global _start
_start:
    mov     x20, x0
    address x21, kit_stacks + KIT_STACK_SIZE
    bl      set_up_cpu

    address x0, kit_bss_start
    address x1, kit_bss_end
1:  cmp     x0, x1
    b.hs    2f
    stp     xzr, xzr, [x0], #16
    b       1b
2:
    mov     x0, x20
    b       kit_start

/* x0: the CPU's number, given to PSCI CPU_ON as the context. */
    .global kit_secondary_entry
kit_secondary_entry:
    mov     x20, x0
    address x21, kit_stacks + KIT_STACK_SIZE
    mov     x1, #KIT_STACK_SIZE
    madd    x21, x0, x1, x21
    bl      set_up_cpu
    mov     x0, x20
    b       kit_secondary_start

/* x21: the stack. Turns on vectors, FP and the MMU with the caches. Changes x0-x2 and SP. */
set_up_cpu:
    msr     daifset, #0xf
    msr     spsel, #1
    mov     sp, x21
    constant x0, SCTLR_OFF
    msr     sctlr_el1, x0
    address x0, kit_vectors
    msr     vbar_el1, x0
    mov     x0, #(3 << 20)              /* CPACR_EL1.FPEN: FP at EL1 and EL0, no SVE, no SME */
    msr     cpacr_el1, x0
    isb

    constant x0, MAIR_VALUE
    msr     mair_el1, x0
    constant x0, TCR_VALUE
    mrs     x1, id_aa64mmfr0_el1
    and     x1, x1, #0xf                /* PARange */
    mov     x2, #5                      /* 48 bits: all that a 4 KiB granule's descriptor holds */
    cmp     x1, x2
    csel    x1, x1, x2, lo
    bfi     x0, x1, #32, #3             /* TCR_EL1.IPS */
    msr     tcr_el1, x0
    address x0, kit_root_table
    msr     ttbr0_el1, x0
    isb

    /* Whatever was in TLB and instruction cache is somebody else's. */
    tlbi    vmalle1
    ic      iallu
    dsb     nsh
    isb

    constant x0, SCTLR_ON
    msr     sctlr_el1, x0
    isb
    ret

/* Identity: a GiB of devices; RAM in blocks, but in pages where the image is. */
    .data
    .balign 4096
    .global kit_root_table
kit_root_table:
    .quad   0 + DESC_DEVICE + DESC_BLOCK
    .fill   (KIT_RAM_BASE >> 30) - 1, 8, 0
    .quad   ram_table + DESC_TABLE
    .set    pa, KIT_RAM_BASE + (1 << 30)
    .rept   KIT_RAM_GIB - 1
    .quad   pa + DESC_RAM + DESC_BLOCK
    .set    pa, pa + (1 << 30)
    .endr
    .balign 4096

ram_table:
    .set    table, 0
    .rept   KIT_IMAGE_BLOCKS
    .quad   image_tables + table + DESC_TABLE
    .set    table, table + 4096
    .endr
    .set    pa, KIT_RAM_BASE + (KIT_IMAGE_BLOCKS << 21)
    .rept   512 - KIT_IMAGE_BLOCKS
    .quad   pa + DESC_RAM + DESC_BLOCK
    .set    pa, pa + (1 << 21)
    .endr

image_tables:
    .set    pa, KIT_RAM_BASE
    .rept   512 * KIT_IMAGE_BLOCKS
    .quad   pa + DESC_IMAGE + DESC_PAGE
    .set    pa, pa + (1 << 12)
    .endr

/*
 * Data that need not be zero: a stack for each CPU, and tables whose entries are all set before
 * use.
 */
    .section .noinit, "aw", %nobits
    .balign 4096
    .global kit_spare_tables
kit_spare_tables:
    .space  KIT_SPARE_TABLES * 4096
kit_stacks:
    .space  KIT_MAX_CPUS * KIT_STACK_SIZE
