/* SPDX-License-Identifier: MIT */
/* The VMs, with their devices and interrupts, and their vCPUs on two CPUs. */
#include "snapshot_vm.h"

#include <vcpu/device.h>

#include "exit.h"
#include "gic.h"
#include "irq.h"

const struct machine *machine;

struct vm from, to;

/* ---- The host: interrupts, and who is in each CPU ---- */

static struct vm *here[2];

void virtual_timer(void)
{
    struct vm *vm = here[smp_this()->index];

    if (!vm || vcpu_timer_interrupt(vm->timer, vm->vcpu))
        gic_deactivate(machine->virtual_timer_intid);
}

void maintenance(void)
{
    struct vm *vm = here[smp_this()->index];

    if (vm)
        MUST(vcpu_gic_maintenance(vm->gic, vm->vcpu));
}

static void set_active(void *ctx, uint16_t physical, bool active)
{
    (void)ctx;
    gic_set_active(physical, active);
}

static void set_ppi(void *ctx, struct vcpu *vcpu, uint32_t intid, bool level)
{
    MUST(vcpu_gic_set_ppi(((struct vm *)ctx)->gic, vcpu, intid, level));
}

void init_cpu(void)
{
    testhost_enable(0);
    testhost_gic();
    gic_enable(machine->gic.maintenance_intid);
    gic_enable(machine->virtual_timer_intid);
}

void other_cpu(unsigned index)
{
    (void)index;
    init_cpu();
    testhost_serve();
}

const struct vcpu_features *features(void)
{
    return vcpu_percpu_features(testhost_percpu(0));
}

static void must(int error, const char *what)
{
    if (error)
        exit_panic("%s: %s", what, vcpu_error_string(error));
}

void put(void)
{
    MUST(vcpu_percpu_put(testhost_percpu(smp_this()->index)));
    here[smp_this()->index] = NULL;
}

int run(struct vm *vm)
{
    for (;;) {
        int reason;

        here[smp_this()->index] = vm;
        reason = testhost_run(vm->vcpu);
        if (reason == VCPU_EXIT_IRQ) {
            irq_handle();
        } else if (reason == VCPU_EXIT_WFI) {
            put();
            while (!vcpu_has_work(vm->vcpu))
                ;
            CHECK_EQ(vcpu_complete_skip(vm->vcpu), VCPU_OK);
        } else {
            if (reason == VCPU_EXIT_HYPERCALL && vcpu_exit_imm(&vm->vcpu->exit) == SAY_LOST)
                console_print("lost at 0x%lx, esr 0x%lx\n", vm->vcpu->regs.x[2],
                              vm->vcpu->regs.x[1]);
            return reason;
        }
    }
}

/* ---- VMs with everything that the CPU has ---- */

static void make_devices(struct vm *vm)
{
    const struct vcpu_gic_config gic = {
        .host = &testhost_hooks,
        .version = (uint8_t)machine->gic.version,
        .max_vcpus = 1,
        .distributor = vcpu_ipa(GICD),
        .redistributors = vcpu_ipa(GICR),
        .gich = (volatile void *)machine->gic.hypervisor.base,
        .set_active = set_active,
    };
    const struct vcpu_timer_config timer = {.host = &testhost_hooks, .ctx = vm, .set_ppi = set_ppi};
    const struct vcpu_pmu_config pmu = {.host = &testhost_hooks, .ctx = vm, .set_ppi = set_ppi};

    must(vcpu_gic_create(vm->vm.vm, &gic, &vm->gic), "vcpu_gic_create");
    must(vcpu_gic_map_hw(vm->gic, VCPU_TIMER_VIRTUAL_PPI, (uint16_t)machine->virtual_timer_intid),
         "vcpu_gic_map_hw");
    must(vcpu_timer_create(vm->vm.vm, &timer, &vm->timer), "vcpu_timer_create");
    if (features()->pmu)
        must(vcpu_pmu_create(vm->vm.vm, &pmu, &vm->pmu), "vcpu_pmu_create");
    if (machine->gic.version == 2)
        must(vcpu_stage2_map(&vm->vm.s2, vcpu_ipa(GICC),
                             vcpu_pa(machine->gic.virtual_interface.base),
                             machine->gic.virtual_interface.size, VCPU_S2_RW | VCPU_S2_DEVICE),
             "vcpu_stage2_map");
}

void make_vm(struct vm *vm, uint32_t encoding, uint64_t lower)
{
    uint32_t flags = VCPU_VM_VIRTUAL_GIC | VCPU_VM_TRAP_WFI;

    *vm = (struct vm){0};
    flags |= features()->sve ? VCPU_VM_SVE : 0;
    flags |= features()->pmu ? VCPU_VM_PMU : 0;
    testhost_vm_with(&vm->vm, (struct vcpu_vm_config){.flags = flags, .max_vcpus = 1});
    must(vcpu_vm_set_id(vm->vm.vm, encoding, vcpu_vm_id(vm->vm.vm, encoding) & ~lower),
         "vcpu_vm_set_id");
    make_devices(vm);
    vm->vcpu = testhost_vcpu(&vm->vm, 0);
}

void free_vm(struct vm *vm)
{
    put();
    testhost_vm_free(&vm->vm);
    if (vm->pmu)
        CHECK_EQ(vcpu_pmu_destroy(vm->pmu), VCPU_OK);
    CHECK_EQ(vcpu_timer_destroy(vm->timer), VCPU_OK);
    CHECK_EQ(vcpu_gic_destroy(vm->gic), VCPU_OK);
}

bool guest_has_pauth(const struct vm *vm)
{
    return (vcpu_vm_id(vm->vm.vm, VCPU_SYSREG(3, 0, 0, 6, 1)) & 0xff0) ||
           (vcpu_vm_id(vm->vm.vm, VCPU_SYSREG(3, 0, 0, 6, 2)) & 0xf000);
}
