/* SPDX-License-Identifier: MIT */
/* All of the guest kit, for bare-metal guests at EL1. */
#ifndef KIT_KIT_H
#define KIT_KIT_H

#include <kit/arch.h>
#include <kit/console.h>
#include <kit/cpu.h>
#include <kit/exception.h>
#include <kit/fdt.h>
#include <kit/gic.h>
#include <kit/memory.h>
#include <kit/smccc.h>
#include <kit/string.h>

/*
 * The guest's. Called on the first CPU with MMU and caches on, the console ready, IRQs masked. dtb
 * is x0 as the guest was entered: the physical address of the device tree. Returning 0 powers the
 * machine off, any other value resets it.
 */
int guest_main(uint64_t dtb);

#endif
