/* SPDX-License-Identifier: MIT */
/*
 * What the mini-host costs a guest of two vCPUs on two CPUs: prints instructions an operation, without
 * the guest's own. Under QEMU's `-icount shift=0` a nanosecond is an instruction, of all CPUs.
 */
#include <kit/kit.h>

#include "counts.h"
#include "host.h"

#define GICD_ISENABLER1  0x104u
#define GICD_ICPENDR1    0x284u
#define GICD_IPRIORITYR8 0x420u
#define GICD_CTLR        0x000u
#define GICD_TYPER       0x004u
#define GICD_IIDR        0x008u
#define GICD_PIDR2_V3    0xffe8u
#define GICR_TYPER       0x008u
#define GICR_WAKER       0x014u
#define GICR_ISENABLER0  0x10100u
#define UARTFR           0x018u

#define SPI 8u /* INTID 40, which is no device's */

/* The time is read BENCH_WOKEN instructions after the handler, and one before the SGI is sent. */
#define BENCH_WOKEN 2u

/* A vCPU's own of a ping: to take an interrupt and end it; and the loop of the other CPU, halved. */
#define BENCH_PING 3u

static bool v3;
static uint64_t empty; /* the ticks of the loop alone */

/* Ticks of BENCH_COUNT operations as instructions of one, rounded up. */
static uint64_t instructions(uint64_t ticks)
{
    uint64_t ns = ticks * 1000 / (kit_counter_frequency() / 1000000);

    return (ns + BENCH_COUNT - 1) / BENCH_COUNT;
}

static void print(const char *name, uint64_t count)
{
    kit_printf("%s: %lu instructions\n", name, count);
}

static uint64_t ticks(host_loop *loop, uint64_t address, uint64_t value)
{
    return loop(address, value, KIT_GICD_BASE, KIT_GICC_BASE);
}

/* own: how many instructions of the guest's are not in the empty loop. */
static void row(const char *name, host_loop *loop, uint64_t address, uint64_t value, uint64_t own)
{
    print(name, instructions(ticks(loop, address, value) - empty) - own);
}

/* ---- Accesses ---- */

static void accesses(void)
{
    const uint64_t gicd = KIT_GICD_BASE, gicr = KIT_GICR_BASE;

    row("GICD_TYPER", host_read, gicd + GICD_TYPER, 0, 0);
    row("GICD_IIDR", host_read, gicd + GICD_IIDR, 0, 0);
    row("GICD_CTLR", host_read, gicd + GICD_CTLR, 0, 0);
    row("GICD_ISENABLER1", host_read, gicd + GICD_ISENABLER1, 0, 0);
    if (v3) {
        row("GICD_PIDR2", host_read, gicd + GICD_PIDR2_V3, 0, 0);
        row("GICR_TYPER", host_read64, gicr + GICR_TYPER, 0, 0);
        row("GICR_WAKER", host_read, gicr + GICR_WAKER, 0, 0);
        row("GICR_ISENABLER0", host_read, gicr + GICR_ISENABLER0, 0, 0);
    }
    print("write: enable or disable",
          instructions(ticks(host_toggle, gicd + GICD_ISENABLER1, 1u << SPI) - empty) / 2);
    row("write: clear", host_write, gicd + GICD_ICPENDR1, 1u << SPI, 0);
    row("write: priority", host_write8, gicd + GICD_IPRIORITYR8 + SPI, 0x40, 0);
    row("UART flags", host_read, KIT_PL011_BASE + UARTFR, 0, 0);
}

/* ---- Interrupts ---- */

/* Each operation makes one, on this CPU. */
static void interrupt_row(const char *name, host_loop *loop, uint64_t value, uint64_t own)
{
    const uint64_t vbar = kit_mrs(vbar_el1);
    uint64_t took;

    kit_msr(vbar_el1, (uint64_t)(v3 ? vectors_v3 : vectors_v2));
    kit_isb();
    kit_irq_unmask();
    took = ticks(loop, 0, value);
    (void)kit_irq_mask();
    kit_msr(vbar_el1, vbar);
    kit_isb();
    print(host_taken == BENCH_COUNT ? name : "not as many interrupts as operations",
          instructions(took - empty) - own - BENCH_HANDLER);
}

static uint64_t sgi_to(unsigned int cpu)
{
    return v3 ? BENCH_SGI << 24 | 1u << cpu : 1u << (16 + cpu) | BENCH_SGI;
}

static void receive(uint64_t unused)
{
    (void)unused;
    kit_gic_cpu_init();
    kit_irq_enable(BENCH_SGI);
    kit_msr(vbar_el1, (uint64_t)(v3 ? vectors_v3 : vectors_v2));
    kit_isb();
    (v3 ? host_receive_v3 : host_receive_v2)(0, sgi_to(0), KIT_GICD_BASE, KIT_GICC_BASE);
}

/* The other vCPU, and the CPU below it, is asleep by then. The phases of a tick are all there. */
static void await_sleep(unsigned int phase)
{
    for (uint64_t i = 0; i < 2000; i++)
        kit_yield();
    for (volatile uint64_t i = 0; i < phase % 16; i++)
        continue;
}

static void waiting_row(void)
{
    uint64_t took = 0;

    for (unsigned int i = 0; i < BENCH_COUNT; i++) {
        uint64_t sent;

        await_sleep(i);
        sent = (v3 ? host_send_v3 : host_send_v2)(KIT_GICD_BASE, sgi_to(1));
        while (host_received.count == i)
            kit_yield();
        took += host_received.time - sent;
    }
    print("SGI to a vCPU in WFI", instructions(took) - BENCH_HANDLER - BENCH_WOKEN);
}

/* Each of the two sleeps while the other one works: all instructions are those of two wakes. */
static void ping_row(void)
{
    uint64_t took;

    await_sleep(0);
    took = ticks(v3 ? host_ping_v3 : host_ping_v2, 0, sgi_to(1)) - empty;
    print("SGI to a vCPU in WFI, and into WFI", instructions(took) / 2 - BENCH_PING);
}

static int others(void)
{
    if (kit_cpu_start(1, receive, 0) != KIT_PSCI_SUCCESS)
        return 1;
    waiting_row();
    ping_row();
    row("SGI to a vCPU that runs", v3 ? host_sender_v3 : host_sender_v2, 0, sgi_to(1),
        BENCH_HANDLER);
    return 0;
}

int guest_main(uint64_t dtb)
{
    v3 = kit_gic_init(dtb) == 3;
    kit_irq_enable(BENCH_SGI);
    kit_irq_enable(KIT_IRQ_VIRTUAL_TIMER);
    empty = ticks(host_nothing, 0, 0);
    row("PSCI_VERSION", host_psci, 0, 0, 1);
    row("unknown call", host_unknown, 0, 0, 2);
    accesses();
    interrupt_row("SGI to itself", v3 ? host_self_v3 : host_self_v2,
                  v3 ? sgi_to(0) : 2u << 24 | BENCH_SGI, 0);
    interrupt_row("virtual timer", host_timer, 0, 2);
    return others();
}
