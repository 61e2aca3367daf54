/* SPDX-License-Identifier: MIT */
/* Shared by the host and the guests of the interrupt storm. */
#ifndef GIC_STORM_H
#define GIC_STORM_H

#define STORM_VCPUS 4

/* SPIs from the first one: edges, then levels. A power of two in all. PPIs are edges. */
#define STORM_SPI       40
#define STORM_SPIS      32
#define STORM_LEVEL     64
#define STORM_PPI       20
#define STORM_PPIS      8
#define STORM_LOG_BYTES 0x1000

/* A vCPU's log: how often it took each INTID, and how many SGIs it sent to each of the others. */
#define STORM_TAKEN 0x000
#define STORM_SENT  0x800
#define STORM_TURNS 0x840 /* of its main loop */

#endif
