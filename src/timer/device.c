/* SPDX-License-Identifier: MIT */
/* What happens at each event. Pure: it acts on the CPU through timer/cpu.h. */
#include "timer/device.h"

#include "hw/count.h"
#include "hw/cpu.h"
#include "timer/cpu.h"
#include "timer/state.h"

static void arm(struct vcpu_timer *timer, struct vcpu *vcpu, struct timer_vcpu *t,
                uint64_t deadline)
{
    if (deadline == t->armed)
        return;
    t->armed = deadline;
    if (timer->arm)
        timer->arm(timer->ctx, vcpu, deadline);
}

/* Updates the physical timer's level, and when it will change. The vCPU is resident here. */
static void update(struct vcpu_timer *timer, struct vcpu *vcpu, struct timer_vcpu *t)
{
    uint64_t compare = count_compare(t->physical.ctl, t->physical.cval);
    uint64_t deadline =
        count_deadline(vcpu_cpu_count(), vcpu_vm_counter_offset(timer->vm), compare);
    bool level = deadline == 0;

    /* When it is high, only an access of the guest makes it low: there is nothing to wait for. */
    if (level)
        compare = deadline = VCPU_TIMER_NEVER;
    atomic_store_explicit(&t->physical_compare, compare, memory_order_relaxed);
    arm(timer, vcpu, t, deadline);
    if (deadline != VCPU_TIMER_NEVER)
        vcpu_device_watch(vcpu); /* the next interrupt may be the one that the arm hook asked for */
    if (level == t->physical_level)
        return;
    t->physical_level = level;
    timer->set_ppi(timer->ctx, vcpu, VCPU_TIMER_PHYSICAL_PPI, level);
}

/*
 * EL0's accesses come here only if the guest's CNTKCTL_EL1 allows them: others go to EL1 before
 * CNTHCTL_EL2 is checked.
 */
static bool timer_sysreg(void *ctx, struct vcpu *vcpu, uint32_t encoding, bool write,
                         uint64_t *value)
{
    struct vcpu_timer *timer = ctx;
    struct timer_vcpu *t = timer_of(timer, vcpu);
    uint64_t count = count_of_guest(vcpu_cpu_count(), vcpu_vm_counter_offset(timer->vm));
    enum timer_access access =
        vcpu_timer_physical_access(&t->physical, count, encoding, write, value);

    if (access == TIMER_WRITTEN)
        update(timer, vcpu, t);
    return access != TIMER_NOT_MINE;
}

static void timer_load(void *ctx, struct vcpu *vcpu)
{
    struct vcpu_timer *timer = ctx;
    struct timer_vcpu *t = timer_of(timer, vcpu);

    atomic_store_explicit(&t->resident, vcpu_cpu_id(), memory_order_relaxed);
    atomic_store_explicit(&t->virtual_compare, VCPU_TIMER_NEVER, memory_order_relaxed);
    t->used = true;
    t->interrupted = false;
    update(timer, vcpu, t);
}

/*
 * The virtual timer is still in the CPU. The core saves and stops it after this, and then it raises
 * no physical interrupt any more, so set_ppi is called if it is due. If the host has forwarded the
 * interrupt before and the guest has taken it, the interrupt controller knows that this is the same
 * one.
 */
static void timer_put(void *ctx, struct vcpu *vcpu)
{
    struct vcpu_timer *timer = ctx;
    struct timer_vcpu *t = timer_of(timer, vcpu);
    uint64_t compare = vcpu_timer_cpu_virtual_compare();

    if (count_deadline(vcpu_cpu_count(), vcpu_vm_counter_offset(timer->vm), compare) == 0) {
        compare = VCPU_TIMER_NEVER;
        timer->set_ppi(timer->ctx, vcpu, VCPU_TIMER_VIRTUAL_PPI, true);
    }
    atomic_store_explicit(&t->virtual_compare, compare, memory_order_relaxed);
    arm(timer, vcpu, t, VCPU_TIMER_NEVER);
    atomic_store_explicit(&t->resident, 0, memory_order_relaxed);
}

static void timer_reset(void *ctx, struct vcpu *vcpu)
{
    struct vcpu_timer *timer = ctx;
    struct timer_vcpu *t = timer_of(timer, vcpu);

    t->physical = (struct timer_physical){0};
    atomic_store_explicit(&t->physical_compare, VCPU_TIMER_NEVER, memory_order_relaxed);
    atomic_store_explicit(&t->virtual_compare, VCPU_TIMER_NEVER, memory_order_relaxed);
    t->armed = VCPU_TIMER_NEVER;
    if (t->physical_level)
        timer->set_ppi(timer->ctx, vcpu, VCPU_TIMER_PHYSICAL_PPI, false);
    if (t->used)
        timer->set_ppi(timer->ctx, vcpu, VCPU_TIMER_VIRTUAL_PPI, false);
    t->physical_level = t->used = false;
}

/* The count may have passed the guest's compare value. */
static void timer_sync(void *ctx, struct vcpu *vcpu)
{
    struct vcpu_timer *timer = ctx;
    struct timer_vcpu *t = timer_of(timer, vcpu);

    if (t->armed != VCPU_TIMER_NEVER)
        update(timer, vcpu, t);
}

static uint64_t deadline_of(const struct vcpu_timer *timer, const struct timer_vcpu *t)
{
    uint64_t daif = vcpu_cpu_mask(), deadline = VCPU_TIMER_NEVER;
    uint64_t compare = atomic_load_explicit(&t->virtual_compare, memory_order_relaxed);
    uint64_t other = atomic_load_explicit(&t->physical_compare, memory_order_relaxed);
    /* Only the hardware has the present values. */
    bool here = atomic_load_explicit(&t->resident, memory_order_relaxed) == vcpu_cpu_id();

    if (here)
        compare = vcpu_timer_cpu_virtual_compare();
    /* Most that wait have no timer set: then nobody needs to know the time. */
    if ((compare & other) != VCPU_TIMER_NEVER) {
        uint64_t now = vcpu_cpu_count(), offset = vcpu_vm_counter_offset(timer->vm);

        /*
         * After it was forwarded, the interrupt controller has it. If this is a new one, it comes
         * by itself.
         */
        if (here && t->interrupted && count_is_due(count_of_guest(now, offset), compare))
            compare = VCPU_TIMER_NEVER;
        deadline = count_deadline(now, offset, compare < other ? compare : other);
    }
    vcpu_cpu_restore(daif);
    return deadline;
}

static bool timer_has_work(void *ctx, const struct vcpu *vcpu)
{
    struct vcpu_timer *timer = ctx;

    return deadline_of(timer, timer_of(timer, vcpu)) == 0;
}

/* If the vCPU is not resident, the next load calls set_ppi. */
static int timer_reg(void *ctx, struct vcpu *vcpu, uint32_t encoding, enum vcpu_reg_op op,
                     uint64_t *value)
{
    struct vcpu_timer *timer = ctx;
    struct timer_vcpu *t = timer_of(timer, vcpu);
    uint64_t count = count_of_guest(vcpu_cpu_count(), vcpu_vm_counter_offset(timer->vm));

    if (encoding != REG_CNTP_CTL_EL0 && encoding != REG_CNTP_CVAL_EL0)
        return VCPU_ERR_NOT_FOUND;
    if (op == VCPU_REG_OP_GET) {
        vcpu_timer_physical_access(&t->physical, count, encoding, false, value);
        return VCPU_OK;
    }
    /* ISTATUS is read-only: any value of it is accepted. */
    if (encoding == REG_CNTP_CTL_EL0 && (*value & ~CNT_CTL_DEFINED))
        return VCPU_ERR_INVALID;
    if (op == VCPU_REG_OP_CHECK)
        return VCPU_OK;
    vcpu_timer_physical_access(&t->physical, count, encoding, true, value);
    if (atomic_load_explicit(&t->resident, memory_order_relaxed) == vcpu_cpu_id())
        update(timer, vcpu, t);
    else
        atomic_store_explicit(&t->physical_compare,
                              count_compare(t->physical.ctl, t->physical.cval),
                              memory_order_relaxed);
    return VCPU_OK;
}

static uint32_t timer_reg_at(void *ctx, const struct vcpu *vcpu, unsigned n)
{
    static const uint16_t registers[] = {REG_CNTP_CVAL_EL0, REG_CNTP_CTL_EL0, 0};

    (void)ctx;
    (void)vcpu;
    return registers[n < 2 ? n : 2];
}

const struct vcpu_device_ops vcpu_timer_device = {
    .sysreg = timer_sysreg,
    .load = timer_load,
    .put = timer_put,
    .reset = timer_reset,
    .sync = timer_sync,
    .has_work = timer_has_work,
    .reg = timer_reg,
    .reg_at = timer_reg_at,
};

uint64_t vcpu_timer_deadline(const struct vcpu_timer *timer, const struct vcpu *vcpu)
{
    uint64_t timers = deadline_of(timer, &timer->vcpu[vcpu_index(vcpu)]);
    uint64_t wait = vcpu_wait_deadline(vcpu);

    return wait < timers ? wait : timers;
}
