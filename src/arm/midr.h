/* SPDX-License-Identifier: MIT */
/* MIDR_EL1: who made the CPU, and which one it is. */
#ifndef VCPU_ARM_MIDR_H
#define VCPU_ARM_MIDR_H

#include "arm/field.h"

#define MIDR_IMPLEMENTER GENMASK(31, 24)
#define MIDR_VARIANT     GENMASK(23, 20) /* n of rnpm */
#define MIDR_PART        GENMASK(15, 4)
#define MIDR_REVISION    GENMASK(3, 0) /* m of rnpm */

/* All revisions of a CPU have this in common. */
#define MIDR_MODEL_BITS               (MIDR_IMPLEMENTER | MIDR_PART)
#define MIDR_MODEL(implementer, part) ((uint32_t)(implementer) << 24 | (uint32_t)(part) << 4)

#define MIDR_APPLE MIDR_MODEL(0x61, 0) /* the implementer */

#define MIDR_CORTEX_A53      MIDR_MODEL(0x41, 0xd03)
#define MIDR_CORTEX_A35      MIDR_MODEL(0x41, 0xd04)
#define MIDR_CORTEX_A55      MIDR_MODEL(0x41, 0xd05)
#define MIDR_CORTEX_A57      MIDR_MODEL(0x41, 0xd07)
#define MIDR_CORTEX_A72      MIDR_MODEL(0x41, 0xd08)
#define MIDR_CORTEX_A76      MIDR_MODEL(0x41, 0xd0b)
#define MIDR_NEOVERSE_N1     MIDR_MODEL(0x41, 0xd0c)
#define MIDR_CORTEX_A77      MIDR_MODEL(0x41, 0xd0d)
#define MIDR_CORTEX_A76AE    MIDR_MODEL(0x41, 0xd0e)
#define MIDR_NEOVERSE_V1     MIDR_MODEL(0x41, 0xd40)
#define MIDR_CORTEX_A78      MIDR_MODEL(0x41, 0xd41)
#define MIDR_CORTEX_A78AE    MIDR_MODEL(0x41, 0xd42)
#define MIDR_CORTEX_X1       MIDR_MODEL(0x41, 0xd44)
#define MIDR_CORTEX_A510     MIDR_MODEL(0x41, 0xd46)
#define MIDR_CORTEX_A710     MIDR_MODEL(0x41, 0xd47)
#define MIDR_CORTEX_X2       MIDR_MODEL(0x41, 0xd48)
#define MIDR_NEOVERSE_N2     MIDR_MODEL(0x41, 0xd49)
#define MIDR_CORTEX_A78C     MIDR_MODEL(0x41, 0xd4b)
#define MIDR_CORTEX_X1C      MIDR_MODEL(0x41, 0xd4c)
#define MIDR_CORTEX_A715     MIDR_MODEL(0x41, 0xd4d)
#define MIDR_CORTEX_X3       MIDR_MODEL(0x41, 0xd4e)
#define MIDR_NEOVERSE_V2     MIDR_MODEL(0x41, 0xd4f)
#define MIDR_CORTEX_A520     MIDR_MODEL(0x41, 0xd80)
#define MIDR_CORTEX_A720     MIDR_MODEL(0x41, 0xd81)
#define MIDR_BRAHMA_B53      MIDR_MODEL(0x42, 0x100)
#define MIDR_TSV110          MIDR_MODEL(0x48, 0xd01)
#define MIDR_KRYO_2XX_SILVER MIDR_MODEL(0x51, 0x801)
#define MIDR_KRYO_3XX_SILVER MIDR_MODEL(0x51, 0x803)
#define MIDR_KRYO_4XX_GOLD   MIDR_MODEL(0x51, 0x804)
#define MIDR_KRYO_4XX_SILVER MIDR_MODEL(0x51, 0x805)
#define MIDR_AMPERE_ONE_AC03 MIDR_MODEL(0xc0, 0xac3)
#define MIDR_AMPERE_ONE_AC04 MIDR_MODEL(0xc0, 0xac4)

#endif
