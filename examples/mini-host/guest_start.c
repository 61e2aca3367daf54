/* SPDX-License-Identifier: MIT */
#include "guest_start.h"

#include "arch.h"
#include "bare-metal/text.h"
#include "clock.h"
#include "cpu.h"
#include "devices.h"
#include "gic.h"
#include "guest_calls.h"
#include "host.h"
#include "terminal.h"
#include "timer.h"

#define SPIS 32u

/* ---- What it is made of ---- */

static void set_active(void *ctx, uint16_t physical, bool active)
{
    (void)ctx;
    gic_set_active(physical, active);
}

/* The virtual timer is the only device of the machine's that a guest has. */
static bool is_asserted(void *ctx, uint16_t physical)
{
    (void)ctx;
    (void)physical;
    return vcpu_timer_asserts();
}

static void set_ppi(void *ctx, struct vcpu *vcpu, uint32_t intid, bool level)
{
    vcpu_gic_set_ppi(ctx, vcpu, intid, level);
}

static void arm(void *ctx, struct vcpu *vcpu, uint64_t deadline)
{
    (void)ctx;
    (void)vcpu;
    cpu_set_guest_alarm(deadline);
}

static int make_vm(struct guest *guest, const struct vcpu_percpu *cpu)
{
    const struct vcpu_vm_config config = {
        .host = guest->direct ? &host_direct : &host_virtual,
        .flags = (guest->direct ? VCPU_VM_DIRECT_IRQ | VCPU_VM_DIRECT_TIMER
                                : VCPU_VM_VIRTUAL_GIC | VCPU_VM_TRAP_WFI) |
                 VCPU_VM_SYSTEM_SUSPEND | VCPU_VM_SYSTEM_OFF2 |
                 (guest->options->pmu ? VCPU_VM_PMU : 0) |
                 (guest_has_fwb(guest) ? VCPU_VM_STAGE2_FWB : 0),
        .vmid = guest->stage2.vmid,
        .ipa_bits = guest->stage2.shape.ipa_bits,
        .max_vcpus = (uint16_t)guest->vcpu_count,
        /* A virtual machine's time begins with it. */
        .counter_offset = guest->direct ? 0 : timer_now(),
    };
    uint64_t daif = arch_irq_save();
    int error;

    /*
     * By far the longest piece: some 20,000 instructions. So this CPU takes its interrupts
     * meanwhile; in direct mode it has none.
     */
    if (!guest->direct)
        arch_irq_enable();
    error = vcpu_vm_create(cpu, &config, &guest->vm);
    arch_irq_restore(daif);
    return error;
}

/* The interrupt controller comes first: the timers drive lines of it. */
static int make_devices(struct guest *guest)
{
    const struct machine_gic *gic = &guest->machine->gic;
    const struct vcpu_gic_config gic_config = {
        .host = &host_virtual,
        .version = (uint8_t)gic->version,
        .spis = SPIS,
        .max_vcpus = (uint16_t)guest->vcpu_count,
        .distributor = vcpu_ipa(VIRT_GICD),
        .redistributors = vcpu_ipa(VIRT_GICR),
        .gich = (volatile void *)(uintptr_t)gic->hypervisor.base,
        .set_active = set_active,
    };
    struct vcpu_timer_config timer_config = {.host = &host_virtual, .set_ppi = set_ppi, .arm = arm};
    struct vcpu_gic *made;
    int error = vcpu_gic_create(guest->vm, &gic_config, &made);

    if (error != VCPU_OK)
        return error;
    guest->gic = made;
    timer_config.ctx = made;
    error = devices_attach(guest);
    if (error == VCPU_OK)
        error = vcpu_gic_map_hw(made, VCPU_TIMER_VIRTUAL_PPI,
                                (uint16_t)guest->machine->virtual_timer_intid);
    if (error == VCPU_OK)
        error = vcpu_gic_follow(made, is_asserted);
    if (error == VCPU_OK)
        error = vcpu_gic_share(made);
    return error == VCPU_OK ? vcpu_timer_create(guest->vm, &timer_config, &guest->timer) : error;
}

/* In direct mode its interrupt is the guest's, as all are. */
static int make_pmu(struct guest *guest)
{
    const struct vcpu_pmu_config config = {
        .host = guest->direct ? &host_direct : &host_virtual,
        .ctx = guest->gic,
        .set_ppi = guest->direct ? NULL : set_ppi,
    };

    return vcpu_pmu_create(guest->vm, &config, &guest->pmu);
}

static int make_calls_and_pmu(struct guest *guest, const struct vcpu_percpu *cpu)
{
    int error = guest_calls_set(guest, cpu);

    return error == VCPU_OK && guest->options->pmu ? make_pmu(guest) : error;
}

static int make_vcpu(struct guest *guest, unsigned index)
{
    const struct vcpu_config config = {
        .index = (uint16_t)index,
        .mpidr = guest_mpidr(guest, index),
        .off = index != 0,
        .user = &guest->vcpus[index],
    };
    struct vcpu **vcpu = &guest->vcpus[index].vcpu;
    int error = vcpu_create(guest->vm, &config, vcpu);

    guest_calls_sow(&guest->vcpus[index]);
    if (error == VCPU_OK)
        error = vcpu_set_ept_root(*vcpu, vcpu_stage2_root(&guest->stage2));
    if (error != VCPU_OK || index != 0)
        return error;
    (*vcpu)->regs.x[0] = guest->load.x0;
    return vcpu_set_entry(*vcpu, vcpu_ipa(guest->load.entry));
}

/* ---- Its former life ---- */

static void shut(struct guest *guest)
{
    struct vcpu_gic *gic = guest->gic;
    uint64_t daif = lock_acquire(&guest->line_lock);

    guest->gic = NULL;
    lock_release(&guest->line_lock, daif);
    for (unsigned i = 0; i < guest->vcpu_count; i++)
        host_demand(vcpu_destroy(guest->vcpus[i].vcpu));
    host_demand(vcpu_vm_destroy(guest->vm));
    host_demand(vcpu_gic_destroy(gic));
    host_demand(vcpu_timer_destroy(guest->timer));
    if (guest->pmu != NULL)
        host_demand(vcpu_pmu_destroy(guest->pmu));
    terminal_reset(guest->number);
    clock_reset(guest->number);
}

/* ---- Piece by piece ---- */

static enum guest_progress fails(int status, char *error, size_t size)
{
    text_format(error, size, "the virtual machine cannot be made: %s", vcpu_error_string(status));
    return GUEST_CANNOT;
}

enum guest_progress guest_start(struct guest *guest, const struct vcpu_percpu *cpu, char *error,
                                size_t size)
{
    int status = VCPU_OK;

    switch (guest->stage) {
    case GUEST_STAGE_BEGIN:
        if (guest->lived)
            shut(guest);
        if (guest->files.firmware != NULL)
            guest_flash_reset(&guest->flash);
        load_begin(guest);
        guest->stage = GUEST_STAGE_MEMORY;
        return GUEST_IS_STARTING;
    case GUEST_STAGE_MEMORY:
        if (!load_piece(guest))
            guest->stage = GUEST_STAGE_VM;
        return GUEST_IS_STARTING;
    case GUEST_STAGE_VM:
        status = make_vm(guest, cpu);
        guest->made = 0;
        guest->stage = GUEST_STAGE_DEVICES;
        break;
    case GUEST_STAGE_DEVICES:
        if (!guest->direct)
            status = make_devices(guest);
        if (status == VCPU_OK)
            status = make_calls_and_pmu(guest, cpu);
        guest->stage = GUEST_STAGE_VCPUS;
        break;
    case GUEST_STAGE_VCPUS:
        status = make_vcpu(guest, guest->made++);
        break;
    }
    if (status != VCPU_OK)
        return fails(status, error, size);
    if (guest->made < guest->vcpu_count)
        return GUEST_IS_STARTING;
    guest->stage = GUEST_STAGE_BEGIN;
    guest->lived = true;
    guest->at_large = 1;
    __atomic_store_n(&guest->end, GUEST_RUNS, __ATOMIC_RELEASE);
    return GUEST_CAN_RUN;
}
