/* SPDX-License-Identifier: MIT */
/*
 * The machine that a guest runs on: QEMU's virt, or the mini-host's virtual machine. Shared with
 * assembly. The compiler's command line can set each value, for the kit and the guests.
 */
#ifndef KIT_CONFIG_H
#define KIT_CONFIG_H

/* RAM in whole GiB. More may be mapped than there is: only what the guest touches must exist. */
#ifndef KIT_RAM_BASE
#define KIT_RAM_BASE 0x40000000
#endif
#ifndef KIT_RAM_GIB
#define KIT_RAM_GIB 1
#endif

/* The image and its .bss lie in the first so many 2 MiB of RAM, which are mapped page by page. */
#define KIT_IMAGE_BLOCKS 2

#ifndef KIT_PL011_BASE
#define KIT_PL011_BASE 0x09000000
#endif
#ifndef KIT_GICD_BASE
#define KIT_GICD_BASE 0x08000000
#endif
#ifndef KIT_GICC_BASE
#define KIT_GICC_BASE 0x08010000
#endif
#ifndef KIT_GICR_BASE
#define KIT_GICR_BASE 0x080a0000
#endif

/* CPUs that can be used at the same time, and the stack of each in bytes. */
#define KIT_MAX_CPUS   8
#define KIT_STACK_SIZE 0x4000

/* Spare tables for kit_map, kit_unmap and kit_protect. */
#ifndef KIT_SPARE_TABLES
#define KIT_SPARE_TABLES 32
#endif

#endif
