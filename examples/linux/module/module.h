/* SPDX-License-Identifier: MIT */
/* What the module's files know of each other. */
#ifndef MODULE_H
#define MODULE_H

#include <linux/fs.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/swait.h>
#include <linux/types.h>

#include <vcpu/cache.h>
#include <vcpu/device.h>
#include <vcpu/error.h>
#include <vcpu/interrupts.h>
#include <vcpu/stage2.h>
#include <vcpu/vcpu.h>
#include <vcpu/vm.h>
#include <vcpu/vmid.h>

#include "../dev_vcpu.h"

struct guest {
    struct kref references; /* the VM's file, and those of its vCPUs */
    struct mutex lock;      /* who makes something of it */
    struct vcpu_vm *vm;
    struct vcpu_interrupts interrupts;
    struct vcpu_stage2 stage2;
    struct list_head memory;
    struct guest_vcpu *vcpus[DEV_VCPU_MAX_VCPUS];
    u32 vcpu_count, spis;
    u16 vmid;
};

struct guest_vcpu {
    struct guest *guest;
    struct vcpu *vcpu;
    struct mutex lock; /* one thread at a time runs it */
    struct swait_queue_head waiting;
    struct dev_vcpu_page *page;
    bool inside; /* it may be resident on a CPU */
};

/* A negative errno for one of the library's. */
int module_errno(int error);

/* device.c: the hooks, and the CPUs. */
extern const struct vcpu_host module_host;
extern struct vcpu_vmid_pool module_vmids;
struct vcpu_percpu *module_cpu(void); /* NULL: this CPU is about to go */

/* memory.c */
vcpu_pa_t memory_alloc(void *ctx, size_t count);
void memory_free(void *ctx, vcpu_pa_t pa, size_t count);
void *memory_virt(void *ctx, vcpu_pa_t pa);
long memory_add(struct guest *guest, const struct dev_vcpu_memory *memory);
void memory_release(struct guest *guest);

/* interrupts.c */
int interrupts_init(void);
void interrupts_exit(void);
void interrupts_cpu_up(void);
void interrupts_cpu_down(void);
void interrupts_set_active(void *ctx, u16 physical, bool active);

/* vm.c */
long vm_create(const struct dev_vcpu_vm *config);
void vm_get(struct guest *guest);
void vm_put(struct guest *guest);

/* vcpu.c */
long vcpu_file(struct guest *guest, unsigned long index);
void vcpu_free(struct guest_vcpu *self);
void vcpu_wake_up(void *ctx, struct vcpu *vcpu);

#endif
