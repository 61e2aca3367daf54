/* SPDX-License-Identifier: MIT */
/* What the test hosts share: libvcpu on the mini-host's platform, a VM with RAM. */
#ifndef TESTHOST_H
#define TESTHOST_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/inject.h>
#include <vcpu/psci.h>
#include <vcpu/stage2.h>
#include <vcpu/sysreg.h>
#include <vcpu/vcpu.h>

#include "checks.h"
#include "console.h"
#include "machine.h"
#include "memory.h"
#include "platform.h"
#include "smp.h"
#include "timer.h"

/* Guest RAM, in IPA; where the snippets are; and an address where nothing is mapped. */
#define TEST_RAM_IPA  0x40000000u
#define TEST_RAM_SIZE 0x400000u
#define TEST_HOLE_IPA 0x0a000000u

/* The hooks; a test may make a copy of its own with others. */
extern const struct vcpu_host testhost_hooks;

/* The kick SGI's number. */
#define TEST_KICK_SGI 7u

/* The per-CPU block of a CPU. */
struct vcpu_percpu *testhost_percpu(unsigned cpu);

/* Enables this CPU with these flags, or fails the test. */
void testhost_enable(uint32_t flags);

/* This CPU's GIC interface, with the kick SGI enabled. */
void testhost_gic(void);
unsigned testhost_kicks_taken(void);

/* The vCPU of the last call of the wake hook, NULL if there was none since this was asked. */
struct vcpu *testhost_woken(void);

struct test_vm {
    struct vcpu_vm *vm;
    struct vcpu_stage2 s2;
    uint64_t ram; /* PA of TEST_RAM_IPA */
};

/*
 * A VM with RAM and the snippets in it. The first VM has VMID 1, and so on. With config.host NULL it
 * has testhost_hooks.
 */
void testhost_vm(struct test_vm *t, uint32_t flags);
void testhost_vm_with(struct test_vm *t, struct vcpu_vm_config config);
void testhost_vm_free(struct test_vm *t);

/* A vCPU of it. Entry: a label of snippets.S. */
struct vcpu *testhost_vcpu(struct test_vm *t, uint16_t index);
void testhost_enter_at(struct vcpu *vcpu, const char *snippet);
uint64_t testhost_ipa(const char *snippet);

/* Host's view of guest RAM. */
void *testhost_ram(const struct test_vm *t, uint64_t ipa);

/* Runs on CPU's own block. */
int testhost_run(struct vcpu *vcpu);

/* A register by its id, which the vCPU has. */
uint64_t testhost_reg(const struct vcpu *vcpu, uint32_t id);
void testhost_set_reg(struct vcpu *vcpu, uint32_t id, uint64_t value);

/* What the resident vCPU, or the last one, left in the CPU's timers: a VHE host has other names. */
uint64_t testhost_cntv_ctl(void);
uint64_t testhost_cntv_cval(void);
uint64_t testhost_cntp_ctl(void);

/*
 * The other CPU of two. Its entry (smp_start) sets it up as the test wants it and ends in
 * testhost_serve, which does one job after the other. Begin one; wait until it is done; or both.
 */
_Noreturn void testhost_serve(void);
void testhost_begin_on_other(void (*job)(void));
void testhost_wait_for_other(void);
void testhost_on_other(void (*job)(void));

/*
 * Waits until the condition holds, which another CPU, a device or the guest brings about; returns it.
 * Gives up after ten minutes: on a busy machine a CPU may stand still while time goes on.
 */
#define TEST_WAIT_FOR(condition)                                                                   \
    __extension__({                                                                                \
        uint64_t end_ = testhost_patience();                                                       \
        while (!(condition) && timer_now() < end_)                                                 \
            __asm__ volatile("yield" ::: "memory");                                                \
        (condition);                                                                               \
    })

/* The count at which a test that began to wait now gives up. */
uint64_t testhost_patience(void);

/* The snippets' first and last byte, for copying them into RAM. */
extern const char snippets_start[], snippets_end[];

#endif
