/* SPDX-License-Identifier: MIT */
#include "device/device.h"

#include "hw/sysreg.h"
#include "state/hold.h"

/* Each device of the VM that has this function, in the order of attachment. */
#define FOR_EACH_DEVICE(v, d, function)                                                            \
    for (const struct vm_device *d = (v)->vm->device, *const end = d + (v)->vm->devices; d < end;  \
         d++)                                                                                      \
        if (d->ops->function)

/* Functions that are on no exit's path, in this file that is compiled for speed. */
#define COLD __attribute__((cold))

COLD int vcpu_vm_attach(struct vcpu_vm *vm, const struct vcpu_device_ops *ops, void *ctx)
{
    if (!vm || !ops)
        return VCPU_ERR_INVALID;
    if (vm->vcpus)
        return VCPU_ERR_STATE;
    if (vm->devices == VCPU_VM_MAX_DEVICES)
        return VCPU_ERR_NO_MEMORY;
    vm->device[vm->devices++] = (struct vm_device){.ops = ops, .ctx = ctx};
    return VCPU_OK;
}

bool vcpu_device_mmio(struct vcpu_state *v, unsigned first, vcpu_ipa_t ipa, unsigned size,
                      bool write, uint64_t *data)
{
    const struct vm_device *end = v->vm->device + v->vm->devices;

    for (const struct vm_device *d = v->vm->device + first; d < end; d++)
        if (d->ops->mmio && d->ops->mmio(d->ctx, &v->pub, ipa, size, write, data))
            return true;
    return false;
}

bool vcpu_device_sysreg(struct vcpu_state *v, struct vcpu_sysreg_access *access)
{
    FOR_EACH_DEVICE(v, d, sysreg)
    if (d->ops->sysreg(d->ctx, &v->pub, access->encoding, access->write, &access->value))
        return true;
    return false;
}

COLD bool vcpu_device_has_work(const struct vcpu_state *v)
{
    FOR_EACH_DEVICE(v, d, has_work)
    if (d->ops->has_work(d->ctx, &v->pub))
        return true;
    return false;
}

enum event { LOAD, PUT, RESET };

COLD static void tell(struct vcpu_state *v, enum event event)
{
    for (const struct vm_device *d = v->vm->device; d < v->vm->device + v->vm->devices; d++) {
        void (*function)(void *ctx, struct vcpu *vcpu) = event == LOAD  ? d->ops->load
                                                         : event == PUT ? d->ops->put
                                                                        : d->ops->reset;

        if (function)
            function(d->ctx, &v->pub);
    }
}

COLD void vcpu_device_load(struct vcpu_state *v)
{
    tell(v, LOAD);
}

COLD void vcpu_device_put(struct vcpu_state *v)
{
    tell(v, PUT);
}

COLD void vcpu_device_reset(struct vcpu_state *v)
{
    tell(v, RESET);
}

void vcpu_device_watch(struct vcpu *vcpu)
{
    state_of(vcpu)->short_exits |= SHORT_EXITS_WATCHED | SHORT_EXITS_LONG;
}

/* It is on no path so short that it should be inline. */
__attribute__((noinline)) void vcpu_device_sync(struct vcpu_state *v)
{
    FOR_EACH_DEVICE(v, d, sync)
    d->ops->sync(d->ctx, &v->pub);
}

/* Returns the token after it. */
static inline __attribute__((always_inline)) uint64_t bring_up_to_date(struct vcpu_state *v)
{
    atomic_fetch_and_explicit(&v->token, ~TOKEN_NOTIFY, memory_order_acquire);
    vcpu_device_sync(v);
    return atomic_load_explicit(&v->token, memory_order_relaxed);
}

uint64_t vcpu_device_told(struct vcpu_state *v)
{
    uint64_t token = atomic_load_explicit(&v->token, memory_order_relaxed);

    /*
     * A sync can give notice for another device, so one round for each of them. Other CPUs can give
     * notice again and again; then their kick interrupt is pending. After a kick, and after
     * vcpu_device_postpone, the run ends first.
     */
    for (unsigned i = 0; i < VCPU_VM_MAX_DEVICES && (token & TOKEN_NOTIFY); i++) {
        if (token & TOKEN_KICK)
            break;
        token = bring_up_to_date(v);
    }
    return token;
}

/* A device postpones no job that often. Other CPUs may give notice again and again. */
#define MAX_ROUNDS 1024u

/* Ends what a device has postponed, with the host's interrupts let in between. */
COLD static void end_postponed(struct vcpu_state *v)
{
    bool left = true;
    uint64_t daif;

    for (unsigned rounds = 0; left && rounds < MAX_ROUNDS; rounds++) {
        if (!vcpu_hold(v, &daif))
            return;
        left =
            state_cpu(v) && (atomic_load_explicit(&v->token, memory_order_relaxed) & TOKEN_NOTIFY);
        if (left)
            bring_up_to_date(v);
        daif_restore(daif);
    }
}

COLD bool vcpu_device_access(struct vcpu *vcpu, vcpu_ipa_t ipa, unsigned size, bool write,
                             uint64_t *data)
{
    struct vcpu_state *v = state_of(vcpu);
    bool taken;
    uint64_t daif;

    /* Also of this access: it has been made when the call returns. */
    end_postponed(v);
    if (!vcpu_hold(v, &daif))
        return false;
    taken = state_cpu(v) && vcpu_device_mmio(v, 0, ipa, size, write, data);
    daif_restore(daif);
    end_postponed(v);
    return taken;
}
