/* SPDX-License-Identifier: MIT */
/* Timers on a machine of two CPUs, of which one is the one that the code runs on. */
#ifndef VCPU_TESTS_TIMER_MACHINE_H
#define VCPU_TESTS_TIMER_MACHINE_H

#include "cmocka_all.h"

#include <string.h>

#include <vcpu/device.h>
#include <vcpu/sysreg.h>

#include "fake_host.h"
#include "hw/count.h"
#include "random.h"
#include "timer/cpu.h"

#define CNTPCT VCPU_SYSREG(3, 3, 14, 0, 1)
#define TVAL   VCPU_SYSREG(3, 3, 14, 2, 0)
#define CTL    VCPU_SYSREG(3, 3, 14, 2, 1)
#define CVAL   VCPU_SYSREG(3, 3, 14, 2, 2)

#define ENABLE 1u
#define IMASK  2u

#define NEVER VCPU_TIMER_NEVER
#define VCPUS 2u

extern struct machine {
    uint64_t now;
    uint64_t virtual_compare[2]; /* in each CPU */
    uint64_t offset;
    uint64_t wait_deadline[VCPUS]; /* of a WFIT */
    uint16_t max_vcpus;
    struct vcpu vcpu[VCPUS];
    const struct vcpu_device_ops *ops;
    int attach_error;
    /* What the hooks were told: by vCPU, and by CPU. */
    bool level[VCPUS][32];
    bool watched[VCPUS];
    unsigned told[VCPUS][32];
    uint64_t armed[2];
    unsigned arms;
} machine;

extern struct vcpu_timer *timer;

/* The host. */
void set_ppi(void *ctx, struct vcpu *vcpu, uint32_t intid, bool level);

void arm(void *ctx, struct vcpu *vcpu, uint64_t deadline);

extern struct vcpu_timer_config config;

struct vcpu_vm *vm(void);

void forget(void);

/* A VM of two vCPUs which are nowhere, at count 1000000, with offset 400000. */
int set_up(void **state);

int tear_down(void **state);

void load(unsigned v);

/* What vcpu_put does as well: nothing of the guest stays in the CPU. */
void put(unsigned v);

void guest_writes(unsigned v, uint32_t encoding, uint64_t value);

uint64_t guest_reads(unsigned v, uint32_t encoding);

uint64_t deadline(unsigned v);

bool has_work(unsigned v);

bool physical_level(unsigned v);

#endif
