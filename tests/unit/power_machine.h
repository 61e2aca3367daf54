/* SPDX-License-Identifier: MIT */
/* A VM of five vCPUs that call PSCI, and the one CPU that holds them. */
#ifndef VCPU_TESTS_POWER_MACHINE_H
#define VCPU_TESTS_POWER_MACHINE_H

#include "cmocka_all.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "device/device.h"
#include "psci/psci.h"
#include "switch/switch.h"
#include "vm/power.h"

enum {
    NOT_SUPPORTED = -1,
    INVALID_PARAMETERS = -2,
    DENIED = -3,
    ALREADY_ON = -4,
    ON_PENDING = -5,
    INVALID_ADDRESS = -9,
};

#define ENTRY   UINT64_C(0x40080000)
#define HVC_ESR UINT64_C(0x5a000000) /* EC 0x16, IL */

extern unsigned resets;            /* of devices */
extern uint64_t token_at_reset;    /* what the last of these found */
extern uint64_t comes_after_reset; /* bits of the token that another CPU sets just after it */

/* The one CPU of this test holds a vCPU by having its address in the token. */
extern _Alignas(VCPU_PERCPU_ALIGN) struct percpu_state cpu;

extern unsigned looks; /* for an interrupt of the machine, that find none */

extern bool elsewhere; /* what is in a CPU is in another one's */

/* As vcpu_run does. */
void load(struct vcpu *which);

#define VCPUS 5u

vcpu_pa_t alloc_pages(void *ctx, size_t count);

void free_pages(void *ctx, vcpu_pa_t pa, size_t count);

void *phys_to_virt(void *ctx, vcpu_pa_t pa);

extern const struct vcpu_host host;

extern struct vcpu_vm *vm;
extern struct vcpu *vcpu[VCPUS];

/* Three in one cluster, one each in the next and in another package. Number 2 is off. */
extern const uint64_t mpidr[VCPUS];

int setup(void **state);

int teardown(void **state);

/* The guest's call, as the run loop carries it out: an exit reason, or 0 and the answer in x0. */
int guest_calls(struct vcpu *v, uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3);

int64_t answered(struct vcpu *v, uint64_t x0, uint64_t x1, uint64_t x2);

int turn_on(unsigned caller, unsigned target);

int turn_off(unsigned n);

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
