/* SPDX-License-Identifier: MIT */
#include "pci.h"

#include "bare-metal/mmio.h"
#include "mmu.h"

/*
 * ECAM: 4 KiB of configuration space for each function, 8 functions for each device, 32 devices for
 * each bus.
 */
#define ECAM_DEVICE(n) ((uint64_t)(n) << 15)
#define DEVICES        32
#define BUS_SIZE       ECAM_DEVICE(DEVICES)

#define CONFIG_ID      0x00u
#define CONFIG_COMMAND 0x04u
#define CONFIG_BAR0    0x10u
#define COMMAND_MEMORY 0x2u
#define BAR_SIZE_MASK  0xfffffff0u
#define BAR_LARGEST    0x1000u

static uint64_t start(const struct machine_pci *pci, uint64_t config)
{
    uint32_t size;

    /* The bits of an address that a BAR keeps tell its size. */
    mmio_write32(config + CONFIG_BAR0, UINT32_MAX);
    size = -(mmio_read32(config + CONFIG_BAR0) & BAR_SIZE_MASK);
    if (size == 0 || size > BAR_LARGEST || !mmu_map(pci->mmio32.base, BAR_LARGEST, MMU_DEVICE))
        return 0;
    mmio_write32(config + CONFIG_BAR0, (uint32_t)pci->mmio32.base);
    mmio_write32(config + CONFIG_COMMAND, mmio_read32(config + CONFIG_COMMAND) | COMMAND_MEMORY);
    return pci->mmio32.base;
}

uint64_t pci_enable(const struct machine_pci *pci, uint16_t vendor, uint16_t device)
{
    uint32_t id = (uint32_t)device << 16 | vendor;

    if (pci->ecam.size < BUS_SIZE || pci->mmio32.size < BAR_LARGEST ||
        !mmu_map(pci->ecam.base, BUS_SIZE, MMU_DEVICE))
        return 0;
    for (unsigned i = 0; i < DEVICES; i++) {
        uint64_t config = pci->ecam.base + ECAM_DEVICE(i);

        if (mmio_read32(config + CONFIG_ID) == id)
            return start(pci, config);
    }
    return 0;
}
