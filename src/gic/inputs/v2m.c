/* SPDX-License-Identifier: MIT */
/* A GICv2m frame: messages to an interrupt controller that has no register for them. Pure. */
#include <vcpu/device.h>
#include <vcpu/gic.h>

#include "arm/gic.h"
#include "gic/model.h"

static bool v2m_mmio(void *ctx, struct vcpu *vcpu, vcpu_ipa_t ipa, unsigned size, bool write,
                     uint64_t *data)
{
    const struct vcpu_gic_v2m *v2m = ctx;
    uint64_t offset = ipa.value - v2m->frame.value;
    uint32_t n;

    (void)vcpu;
    if (offset >= VCPU_GIC_V2M_SIZE)
        return false;
    if (!write) {
        *data = offset == V2M_MSI_TYPER && size == 4 ? FIELD_PREP(V2M_MSI_TYPER_BASE, v2m->first) |
                                                           FIELD_PREP(V2M_MSI_TYPER_NUM, v2m->count)
                                                     : 0;
        return true;
    }
    n = (uint32_t)FIELD_GET(V2M_MSI_SETSPI_INTID, *data) - v2m->first;
    if (offset == V2M_MSI_SETSPI_NS && size == 4 && n < v2m->count)
        vcpu_gic_msi(v2m->gic, v2m->first + (uint32_t)NOSPEC_INDEX(n, v2m->count), true);
    return true;
}

static const struct vcpu_device_ops frame = {.mmio = v2m_mmio};

int vcpu_gic_v2m_attach(struct vcpu_vm *vm, const struct vcpu_gic_v2m *v2m)
{
    if (!vm || !v2m || !v2m->gic || v2m->gic->vm != vm || v2m->frame.value % VCPU_GIC_V2M_SIZE ||
        v2m->count == 0 || v2m->first < GIC_PRIVATE || v2m->first + v2m->count > v2m->gic->intids)
        return VCPU_ERR_INVALID;
    return vcpu_vm_attach(vm, &frame, (void *)(uintptr_t)v2m);
}
