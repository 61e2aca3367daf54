/* SPDX-License-Identifier: MIT */
#include "guest_fdt.h"

#include <libfdt.h>
#include <string.h>

#include "bare-metal/text.h"

#define PHANDLE_GIC   1
#define PHANDLE_CLOCK 2

/* An interrupt in the tree: its kind, its number in that kind, and how it is signalled. */
#define SPI        0
#define PPI        1
#define LEVEL_HIGH 4

/* The generic timer's PPIs on every machine that follows Arm's base architecture. */
#define PPI_SECURE_TIMER   13
#define PPI_PHYSICAL_TIMER 14
#define PPI_VIRTUAL_TIMER  11
#define PPI_HYP_TIMER      10
/* And that of its performance monitor. */
#define PPI_PMU 7

/* Calls after the first that fails do nothing, so that only the end need look. */
struct writer {
    void *fdt;
    int error;
};

static void note(struct writer *writer, int error)
{
    if (writer->error == 0)
        writer->error = error;
}

static void begin(struct writer *writer, const char *name)
{
    note(writer, fdt_begin_node(writer->fdt, name));
}

/* A node named after the address of its registers. */
static void begin_at(struct writer *writer, const char *name, uint64_t address)
{
    char full[40];

    text_format(full, sizeof(full), "%s@%lx", name, address);
    begin(writer, full);
}

static void end(struct writer *writer)
{
    note(writer, fdt_end_node(writer->fdt));
}

static void flag(struct writer *writer, const char *name)
{
    note(writer, fdt_property(writer->fdt, name, NULL, 0));
}

static void u32(struct writer *writer, const char *name, uint32_t value)
{
    note(writer, fdt_property_u32(writer->fdt, name, value));
}

static void u64(struct writer *writer, const char *name, uint64_t value)
{
    note(writer, fdt_property_u64(writer->fdt, name, value));
}

static void string(struct writer *writer, const char *name, const char *value)
{
    note(writer, fdt_property_string(writer->fdt, name, value));
}

static void bytes(struct writer *writer, const char *name, const uint8_t *value, size_t size)
{
    note(writer, fdt_property(writer->fdt, name, value, (int)size));
}

/* Texts that follow one another, each with its NUL. */
static void strings(struct writer *writer, const char *name, const char *value, size_t size)
{
    note(writer, fdt_property(writer->fdt, name, value, (int)size));
}
#define STRINGS(writer, name, text) strings(writer, name, text, sizeof(text))

static void cells(struct writer *writer, const char *name, const uint32_t *values, size_t count)
{
    void *at;

    note(writer, fdt_property_placeholder(writer->fdt, name, (int)(count * sizeof(fdt32_t)), &at));
    for (size_t i = 0; writer->error == 0 && i < count; i++)
        fdt32_st((uint8_t *)at + i * sizeof(fdt32_t), values[i]);
}
#define CELLS(writer, name, ...)                                                                   \
    cells(writer, name, (const uint32_t[]){__VA_ARGS__},                                           \
          sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

#define HIGH(value) ((uint32_t)((value) >> 32))
#define LOW(value)  ((uint32_t)(value))

static void reg(struct writer *writer, const struct virt_region *region)
{
    CELLS(writer, "reg", HIGH(region->base), LOW(region->base), HIGH(region->size),
          LOW(region->size));
}

static void write_cpus(struct writer *writer, const struct guest_fdt *guest)
{
    uint64_t highest = 0;

    for (unsigned i = 0; i < guest->cpus; i++)
        highest = guest->mpidr[i] > highest ? guest->mpidr[i] : highest;

    begin(writer, "cpus");
    /* As QEMU does: one cell, unless some CPU has Aff3. */
    u32(writer, "#address-cells", HIGH(highest) != 0 ? 2 : 1);
    u32(writer, "#size-cells", 0);
    for (unsigned i = 0; i < guest->cpus; i++) {
        begin_at(writer, "cpu", guest->mpidr[i]);
        string(writer, "device_type", "cpu");
        string(writer, "compatible", "arm,armv8");
        if (HIGH(highest) != 0)
            u64(writer, "reg", guest->mpidr[i]);
        else
            u32(writer, "reg", LOW(guest->mpidr[i]));
        string(writer, "enable-method", "psci");
        end(writer);
    }
    end(writer);
}

static void write_psci(struct writer *writer)
{
    begin(writer, "psci");
    STRINGS(writer, "compatible", "arm,psci-1.0\0arm,psci-0.2");
    string(writer, "method", "hvc");
    end(writer);
}

/* GICv2's binding has the CPUs that a PPI goes to in the flags. */
static uint32_t ppi_flags(const struct guest_fdt *guest)
{
    uint32_t cpus = guest->gic->version == 2 ? (1u << guest->cpus) - 1 : 0;

    return cpus << 8 | LEVEL_HIGH;
}

static void write_timer(struct writer *writer, const struct guest_fdt *guest)
{
    uint32_t flags = ppi_flags(guest);

    begin(writer, "timer");
    STRINGS(writer, "compatible", "arm,armv8-timer\0arm,armv7-timer");
    CELLS(writer, "interrupts", PPI, PPI_SECURE_TIMER, flags, PPI, PPI_PHYSICAL_TIMER, flags, PPI,
          PPI_VIRTUAL_TIMER, flags, PPI, PPI_HYP_TIMER, flags);
    flag(writer, "always-on");
    end(writer);
}

static void write_pmu(struct writer *writer, const struct guest_fdt *guest)
{
    begin(writer, "pmu");
    string(writer, "compatible", "arm,armv8-pmuv3");
    CELLS(writer, "interrupts", PPI, PPI_PMU, ppi_flags(guest));
    end(writer);
}

static void write_gic(struct writer *writer, const struct virt_gic *gic)
{
    const struct virt_region *second =
        gic->version == 2 ? &gic->cpu_interface : &gic->redistributors;

    begin_at(writer, "intc", gic->distributor.base);
    string(writer, "compatible", gic->version == 2 ? "arm,cortex-a15-gic" : "arm,gic-v3");
    CELLS(writer, "reg", HIGH(gic->distributor.base), LOW(gic->distributor.base),
          HIGH(gic->distributor.size), LOW(gic->distributor.size), HIGH(second->base),
          LOW(second->base), HIGH(second->size), LOW(second->size));
    if (gic->version == 3)
        u32(writer, "#redistributor-regions", 1);
    flag(writer, "interrupt-controller");
    u32(writer, "#interrupt-cells", 3);
    u32(writer, "#address-cells", 0);
    u32(writer, "phandle", PHANDLE_GIC);
    end(writer);
}

static void write_uart(struct writer *writer, const struct virt_uart *uart)
{
    begin(writer, "apb-pclk");
    string(writer, "compatible", "fixed-clock");
    u32(writer, "#clock-cells", 0);
    u32(writer, "clock-frequency", uart->clock_hz);
    u32(writer, "phandle", PHANDLE_CLOCK);
    end(writer);

    begin_at(writer, "pl011", uart->registers.base);
    STRINGS(writer, "compatible", "arm,pl011\0arm,primecell");
    reg(writer, &uart->registers);
    CELLS(writer, "interrupts", SPI, uart->spi, LEVEL_HIGH);
    CELLS(writer, "clocks", PHANDLE_CLOCK, PHANDLE_CLOCK);
    STRINGS(writer, "clock-names", "uartclk\0apb_pclk");
    end(writer);
}

/* Its clock is the UART's: the bus, which Linux asks for, though a PL031 counts by itself. */
static void write_rtc(struct writer *writer, const struct virt_rtc *rtc)
{
    begin_at(writer, "pl031", rtc->registers.base);
    STRINGS(writer, "compatible", "arm,pl031\0arm,primecell");
    reg(writer, &rtc->registers);
    CELLS(writer, "interrupts", SPI, rtc->spi, LEVEL_HIGH);
    u32(writer, "clocks", PHANDLE_CLOCK);
    string(writer, "clock-names", "apb_pclk");
    end(writer);
}

/* One node for both banks, as QEMU's: firmware looks for its variables in the second. */
static void write_flash(struct writer *writer, const struct virt_region *flash)
{
    begin_at(writer, "flash", flash[0].base);
    string(writer, "compatible", "cfi-flash");
    CELLS(writer, "reg", HIGH(flash[0].base), LOW(flash[0].base), HIGH(flash[0].size),
          LOW(flash[0].size), HIGH(flash[1].base), LOW(flash[1].base), HIGH(flash[1].size),
          LOW(flash[1].size));
    u32(writer, "bank-width", 4);
    end(writer);
}

static void write_chosen(struct writer *writer, const struct guest_fdt *guest)
{
    char console[40];

    text_format(console, sizeof(console), "/pl011@%lx", guest->uart->registers.base);
    begin(writer, "chosen");
    string(writer, "bootargs", guest->bootargs);
    string(writer, "stdout-path", console);
    if (guest->initrd.size != 0) {
        u64(writer, "linux,initrd-start", guest->initrd.base);
        u64(writer, "linux,initrd-end", guest->initrd.base + guest->initrd.size);
    }
    if (guest->seeds != NULL) {
        bytes(writer, "rng-seed", guest->seeds->rng, sizeof(guest->seeds->rng));
        bytes(writer, "kaslr-seed", guest->seeds->kaslr, sizeof(guest->seeds->kaslr));
    }
    end(writer);
}

const char *guest_fdt_write(const struct guest_fdt *guest, void *buffer, size_t size)
{
    struct writer writer = {.fdt = buffer};

    note(&writer, fdt_create(buffer, (int)size));
    note(&writer, fdt_finish_reservemap(buffer));
    begin(&writer, "");
    string(&writer, "compatible", "linux,dummy-virt");
    string(&writer, "model", "linux,dummy-virt");
    u32(&writer, "#address-cells", 2);
    u32(&writer, "#size-cells", 2);
    u32(&writer, "interrupt-parent", PHANDLE_GIC);
    /* As QEMU's own: all that has DMA reads and writes memory as the CPUs do. */
    flag(&writer, "dma-coherent");

    begin_at(&writer, "memory", guest->ram.base);
    string(&writer, "device_type", "memory");
    reg(&writer, &guest->ram);
    end(&writer);

    write_cpus(&writer, guest);
    write_psci(&writer);
    write_timer(&writer, guest);
    if (guest->pmu)
        write_pmu(&writer, guest);
    write_gic(&writer, guest->gic);
    write_uart(&writer, guest->uart);
    if (guest->rtc != NULL)
        write_rtc(&writer, guest->rtc);
    if (guest->flash[0].size != 0)
        write_flash(&writer, guest->flash);
    write_chosen(&writer, guest);
    end(&writer);
    note(&writer, fdt_finish(buffer));
    return writer.error == 0 ? NULL : fdt_strerror(writer.error);
}

size_t guest_fdt_size(const void *fdt)
{
    return fdt_totalsize(fdt);
}

static size_t find(const void *fdt, const char *name)
{
    const void *value = fdt_getprop(fdt, fdt_path_offset(fdt, "/chosen"), name, NULL);

    return value == NULL ? 0 : (size_t)((const uint8_t *)value - (const uint8_t *)fdt);
}

struct guest_fdt_places guest_fdt_find_seeds(const void *fdt)
{
    return (struct guest_fdt_places){.rng = find(fdt, "rng-seed"),
                                     .kaslr = find(fdt, "kaslr-seed")};
}
