// SPDX-License-Identifier: MIT
/* /dev/vcpu, and the CPUs that the library has: all that are online. */
#include <asm/virt.h>
#include <linux/cpuhotplug.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/reboot.h>
#include <linux/smp.h>
#include <linux/syscore_ops.h>
#include <linux/uaccess.h>

#include "module.h"

static DEFINE_PER_CPU_ALIGNED(struct vcpu_percpu, blocks);
static DEFINE_PER_CPU(bool, enabled);
static DEFINE_PER_CPU(call_single_data_t, kicks);
static enum cpuhp_state hotplug;

struct vcpu_vmid_pool module_vmids;

int module_errno(int error)
{
    switch (error) {
    case VCPU_OK:
        return 0;
    case VCPU_ERR_NO_MEMORY:
        return -ENOMEM;
    case VCPU_ERR_BUSY:
        return -EBUSY;
    case VCPU_ERR_EXISTS:
        return -EEXIST;
    case VCPU_ERR_NOT_FOUND:
        return -ENOENT;
    case VCPU_ERR_NO_VMID:
        return -ENOSPC;
    case VCPU_ERR_NOT_EL2:
    case VCPU_ERR_UNSUPPORTED:
        return -ENODEV;
    default:
        return -EINVAL;
    }
}

/* The interrupt alone makes the guest exit. */
static void kicked(void *unused)
{
}

/* If the call is still under way to that CPU, its interrupt is still to come: one is enough. */
static void send_kick(void *ctx, u64 cpu)
{
    smp_call_function_single_async((int)cpu, per_cpu_ptr(&kicks, (int)cpu));
}

const struct vcpu_host module_host = {
    .alloc_pages = memory_alloc,
    .free_pages = memory_free,
    .phys_to_virt = memory_virt,
    .send_kick = send_kick,
    .wake = vcpu_wake_up,
};

struct vcpu_percpu *module_cpu(void)
{
    return __this_cpu_read(enabled) ? this_cpu_ptr(&blocks) : NULL;
}

/* On the CPU, with interrupts masked. */
static void enable(void *result)
{
    const struct vcpu_percpu_config config = {.host = &module_host, .id = smp_processor_id()};
    int error = 0;

    if (!__this_cpu_read(enabled))
        error = vcpu_percpu_enable(this_cpu_ptr(&blocks), &config);
    if (error) {
        pr_err("vcpu: CPU %d: %s\n", smp_processor_id(), vcpu_error_string(error));
        *(int *)result = module_errno(error);
        return;
    }
    __this_cpu_write(enabled, true);
}

static void disable(void *unused)
{
    if (__this_cpu_read(enabled))
        vcpu_percpu_disable(this_cpu_ptr(&blocks));
    __this_cpu_write(enabled, false);
}

static int cpu_up(unsigned int cpu)
{
    int result = 0;

    INIT_CSD(per_cpu_ptr(&kicks, cpu), kicked, NULL);
    interrupts_cpu_up();
    local_irq_disable();
    enable(&result);
    local_irq_enable();
    if (result)
        interrupts_cpu_down();
    return result;
}

static int cpu_down(unsigned int cpu)
{
    local_irq_disable();
    disable(NULL);
    local_irq_enable();
    interrupts_cpu_down();
    return 0;
}

/* Suspend: the last CPU is not unplugged. */
static int suspend(void)
{
    disable(NULL);
    return 0;
}

static void resume(void)
{
    int result;

    enable(&result);
}

static struct syscore_ops syscore = {.suspend = suspend, .resume = resume};

/* Whoever comes next (kexec) finds EL2 as Linux had it. */
static int reboot(struct notifier_block *block, unsigned long event, void *data)
{
    on_each_cpu(disable, NULL, 1);
    return NOTIFY_OK;
}

static struct notifier_block reboot_block = {.notifier_call = reboot};

static long on_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
    struct dev_vcpu_vm config;

    if (command != DEV_VCPU_CREATE)
        return -ENOTTY;
    if (copy_from_user(&config, (void __user *)argument, sizeof(config)))
        return -EFAULT;
    return vm_create(&config);
}

static const struct file_operations operations = {
    .owner = THIS_MODULE,
    .unlocked_ioctl = on_ioctl,
    .compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice device = {
    .minor = MISC_DYNAMIC_MINOR,
    .name = "vcpu",
    .fops = &operations,
};

static int __init start(void)
{
    int error;

    if (!is_kernel_in_hyp_mode()) {
        pr_err(
            "vcpu: this kernel runs at EL1: it needs a CPU with VHE, and to be started at EL2\n");
        return -ENODEV;
    }
    error = interrupts_init();
    if (error)
        return error;
    error = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "vcpu:online", cpu_up, cpu_down);
    if (error < 0)
        goto no_cpus;
    hotplug = error;
    migrate_disable();
    error = module_errno(vcpu_vmid_pool_init(
        &module_vmids, read_sanitised_ftr_reg(SYS_ID_AA64MMFR1_EL1) & 0x20 ? 16 : 8));
    migrate_enable();
    if (!error)
        error = misc_register(&device);
    if (error)
        goto no_device;
    register_syscore_ops(&syscore);
    register_reboot_notifier(&reboot_block);
    return 0;

no_device:
    cpuhp_remove_state(hotplug);
no_cpus:
    interrupts_exit();
    return error;
}

static void __exit stop(void)
{
    unregister_reboot_notifier(&reboot_block);
    unregister_syscore_ops(&syscore);
    misc_deregister(&device);
    cpuhp_remove_state(hotplug);
    interrupts_exit();
}

module_init(start);
module_exit(stop);
MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("Virtual CPUs by libvcpu");
