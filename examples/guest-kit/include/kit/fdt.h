/* SPDX-License-Identifier: MIT */
/* Queries to a flattened device tree. Every offset in it is checked against its size. */
#ifndef KIT_FDT_H
#define KIT_FDT_H

#include <stdbool.h>
#include <stdint.h>

/* Whether there is a device tree at this address at all. 0 is none. */
bool kit_fdt_valid(uint64_t dtb);

/* Whether a node has this string in its "compatible". */
bool kit_fdt_compatible(uint64_t dtb, const char *compatible);

/* The first range of the first node of device_type "memory". */
bool kit_fdt_memory(uint64_t dtb, uint64_t *base, uint64_t *size);

/* A property of /chosen, with its size in bytes. NULL: there is none of this name. */
const void *kit_fdt_chosen(uint64_t dtb, const char *name, uint32_t *size);

#endif
