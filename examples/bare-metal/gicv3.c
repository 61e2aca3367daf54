/* SPDX-License-Identifier: MIT */
#include "gicv3.h"

#include "arch.h"
#include "gic.h"
#include "mmio.h"

/*
 * Of GICD_CTLR bit 0 is Group 0's if there is one security state, and Group 1's as Non-secure sees it
 * if there are two.
 */
#define GICD_CTLR_GROUP1    0x3u
#define GICD_CTLR_ARE       0x10u
#define GICD_CTLR_RWP       (UINT32_C(1) << 31)
#define GICD_TYPER_LINES(r) (0x1fu & (r)) /* how many words of 32 interrupts, less one */
#define GICD_IROUTER        0x6000u       /* 8 bytes an INTID */

/* A redistributor: the frame of the CPU itself, that of its SGIs and PPIs, and perhaps VLPIs. */
#define GICR_CTLR         0x0000u
#define GICR_TYPER        0x0008u
#define GICR_WAKER        0x0014u
#define GICR_SGI_FRAME    0x10000u
#define GICR_SIZE         0x20000u
#define GICR_SIZE_VLPIS   0x40000u
#define GICR_CTLR_RWP     0x8u
#define GICR_TYPER_VLPIS  (UINT64_C(1) << 1)
#define GICR_TYPER_LAST   (UINT64_C(1) << 4)
#define GICR_WAKER_SLEEP  0x2u
#define GICR_WAKER_ASLEEP 0x4u

#define ICC_CTLR_EOIMODE 0x2u

static void wait_while(uint64_t address, uint32_t bits)
{
    while ((mmio_read32(address) & bits) != 0)
        arch_yield();
}

void gicv3_init(uint64_t distributor)
{
    uint32_t words;

    /* Affinity routing may change only with the groups disabled. */
    mmio_write32(distributor + GICD_CTLR, 0);
    wait_while(distributor + GICD_CTLR, GICD_CTLR_RWP);
    mmio_write32(distributor + GICD_CTLR, GICD_CTLR_ARE);
    words = GICD_TYPER_LINES(mmio_read32(distributor + GICD_TYPER)) + 1;
    for (uint32_t n = 1; n < words; n++)
        mmio_write32(distributor + GICD_IGROUPR + 4 * n, UINT32_MAX);
    mmio_write32(distributor + GICD_CTLR, GICD_CTLR_ARE | GICD_CTLR_GROUP1);
    wait_while(distributor + GICD_CTLR, GICD_CTLR_RWP);
}

uint64_t gicv3_find_redistributor(uint64_t first, uint64_t mpidr)
{
    /* GICR_TYPER has Aff3 right above the others. */
    uint64_t affinity = (mpidr >> 32 & 0xff) << 24 | (mpidr & 0xffffff);

    for (uint64_t at = first;;) {
        uint64_t typer = mmio_read64(at + GICR_TYPER);

        if (typer >> 32 == affinity)
            return at;
        if ((typer & GICR_TYPER_LAST) != 0)
            return 0;
        at += (typer & GICR_TYPER_VLPIS) != 0 ? GICR_SIZE_VLPIS : GICR_SIZE;
    }
}

uint64_t gicv3_init_cpu(uint64_t redistributor, bool split_end)
{
    uint64_t waker = redistributor + GICR_WAKER, frame = redistributor + GICR_SGI_FRAME;

    mmio_write32(waker, mmio_read32(waker) & ~GICR_WAKER_SLEEP);
    wait_while(waker, GICR_WAKER_ASLEEP);
    mmio_write32(frame + GICD_IGROUPR, UINT32_MAX);
    arch_write(icc_ctlr_el1, split_end ? ICC_CTLR_EOIMODE : 0);
    arch_write(icc_pmr_el1, GIC_MASK_NONE);
    arch_write(icc_igrpen1_el1, 1);
    arch_isb();
    return frame;
}

void gicv3_route(uint64_t distributor, uint32_t intid, uint64_t mpidr)
{
    mmio_write64(distributor + GICD_IROUTER + intid * 8, mpidr);
}

void gicv3_wait(uint64_t frame, bool is_sgi_frame)
{
    if (is_sgi_frame)
        wait_while(frame - GICR_SGI_FRAME + GICR_CTLR, GICR_CTLR_RWP);
    else
        wait_while(frame + GICD_CTLR, GICD_CTLR_RWP);
}
