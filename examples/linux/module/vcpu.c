// SPDX-License-Identifier: MIT
/*
 * The file of a vCPU: the thread that calls DEV_VCPU_RUN is the vCPU.
 *
 * It is resident only between kernel_neon_begin and kernel_neon_end, where nothing else runs on the CPU but
 * interrupt handlers: no other thread, no program, and nobody with FP registers.
 */
#include <asm/neon.h>
#include <linux/anon_inodes.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <vcpu/answer.h>
#include <vcpu/psci.h>
#include <vcpu/reg.h>

#include "module.h"

/* Middle of a run or not: a thread that waits is woken, another one looks before it waits. */
void vcpu_wake_up(void *ctx, struct vcpu *vcpu)
{
    struct guest_vcpu *self = vcpu_user(vcpu);

    swake_up_one(&self->waiting);
}

/* Answers what needs no thread. False: it does. */
static bool answer(struct guest_vcpu *self, int reason)
{
    switch (reason) {
    case VCPU_EXIT_IRQ:
    case VCPU_EXIT_FIQ:
    case VCPU_EXIT_KICK:
        return true;
    case VCPU_EXIT_HYPERCALL:
    case VCPU_EXIT_SYSREG_READ:
    case VCPU_EXIT_SYSREG_WRITE:
    case VCPU_EXIT_WFE:
    case VCPU_EXIT_DEBUG:
    case VCPU_EXIT_STAGE2_FAULT:
    case VCPU_EXIT_UNHANDLED:
        return vcpu_refuse(self->vcpu) == VCPU_OK;
    default:
        return false;
    }
}

static bool is_wanted(void)
{
    return need_resched() || signal_pending(current) || local_softirq_pending();
}

/*
 * Runs it as long as nobody else wants the CPU. Interrupts are masked from the look at who does until the
 * guest is entered: one that comes in between is an exit.
 */
static int enter(struct guest_vcpu *self)
{
    int reason = VCPU_EXIT_KICK;
    struct vcpu_percpu *cpu;

    kernel_neon_begin();
    cpu = module_cpu();
    if (cpu) {
        smp_store_release(&self->inside, true);
        do {
            local_irq_disable();
            if (is_wanted()) {
                reason = VCPU_EXIT_KICK;
                local_irq_enable();
                break;
            }
            reason = vcpu_run(cpu, self->vcpu);
            local_irq_enable();
        } while (answer(self, reason));
        vcpu_percpu_put(cpu);
        smp_store_release(&self->inside, false);
    }
    kernel_neon_end();
    if (!cpu) /* it is about to go, and its threads with it */
        schedule_timeout_interruptible(1);
    return reason;
}

static u64 ticks_to_ns(u64 ticks)
{
    return mul_u64_u32_div(min(ticks, (u64)U32_MAX << 4), NSEC_PER_SEC, read_sysreg(cntfrq_el0));
}

/* Waits for an interrupt of the guest, or for a CPU_ON. */
static long wait(struct guest_vcpu *self, bool off)
{
    DECLARE_SWAITQUEUE(entry);
    long error = 0;

    for (;;) {
        u64 deadline, now;
        ktime_t time;

        prepare_to_swait_exclusive(&self->waiting, &entry, TASK_INTERRUPTIBLE);
        if (off ? vcpu_power(self->vcpu) == VCPU_POWER_ON : vcpu_has_work(self->vcpu))
            break;
        if (signal_pending(current)) {
            error = -EINTR;
            break;
        }
        deadline =
            off ? VCPU_TIMER_NEVER : vcpu_timer_deadline(self->guest->interrupts.timer, self->vcpu);
        now = read_sysreg(cntpct_el0);
        if (deadline <= now)
            break;
        time = ns_to_ktime(ticks_to_ns(deadline - now));
        if (deadline == VCPU_TIMER_NEVER)
            schedule();
        else
            schedule_hrtimeout(&time, HRTIMER_MODE_REL);
    }
    finish_swait(&self->waiting, &entry);
    return error;
}

/* The target is off, but may still be on its way out of its CPU. */
static void cpu_on(struct guest_vcpu *self)
{
    struct guest_vcpu *target = vcpu_user(self->vcpu->exit.cpu_up.target);

    while (smp_load_acquire(&target->inside))
        cond_resched();
    if (vcpu_complete_cpu_up(self->vcpu, VCPU_PSCI_SUCCESS) == VCPU_OK)
        swake_up_one(&target->waiting);
}

/* Takes what the program has written, for an access that it was asked about. */
static void take_answer(struct guest_vcpu *self)
{
    if (self->vcpu->exit.reason == VCPU_EXIT_MMIO_READ)
        vcpu_complete_mmio_read(self->vcpu, READ_ONCE(self->page->data));
    else if (self->vcpu->exit.reason == VCPU_EXIT_MMIO_WRITE)
        vcpu_complete_mmio_write(self->vcpu);
}

static long tell(struct guest_vcpu *self, u32 reason)
{
    const struct vcpu_exit *exit = &self->vcpu->exit;

    self->page->reason = reason;
    if (reason == DEV_VCPU_READ || reason == DEV_VCPU_WRITE) {
        self->page->ipa = exit->ipa.value;
        self->page->size = exit->mmio.size;
        self->page->data = reason == DEV_VCPU_WRITE ? exit->mmio.data : 0;
    }
    return 0;
}

static long fail(struct guest_vcpu *self, int reason)
{
    if (reason < 0)
        strscpy(self->page->text, vcpu_error_string(reason), sizeof(self->page->text));
    else
        vcpu_exit_describe(self->vcpu, self->page->text, sizeof(self->page->text));
    return tell(self, DEV_VCPU_FAILED);
}

static long run(struct guest_vcpu *self)
{
    struct vcpu *vcpu = self->vcpu;
    long error = 0;
    int reason;

    take_answer(self);
    /* A wait that a signal has interrupted goes on. */
    reason = vcpu_power(vcpu) != VCPU_POWER_ON ? VCPU_EXIT_CPU_DOWN : vcpu->exit.reason;
    while (!error) {
        switch (reason) {
        case VCPU_EXIT_WFI:
            error = wait(self, false);
            if (!error)
                vcpu_complete_skip(vcpu);
            break;
        case VCPU_EXIT_CPU_SUSPEND:
        case VCPU_EXIT_SYSTEM_SUSPEND:
            error = wait(self, false);
            if (!error)
                vcpu_complete_suspend(vcpu, VCPU_PSCI_SUCCESS);
            break;
        case VCPU_EXIT_CPU_DOWN:
            error = wait(self, true);
            break;
        case VCPU_EXIT_CPU_UP:
            cpu_on(self);
            break;
        case VCPU_EXIT_NONE:
        case VCPU_EXIT_IRQ:
        case VCPU_EXIT_FIQ:
        case VCPU_EXIT_KICK:
            break;
        case VCPU_EXIT_MMIO_READ:
            return tell(self, DEV_VCPU_READ);
        case VCPU_EXIT_MMIO_WRITE:
            return tell(self, DEV_VCPU_WRITE);
        case VCPU_EXIT_SYSTEM_OFF:
            return tell(self, DEV_VCPU_OFF);
        case VCPU_EXIT_SYSTEM_RESET:
            return tell(self, DEV_VCPU_RESET);
        default:
            return fail(self, reason);
        }
        cond_resched();
        if (signal_pending(current))
            error = -EINTR;
        if (!error)
            reason = enter(self);
    }
    return error;
}

static long set_entry(struct guest_vcpu *self, const struct dev_vcpu_entry *entry)
{
    self->vcpu->regs.x[0] = entry->x0;
    return module_errno(vcpu_set_entry(self->vcpu, (vcpu_ipa_t){entry->pc}));
}

static long on_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
    struct guest_vcpu *self = file->private_data;
    struct dev_vcpu_entry entry;
    long result;

    if (command == DEV_VCPU_ENTRY && copy_from_user(&entry, (void __user *)argument, sizeof(entry)))
        return -EFAULT;
    if (mutex_lock_interruptible(&self->lock))
        return -EINTR;
    switch (command) {
    case DEV_VCPU_ENTRY:
        result = set_entry(self, &entry);
        break;
    case DEV_VCPU_RUN:
        result = run(self);
        break;
    default:
        result = -ENOTTY;
    }
    mutex_unlock(&self->lock);
    return result;
}

static int on_mmap(struct file *file, struct vm_area_struct *area)
{
    struct guest_vcpu *self = file->private_data;

    if (area->vm_pgoff || area->vm_end - area->vm_start != PAGE_SIZE)
        return -EINVAL;
    return vm_insert_page(area, area->vm_start, virt_to_page(self->page));
}

static int on_release(struct inode *inode, struct file *file)
{
    struct guest_vcpu *self = file->private_data;

    vm_put(self->guest);
    return 0;
}

static const struct file_operations operations = {
    .owner = THIS_MODULE,
    .release = on_release,
    .unlocked_ioctl = on_ioctl,
    .compat_ioctl = compat_ptr_ioctl,
    .mmap = on_mmap,
};

void vcpu_free(struct guest_vcpu *self)
{
    if (self->vcpu)
        vcpu_destroy(self->vcpu);
    free_page((unsigned long)self->page);
    kfree(self);
}

static int make(struct guest_vcpu *self, unsigned int index)
{
    const struct vcpu_config config = {
        .index = index,
        .mpidr = (index / 16) << 8 | index % 16, /* an SGI reaches 16 in one write */
        .off = index != 0,
        .user = self,
    };
    int error = vcpu_create(self->guest->vm, &config, &self->vcpu);

    if (!error)
        error = vcpu_set_ept_root(self->vcpu, vcpu_stage2_root(&self->guest->stage2));
    return module_errno(error);
}

/* With the guest's lock. */
long vcpu_file(struct guest *guest, unsigned long index)
{
    struct guest_vcpu *self;
    long result;

    if (index >= guest->vcpu_count)
        return -EINVAL;
    if (guest->vcpus[index])
        return -EEXIST;
    self = kzalloc(sizeof(*self), GFP_KERNEL_ACCOUNT);
    if (!self)
        return -ENOMEM;
    self->guest = guest;
    mutex_init(&self->lock);
    init_swait_queue_head(&self->waiting);
    self->page = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
    result = self->page ? make(self, index) : -ENOMEM;
    if (result) {
        vcpu_free(self);
        return result;
    }
    guest->vcpus[index] = self;
    vm_get(guest);
    result = anon_inode_getfd("vcpu", &operations, self, O_RDWR | O_CLOEXEC);
    if (result < 0)
        vm_put(guest);
    return result;
}
