/* SPDX-License-Identifier: MIT */
#include "held.h"

#include "bench.h"
#include "gic/update.h"

static struct gic_lock *held;
static uint64_t since, longest;

/* For each function of the library that is looked at. */
#define BEFORE_IT(type, name, parameters, arguments)                                               \
    type __real_##name parameters;                                                                 \
    type __wrap_##name parameters;                                                                 \
    type __wrap_##name parameters                                                                  \
    {                                                                                              \
        look();                                                                                    \
        return __real_##name arguments;                                                            \
    }

#define AFTER_IT(name, parameters, arguments)                                                      \
    void __real_##name parameters;                                                                 \
    void __wrap_##name parameters;                                                                 \
    void __wrap_##name parameters                                                                  \
    {                                                                                              \
        __real_##name arguments;                                                                   \
        look();                                                                                    \
    }

void __real_vcpu_gic_lock(struct gic_lock *lock);
void __wrap_vcpu_gic_lock(struct gic_lock *lock);
void __real_vcpu_gic_let_in(struct gic_lock *lock);
void __wrap_vcpu_gic_let_in(struct gic_lock *lock);

static void end(void)
{
    uint64_t ticks = timer_now() - since;

    if (ticks > longest)
        longest = ticks;
    held = NULL;
}

static void begin(struct gic_lock *lock)
{
    held = lock;
    since = timer_now();
}

static void look(void)
{
    if (held && held->next == held->served)
        end();
}

void __wrap_vcpu_gic_lock(struct gic_lock *lock)
{
    look();
    __real_vcpu_gic_lock(lock);
    begin(lock);
}

void __wrap_vcpu_gic_let_in(struct gic_lock *lock)
{
    end();
    __real_vcpu_gic_let_in(lock);
    begin(lock);
}

AFTER_IT(vcpu_gic_end, (struct vcpu_gic * gic, const struct gic_news *news), (gic, news))
AFTER_IT(vcpu_gic_settle, (struct vcpu_gic * gic, struct gic_cpu *cpu, struct gic_news *news),
         (gic, cpu, news))
BEFORE_IT(void, vcpu_device_notify, (struct vcpu * vcpu), (vcpu))
BEFORE_IT(bool, vcpu_cpu_is_interrupted, (void), ())

/* The controller's access to list registers, and ours to see when. */
static const struct gic_interface *interface;
static struct gic_interface ours;

static void write_lr(const struct vcpu_gic *gic, unsigned slot, uint64_t lr)
{
    look();
    interface->write(gic, slot, lr);
}

static void write_hcr(const struct vcpu_gic *gic, uint32_t hcr)
{
    look();
    interface->write_hcr(gic, hcr);
}

void held_begin(struct vcpu_gic *gic)
{
    interface = gic->interface;
    ours = *interface;
    ours.write = write_lr;
    ours.write_hcr = write_hcr;
    gic->interface = &ours;
    held = NULL;
    longest = 0;
}

uint64_t held_longest(void)
{
    return bench_all_instructions(longest);
}
