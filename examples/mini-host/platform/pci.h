/* SPDX-License-Identifier: MIT */
/* The part of PCI that one simple device needs: bus 0, function 0, a 32-bit BAR 0. */
#ifndef PLATFORM_PCI_H
#define PLATFORM_PCI_H

#include <stdint.h>

#include "machine.h"

/*
 * Finds the device, puts its BAR 0 at the start of the bridge's 32-bit window, maps it and lets
 * the device answer there. Its address, or 0 if there is no such device. For one device only.
 */
uint64_t pci_enable(const struct machine_pci *pci, uint16_t vendor, uint16_t device);

#endif
