/* SPDX-License-Identifier: MIT */
/* A VM with the host's choices for its calls, a vCPU, and firmware. For the tests of calls/. */
#ifndef VCPU_UNIT_CALLS_VM_H
#define VCPU_UNIT_CALLS_VM_H

#include "calls/calls.h"

/* What a guest may leave in the upper half of x0 and x1. */
#define DIRT          UINT64_C(0xdeadbeef00000000)
#define NOT_SUPPORTED (-1)

extern struct vcpu_state v;
extern struct vcpu_vm vm;
extern struct percpu_state cpus[2];
extern const struct vcpu_percpu *const both[2];
extern struct vcpu_calls calls;

/* Everything as new; for cmocka. */
int set_up(void **state);

/* vcpu_vm_set_calls, which must succeed. */
void set(void);

/* A call of the guest; x2 and x3 are 0x77. */
enum call_verdict call(uint64_t x0, uint64_t x1);

/* It must be answered so; or be the library's, as it came; or go to the firmware as `function`. */
void answers(uint64_t x0, uint64_t x1, int64_t answer);
void is_the_librarys(uint64_t x0, uint64_t x1);
void reaches_the_firmware(uint64_t x0, uint32_t function);

#endif
