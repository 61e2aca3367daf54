/* SPDX-License-Identifier: MIT */
/* Devices inside the library: asked before the host, told of every move of the vCPU. */
#include <vcpu/device.h>

#include "testhost.h"

#include "arch.h"
#include "gic.h"

extern const char device_accesses[], device_registers[], say[], say_version[], wait_for_device[];

#define CVAL VCPU_SYSREG(3, 3, 14, 2, 2)
#define CTL  VCPU_SYSREG(3, 3, 14, 2, 1)

static struct log {
    unsigned loads, puts, resets, syncs;
    unsigned reads, writes;
    uint64_t written, register_written;
    unsigned size;
    vcpu_ipa_t ipa;
    bool work;
    struct vcpu *notified_in_put; /* and its wake hook is asked for */
} log;

static uint32_t *mailbox; /* guest memory that sync writes */

static bool device_mmio(void *ctx, struct vcpu *vcpu, vcpu_ipa_t ipa, unsigned size, bool write,
                        uint64_t *data)
{
    struct log *l = ctx;

    (void)vcpu;
    if (ipa.value < TEST_HOLE_IPA || ipa.value >= TEST_HOLE_IPA + 0x100)
        return false;
    l->ipa = ipa;
    l->size = size;
    if (write) {
        l->writes++;
        l->written = *data;
    } else {
        l->reads++;
        *data = 0xfedcba9876543281;
    }
    return true;
}

static bool device_sysreg(void *ctx, struct vcpu *vcpu, uint32_t encoding, bool write,
                          uint64_t *value)
{
    struct log *l = ctx;

    (void)vcpu;
    if (encoding != CVAL)
        return false;
    if (write)
        l->register_written = *value;
    else
        *value = 0x1122334455667788;
    return true;
}

static void device_load(void *ctx, struct vcpu *vcpu)
{
    (void)vcpu;
    ((struct log *)ctx)->loads++;
}

static void device_put(void *ctx, struct vcpu *vcpu)
{
    struct log *l = ctx;

    (void)vcpu;
    l->puts++;
    if (!l->notified_in_put)
        return;
    vcpu_device_wake(l->notified_in_put);
    vcpu_device_notify(l->notified_in_put);
}

static void device_reset(void *ctx, struct vcpu *vcpu)
{
    (void)vcpu;
    ((struct log *)ctx)->resets++;
}

static void device_sync(void *ctx, struct vcpu *vcpu)
{
    struct log *l = ctx;

    (void)vcpu;
    __atomic_add_fetch(&l->syncs, 1, __ATOMIC_RELAXED);
    if (l->work)
        __atomic_store_n(mailbox, 1, __ATOMIC_RELEASE);
}

static bool device_has_work(void *ctx, const struct vcpu *vcpu)
{
    (void)vcpu;
    return ((struct log *)ctx)->work;
}

static const struct vcpu_device_ops ops = {
    .mmio = device_mmio,
    .sysreg = device_sysreg,
    .load = device_load,
    .put = device_put,
    .reset = device_reset,
    .sync = device_sync,
    .has_work = device_has_work,
};

/* A device that takes nothing: the next one is asked. */
static const struct vcpu_device_ops nothing;

static void delay_ms(unsigned ms)
{
    uint64_t end = timer_now() + timer_frequency() / 1000 * ms;

    while (timer_now() < end)
        __asm__ volatile("yield");
}

static struct test_vm vm;
static struct vcpu *volatile remote;
static volatile unsigned go, done;

static void take_interrupts(void)
{
    arch_irq_enable();
    arch_isb();
    arch_irq_save();
}

static void second_cpu(unsigned index)
{
    (void)index;
    testhost_enable(0);
    testhost_gic();
    while (!go)
        arch_wfe();
    for (int reason = 0; reason != VCPU_EXIT_HYPERCALL;) {
        reason = testhost_run(remote);
        if (reason == VCPU_EXIT_IRQ) {
            take_interrupts(); /* the notice's SGI */
        } else if (reason != VCPU_EXIT_HYPERCALL) {
            break;
        }
    }
    MUST(vcpu_percpu_put(testhost_percpu(1)));
    done = 1;
    arch_sev();
}

static void asked(void)
{
    struct vcpu *vcpu, *other;

    test_begin("what attaching refuses");
    CHECK_EQ(vcpu_vm_attach(NULL, &ops, NULL), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_vm_attach(vm.vm, NULL, NULL), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_vm_attach(vm.vm, &nothing, NULL), VCPU_OK);
    CHECK_EQ(vcpu_vm_attach(vm.vm, &ops, &log), VCPU_OK);
    for (unsigned more = 2; more < VCPU_VM_MAX_DEVICES; more++)
        CHECK_EQ(vcpu_vm_attach(vm.vm, &nothing, NULL), VCPU_OK);
    CHECK_EQ(vcpu_vm_attach(vm.vm, &nothing, NULL), VCPU_ERR_NO_MEMORY);
    vcpu = testhost_vcpu(&vm, 0);
    CHECK_EQ(vcpu_vm_attach(vm.vm, &nothing, NULL), VCPU_ERR_STATE);
    CHECK_EQ(log.resets, 1);

    test_begin("MMIO is answered without an exit, in every width");
    testhost_enter_at(vcpu, device_accesses);
    vcpu->regs.x[0] = TEST_HOLE_IPA + 0x20;
    vcpu->regs.x[4] = 0x12345678abcdef01;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu->regs.x[1], 0x81);
    CHECK_EQ(vcpu->regs.x[2], 0xffffffffffffff81);
    CHECK_EQ(vcpu->regs.x[3], 0xfedcba9876543281);
    CHECK_EQ(log.reads, 4);
    CHECK_EQ(log.writes, 1);
    CHECK_EQ(log.written, 0xabcdef01);
    CHECK_EQ(log.size, 4);
    CHECK_EQ(log.ipa.value, TEST_HOLE_IPA + 0x30);

    test_begin("what no device takes is the host's");
    testhost_enter_at(vcpu, device_accesses);
    vcpu->regs.x[0] = TEST_HOLE_IPA + 0x1000;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_MMIO_READ);
    CHECK_EQ(vcpu->exit.ipa.value, TEST_HOLE_IPA + 0x1000);
    CHECK_EQ(vcpu->regs.pc, testhost_ipa(device_accesses));

    test_begin("a system register is answered without an exit, another is the host's");
    testhost_enter_at(vcpu, device_registers);
    vcpu->regs.x[2] = 0x99;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_SYSREG_READ);
    CHECK_EQ(vcpu->exit.sysreg.encoding, CTL);
    CHECK_EQ(vcpu->regs.x[1], 0x1122334455667788);
    CHECK_EQ(log.register_written, 0x99);

    test_begin("the device is told when the vCPU comes to a CPU and leaves it");
    MUST(vcpu_percpu_put(testhost_percpu(0)));
    CHECK_EQ(log.loads, 1);
    CHECK_EQ(log.puts, 1);
    testhost_enter_at(vcpu, say);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(log.loads, 2);
    CHECK_EQ(log.puts, 1);
    CHECK_EQ(log.syncs, 0);

    test_begin("a notice while the vCPU is out: sync before it goes on, no exit for it");
    MUST(vcpu_complete_call(vcpu, 0));
    vcpu_device_notify(vcpu);
    CHECK(vcpu_has_work(vcpu));
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(log.syncs, 1);
    CHECK(!vcpu_has_work(vcpu));

    test_begin("work is asked of the device; a kick is work too");
    log.work = true;
    CHECK(vcpu_has_work(vcpu));
    log.work = false;
    CHECK(!vcpu_has_work(vcpu));
    MUST(vcpu_kick(vcpu));
    CHECK(vcpu_has_work(vcpu));
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_KICK);
    CHECK(!vcpu_has_work(vcpu));

    test_begin("the host is told whom there may be work for, wherever the vCPU is");
    testhost_woken();
    vcpu_device_notify(vcpu);
    CHECK(testhost_woken() == vcpu);
    MUST(vcpu_percpu_put(testhost_percpu(0)));
    CHECK(testhost_woken() == NULL);
    MUST(vcpu_kick(vcpu));
    CHECK(testhost_woken() == vcpu);
    vcpu_device_wake(vcpu);
    CHECK(testhost_woken() == vcpu);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_KICK);
    MUST(vcpu_percpu_put(testhost_percpu(0)));

    test_begin("but not for a vCPU because of its own put: its host asks after it");
    other = testhost_vcpu(&vm, 1);
    for (unsigned i = 0; i < 2; i++) {
        testhost_enter_at(vcpu, say);
        CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
        log.notified_in_put = i ? other : vcpu;
        testhost_woken();
        MUST(vcpu_percpu_put(testhost_percpu(0)));
        CHECK(testhost_woken() == (i ? other : NULL));
        CHECK(vcpu_has_work(log.notified_in_put));
        log.notified_in_put = NULL;
    }
    vcpu_device_notify(vcpu);
    CHECK(testhost_woken() == vcpu);
    CHECK_EQ(vcpu_destroy(other), VCPU_OK);
    CHECK_EQ(vcpu_destroy(vcpu), VCPU_OK);
}

/* ---- A device that watches the interrupts ---- */

/* An interrupt that is pending when the guest is entered. */
static void interrupt(struct vcpu *vcpu)
{
    gic_send_sgi(0, TEST_KICK_SGI);
    while (!gic_is_pending(TEST_KICK_SGI))
        ;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_IRQ);
    take_interrupts();
}

static void nothing_happens(struct vcpu *vcpu)
{
    (void)vcpu;
}

static void a_call(struct vcpu *vcpu)
{
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    MUST(vcpu_complete_call(vcpu, 0));
}

/* Answered by the library, then one for the host. */
static void a_psci_call(struct vcpu *vcpu)
{
    testhost_enter_at(vcpu, say_version);
    a_call(vcpu);
    CHECK(vcpu->regs.x[1] >= 0x10000);
}

static void a_line_moves(struct vcpu *vcpu)
{
    CHECK_EQ(vcpu_inject_irq(vcpu, true), VCPU_OK);
    a_call(vcpu);
    CHECK_EQ(vcpu_inject_irq(vcpu, false), VCPU_OK);
    a_call(vcpu);
}

/* The guest has it masked: it stays pending, and is gone with the vCPU's reset. */
static void an_serror(struct vcpu *vcpu)
{
    CHECK_EQ(vcpu_inject_serror(vcpu, 0), VCPU_OK);
    a_call(vcpu);
}

static const struct {
    const char *name;
    void (*happens)(struct vcpu *vcpu);
} meanwhile[] = {
    {"a device that watches is asked at the next interrupt, once", nothing_happens},
    {"and not at a call before it", a_call},
    {"nor is it forgotten over a call of PSCI's", a_psci_call},
    {"nor while an interrupt line moves", a_line_moves},
    {"nor while an SError is pending", an_serror},
};

static void watched(void)
{
    for (unsigned i = 0; i < sizeof(meanwhile) / sizeof(meanwhile[0]); i++) {
        struct vcpu *vcpu = testhost_vcpu(&vm, 0);

        test_begin(meanwhile[i].name);
        testhost_enter_at(vcpu, say);
        a_call(vcpu);
        log.syncs = 0;
        vcpu_device_watch(vcpu);
        meanwhile[i].happens(vcpu);
        CHECK_EQ(log.syncs, 0);
        interrupt(vcpu);
        CHECK_EQ(log.syncs, 1);
        interrupt(vcpu);
        a_call(vcpu);
        interrupt(vcpu);
        CHECK_EQ(log.syncs, 1);
        MUST(vcpu_percpu_put(testhost_percpu(0)));
        CHECK_EQ(vcpu_destroy(vcpu), VCPU_OK);
    }
}

static void notified_from_afar(void)
{
    struct vcpu *vcpu = testhost_vcpu(&vm, 1);

    test_begin("a notice to a vCPU that runs on another CPU: sync there, no kick exit");
    mailbox = testhost_ram(&vm, TEST_RAM_IPA + 0x100000);
    testhost_enter_at(vcpu, wait_for_device);
    vcpu->regs.x[0] = TEST_RAM_IPA + 0x100000;
    log.syncs = 0;
    remote = vcpu;
    go = 1;
    arch_sev();
    delay_ms(50);
    CHECK(!done);
    log.work = true;
    vcpu_device_notify(vcpu);
    CHECK(TEST_WAIT_FOR(done));
    CHECK(log.syncs >= 1);
    CHECK_EQ(vcpu->exit.reason, VCPU_EXIT_HYPERCALL);
    CHECK(vcpu->regs.x[5] > 0);
}

void host_main(const struct machine *machine)
{
    gic_find(machine);
    gic_init();
    testhost_enable(0);
    testhost_gic();
    testhost_vm(&vm, 0);
    asked();
    watched();
    if (!smp_start(second_cpu))
        test_fail("the second CPU does not start");
    notified_from_afar();
    test_end();
}
