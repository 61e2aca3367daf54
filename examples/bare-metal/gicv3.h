/* SPDX-License-Identifier: MIT */
/*
 * GICv3: a distributor, a redistributor for each CPU, and the CPU interface in system registers.
 * Every interrupt is in Group 1, which is signalled as IRQ.
 */
#ifndef BARE_METAL_GICV3_H
#define BARE_METAL_GICV3_H

#include <stdbool.h>
#include <stdint.h>

#define ICC_SGI1R_INTID_SHIFT 24

/* The INTID that ICC_IAR1_EL1 gave. */
#define ICC_IAR1_INTID(iar) (0xffffffu & (uint32_t)(iar))

/* The distributor; once. */
void gicv3_init(uint64_t distributor);

/* The redistributor of the CPU with these affinity fields, among those from `first` on; 0: none. */
uint64_t gicv3_find_redistributor(uint64_t first, uint64_t mpidr);

/*
 * This CPU's redistributor, and its interface, whose system registers the caller has turned on
 * (ICC_SRE_ELx). With split_end an interrupt's end has two halves (EOImode = 1): EOIR1 drops its
 * priority, DIR deactivates it. Returns the CPU's SGI frame.
 */
uint64_t gicv3_init_cpu(uint64_t redistributor, bool split_end);

/* An SPI comes to the CPU with these affinity fields. */
void gicv3_route(uint64_t distributor, uint32_t intid, uint64_t mpidr);

/* Waits until what was disabled in this frame is: `is_sgi_frame`, or the distributor. */
void gicv3_wait(uint64_t frame, bool is_sgi_frame);

/* The value for ICC_SGI1R_EL1 that sends an SGI to the CPU with these affinity fields. */
static inline uint64_t gicv3_sgi_to(uint64_t mpidr, uint32_t intid)
{
    uint64_t aff3 = mpidr >> 32 & 0xff, aff2 = mpidr >> 16 & 0xff, aff1 = mpidr >> 8 & 0xff;
    uint64_t aff0 = mpidr & 0xff; /* a range of 16, and a bit in it */

    return aff3 << 48 | aff0 / 16 << 44 | aff2 << 32 | (uint64_t)intid << ICC_SGI1R_INTID_SHIFT |
           aff1 << 16 | UINT64_C(1) << (aff0 % 16);
}

#endif
