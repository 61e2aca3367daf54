/* SPDX-License-Identifier: MIT */
#include "machine.h"

#include <libfdt.h>
#include <string.h>

#include "cache.h"

#define ROOT         0
#define GIC_PPI_BASE 16
#define GIC_PPI      1

/* ranges of a PCI bridge: the space code in the first cell, 2 for 32-bit memory. */
#define PCI_SPACE(cell) (((cell) >> 24) & 3)
#define PCI_SPACE_MEM32 2

static uint64_t read_cells(const fdt32_t *cells, int count)
{
    uint64_t value = 0;

    while (count-- > 0)
        value = value << 32 | fdt32_to_cpu(*cells++);
    return value;
}

/* Cell `index` of a property; fallback if it is not there. */
static uint32_t cell(const void *fdt, int node, const char *name, int index, uint32_t fallback)
{
    int length;
    const fdt32_t *cells = fdt_getprop(fdt, node, name, &length);

    if (cells == NULL || (index + 1) * (int)sizeof(*cells) > length)
        return fallback;
    return fdt32_to_cpu(cells[index]);
}

/* The text of a property, "" if it is not there or does not end. */
static const char *text(const void *fdt, int node, const char *name)
{
    int length;
    const char *value = fdt_getprop(fdt, node, name, &length);

    return value != NULL && length > 0 && value[length - 1] == '\0' ? value : "";
}

/* Entry `index` of reg, in the root's cells. */
static bool region(const void *fdt, int node, int index, struct machine_region *out)
{
    int address_cells = fdt_address_cells(fdt, ROOT), size_cells = fdt_size_cells(fdt, ROOT);
    int entry = address_cells + size_cells;
    int length;
    const fdt32_t *cells = fdt_getprop(fdt, node, "reg", &length);

    if (cells == NULL || address_cells < 1 || size_cells < 1 ||
        (index + 1) * entry * (int)sizeof(*cells) > length)
        return false;
    out->base = read_cells(cells + index * entry, address_cells);
    out->size = read_cells(cells + index * entry + address_cells, size_cells);
    return true;
}

/* The first usable node that is compatible, or negative. */
static int find(const void *fdt, const char *compatible)
{
    int node = -1;

    do {
        node = fdt_node_offset_by_compatible(fdt, node, compatible);
    } while (node >= 0 && strncmp(text(fdt, node, "status"), "disabled", 9) == 0);
    return node;
}

static bool read_uart(const void *fdt, struct machine_uart *uart)
{
    int node = find(fdt, "arm,pl011");
    int clock;

    if (node < 0 || !region(fdt, node, 0, &uart->registers))
        return false;
    uart->spi = cell(fdt, node, "interrupts", 1, 0);
    clock = fdt_node_offset_by_phandle(fdt, cell(fdt, node, "clocks", 0, 0));
    uart->clock_hz = clock < 0 ? 0 : cell(fdt, clock, "clock-frequency", 0, 0);
    return true;
}

/* Optional, as PCI is. */
static void read_rtc(const void *fdt, struct machine_rtc *rtc)
{
    int node = find(fdt, "arm,pl031");

    if (node >= 0 && region(fdt, node, 0, &rtc->registers))
        rtc->spi = cell(fdt, node, "interrupts", 1, 0);
}

static bool read_ram(struct machine *machine)
{
    const void *fdt = machine->fdt;
    int node;

    fdt_for_each_subnode(node, fdt, ROOT)
    {
        if (strcmp(text(fdt, node, "device_type"), "memory") != 0)
            continue;
        for (int i = 0; machine->ram_count < MACHINE_MAX_RAM; i++) {
            if (!region(fdt, node, i, &machine->ram[machine->ram_count]))
                break;
            machine->ram_count++;
        }
    }
    return machine->ram_count > 0;
}

static bool reserve(struct machine *machine, uint64_t base, uint64_t size)
{
    if (machine->reserved_count == MACHINE_MAX_RESERVED)
        return false;
    machine->reserved[machine->reserved_count++] = (struct machine_region){base, size};
    return true;
}

/* The memory reservation block and the static children of /reserved-memory. */
static bool read_reserved(struct machine *machine)
{
    const void *fdt = machine->fdt;
    int parent = fdt_path_offset(fdt, "/reserved-memory");
    struct machine_region area;
    int node;

    for (int i = 0; i < fdt_num_mem_rsv(fdt); i++) {
        if (fdt_get_mem_rsv(fdt, i, &area.base, &area.size) != 0 ||
            !reserve(machine, area.base, area.size))
            return false;
    }
    if (parent < 0)
        return true;
    fdt_for_each_subnode(node, fdt, parent)
    {
        for (int i = 0; region(fdt, node, i, &area); i++) {
            if (!reserve(machine, area.base, area.size))
                return false;
        }
    }
    return true;
}

/* Is the word among those that spaces separate? */
static bool has_word(const char *text, const char *word)
{
    size_t length = strlen(word);

    while (*text != '\0') {
        if (strncmp(text, word, length) == 0 && (text[length] == ' ' || text[length] == '\0'))
            return true;
        while (*text != ' ' && *text != '\0')
            text++;
        while (*text == ' ')
            text++;
    }
    return false;
}

/* Nodes below /chosen; their reg is in the root's cells, as QEMU writes it. */
static bool read_modules(struct machine *machine)
{
    const void *fdt = machine->fdt;
    int chosen = fdt_path_offset(fdt, "/chosen");
    int node;

    machine->bootargs = "";
    if (chosen < 0)
        return true;
    machine->bootargs = text(fdt, chosen, "bootargs");
    machine->wants_vhe = has_word(machine->bootargs, "host=vhe");
    fdt_for_each_subnode(node, fdt, chosen)
    {
        struct machine_module *module = &machine->modules[machine->module_count];
        bool kernel = fdt_node_check_compatible(fdt, node, "multiboot,kernel") == 0;
        bool ramdisk = fdt_node_check_compatible(fdt, node, "multiboot,ramdisk") == 0;

        if (!kernel && !ramdisk)
            continue;
        if (machine->module_count == MACHINE_MAX_MODULES || !region(fdt, node, 0, &module->file) ||
            !reserve(machine, module->file.base, module->file.size))
            return false;
        module->kind = kernel ? MACHINE_KERNEL : MACHINE_RAMDISK;
        module->bootargs = text(fdt, node, "bootargs");
        machine->module_count++;
    }
    return true;
}

static bool read_cpus(struct machine *machine)
{
    const void *fdt = machine->fdt;
    int parent = fdt_path_offset(fdt, "/cpus");
    int node;

    if (parent < 0)
        return false;
    fdt_for_each_subnode(node, fdt, parent)
    {
        int cells = fdt_address_cells(fdt, parent), length;
        const fdt32_t *reg = fdt_getprop(fdt, node, "reg", &length);

        if (strcmp(text(fdt, node, "device_type"), "cpu") != 0)
            continue;
        if (reg == NULL || length < cells * (int)sizeof(*reg))
            return false;
        if (machine->cpu_count < PLATFORM_MAX_CPUS)
            machine->cpu_mpidr[machine->cpu_count++] = read_cells(reg, cells);
    }
    return machine->cpu_count > 0;
}

/* Interrupt `index` of a device's interrupts, three cells each; 0 if that is no PPI. */
static uint32_t ppi(const void *fdt, int node, int index)
{
    if (cell(fdt, node, "interrupts", index * 3, UINT32_MAX) != GIC_PPI)
        return 0;
    return GIC_PPI_BASE + cell(fdt, node, "interrupts", index * 3 + 1, 0);
}

static bool read_gic(const void *fdt, struct machine_gic *gic)
{
    int node = find(fdt, "arm,gic-v3");

    gic->version = node >= 0 ? 3 : 2;
    if (node < 0)
        node = find(fdt, "arm,cortex-a15-gic");
    if (node < 0)
        node = find(fdt, "arm,gic-400");
    if (node < 0)
        return false;
    gic->maintenance_intid = ppi(fdt, node, 0);
    if (gic->version == 3)
        return region(fdt, node, 0, &gic->distributor) &&
               region(fdt, node, 1, &gic->redistributors);
    region(fdt, node, 2, &gic->hypervisor); /* the two that a GICv2 need not have */
    region(fdt, node, 3, &gic->virtual_interface);
    return region(fdt, node, 0, &gic->distributor) && region(fdt, node, 1, &gic->cpu_interface);
}

/* The timer's interrupts are: secure, EL1 physical, EL1 virtual, EL2 physical. */
static bool read_timer(const void *fdt, struct machine *machine)
{
    int node = find(fdt, "arm,armv8-timer");

    if (node < 0)
        return false;
    machine->virtual_timer_intid = ppi(fdt, node, 2);
    machine->hyp_timer_intid = ppi(fdt, node, 3);
    return machine->virtual_timer_intid != 0 && machine->hyp_timer_intid != 0;
}

/* Optional: a machine without one leaves it empty. An entry of ranges has 3 + 2 + 2 cells. */
static void read_pci(const void *fdt, struct machine_pci *pci)
{
    enum { ENTRY = 7, CPU_ADDRESS = 3, SIZE = 5 };
    int node = find(fdt, "pci-host-ecam-generic");
    int length;
    const fdt32_t *ranges;

    if (node < 0 || !region(fdt, node, 0, &pci->ecam))
        return;
    ranges = fdt_getprop(fdt, node, "ranges", &length);
    for (; ranges != NULL && length >= ENTRY * (int)sizeof(*ranges); ranges += ENTRY) {
        if (PCI_SPACE(fdt32_to_cpu(ranges[0])) == PCI_SPACE_MEM32) {
            pci->mmio32.base = read_cells(ranges + CPU_ADDRESS, 2);
            pci->mmio32.size = read_cells(ranges + SIZE, 2);
        }
        length -= ENTRY * (int)sizeof(*ranges);
    }
}

const char *machine_read(const void *fdt, struct machine *machine)
{
    int psci;

    memset(machine, 0, sizeof(*machine));
    machine->fdt = fdt;
    if (fdt_check_header(fdt) != 0)
        return "no device tree";
    if (!read_uart(fdt, &machine->uart))
        return "no PL011 in the device tree";

    psci = find(fdt, "arm,psci-0.2");
    if (psci < 0)
        psci = find(fdt, "arm,psci-1.0");
    if (psci < 0)
        return "no PSCI in the device tree";
    machine->psci_smc = strcmp(text(fdt, psci, "method"), "smc") == 0;

    if (!read_ram(machine))
        return "no memory in the device tree";
    if (!read_reserved(machine))
        return "too many reserved areas in the device tree";
    if (!read_modules(machine))
        return "too many boot modules in the device tree";
    if (!read_cpus(machine))
        return "no CPUs in the device tree";
    if (!read_gic(fdt, &machine->gic))
        return "neither a GICv2 nor a GICv3 in the device tree";
    if (!read_timer(fdt, machine))
        return "no generic timer in the device tree";
    read_rtc(fdt, &machine->rtc);
    read_pci(fdt, &machine->pci);
    return NULL;
}

/*
 * The property's bytes, up to `room`, are copied if to is not NULL, and all are wiped in the tree.
 */
static size_t move_out(void *fdt, int node, const char *name, uint8_t *to, size_t room)
{
    int length;
    void *value = fdt_getprop_w(fdt, node, name, &length);
    size_t size = value != NULL ? (size_t)length : 0;

    if (size == 0)
        return 0;
    if (to != NULL)
        memcpy(to, value, size < room ? size : room);
    memset(value, 0, size);
    cache_clean(value, size);
    return size < room ? size : room;
}

size_t machine_take_seed(const struct machine *machine, uint8_t seed[MACHINE_MAX_SEED])
{
    void *fdt = (void *)(uintptr_t)machine->fdt;
    int chosen = fdt_path_offset(fdt, "/chosen");

    if (chosen < 0)
        return 0;
    move_out(fdt, chosen, "kaslr-seed", NULL, 0);
    return move_out(fdt, chosen, "rng-seed", seed, MACHINE_MAX_SEED);
}
