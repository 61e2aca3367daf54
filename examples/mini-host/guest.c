/* SPDX-License-Identifier: MIT */
#include "guest.h"

#include "bare-metal/text.h"
#include "gic.h"
#include "host.h"
#include "memory.h"
#include "smp.h"

#define GUEST_RAM_ALIGN UINT64_C(0x200000) /* so that stage 2 maps it in blocks */

#define MIB UINT64_C(0x100000)

uint64_t guest_mpidr(const struct guest *guest, unsigned index)
{
    /* In direct mode the physical GIC knows CPUs by theirs, and each vCPU stays on its CPU. */
    return guest->direct ? smp_cpu(index)->mpidr : index;
}

bool guest_has_fwb(const struct guest *guest)
{
    return (guest->stage2.features & VCPU_S2_HAS_FWB) != 0;
}

void guest_set_line(struct guest *guest, uint32_t spi, bool level)
{
    uint64_t daif = lock_acquire(&guest->line_lock);

    if (guest->gic != NULL)
        vcpu_gic_set_line(guest->gic, GIC_FIRST_SPI + spi, level);
    lock_release(&guest->line_lock, daif);
}

/* ---- For its whole life ---- */

static struct virt_region where_it_is(const struct machine_region *device)
{
    return (struct virt_region){device->base, device->size};
}

/*
 * The guest's machine is QEMU's virt; in direct mode, with the devices where this machine has them.
 */
static void place_devices(struct guest *guest)
{
    const struct machine_gic *gic = &guest->machine->gic;
    const struct machine_uart *uart = &guest->machine->uart;
    const struct machine_rtc *rtc = &guest->machine->rtc;

    if (!guest->direct) {
        guest->gic_map = virt_gic(gic->version, guest->vcpu_count);
        guest->uart = virt_uart();
        if (rtc->registers.size != 0)
            guest->rtc = virt_rtc();
        return;
    }
    guest->gic_map = (struct virt_gic){
        .version = gic->version,
        .distributor = where_it_is(&gic->distributor),
        .cpu_interface = where_it_is(&gic->cpu_interface),
        .redistributors = where_it_is(&gic->redistributors),
    };
    guest->uart = (struct virt_uart){
        .registers = where_it_is(&uart->registers),
        .spi = uart->spi,
        .clock_hz = uart->clock_hz,
    };
    guest->rtc = (struct virt_rtc){.registers = where_it_is(&rtc->registers), .spi = rtc->spi};
}

static int map_device(struct guest *guest, const struct virt_region *device, uint64_t pa)
{
    return vcpu_stage2_map(&guest->stage2, vcpu_ipa(device->base), vcpu_pa(pa), device->size,
                           VCPU_S2_RW | VCPU_S2_DEVICE);
}

/* The machine's own devices, each where the machine has it. */
static int map_direct(struct guest *guest)
{
    const struct virt_gic *gic = &guest->gic_map;
    const struct virt_region *second =
        gic->version == 2 ? &gic->cpu_interface : &gic->redistributors;
    int error = map_device(guest, &guest->uart.registers, guest->uart.registers.base);

    if (error == VCPU_OK && guest->rtc.registers.size != 0)
        error = map_device(guest, &guest->rtc.registers, guest->rtc.registers.base);
    if (error == VCPU_OK)
        error = map_device(guest, &gic->distributor, gic->distributor.base);
    return error == VCPU_OK ? map_device(guest, second, second->base) : error;
}

/* A GICv2's CPU interface is memory: the guest finds the virtual one of its CPU in its place. */
static int map_virtual(struct guest *guest)
{
    const struct machine_gic *gic = &guest->machine->gic;

    if (gic->version != 2)
        return VCPU_OK;
    return map_device(guest, &guest->gic_map.cpu_interface, gic->virtual_interface.base);
}

static int make_stage2(struct guest *guest, const struct vcpu_percpu *cpu)
{
    const struct vcpu_features *features = vcpu_percpu_features(cpu);
    int error =
        vcpu_stage2_create(&guest->stage2, &host_direct, features->pa_bits, features->pa_bits,
                           features->vmid_bits, (uint16_t)(guest->number + 1));

    /* This CPU speaks for all: a vCPU does not run on one that has less. */
    if (error == VCPU_OK)
        error = vcpu_stage2_set_features(&guest->stage2, features->s2fwb ? VCPU_S2_HAS_FWB : 0);
    if (error == VCPU_OK)
        error = vcpu_stage2_map(&guest->stage2, vcpu_ipa(guest->ram.base), vcpu_pa(guest->memory),
                                guest->ram.size, VCPU_S2_RWX);
    if (error != VCPU_OK)
        return error;
    return guest->direct ? map_direct(guest) : map_virtual(guest);
}

static bool make_flash(struct guest *guest, char *error, size_t size)
{
    const struct machine_module *firmware = guest->files.firmware;
    const char *reason;

    if (firmware == NULL)
        return true;
    reason = guest_flash_create(&guest->flash, &guest->stage2, &firmware->file);
    if (reason != NULL)
        text_format(error, size, "%s", reason);
    return reason == NULL;
}

/* Has the machine what the guest is to have? If not, one line about it. */
static bool suits_machine(const struct guest *guest, const struct vcpu_features *features,
                          char *error, size_t size)
{
    const struct machine_gic *gic = &guest->machine->gic;

    if (guest->direct && guest->vcpu_count > smp_count()) {
        text_format(error, size, "the guest wants %u CPUs and the machine has %u",
                    guest->vcpu_count, smp_count());
        return false;
    }
    if (!guest->direct && gic->version == 2 && gic->virtual_interface.size == 0) {
        text_format(error, size, "the machine's GICv2 has no virtual interface: use mode=direct");
        return false;
    }
    if (guest->options->pmu && !features->pmu) {
        text_format(error, size, "pmu takes a CPU with a performance monitor (FEAT_PMUv3)");
        return false;
    }
    return true;
}

bool guest_create(struct guest *guest, unsigned number, const struct machine *machine,
                  const struct options *options, const struct vcpu_percpu *cpu, char *error,
                  size_t size)
{
    const struct options_vm *vm = &options->vms[number];
    int status;

    *guest = (struct guest){
        .machine = machine,
        .options = vm,
        .number = number,
        .direct = options->mode == OPTIONS_DIRECT,
        .vcpu_count = vm->vcpus,
        .ram = {VIRT_RAM_BASE, vm->memory * MIB},
        .end = GUEST_STARTS,
    };
    if (!suits_machine(guest, vcpu_percpu_features(cpu), error, size))
        return false;
    if (!files_find(machine, vm, &guest->files, error, size))
        return false;
    guest->memory = memory_alloc(guest->ram.size / MEMORY_PAGE_SIZE, GUEST_RAM_ALIGN);
    if (guest->memory == MEMORY_NONE) {
        text_format(error, size, "no %u MiB in one piece for the guest: %lu MiB are free",
                    vm->memory, memory_free_pages() * MEMORY_PAGE_SIZE / MIB);
        return false;
    }
    for (unsigned i = 0; i < guest->vcpu_count; i++)
        guest->vcpus[i].guest = guest;
    place_devices(guest);
    status = make_stage2(guest, cpu);
    if (status != VCPU_OK)
        text_format(error, size, "the guest's memory cannot be mapped: %s",
                    vcpu_error_string(status));
    return status == VCPU_OK && make_flash(guest, error, size) && load_plan(guest, error, size);
}
