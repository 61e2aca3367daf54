/* SPDX-License-Identifier: MIT */
/* GICv2: distributor and CPU interface are device registers. */
#ifndef BARE_METAL_GICV2_H
#define BARE_METAL_GICV2_H

#include <stdbool.h>
#include <stdint.h>

#define GICC_IAR  0x000cu
#define GICC_EOIR 0x0010u
#define GICC_DIR  0x1000u

/* The INTID that GICC_IAR gave, and the sender of an SGI, which goes back to EOIR and DIR. */
#define GICC_IAR_INTID(iar)  (0x3ffu & (iar))
#define GICC_IAR_SENDER(iar) (0x1c00u & (iar))

/* The distributor; once. */
void gicv2_init(uint64_t distributor);

/*
 * This CPU's interface. With split_end an interrupt's end has two halves (EOImode = 1): EOIR drops its
 * priority, DIR deactivates it. Returns the CPU's bit among the targets of interrupts.
 */
uint8_t gicv2_init_cpu(uint64_t distributor, uint64_t cpu_interface, bool split_end);

/* An SPI comes to the CPUs with these bits, and an SGI is sent to them. */
void gicv2_route(uint64_t distributor, uint32_t intid, uint8_t targets);
void gicv2_send_sgi(uint64_t distributor, uint32_t intid, uint8_t targets);

#endif
