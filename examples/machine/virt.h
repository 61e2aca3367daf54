/* SPDX-License-Identifier: MIT */
/*
 * The map of QEMU's virt: the addresses of a guest's RAM and devices. Software for that machine
 * runs on it unchanged.
 */
#ifndef MACHINE_VIRT_H
#define MACHINE_VIRT_H

#include <stdint.h>

#define VIRT_FLASH_BASE  UINT64_C(0) /* of the first bank; the second follows it */
#define VIRT_FLASH_BANKS 2u
#define VIRT_GICD        UINT64_C(0x08000000)
#define VIRT_GICC        UINT64_C(0x08010000)
#define VIRT_GICR        UINT64_C(0x080a0000)
#define VIRT_UART        UINT64_C(0x09000000)
#define VIRT_UART_SPI    1u
#define VIRT_RTC         UINT64_C(0x09010000)
#define VIRT_RTC_SPI     2u
#define VIRT_RAM_BASE    UINT64_C(0x40000000)

struct virt_region {
    uint64_t base, size;
};

/* The interrupt controller. */
struct virt_gic {
    unsigned version; /* 2 or 3 */
    struct virt_region distributor;
    struct virt_region cpu_interface;  /* of version 2 */
    struct virt_region redistributors; /* of version 3: one region */
};

/* A PL011. */
struct virt_uart {
    struct virt_region registers;
    uint32_t spi; /* its interrupt: INTID - 32 */
    uint32_t clock_hz;
};

/* A PL031. */
struct virt_rtc {
    struct virt_region registers;
    uint32_t spi;
};

/* The addresses of virt, with a GIC of version 2 or 3 and this number of CPUs. */
struct virt_gic virt_gic(unsigned version, unsigned cpus);
struct virt_uart virt_uart(void);
struct virt_rtc virt_rtc(void);

#endif
