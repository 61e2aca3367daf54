/* SPDX-License-Identifier: MIT */
/* Interrupt lines that the host sets, and messages that its devices send, from any CPU. Pure. */
#include "gic/cpu.h"
#include "gic/device.h"
#include "gic/update.h"

static void arrive(struct vcpu_gic *gic, struct gic_cpu *home, uint32_t intid, gic_signal *how,
                   bool level)
{
    uint64_t daif = vcpu_cpu_mask();
    unsigned n = intid / 32, i = intid % 32;
    struct vcpu *woken = NULL;
    struct gic_news news;

    vcpu_gic_begin(gic, &news, NULL);
    if (how(gic, home, n, 1u << i, level)) {
        uint16_t whose = vcpu_gic_whose(gic, home, n, i);
        struct gic_cpu *cpu = whose < gic->max_vcpus ? gic_cpu_at(gic, whose) : NULL;

        if (cpu && !(gic->shared >> n & 1) && gic_is_here(cpu) &&
            vcpu_gic_present_one(gic, cpu, n, i, &news)) {
            atomic_store_explicit(&cpu->work, true, memory_order_relaxed);
            woken = vcpu_vm_vcpu(gic->vm, whose);
        } else {
            vcpu_gic_touch(gic, home, n, 1u << i, &news);
        }
    }
    vcpu_gic_end(gic, &news);
    if (woken)
        vcpu_device_wake(woken);
    vcpu_cpu_restore(daif);
}

void vcpu_gic_move_line(struct vcpu_gic *gic, struct gic_cpu *home, uint32_t intid, bool level)
{
    arrive(gic, home, intid, vcpu_gic_drive, level);
}

static bool is_spi(const struct vcpu_gic *gic, uint32_t intid)
{
    return gic && intid >= GIC_PRIVATE && intid < gic->intids;
}

int vcpu_gic_set_line(struct vcpu_gic *gic, uint32_t intid, bool level)
{
    if (!is_spi(gic, intid))
        return VCPU_ERR_INVALID;
    vcpu_gic_move_line(gic, NULL, intid, level);
    return VCPU_OK;
}

int vcpu_gic_msi(struct vcpu_gic *gic, uint32_t intid, bool set)
{
    if (!is_spi(gic, intid))
        return VCPU_ERR_INVALID;
    arrive(gic, NULL, intid, vcpu_gic_message, set);
    return VCPU_OK;
}
