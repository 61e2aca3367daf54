/* SPDX-License-Identifier: MIT */
/*
 * Translation-table descriptors and their registers (VMSAv8-64, 4 KiB granule), for the tables in
 * start.S and the code in memory.c.
 */
#ifndef KIT_TABLES_H
#define KIT_TABLES_H

#ifdef __ASSEMBLER__
#define U64(x) x
#else
#include <stdint.h>
#define U64(x) UINT64_C(x)
#endif

#define DESC_VALID    (U64(1) << 0)
#define DESC_TABLE    (U64(3) << 0) /* at levels 1 and 2: the next table */
#define DESC_PAGE     (U64(3) << 0) /* at level 3 */
#define DESC_BLOCK    (U64(1) << 0) /* at levels 1 and 2 */
#define DESC_TYPE     (U64(3) << 0)
#define DESC_ATTR(n)  (U64(4) * (n)) /* AttrIndx, into MAIR_EL1 */
#define DESC_AP_EL0   (U64(1) << 6)
#define DESC_AP_RO    (U64(1) << 7)
#define DESC_SH_INNER (U64(3) << 8)
#define DESC_AF       (U64(1) << 10)
#define DESC_PXN      (U64(1) << 53)
#define DESC_UXN      (U64(1) << 54)
#define DESC_ADDRESS  U64(0x0000fffffffff000)

/* The memory types KIT_NORMAL, KIT_DEVICE and KIT_NONCACHEABLE are indices into it. */
#define MAIR_VALUE ((U64(0xff) << 0) | (U64(0x04) << 8) | (U64(0x44) << 16))

/* The attributes that the tables in start.S use: AttrIndx 0 is Normal, 1 Device. */
#define DESC_RAM    (DESC_AF | DESC_SH_INNER | DESC_UXN | DESC_PXN)
#define DESC_IMAGE  (DESC_AF | DESC_SH_INNER | DESC_UXN)
#define DESC_DEVICE (DESC_AF | DESC_UXN | DESC_PXN | DESC_ATTR(1))

/*
 * TCR_EL1: T0SZ for 39 bits, so that walks begin at level 1; walks are Write-Back and Inner
 * Shareable; nothing through TTBR1 (EPD1), whose TG1 must hold a legal value all the same.
 */
#define TCR_VALUE                                                                                  \
    ((U64(64 - 39) << 0) | (U64(1) << 8) | (U64(1) << 10) | (U64(3) << 12) | (U64(1) << 23) |      \
     (U64(2) << 30))

/*
 * SCTLR_EL1: its RES1 bits with everything else off; then M, C, I, stack alignment checks (SA,
 * SA0), and WFI and WFE allowed at EL0 (nTWI, nTWE).
 */
#define SCTLR_OFF U64(0x30d00800)
#define SCTLR_ON                                                                                   \
    (SCTLR_OFF | (U64(1) << 0) | (U64(1) << 2) | (U64(1) << 12) | (U64(1) << 3) | (U64(1) << 4) |  \
     (U64(1) << 16) | (U64(1) << 18))

#endif
