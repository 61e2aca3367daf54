/* SPDX-License-Identifier: MIT */
/*
 * A VM with the library's virtual interrupt controller, whose vCPUs do what the host says, one
 * access of the guest's at a time: each of these functions runs the vCPU on its CPU, from one
 * instruction to the hypercall behind it. Interrupts are masked in the guest, which takes them by
 * reading IAR.
 */
#ifndef GIC_VM_H
#define GIC_VM_H

#include <vcpu/device.h>
#include <vcpu/gic.h>

#include "testhost.h"

#define GICD UINT64_C(0x08000000)
#define GICC UINT64_C(0x08010000) /* version 2 */
#define GICR UINT64_C(0x080a0000) /* version 3 */
/* Of vCPU v: the frame with its SGIs and PPIs. */
#define GICR_SGI(v) (GICR + UINT64_C(0x20000) * (v) + UINT64_C(0x10000))

#define GIC_VM_VCPUS 16u
#define SPURIOUS     1023u

struct gic_vm_config {
    unsigned vcpus, spis;
    uint64_t (*mpidr)(unsigned v); /* NULL: Aff0 is the number */
    uint32_t flags;                /* of the VM */
    bool told;                     /* version 2: the library answers GICC_DIR */
    bool shares;                   /* one of several vCPUs may take an SPI: vcpu_gic_share */
    bool timer;                    /* the virtual timer's interrupt is the guest's */
    void (*attach)(void);          /* other devices, before the vCPUs are made; or NULL */
};

extern struct gic_vm {
    unsigned version, vcpus;
    struct test_vm vm;
    struct vcpu_gic *gic;
    struct vcpu *vcpu[GIC_VM_VCPUS];
    unsigned place[GIC_VM_VCPUS]; /* the CPU that it runs on */
} gic_vm;

/* On the first CPU, once: the host's own GIC, and the other CPUs. */
void gic_vm_host(const struct machine *machine);

/* The VM; its vCPU v runs on CPU v % CPUs. */
void gic_vm_start(const struct gic_vm_config *config);
void gic_vm_stop(void);

/* The same with everything enabled, in the group that the guest takes from, at priority 0x80. */
void gic_vm_open(const struct gic_vm_config *config);

/* Takes the vCPU out of its CPU, and from now on it runs on that one. */
void gic_vm_move(unsigned v, unsigned cpu);
void gic_vm_put(unsigned v);
void gic_vm_put_all(void);

/* Runs something on that CPU and waits for its end. */
void gic_vm_on_cpu(unsigned cpu, void (*todo)(void *), void *arg);
/* Or does not wait; then gic_vm_wait does. On another CPU. */
void gic_vm_begin_on_cpu(unsigned cpu, void (*todo)(void *), void *arg);
void gic_vm_wait(unsigned cpu);

/*
 * Runs on this CPU, and takes an interrupt of the host's if that was the exit, which is returned.
 * Or goes on to the next hypercall: the test ends if there is another exit.
 */
int gic_vm_run(struct vcpu *vcpu);
void gic_vm_run_to_call(struct vcpu *vcpu);

/* A snippet, which takes x0 and x1, and returns in x1. */
uint64_t guest_do(unsigned v, const char *snippet, uint64_t x0, uint64_t x1);

uint64_t guest_read(unsigned v, uint64_t address, unsigned size);
void guest_write(unsigned v, uint64_t address, unsigned size, uint64_t value);

#define ICC_REGISTERS(do)                                                                          \
    do                                                                                             \
    (pmr) do(iar0) do(eoir0) do(hppir0) do(bpr0) do(dir) do(rpr) do(sgi1r) do(asgi1r) do(          \
        sgi0r) do(iar1) do(eoir1) do(hppir1) do(bpr1) do(ctlr) do(sre) do(igrpen0) do(igrpen1)
#define ICC_DECLARE(name) extern const char read_##name[], write_##name[];
ICC_REGISTERS(ICC_DECLARE)
#undef ICC_DECLARE

#define ICC_READ(v, name)         guest_do(v, read_##name, 0, 0)
#define ICC_WRITE(v, name, value) guest_do(v, write_##name, 0, value)

/* The CPU interface of either version: IAR, EOIR, DIR and so on, of the group that is in use. */
uint32_t guest_ack(unsigned v);
void guest_eoi(unsigned v, uint32_t iar);
void guest_dir(unsigned v, uint32_t iar);
void guest_set_pmr(unsigned v, unsigned priority);
void guest_set_bpr(unsigned v, unsigned value);
void guest_set_eoimode(unsigned v, bool eoimode);
unsigned guest_running_priority(unsigned v);

/* Does the CPU interface signal an IRQ (ISR_EL1.I)? */
bool guest_is_signalled(unsigned v);

/* guest_ack and guest_eoi. */
uint32_t guest_handle(unsigned v);

/* Where the distributor's arrays are that have this interrupt: GICD, or the vCPU's own frame. */
uint64_t guest_frame(unsigned v, uint32_t intid);

/* The bit of an interrupt in an array of bits; one that writes its 1. */
bool guest_bit(unsigned v, uint32_t array, uint32_t intid);
void guest_set_bit(unsigned v, uint32_t array, uint32_t intid);

void guest_set_priority(unsigned v, uint32_t intid, unsigned priority);
void guest_set_edge(unsigned v, uint32_t intid, bool edge);
/* An SPI to vCPU `to`. */
void guest_route(unsigned v, uint32_t intid, unsigned to);
/* An SGI to these vCPUs, of the 16 lowest affinities. */
void guest_send(unsigned v, unsigned sgi, unsigned targets);

#define ISENABLER 0x100u
#define ICENABLER 0x180u
#define ISPENDR   0x200u
#define ICPENDR   0x280u
#define ISACTIVER 0x300u
#define ICACTIVER 0x380u

/* The line of an SPI, or of a PPI of vCPU v. */
void line(unsigned v, uint32_t intid, bool level);

#endif
