/* SPDX-License-Identifier: MIT */
#include "guest.h"

#include <string.h>

#include "arch.h"
#include "cache.h"
#include "guest_fdt.h"
#include "image.h"
#include "memory.h"
#include "smp.h"
#include "text.h"

#define GUEST_RAM_BASE  UINT64_C(0x40000000) /* as QEMU virt's */
#define GUEST_RAM_ALIGN UINT64_C(0x200000)   /* so that stage 2 maps it in blocks */
#define GUEST_VMID      1
#define MIB             UINT64_C(0x100000)

/* ID_AA64MMFR0_EL1: which granules stage 1 has. For two of them 0 means "yes". */
#define MMFR0_TGRAN16(r) ((r) >> 20 & 0xf)
#define MMFR0_TGRAN64(r) ((r) >> 24 & 0xf)
#define MMFR0_TGRAN4(r)  ((r) >> 28 & 0xf)
#define MMFR0_NONE       0xf

static uint32_t page_sizes(void)
{
    uint64_t mmfr0 = arch_read(id_aa64mmfr0_el1);

    return (MMFR0_TGRAN4(mmfr0) != MMFR0_NONE ? IMAGE_PAGE_4K : 0u) |
           (MMFR0_TGRAN16(mmfr0) != 0 ? IMAGE_PAGE_16K : 0u) |
           (MMFR0_TGRAN64(mmfr0) != MMFR0_NONE ? IMAGE_PAGE_64K : 0u);
}

static const struct machine_module *find_module(const struct machine *machine, int kind)
{
    for (unsigned i = 0; i < machine->module_count; i++) {
        if ((int)machine->modules[i].kind == kind)
            return &machine->modules[i];
    }
    return NULL;
}

/* The host's address of one of the guest's. */
static void *in_memory(const struct guest *guest, uint64_t ipa)
{
    return (void *)(uintptr_t)(guest->memory + (ipa - guest->ram.base));
}

/* The guest begins with caches off and must find what was written here, not what was before. */
static void copy_in(const struct guest *guest, uint64_t ipa, const struct machine_region *file)
{
    memcpy(in_memory(guest, ipa), (const void *)(uintptr_t)file->base, file->size);
    cache_clean(in_memory(guest, ipa), file->size);
}

static bool allocate_ram(struct guest *guest, unsigned mib, char *error, size_t size)
{
    guest->ram = (struct machine_region){GUEST_RAM_BASE, mib * MIB};
    guest->memory = memory_alloc(guest->ram.size / MEMORY_PAGE_SIZE, GUEST_RAM_ALIGN);
    if (guest->memory != MEMORY_NONE)
        return true;
    text_format(error, size, "no %u MiB in one piece for the guest: %lu MiB are free", mib,
                memory_free_pages() * MEMORY_PAGE_SIZE / MIB);
    return false;
}

/*
 * Files and device tree go to their places. The rest stays as it is: nobody had it before, so that
 * there is nothing to hide, and RAM need not be zero.
 */
static bool fill_ram(struct guest *guest, struct image_layout *layout, char *error, size_t size)
{
    const struct machine_module *kernel = find_module(guest->machine, MACHINE_KERNEL);
    const struct machine_module *initrd = find_module(guest->machine, MACHINE_RAMDISK);
    uint64_t mpidr[OPTIONS_MAX_VCPUS];
    struct image_request request = {
        .ram_base = guest->ram.base,
        .ram_size = guest->ram.size,
        .page_sizes = page_sizes(),
    };
    struct guest_fdt fdt = {
        .ram = guest->ram,
        .mpidr = mpidr,
        .cpus = guest->cpu_count,
        .gic = &guest->machine->gic,
        .uart = &guest->machine->uart,
    };
    const char *reason;

    if (kernel == NULL) {
        text_format(error, size, "there is no kernel: give QEMU -device guest-loader,kernel=FILE");
        return false;
    }
    fdt.bootargs = kernel->bootargs;
    request.file = (const void *)(uintptr_t)kernel->file.base;
    request.file_size = kernel->file.size;
    request.initrd_size = initrd != NULL ? initrd->file.size : 0;
    request.fdt_size = GUEST_FDT_SIZE + strlen(kernel->bootargs);
    if (!image_plan(&request, layout, error, size))
        return false;

    copy_in(guest, layout->kernel, &kernel->file);
    if (initrd != NULL) {
        copy_in(guest, layout->initrd, &initrd->file);
        fdt.initrd = (struct machine_region){layout->initrd, initrd->file.size};
    }
    for (unsigned i = 0; i < guest->cpu_count; i++)
        mpidr[i] = smp_cpu(i)->mpidr;
    reason = guest_fdt_write(&fdt, in_memory(guest, layout->fdt), request.fdt_size);
    if (reason != NULL) {
        text_format(error, size, "the guest's device tree cannot be written: %s", reason);
        return false;
    }
    cache_clean(in_memory(guest, layout->fdt), request.fdt_size);
    return true;
}

static int map_device(struct guest *guest, const struct machine_region *device)
{
    return vcpu_stage2_map(&guest->stage2, vcpu_ipa(device->base), vcpu_pa(device->base),
                           device->size, VCPU_S2_RW | VCPU_S2_DEVICE);
}

/* RAM, and the devices that direct mode gives away. The first error, or VCPU_OK. */
static int map_stage2(struct guest *guest)
{
    const struct machine_gic *gic = &guest->machine->gic;
    int error = vcpu_stage2_map(&guest->stage2, vcpu_ipa(guest->ram.base), vcpu_pa(guest->memory),
                                guest->ram.size, VCPU_S2_RWX);

    if (error == VCPU_OK)
        error = map_device(guest, &guest->machine->uart.registers);
    if (error == VCPU_OK)
        error = map_device(guest, &gic->distributor);
    if (error == VCPU_OK)
        error = map_device(guest, gic->version == 2 ? &gic->cpu_interface : &gic->redistributors);
    return error;
}

static int create_vm(struct guest *guest, const struct vcpu_host *host,
                     const struct vcpu_percpu *cpu)
{
    const struct vcpu_features *features = vcpu_percpu_features(cpu);
    const struct vcpu_vm_config config = {
        .host = host,
        .flags = VCPU_VM_DIRECT_IRQ | VCPU_VM_DIRECT_TIMER,
        .vmid = GUEST_VMID,
        .ipa_bits = features->pa_bits,
        .max_vcpus = (uint16_t)guest->cpu_count,
    };
    int error = vcpu_vm_create(cpu, &config, &guest->vm);

    if (error == VCPU_OK)
        error = vcpu_stage2_create(&guest->stage2, host, config.ipa_bits, features->pa_bits,
                                   features->vmid_bits, config.vmid);
    return error == VCPU_OK ? map_stage2(guest) : error;
}

/* Each has the MPIDR of the CPU that it stays on, for the physical GIC knows CPUs by that. */
static int create_vcpus(struct guest *guest, const struct image_layout *layout)
{
    for (unsigned i = 0; i < guest->cpu_count; i++) {
        const struct vcpu_config config = {
            .index = (uint16_t)i,
            .mpidr = smp_cpu(i)->mpidr,
            .off = i != 0,
        };
        int error = vcpu_create(guest->vm, &config, &guest->cpus[i].vcpu);

        if (error == VCPU_OK)
            error = vcpu_set_ept_root(guest->cpus[i].vcpu, vcpu_stage2_root(&guest->stage2));
        if (error != VCPU_OK)
            return error;
    }
    guest->cpus[0].vcpu->regs.x[0] = layout->fdt;
    guest->running = 1;
    return vcpu_set_entry(guest->cpus[0].vcpu, vcpu_ipa(layout->kernel));
}

bool guest_create(struct guest *guest, const struct machine *machine,
                  const struct options_vm *options, const struct vcpu_host *host,
                  const struct vcpu_percpu *cpu, char *error, size_t size)
{
    struct image_layout layout;
    int status;

    guest->machine = machine;
    guest->cpu_count = options->vcpus;
    if (guest->cpu_count > smp_count()) {
        text_format(error, size, "the guest wants %u CPUs and the machine has %u", guest->cpu_count,
                    smp_count());
        return false;
    }
    if (!allocate_ram(guest, options->memory, error, size) ||
        !fill_ram(guest, &layout, error, size))
        return false;
    status = create_vm(guest, host, cpu);
    if (status == VCPU_OK)
        status = create_vcpus(guest, &layout);
    if (status != VCPU_OK)
        text_format(error, size, "the virtual machine cannot be made: %s",
                    vcpu_error_string(status));
    return status == VCPU_OK;
}
