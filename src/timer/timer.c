/* SPDX-License-Identifier: MIT */
/* Creates and destroys a VM's timers. Pure. */
#include "hw/host_memory.h"
#include "timer/device.h"
#include "timer/state.h"

static size_t pages_of(unsigned vcpus)
{
    return host_memory_pages(sizeof(struct vcpu_timer) + vcpus * sizeof(struct timer_vcpu));
}

_Static_assert(sizeof(struct vcpu_timer) + VCPU_VM_MAX_VCPUS * sizeof(struct timer_vcpu) <=
                   16 * VCPU_PAGE_SIZE,
               "more than a host gives at once");
_Static_assert(sizeof(struct vcpu_timer) + 63 * sizeof(struct timer_vcpu) <= VCPU_PAGE_SIZE,
               "what the public header says");

int vcpu_timer_create(struct vcpu_vm *vm, const struct vcpu_timer_config *config,
                      struct vcpu_timer **result)
{
    struct vcpu_timer *timer;
    vcpu_pa_t page;
    size_t pages;
    int error;

    if (!vm || !config || !result || !host_memory_hooks_exist(config->host) || !config->set_ppi)
        return VCPU_ERR_INVALID;
    pages = pages_of(vcpu_vm_max_vcpus(vm));
    timer = host_memory_take(config->host, pages, &page);
    if (!timer)
        return VCPU_ERR_NO_MEMORY;
    timer->vm = vm;
    timer->host = config->host;
    timer->set_ppi = config->set_ppi;
    timer->arm = config->arm;
    timer->ctx = config->ctx;
    timer->page = page;
    timer->pages = (uint8_t)pages;

    /* The reset that each vCPU gets when it is created sets up its part. */
    error = vcpu_vm_attach(vm, &vcpu_timer_device, timer);
    if (error) {
        vcpu_timer_destroy(timer);
        return error;
    }
    *result = timer;
    return VCPU_OK;
}

int vcpu_timer_destroy(struct vcpu_timer *timer)
{
    if (!timer)
        return VCPU_ERR_INVALID;
    timer->host->free_pages(timer->host->ctx, timer->page, timer->pages);
    return VCPU_OK;
}
