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

#define MIDR_AMPERE_ONE_AC04 MIDR_MODEL(0xc0, 0xac4)

#endif
