/* SPDX-License-Identifier: MIT */
/*
 * /dev/vcpu as a program sees it: a file for a VM, and one for each of its vCPUs, which a thread runs. All
 * calls are ioctls; those that make a file return its number.
 */
#ifndef DEV_VCPU_H
#define DEV_VCPU_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define DEV_VCPU_MAX_VCPUS 64u

/* On /dev/vcpu: a VM with so many vCPUs, a GICv3 and timers at the places that the addresses say. */
struct dev_vcpu_vm {
    __u64 distributor;
    __u64 redistributors; /* 128 KiB for each vCPU */
    __u32 vcpus;          /* 1 to DEV_VCPU_MAX_VCPUS */
    __u32 spis;
};

/*
 * On a VM: memory of this process becomes the guest's. It is pinned until the VM is gone. What was written
 * before the call is what a guest finds whose caches are off.
 */
struct dev_vcpu_memory {
    __u64 ipa, size; /* multiples of 4 KiB */
    __u64 user;      /* likewise */
};

/* On a VM: the level of the line of an SPI. */
struct dev_vcpu_line {
    __u32 intid; /* from 32 on */
    __u32 level; /* 0 or 1 */
};

/* On a vCPU: where it starts. The first one needs it; CPU_ON starts the others. */
struct dev_vcpu_entry {
    __u64 pc, x0;
};

#define DEV_VCPU_CREATE _IOW('v', 0, struct dev_vcpu_vm)
#define DEV_VCPU_MEMORY _IOW('v', 1, struct dev_vcpu_memory)
#define DEV_VCPU_LINE   _IOW('v', 2, struct dev_vcpu_line)
#define DEV_VCPU_VCPU   _IO('v', 3) /* on a VM; the argument is the index */
#define DEV_VCPU_ENTRY  _IOW('v', 4, struct dev_vcpu_entry)

/*
 * On a vCPU: runs it until its page says why not. Fails with EINTR if a signal came; called again, it
 * goes on.
 */
#define DEV_VCPU_RUN _IO('v', 5)

enum {
    DEV_VCPU_READ = 1,  /* of size bytes at ipa: the program writes data, and runs it again */
    DEV_VCPU_WRITE = 2, /* of data */
    DEV_VCPU_OFF = 3,   /* of the machine */
    DEV_VCPU_RESET = 4,
    DEV_VCPU_FAILED = 5, /* it cannot go on: `text` has a line */
};

/* The page that mmap of a vCPU's file returns, at offset 0. */
struct dev_vcpu_page {
    __u32 reason;
    __u32 size;
    __u64 ipa;
    __u64 data;
    char text[160];
};

#endif
