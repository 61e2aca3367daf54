/* SPDX-License-Identifier: MIT */
/*
 * Stage-2 translation with the 4 KiB granule: VTCR_EL2, the descriptors, the operands of TLBI.
 * Without FEAT_LPA2 and hardware updates of AF and dirty state.
 */
#ifndef VCPU_ARM_STAGE2_H
#define VCPU_ARM_STAGE2_H

#include "arm/field.h"

#define VTCR_EL2_T0SZ  GENMASK(5, 0)
#define VTCR_EL2_SL0   GENMASK(7, 6)
#define VTCR_EL2_IRGN0 GENMASK(9, 8)
#define VTCR_EL2_ORGN0 GENMASK(11, 10)
#define VTCR_EL2_SH0   GENMASK(13, 12)
#define VTCR_EL2_TG0   GENMASK(15, 14)
#define VTCR_EL2_PS    GENMASK(18, 16)
#define VTCR_EL2_VS    BIT(19)
#define VTCR_EL2_RES1  BIT(31)

/* Normal memory, Write-Back, Read-Allocate and Write-Allocate. */
#define VTCR_EL2_RGN_WBWA 1u
#define VTCR_EL2_TG0_4K   0u

/* SL0 counts down from level 2: 0 is level 2, 1 is level 1, 2 is level 0. */
#define VTCR_EL2_SL0_LEVEL(level) (2u - (level))

/* Shareability, in VTCR_EL2.SH0 and in descriptors. */
#define SH_OUTER 2u
#define SH_INNER 3u

/* Levels of lookup. Blocks are at level 1 (1 GiB) and 2 (2 MiB), pages at level 3. */
#define S2_LEVEL_FIRST_BLOCK 1
#define S2_LEVEL_PAGE        3
#define S2_PAGE_SHIFT        12
#define S2_STRIDE            9
#define S2_ENTRIES           512u

/* Up to 16 tables can be concatenated at the level of the first lookup: four more bits. */
#define S2_CONCATENATION_BITS 4

/* Descriptors. Bit 1 is 1 in a table, and in a page at level 3; 0 in a block. */
#define S2_VALID         BIT(0)
#define S2_TABLE_OR_PAGE BIT(1)
#define S2_MEMATTR       GENMASK(5, 2)
#define S2_S2AP_READ     BIT(6)
#define S2_S2AP_WRITE    BIT(7)
#define S2_SH            GENMASK(9, 8)
#define S2_AF            BIT(10)
#define S2_ADDRESS       GENMASK(47, 12)
/*
 * XN[1], the older XN. If XN[0] (FEAT_XNX) is 0, it means the same with and without FEAT_XNX. With
 * XN[0] only one of EL1 and EL0 may execute: EL0 with XN[1] = 0, EL1 with XN[1] = 1.
 */
#define S2_XN     GENMASK(54, 53)
#define S2_XN_ALL 2u
#define S2_XN_EL1 1u /* not at EL1 */
#define S2_XN_EL0 3u /* not at EL0 */

/* MemAttr. With HCR_EL2.FWB = 1 Normal Write-Back has another value, and stage 1 cannot lower it. */
#define S2_MEMATTR_DEVICE_nGnRnE 0x0u
#define S2_MEMATTR_DEVICE_nGnRE  0x1u
#define S2_MEMATTR_NORMAL_NC     0x5u
#define S2_MEMATTR_NORMAL_WB     0xfu
#define S2_MEMATTR_FWB_NORMAL_WB 0x6u

/* TLBI IPAS2E1IS takes IPA[47:12] in bits 35:0. TTL = 0: no hint of the level. */
#define TLBI_IPA       GENMASK(35, 0)
#define TLBI_IPA_SHIFT 12

#endif
