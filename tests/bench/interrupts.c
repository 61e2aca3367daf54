/* SPDX-License-Identifier: MIT */
/*
 * What interrupts cost a guest of vcpu/gic.h and vcpu/timer.h: each row is the time until the
 * guest's handler is done, without the handler's own instructions.
 */
#include <vcpu/gic.h>
#include <vcpu/timer.h>

#include "arch.h"
#include "bench.h"
#include "gic.h"
#include "smp.h"
#include "string.h"

extern const char bench_nothing[], bench_distributor_type[], bench_distributor_enabled[],
    bench_distributor_priority[], bench_distributor_pending[], bench_distributor_write[],
    bench_self_v2[], bench_self_v3[], bench_timer_v2[], bench_timer_v3[], bench_sender_v2[],
    bench_sender_v3[], bench_receiver_v2[], bench_receiver_v3[];

/* The guest's addresses. */
#define DISTRIBUTOR    UINT64_C(0x08000000)
#define CPU_INTERFACE  UINT64_C(0x08010000)
#define REDISTRIBUTORS UINT64_C(0x080a0000)
#define WORDS          (TEST_RAM_IPA + TEST_RAM_SIZE - 64)

#define TIMER_INTID 27u

#define ICC_IAR1_EL1  s3_0_c12_c12_0
#define ICC_EOIR1_EL1 s3_0_c12_c12_1

static struct {
    struct test_vm t;
    struct vcpu_gic *gic;
    struct vcpu_timer *timer;
    bool v3;
    struct vcpu *receiver;
    volatile bool sent;
} b;

static void set_ppi(void *ctx, struct vcpu *vcpu, uint32_t intid, bool level)
{
    (void)ctx;
    vcpu_gic_set_ppi(b.gic, vcpu, intid, level);
}

static void set_active(void *ctx, uint16_t physical, bool active)
{
    (void)ctx;
    gic_set_active(physical, active);
}

static void make_vm(const struct machine *machine)
{
    const struct vcpu_gic_config gic = {
        .host = &testhost_hooks,
        .version = (uint8_t)machine->gic.version,
        .spis = 64,
        .max_vcpus = 2,
        .distributor = vcpu_ipa(DISTRIBUTOR),
        .redistributors = vcpu_ipa(REDISTRIBUTORS),
        .gich = (volatile void *)machine->gic.hypervisor.base,
        .set_active = set_active,
    };
    const struct vcpu_timer_config timer = {.host = &testhost_hooks, .set_ppi = set_ppi};

    testhost_vm_with(&b.t, (struct vcpu_vm_config){.flags = VCPU_VM_VIRTUAL_GIC, .max_vcpus = 2});
    CHECK_EQ(vcpu_gic_create(b.t.vm, &gic, &b.gic), VCPU_OK);
    CHECK_EQ(vcpu_timer_create(b.t.vm, &timer, &b.timer), VCPU_OK);
    CHECK_EQ(vcpu_gic_map_hw(b.gic, TIMER_INTID, TIMER_INTID), VCPU_OK);
    if (!b.v3)
        CHECK_EQ(vcpu_stage2_map(&b.t.s2, vcpu_ipa(CPU_INTERFACE),
                                 vcpu_pa(machine->gic.virtual_interface.base), 0x2000,
                                 VCPU_S2_RW | VCPU_S2_DEVICE),
                 VCPU_OK);
}

static void free_vm(void)
{
    testhost_vm_free(&b.t);
    vcpu_timer_destroy(b.timer);
    vcpu_gic_destroy(b.gic);
}

/* An IRQ of the host: the virtual timer's goes to the guest, all else to the platform's handlers. */
static void take_irq(struct vcpu *vcpu)
{
    if (b.v3) {
        uint64_t intid = arch_read(ICC_IAR1_EL1);

        if (intid == TIMER_INTID) {
            arch_write(ICC_EOIR1_EL1, intid);
            vcpu_timer_interrupt(b.timer, vcpu);
        } else if (intid < GIC_INTIDS) {
            gic_end((uint32_t)intid);
        }
    } else {
        uint32_t intid = gic_acknowledge();

        if (intid == TIMER_INTID) {
            gic_drop(intid);
            vcpu_timer_interrupt(b.timer, vcpu);
        } else if (intid < GIC_INTIDS) {
            gic_end(intid);
        }
    }
}

static uint64_t run_guest(struct vcpu_percpu *cpu, struct vcpu *vcpu)
{
    for (;;) {
        int reason = vcpu_run(cpu, vcpu);

        if (reason == VCPU_EXIT_IRQ)
            take_irq(vcpu);
        else if (reason == VCPU_EXIT_SYSTEM_OFF)
            return vcpu->regs.x[1];
        else
            bench_unexpected(vcpu);
    }
}

static struct vcpu *make_vcpu(uint16_t index, const char *snippet)
{
    struct vcpu *vcpu = testhost_vcpu(&b.t, index);

    testhost_enter_at(vcpu, snippet);
    vcpu->regs.x[2] = DISTRIBUTOR;
    vcpu->regs.x[3] =
        b.v3 ? REDISTRIBUTORS + index * VCPU_GIC_V3_REDISTRIBUTOR_SIZE + 0x10000 : CPU_INTERFACE;
    vcpu->regs.x[12] = WORDS;
    return vcpu;
}

static uint64_t ticks(const char *snippet, uint64_t interrupts)
{
    struct vcpu *vcpu = make_vcpu(0, snippet);
    uint64_t result = run_guest(testhost_percpu(0), vcpu);

    test_begin("as many interrupts as operations");
    CHECK_EQ(vcpu->regs.x[2], interrupts);
    vcpu_put(testhost_percpu(0), vcpu);
    vcpu_destroy(vcpu);
    return result;
}

static void row(const struct machine *machine, const char *name, const char *snippet,
                uint64_t interrupts, uint64_t budget)
{
    uint64_t measured, empty;

    make_vm(machine);
    measured = ticks(snippet, interrupts * BENCH_COUNT);
    empty = ticks(bench_nothing, 0);
    free_vm();
    bench_row(name, bench_instructions(measured - empty) - interrupts * BENCH_HANDLER, budget);
}

/* The second CPU: its vCPU runs until it is kicked. */
static void receive(unsigned index)
{
    int reason;

    testhost_gic();
    testhost_enable(0);
    do {
        reason = vcpu_run(testhost_percpu(index), b.receiver);
        if (reason == VCPU_EXIT_IRQ)
            take_irq(b.receiver);
    } while (!b.sent);
    vcpu_percpu_put(testhost_percpu(index));
    b.receiver = NULL;
}

static void other_row(const struct machine *machine)
{
    uint64_t measured, empty;

    make_vm(machine);
    memset(testhost_ram(&b.t, WORDS), 0, 16);
    empty = ticks(bench_nothing, 0);
    b.receiver = make_vcpu(1, b.v3 ? bench_receiver_v3 : bench_receiver_v2);
    if (!smp_start(receive))
        bench_unexpected(b.receiver);
    measured = ticks(b.v3 ? bench_sender_v3 : bench_sender_v2, 0);
    b.sent = true;
    vcpu_kick(b.receiver);
    while (b.receiver)
        arch_wfe();
    free_vm();
    bench_row("SGI to a vCPU on another CPU", bench_instructions(measured - empty) - BENCH_HANDLER,
              0);
}

void bench_interrupts(const struct machine *machine)
{
    b.v3 = machine->gic.version == 3;
    gic_find(machine);
    gic_init();
    testhost_gic();
    gic_enable(TIMER_INTID);

    row(machine, "distributor read: TYPER", bench_distributor_type, 0, 0);
    row(machine, "distributor read: ISENABLER", bench_distributor_enabled, 0, 0);
    row(machine, "distributor read: IPRIORITYR", bench_distributor_priority, 0, 0);
    row(machine, "distributor read: ISPENDR", bench_distributor_pending, 0, 0);
    row(machine, "distributor write: ISENABLER", bench_distributor_write, 0, 0);
    row(machine, "SGI to itself", b.v3 ? bench_self_v3 : bench_self_v2, 1, 0);
    row(machine, "virtual timer already due", b.v3 ? bench_timer_v3 : bench_timer_v2, 1, 0);
    other_row(machine);
}
