/* SPDX-License-Identifier: MIT */
/* Of tests of SPIs that one of several vCPUs takes. */
#ifndef VCPU_TESTS_GIC_SHARE_H
#define VCPU_TESTS_GIC_SHARE_H

#include "gic_delivery.h"

#define SPI    40u
#define MANY   12u /* of the SPIs from this one on */
#define VCPUS  4u
#define NOBODY 99u
#define IRM    (UINT64_C(1) << 31)

#define ROUTER(intid) (GICD_BASE + 0x6000 + 8 * (uint64_t)(intid))

extern unsigned version; /* of the controller: 2 or 3 */

#define EACH_VERSION for (version = 2; version <= 3; version++)

/* Any of these vCPUs may take the SPI. */
void share(uint32_t intid, unsigned targets);

/* This one alone gets it. */
void route_to(uint32_t intid, unsigned v);

void begin_with(unsigned vcpus, bool shares);
void begin(void);
void raise(uint32_t intid);

/* The first MANY, and all look. */
void raise_all(void);

/* Each of these is taken by this vCPU, once. */
void takes_all(unsigned v);

/* The vCPU that takes it now, of those that are in a CPU; only one does. */
unsigned taker(uint32_t intid);
/* As in a WFI: it has no work yet. */
void wait(unsigned v);
void put_all_but(unsigned v);
void turn_off(unsigned v);
/* As a CPU_ON does, and the guest that it starts. */
void turn_on(unsigned v, unsigned cpu);

#endif
