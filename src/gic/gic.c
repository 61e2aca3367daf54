/* SPDX-License-Identifier: MIT */
/* Creates, maps and destroys an interrupt controller. Pure. */
#include "gic/device.h"
#include "gic/lists/queue.h"
#include "gic/model.h"
#include "gic/update.h"
#include "hw/host_memory.h"

#define CPUS_A_PAGE (VCPU_PAGE_SIZE / sizeof(struct gic_cpu))

/* A distributor is one frame. So is each of the others' parts. */
static bool is_apart(const struct vcpu_gic_config *config, uint64_t frame)
{
    bool v3 = config->version == 3;
    uint64_t distributor = config->distributor.value;
    uint64_t first = v3 ? config->redistributors.value : config->cpu_interface.value;
    uint64_t size = v3 ? config->max_vcpus * VCPU_GIC_V3_REDISTRIBUTOR_SIZE : 2 * frame;

    if (distributor & (frame - 1) || distributor + frame < distributor)
        return false;
    if (!v3 && first == 0)
        return true;
    return !(first & (frame - 1)) && first + size >= first &&
           (distributor + frame <= first || first + size <= distributor);
}

static int check(const struct vcpu_vm *vm, const struct vcpu_gic_config *config,
                 struct vcpu_gic **gic)
{
    if (!vm || !config || !gic || !host_memory_hooks_exist(config->host))
        return VCPU_ERR_INVALID;
    if (config->spis > VCPU_GIC_MAX_SPIS || config->max_vcpus == 0)
        return VCPU_ERR_INVALID;
    if (config->version == 3)
        return config->max_vcpus <= VCPU_VM_MAX_VCPUS &&
                       is_apart(config, VCPU_GIC_V3_DISTRIBUTOR_SIZE)
                   ? VCPU_OK
                   : VCPU_ERR_INVALID;
    return config->version == 2 && config->gich && config->max_vcpus <= VCPU_GIC_V2_MAX_VCPUS &&
                   is_apart(config, VCPU_GIC_V2_DISTRIBUTOR_SIZE)
               ? VCPU_OK
               : VCPU_ERR_INVALID;
}

static size_t pages_of(unsigned spis)
{
    return host_memory_pages(sizeof(struct vcpu_gic) + (spis + 31) / 32 * sizeof(struct gic_spis));
}

_Static_assert(sizeof(struct vcpu_gic) + 31 * sizeof(struct gic_spis) <= 16 * VCPU_PAGE_SIZE,
               "more than a host gives at once");
_Static_assert(CPUS_A_PAGE >= 4, "cpu_pages is too short");

static int take_cpus(struct vcpu_gic *gic)
{
    struct gic_cpu *cpus = NULL;

    for (size_t i = 0; i < gic->max_vcpus; i++) {
        if (i % CPUS_A_PAGE == 0)
            cpus = host_memory_take(gic->host, 1, &gic->cpu_pages[i / CPUS_A_PAGE]);
        if (!cpus)
            return VCPU_ERR_NO_MEMORY;
        gic->cpu[i] = &cpus[i % CPUS_A_PAGE];
    }
    return VCPU_OK;
}

static void give_back(struct vcpu_gic *gic)
{
    const struct vcpu_host *host = gic->host;

    for (size_t i = 0; i < gic->max_vcpus; i += CPUS_A_PAGE)
        if (gic->cpu[i])
            host->free_pages(host->ctx, gic->cpu_pages[i / CPUS_A_PAGE], 1);
    host->free_pages(host->ctx, gic->page, gic->pages);
}

int vcpu_gic_create(struct vcpu_vm *vm, const struct vcpu_gic_config *config,
                    struct vcpu_gic **result)
{
    struct vcpu_gic *gic;
    vcpu_pa_t page;
    size_t pages;
    int error = check(vm, config, result);

    if (error)
        return error;
    pages = pages_of(config->spis);
    gic = host_memory_take(config->host, pages, &page);
    if (!gic)
        return VCPU_ERR_NO_MEMORY;
    gic->page = page;
    gic->pages = (uint8_t)pages;
    gic->vm = vm;
    gic->host = config->host;
    gic->version = config->version;
    gic->max_vcpus = config->max_vcpus;
    gic->distributor = config->distributor.value;
    gic->redistributors = config->redistributors.value;
    gic->gich = config->gich;
    gic->deactivation = config->cpu_interface.value + VCPU_PAGE_SIZE;
    gic->set_active = config->set_active;

    error = take_cpus(gic);
    if (!error && !(gic->version == 3 ? vcpu_gic_probe_ich(gic) : vcpu_gic_probe_gich(gic)))
        error = VCPU_ERR_UNSUPPORTED;
    if (gic->version == 2)
        gic->told = config->cpu_interface.value != 0;
    if (!error) {
        gic->lrs = gic->all_lrs < GIC_MAX_LRS ? gic->all_lrs : GIC_MAX_LRS;
        vcpu_gic_reset_model(gic, config->spis);
        error = vcpu_vm_attach(vm, &vcpu_gic_device, gic);
    }
    if (error) {
        give_back(gic);
        return error;
    }
    *result = gic;
    return VCPU_OK;
}

/*
 * A device that outlives its guest must be able to interrupt again. The PPIs were made inactive
 * when the vCPUs were put.
 */
static void release_all(struct vcpu_gic *gic)
{
    uint64_t daif = vcpu_cpu_mask();
    struct gic_news news;

    vcpu_gic_begin(gic, &news, NULL);
    for (unsigned n = 1; n < gic->banks; n++) {
        const struct gic_bank *bank = gic_bank(gic, NULL, n);

        vcpu_gic_release(gic, NULL, n, bank->latch | bank->active);
    }
    vcpu_gic_end(gic, &news);
    vcpu_cpu_restore(daif);
}

int vcpu_gic_destroy(struct vcpu_gic *gic)
{
    if (!gic)
        return VCPU_ERR_INVALID;
    release_all(gic);
    give_back(gic);
    return VCPU_OK;
}

int vcpu_gic_map_hw(struct vcpu_gic *gic, uint32_t intid, uint16_t physical)
{
    if (!gic || intid < GIC_SGIS || intid >= gic->intids ||
        (physical && (physical < GIC_SGIS || physical >= GIC_INTIDS)))
        return VCPU_ERR_INVALID;
    for (unsigned v = 0; v < (intid < GIC_PRIVATE ? gic->max_vcpus : 1u); v++) {
        struct gic_bank *bank = gic_bank(gic, gic->cpu[v], intid / 32);

        bank->physical[intid % 32] = physical;
        bank->hw &= ~(1u << intid % 32);
        bank->hw |= physical ? 1u << intid % 32 : 0;
        vcpu_gic_requeue(gic, gic->cpu[v], intid / 32, intid % 32, false);
    }
    return VCPU_OK;
}
