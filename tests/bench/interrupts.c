/* SPDX-License-Identifier: MIT */
/*
 * What interrupts cost a guest of vcpu/gic.h and vcpu/timer.h: each row is the time until the
 * guest's handler is done, without the handler's own instructions.
 */
#include "bench.h"
#include "string.h"
#include "vm.h"

extern const char bench_nothing[], bench_distributor_type[], bench_distributor_enabled[],
    bench_distributor_priority[], bench_distributor_pending[], bench_distributor_write[],
    bench_self_v2[], bench_self_v3[], bench_timer_v2[], bench_timer_v3[], bench_sender_v2[],
    bench_sender_v3[], bench_receiver_v2[], bench_receiver_v3[];

static struct vcpu *receiver;
static volatile bool sent;

/* In version 2 an SGI is a write to the distributor, and the interface of both is memory. */
static uint64_t budget(uint64_t v3, uint64_t v2)
{
    return bench_vm.v3 ? BUDGET(v3) : BUDGET(v2);
}

static uint64_t run_guest(struct vcpu_percpu *cpu, struct vcpu *vcpu)
{
    for (;;) {
        int reason = vcpu_run(cpu, vcpu);

        if (reason == VCPU_EXIT_IRQ)
            bench_take_irq(vcpu);
        else if (reason == VCPU_EXIT_SYSTEM_OFF)
            return vcpu->regs.x[1];
        else
            bench_unexpected(vcpu);
    }
}

static uint64_t ticks(const char *snippet, uint64_t interrupts)
{
    struct vcpu *vcpu = bench_vcpu(0, snippet);
    uint64_t result = run_guest(testhost_percpu(0), vcpu);

    test_begin("as many interrupts as operations");
    CHECK_EQ(vcpu->regs.x[2], interrupts);
    vcpu_put(testhost_percpu(0), vcpu);
    vcpu_destroy(vcpu);
    return result;
}

static uint64_t cost(const char *snippet, uint64_t interrupts)
{
    uint64_t measured, empty;

    bench_vm_open(0);
    measured = ticks(snippet, interrupts * BENCH_COUNT);
    empty = ticks(bench_nothing, 0);
    bench_vm_close();
    return bench_instructions(measured - empty) - interrupts * BENCH_HANDLER;
}

static void row(const char *name, const char *snippet, uint64_t interrupts, uint64_t budget)
{
    bench_row(name, cost(snippet, interrupts), budget);
}

/* The second CPU: its vCPU runs until it is kicked. */
static void receive(void)
{
    do {
        if (vcpu_run(testhost_percpu(1), receiver) == VCPU_EXIT_IRQ)
            bench_take_irq(receiver);
    } while (!sent);
}

uint64_t bench_cost_of_other(void)
{
    uint64_t measured, empty;

    bench_vm_open(0);
    memset(testhost_ram(&bench_vm.t, BENCH_WORDS), 0, 16);
    empty = ticks(bench_nothing, 0);
    receiver = bench_vcpu(1, bench_vm.v3 ? bench_receiver_v3 : bench_receiver_v2);
    sent = false;
    bench_other_begin(receive);
    measured = ticks(bench_vm.v3 ? bench_sender_v3 : bench_sender_v2, 0);
    sent = true;
    vcpu_kick(receiver);
    bench_other_wait();
    bench_vm_close();
    return bench_instructions(measured - empty) - BENCH_HANDLER;
}

uint64_t bench_cost_of_read(void)
{
    return cost(bench_distributor_type, 0);
}

uint64_t bench_cost_of_self(void)
{
    return cost(bench_vm.v3 ? bench_self_v3 : bench_self_v2, 1);
}

uint64_t bench_cost_of_timer(void)
{
    return cost(bench_vm.v3 ? bench_timer_v3 : bench_timer_v2, 1);
}

void bench_interrupts(void)
{
    bench_row("distributor read: TYPER", bench_cost_of_read(), BUDGET(152));
    row("distributor read: ISENABLER", bench_distributor_enabled, 0, BUDGET(168));
    row("distributor read: IPRIORITYR", bench_distributor_priority, 0, 0);
    row("distributor read: ISPENDR", bench_distributor_pending, 0, 0);
    row("distributor write: ISENABLER", bench_distributor_write, 0, 0);
    bench_row("SGI to itself", bench_cost_of_self(), budget(196, 227));
    bench_row("virtual timer already due", bench_cost_of_timer(), budget(175, 190));
    bench_row("SGI to a vCPU on another CPU", bench_cost_of_other(), budget(633, 647));
}
