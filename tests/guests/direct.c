/* SPDX-License-Identifier: MIT */
/*
 * What a guest that owns the physical interrupts (VCPU_VM_DIRECT_IRQ) leaves in the CPU interface, and
 * that a host which does as vcpu/vm.h says has its interrupts again, and those of its next guest.
 */
#include "arch.h"
#include "gic.h"
#include "testhost.h"

extern const char direct_guest[], next_guest[];

#define ICC_CTLR_EOIMODE 2u

struct interface {
    uint64_t pmr, ctlr, bpr1, igrpen1, ap1r;
};

static struct interface interface(void)
{
    return (struct interface){arch_read(icc_pmr_el1), arch_read(icc_ctlr_el1),
                              arch_read(icc_bpr1_el1), arch_read(icc_igrpen1_el1),
                              arch_read(icc_ap1r0_el1)};
}

/* The steps of vcpu/vm.h. */
static void restore(const struct interface *host, uint32_t active)
{
    arch_write(icc_ap1r0_el1, 0);
    arch_write(icc_ctlr_el1, host->ctlr);
    arch_write(icc_bpr1_el1, host->bpr1);
    arch_write(icc_pmr_el1, host->pmr);
    arch_write(icc_igrpen1_el1, host->igrpen1);
    arch_isb();
    gic_set_active(active, false);
}

static void run_direct(void)
{
    struct test_vm direct;
    struct vcpu *v;

    testhost_vm(&direct, VCPU_VM_DIRECT_IRQ);
    v = testhost_vcpu(&direct, 0);
    testhost_enter_at(v, direct_guest);
    gic_send_sgi(0, TEST_KICK_SGI);
    CHECK_EQ(testhost_run(v), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_exit_imm(&v->exit), 1);
    CHECK_EQ(v->regs.x[0], TEST_KICK_SGI);
    testhost_vm_free(&direct);
}

/* How the next guest's run ends while an SGI is pending. */
static int run_next(void)
{
    struct test_vm vm;
    struct vcpu *v;
    int reason;

    testhost_vm(&vm, 0);
    v = testhost_vcpu(&vm, 0);
    testhost_enter_at(v, next_guest);
    reason = testhost_run(v);
    testhost_vm_free(&vm);
    return reason;
}

static void an_interrupt_comes(void)
{
    unsigned before = testhost_kicks_taken();

    arch_irq_enable();
    CHECK(TEST_WAIT_FOR(testhost_kicks_taken() != before));
    arch_irq_save();
}

void host_main(const struct machine *machine)
{
    struct interface host, left;

    arch_irq_save();
    gic_find(machine);
    gic_init();
    testhost_gic();
    testhost_enable(0);
    host = interface();

    test_begin("a guest that owns the interrupts leaves them masked in the physical CPU interface");
    run_direct();
    left = interface();
    CHECK_EQ(left.pmr, 0);
    CHECK_EQ(left.ctlr, host.ctlr ^ ICC_CTLR_EOIMODE);
    CHECK(left.bpr1 != host.bpr1);
    CHECK_EQ(left.igrpen1, 0);
    CHECK(left.ap1r != host.ap1r);
    gic_send_sgi(0, TEST_KICK_SGI);
    CHECK_EQ(run_next(), VCPU_EXIT_HYPERCALL);

    test_begin("with them as before, the next guest is interrupted, and so is the host");
    restore(&host, TEST_KICK_SGI);
    CHECK_EQ(run_next(), VCPU_EXIT_IRQ);
    an_interrupt_comes();
    left = interface();
    CHECK_EQ(left.pmr, host.pmr);
    CHECK_EQ(left.ctlr, host.ctlr);
    CHECK_EQ(left.bpr1, host.bpr1);
    CHECK_EQ(left.igrpen1, host.igrpen1);
    CHECK_EQ(left.ap1r, host.ap1r);
    test_end();
}
