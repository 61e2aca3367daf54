/* SPDX-License-Identifier: MIT */
#include "vm/power.h"

#include "switch/switch.h"

enum vcpu_power vcpu_power(const struct vcpu *vcpu)
{
    return (enum vcpu_power)atomic_load_explicit(&state_of_const(vcpu)->power,
                                                 memory_order_acquire);
}

/* on_by first: see vcpu_power_take. */
void vcpu_power_end(struct vcpu_state *target, enum vcpu_power power)
{
    atomic_store_explicit(&target->on_by, NULL, memory_order_relaxed);
    atomic_store_explicit(&target->power, power, memory_order_release);
}

void vcpu_power_cancel(struct vcpu_state *v)
{
    if (v->on_target)
        vcpu_power_end(v->on_target, VCPU_POWER_OFF);
    v->on_target = NULL;
}

void vcpu_power_disown(struct vcpu_state *v)
{
    struct vcpu_state *caller = atomic_load_explicit(&v->on_by, memory_order_acquire);

    if (caller)
        vcpu_power_cancel(caller);
}

bool vcpu_power_take(struct vcpu_state *v, struct vcpu_state *target, uint32_t *power)
{
    /* A vCPU has one open CPU_ON at a time: another one ends here. */
    if (v->on_target != target)
        vcpu_power_cancel(v);
    *power = VCPU_POWER_OFF;
    /* Acquires what the target's CPU_OFF left; or the end of the CPU_ON before, on_by included. */
    if (atomic_compare_exchange_strong_explicit(&target->power, power, VCPU_POWER_ON_PENDING,
                                                memory_order_acquire, memory_order_acquire)) {
        v->on_target = target;
        atomic_store_explicit(&target->on_by, v, memory_order_release);
        return true;
    }
    return *power == VCPU_POWER_ON_PENDING &&
           atomic_load_explicit(&target->on_by, memory_order_relaxed) == v;
}

void vcpu_power_off(struct vcpu_state *v)
{
    vcpu_power_cancel(v);
    atomic_fetch_or_explicit(&v->token, TOKEN_OFF, memory_order_relaxed);
    vcpu_switch_put(state_cpu(v), true);
    /* From here on another CPU can start it: this CPU does not touch it any more. */
    atomic_store_explicit(&v->power, VCPU_POWER_OFF, memory_order_release);
}
