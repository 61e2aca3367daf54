/* SPDX-License-Identifier: MIT */
/*
 * A machine for tests of the interrupt controller: physical CPUs with a virtual CPU interface, and
 * the parts of the library that a device sees.
 */
#ifndef VCPU_TESTS_GIC_MACHINE_H
#define VCPU_TESTS_GIC_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/device.h>
#include <vcpu/gic.h>
#include <vcpu/sysreg.h>

#include "fake_host.h"
#include "gic_virtual.h"

#define MACHINE_CPUS  4u
#define MACHINE_VCPUS 256u
#define NOWHERE       UINT32_MAX

#define GICD_BASE UINT64_C(0x08000000)
#define GICC_BASE UINT64_C(0x08010000)
#define GICR_BASE UINT64_C(0x080a0000)
#define GICR(v)   (GICR_BASE + UINT64_C(0x20000) * (v))
#define SGIS(v)   (GICR(v) + UINT64_C(0x10000))

struct machine_config {
    uint8_t version;
    uint16_t vcpus, spis;
    uint8_t lrs, prebits; /* prebits 0: 5 */
    bool tdir;            /* a write to DIR is an exit */
    bool shares;          /* with vcpu_gic_share */
    uint64_t (*mpidr)(unsigned v);
};

struct machine {
    struct machine_config config;
    struct vcpu_gic *gic;
    struct machine_cpu cpu[MACHINE_CPUS];
    struct vcpu vcpu[MACHINE_VCPUS];
    uint32_t on[MACHINE_VCPUS]; /* the CPU it is resident on, or NOWHERE */
    bool notified[MACHINE_VCPUS], woken[MACHINE_VCPUS], off[MACHINE_VCPUS];
    unsigned notifications;
    bool postponed[MACHINE_VCPUS]; /* the host goes first */
    uint64_t interrupts;           /* 0: the host has none; else by chance, from this seed */
    const struct vcpu_device_ops *ops;
    void *ctx;
    struct vcpu_host host;
    unsigned physical_active[1024]; /* SPIs of the physical GIC */
    unsigned set_actives;           /* calls of the hook */
    /* What the physical sources assert: SPIs; PPIs, of the vCPU whose device it is. */
    bool spi_asserted[1024], ppi_asserted[MACHINE_VCPUS][32];
    unsigned asked; /* calls of machine_is_asserted */
};

extern struct machine machine;

/* Makes the controller and its vCPUs, each nowhere. */
void machine_start(const struct machine_config *config);
void machine_stop(void);
struct vcpu_gic_config machine_gic_config(const struct machine_config *config);

void machine_load(unsigned v, unsigned cpu);
void machine_put(unsigned v);

/* The active state of a physical interrupt; a PPI's is that of this CPU. */
unsigned *machine_physical(unsigned cpu, uint32_t physical);

/* For vcpu_gic_follow. */
bool machine_is_asserted(void *ctx, uint16_t physical);

/* Does what vcpu_run does before the vCPU's next instruction; all: until nothing is left to do. */
void machine_sync(unsigned v);
void machine_settle(void);

/* The guest's accesses. */
uint64_t machine_read(unsigned v, uint64_t ipa, unsigned size);
void machine_write(unsigned v, uint64_t ipa, unsigned size, uint64_t value);
bool machine_msr(unsigned v, uint32_t encoding, uint64_t value);

/* Its CPU interface. VMCR: bit 0 group 0, bit 1 group 1, bit 9 EOImode, 31:24 priority mask. */
void machine_set_vmcr(unsigned v, uint32_t vmcr);
uint32_t machine_ack(unsigned v);           /* INTID, version 2: with the source in 12:10 */
void machine_eoi(unsigned v, uint32_t iar); /* priority drop, and with EOImode = 0 the end */
void machine_dir(unsigned v, uint32_t iar);
unsigned machine_running(unsigned v); /* priority; 0x100 if idle */
bool machine_has_work(unsigned v);

#endif
