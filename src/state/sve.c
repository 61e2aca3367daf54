/* SPDX-License-Identifier: MIT */
#include "state/sve.h"

#include "hw/host_memory.h"

/* Bytes of a vector of one quadword, and of all the registers with such vectors. */
#define QUADWORD     16u
#define BYTES_PER_VQ (32u * QUADWORD + 17u * QUADWORD / 8)

unsigned vcpu_sve_vq(uint16_t lengths, unsigned most)
{
    unsigned vq = most ? most : SVE_MAX_VQ;

    /* Every CPU with SVE has vectors of one quadword. */
    while (vq > 1 && !(lengths >> (vq - 1) & 1))
        vq--;
    return vq;
}

bool vcpu_sve_same_lengths(uint16_t these, uint16_t those, unsigned vq)
{
    return ((these ^ those) & (BIT(vq) - 1)) == 0;
}

static size_t pages(const struct vcpu_vm *vm)
{
    return host_memory_pages(vm->sve_vq * BYTES_PER_VQ);
}

int vcpu_sve_create(const struct vcpu_vm *vm, struct sve_area *sve)
{
    if (!vm->sve_vq)
        return VCPU_OK;
    sve->pages = vm->host->alloc_pages(vm->host->ctx, pages(vm));
    if (vcpu_pa_is_none(sve->pages))
        return VCPU_ERR_NO_MEMORY;
    sve->z = vm->host->phys_to_virt(vm->host->ctx, sve->pages);
    return VCPU_OK;
}

void vcpu_sve_destroy(const struct vcpu_vm *vm, const struct sve_area *sve)
{
    if (sve->z)
        vm->host->free_pages(vm->host->ctx, sve->pages, pages(vm));
}

void vcpu_sve_reset(const struct vcpu_vm *vm, const struct sve_area *sve)
{
    if (sve->z)
        memset(sve->z, 0, vm->sve_vq * BYTES_PER_VQ);
}
