// SPDX-License-Identifier: MIT
/* The file of a VM, and its life. */
#include <linux/anon_inodes.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "module.h"

/* What has been made of it, in the order in which it can be given back. */
static void destroy(struct kref *kref)
{
    struct guest *guest = container_of(kref, struct guest, references);
    unsigned int i;

    for (i = 0; i < guest->vcpu_count; i++)
        if (guest->vcpus[i])
            vcpu_free(guest->vcpus[i]);
    if (guest->vm)
        vcpu_vm_destroy(guest->vm);
    if (guest->interrupts.gic)
        vcpu_interrupts_destroy(&guest->interrupts);
    if (guest->stage2.host)
        vcpu_stage2_destroy(&guest->stage2);
    memory_release(guest);
    if (guest->vmid)
        vcpu_vmid_free(&module_vmids, guest->vmid);
    kfree(guest);
}

void vm_get(struct guest *guest)
{
    kref_get(&guest->references);
}

void vm_put(struct guest *guest)
{
    kref_put(&guest->references, destroy);
}

/* On a CPU that is the library's, and stays that: the VM is made for one like it. */
static int make(struct guest *guest, const struct dev_vcpu_vm *config)
{
    const struct vcpu_vm_config vm = {
        .host = &module_host,
        .flags = VCPU_VM_VIRTUAL_GIC | VCPU_VM_TRAP_WFI,
        .vmid = guest->vmid,
        .max_vcpus = config->vcpus,
    };
    const struct vcpu_interrupts_config interrupts = {
        .gic =
            {
                .host = &module_host,
                .version = 3,
                .spis = config->spis,
                .max_vcpus = config->vcpus,
                .distributor = {config->distributor},
                .redistributors = {config->redistributors},
                .set_active = interrupts_set_active,
            },
    };
    struct vcpu_percpu *cpu;
    int error;

    migrate_disable();
    cpu = module_cpu();
    error = cpu ? vcpu_vm_create(cpu, &vm, &guest->vm) : VCPU_ERR_STATE;
    if (!error)
        error = vcpu_interrupts_create(guest->vm, &interrupts, &guest->interrupts);
    migrate_enable();
    if (!error)
        error = vcpu_vm_stage2_create(guest->vm, &guest->stage2);
    return module_errno(error);
}

static long on_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
    struct guest *guest = file->private_data;
    void __user *user = (void __user *)argument;
    struct dev_vcpu_memory memory;
    struct dev_vcpu_line line;
    long result;

    switch (command) {
    case DEV_VCPU_MEMORY:
        if (copy_from_user(&memory, user, sizeof(memory)))
            return -EFAULT;
        mutex_lock(&guest->lock);
        result = memory_add(guest, &memory);
        mutex_unlock(&guest->lock);
        return result;
    case DEV_VCPU_LINE:
        if (copy_from_user(&line, user, sizeof(line)))
            return -EFAULT;
        if (line.intid < 32 || line.intid >= 32 + guest->spis)
            return -EINVAL;
        return module_errno(vcpu_gic_set_line(guest->interrupts.gic, line.intid, line.level != 0));
    case DEV_VCPU_VCPU:
        mutex_lock(&guest->lock);
        result = vcpu_file(guest, argument);
        mutex_unlock(&guest->lock);
        return result;
    default:
        return -ENOTTY;
    }
}

static int on_release(struct inode *inode, struct file *file)
{
    vm_put(file->private_data);
    return 0;
}

static const struct file_operations operations = {
    .owner = THIS_MODULE,
    .release = on_release,
    .unlocked_ioctl = on_ioctl,
    .compat_ioctl = compat_ptr_ioctl,
};

long vm_create(const struct dev_vcpu_vm *config)
{
    struct guest *guest;
    long result;

    if (!config->vcpus || config->vcpus > DEV_VCPU_MAX_VCPUS || config->spis > VCPU_GIC_MAX_SPIS)
        return -EINVAL;
    guest = kzalloc(sizeof(*guest), GFP_KERNEL_ACCOUNT);
    if (!guest)
        return -ENOMEM;
    kref_init(&guest->references);
    mutex_init(&guest->lock);
    INIT_LIST_HEAD(&guest->memory);
    guest->vcpu_count = config->vcpus;
    guest->spis = config->spis;
    result = module_errno(vcpu_vmid_alloc(&module_vmids, &guest->vmid));
    if (!result)
        result = make(guest, config);
    if (!result)
        result = anon_inode_getfd("vcpu-vm", &operations, guest, O_RDWR | O_CLOEXEC);
    if (result < 0)
        vm_put(guest);
    return result;
}
