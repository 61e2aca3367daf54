/* SPDX-License-Identifier: MIT */
/* VMs with all the devices that this CPU can give them, and the host that runs their vCPUs. */
#ifndef SNAPSHOT_VM_H
#define SNAPSHOT_VM_H

#include "snapshot.h"
#include "testhost.h"
#include <stddef.h>
#include <vcpu/gic.h>
#include <vcpu/pmu.h>
#include <vcpu/reg.h>
#include <vcpu/timer.h>

extern const char snapshot_guest[], idle_guest[], stops_here[];

#define GICD UINT64_C(0x08000000)
#define GICC UINT64_C(0x08010000) /* version 2 */
#define GICR UINT64_C(0x080a0000) /* version 3 */

#define MAX_REGS 2048u

#define SYSREG(op0, op1, crn, crm, op2)                                                            \
    ((uint32_t)VCPU_REG_SYSREG + VCPU_SYSREG(op0, op1, crn, crm, op2))
#define CLAIMCLR SYSREG(2, 0, 7, 9, 6)
#define ISAR0    VCPU_SYSREG(3, 0, 0, 6, 0)

extern const struct machine *machine;

struct vm {
    struct test_vm vm;
    struct vcpu_gic *gic;
    struct vcpu_timer *timer;
    struct vcpu_pmu *pmu;
    struct vcpu *vcpu;
};

/* The vCPU of `from` goes on as the vCPU of `to`. */
extern struct vm from, to;

void init_cpu(void);

/* The other CPU: it does what testhost_on_other gives it. */
void other_cpu(unsigned index);

void virtual_timer(void);

void maintenance(void);

const struct vcpu_features *features(void);

void put(void);

/* To the next exit that is no interrupt; a vCPU that waits is given back when it has a reason. */
int run(struct vm *vm);

/* One field of one register may be lowered, if `lower` has bits there. */
void make_vm(struct vm *vm, uint32_t encoding, uint64_t lower);

void free_vm(struct vm *vm);

bool guest_has_pauth(const struct vm *vm);

/* What was saved of `from`, into this one. */
int restore(struct vcpu *vcpu);

void each_register(void);

#endif
