/* SPDX-License-Identifier: MIT */
/*
 * EL2's own translation: every address is mapped to itself or not at all. The image is mapped from
 * the start, each part with the permissions that it needs; the rest when its address is known.
 */
#ifndef PLATFORM_MMU_H
#define PLATFORM_MMU_H

#include <stdbool.h>
#include <stdint.h>

enum mmu_kind {
    MMU_DATA,     /* Normal Write-Back, Inner Shareable, never executed */
    MMU_READONLY, /* the same, not written either */
    MMU_CODE,     /* read and executed */
    MMU_DEVICE,   /* Device-nGnRE */
};

/*
 * Maps whole pages around the range, with the largest blocks that fit. Existing mappings stay.
 * Called on the first CPU before others run. False: no page left for a table.
 */
bool mmu_map(uint64_t address, uint64_t size, enum mmu_kind kind);

/*
 * Makes EL2 that of a VHE host, on this CPU and on those that start later: HCR_EL2.E2H and TGE are
 * set. Of what was mapped only the image and the device tree stay. Called on the first CPU, which
 * has FEAT_VHE, before others run.
 */
void mmu_become_vhe(const void *fdt);

#endif
