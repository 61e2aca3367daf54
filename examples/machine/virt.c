/* SPDX-License-Identifier: MIT */
#include "virt.h"

#include "pl011.h"
#include "pl031.h"

#define GICD_SIZE UINT64_C(0x10000)
#define GICC_SIZE UINT64_C(0x2000)  /* its registers; virt keeps 0x10000 free for them */
#define GICR_SIZE UINT64_C(0x20000) /* of each CPU */
#define UART_HZ   24000000u

struct virt_gic virt_gic(unsigned version, unsigned cpus)
{
    return (struct virt_gic){
        .version = version,
        .distributor = {VIRT_GICD, GICD_SIZE},
        .cpu_interface = {VIRT_GICC, version == 2 ? GICC_SIZE : 0},
        .redistributors = {VIRT_GICR, version == 3 ? cpus * GICR_SIZE : 0},
    };
}

struct virt_uart virt_uart(void)
{
    return (struct virt_uart){
        .registers = {VIRT_UART, PL011_SIZE},
        .spi = VIRT_UART_SPI,
        .clock_hz = UART_HZ,
    };
}

struct virt_rtc virt_rtc(void)
{
    return (struct virt_rtc){.registers = {VIRT_RTC, PL031_SIZE}, .spi = VIRT_RTC_SPI};
}
