/* SPDX-License-Identifier: MIT */
#include "cpu/vectors.h"

#include <stdatomic.h>
#include <stddef.h>

#include "hw/sysreg.h"

/* Written once, before the first owned vectors are in VBAR_EL2. */
static const struct vcpu_host *_Atomic owned_host;

bool vcpu_vectors_set_host(const struct vcpu_host *host)
{
    const struct vcpu_host *before = NULL;

    if (atomic_compare_exchange_strong(&owned_host, &before, host))
        return true;
    return before == host;
}

void vcpu_owned_irq(void)
{
    const struct vcpu_host *host = atomic_load_explicit(&owned_host, memory_order_acquire);

    host->irq(host->ctx);
}

void vcpu_owned_fault(struct vcpu_host_fault *fault)
{
    const struct vcpu_host *host = atomic_load_explicit(&owned_host, memory_order_acquire);

    if (host->fault && host->fault(host->ctx, fault))
        return;
    /* The host's own code has failed and cannot go on: this CPU stops. */
    for (;;)
        wfe();
}
