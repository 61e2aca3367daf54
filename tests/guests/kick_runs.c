/* SPDX-License-Identifier: MIT */
/* A kick ends a run, or the next one; and a vCPU is on one CPU. */
#include "kick_cpus.h"

/* ---- Kicks ---- */

void test_kick_spinning(void)
{
    struct guest guest;
    unsigned kicks = hook_kicks;

    test_begin("a kick takes a spinning guest off another CPU");
    other_enable(&hooks, 0);
    guest_make(&guest, 0, kick_spin);
    guest_start(&guest);
    CHECK_EQ(vcpu_kick(guest.vcpu), VCPU_OK);
    other_finish();
    CHECK_EQ(other.result, VCPU_EXIT_KICK);
    CHECK_EQ(guest.vcpu->exit.reason, VCPU_EXIT_KICK);
    CHECK_EQ(hook_kicks, kicks + 1);
    CHECK_EQ(guest.vcpu->regs.x[2], guest_count(&guest));

    test_begin("without a hook for interrupts the kick's is pending, and the host takes it");
    CHECK(other.sgi_pending);
    CHECK_EQ(other.handled_after, other.handled_before + 1);

    test_begin("a kicked guest goes on where it was");
    guest_start(&guest);
    MUST(vcpu_kick(guest.vcpu));
    other_finish();
    CHECK_EQ(other.result, VCPU_EXIT_KICK);
    CHECK(guest.vcpu->regs.x[2] == guest_count(&guest));
    guest_free(&guest);

    test_begin("a kick wakes a guest that waits in WFI");
    guest_make(&guest, 0, kick_wfi);
    other_start(job_run);
    CHECK(TEST_WAIT_FOR(guest_count(&guest) != 0));
    spend(timer_frequency() / 1000);
    MUST(vcpu_kick(guest.vcpu));
    other_finish();
    CHECK_EQ(other.result, VCPU_EXIT_KICK);
    guest_free(&guest);
    other_disable();
}

void test_kick_with_hook(void)
{
    struct guest guest;
    unsigned irqs = hook_irqs;

    test_begin("with a hook for interrupts it has been called when vcpu_run returns");
    other_enable(&hooks, VCPU_PERCPU_IRQ_HOOK);
    guest_make(&guest, 0, kick_spin);
    guest_start(&guest);
    MUST(vcpu_kick(guest.vcpu));
    other_finish();
    CHECK_EQ(other.result, VCPU_EXIT_KICK);
    CHECK_EQ(other.hook_irqs, irqs + 1);
    CHECK(!other.sgi_pending);
    CHECK_EQ(other.handled_after, other.handled_before);
    guest_free(&guest);
    other_disable();
}

void test_kick_not_running(void)
{
    unsigned kicks = hook_kicks;
    struct guest guest;

    test_begin("a kick before the first run: it returns at once, and the guest has not moved");
    guest_make(&guest, 0, kick_mmio);
    CHECK_EQ(vcpu_kick(guest.vcpu), VCPU_OK);
    CHECK_EQ(hook_kicks, kicks); /* no CPU has it */
    CHECK_EQ(testhost_run(guest.vcpu), VCPU_EXIT_KICK);
    CHECK_EQ(guest.vcpu->regs.pc, testhost_ipa(kick_mmio));
    CHECK_EQ(guest.vcpu->exit.esr_el2, 0);

    test_begin("a kick while the host handles another exit is not lost, and neither is the exit");
    CHECK_EQ(testhost_run(guest.vcpu), VCPU_EXIT_MMIO_READ);
    MUST(vcpu_kick(guest.vcpu));
    CHECK_EQ(guest.vcpu->exit.reason, VCPU_EXIT_MMIO_READ);
    CHECK_EQ(vcpu_complete_mmio_read(guest.vcpu, 0x55), VCPU_OK);
    CHECK_EQ(testhost_run(guest.vcpu), VCPU_EXIT_KICK);
    CHECK_EQ(guest.vcpu->regs.x[4], 0x55);
    CHECK_EQ(guest.vcpu->regs.pc, testhost_ipa(kick_mmio) + 4);
    CHECK_EQ(guest_count(&guest), 0);
    open_window();

    test_begin("two kicks are one");
    MUST(vcpu_kick(guest.vcpu));
    MUST(vcpu_kick(guest.vcpu));
    CHECK_EQ(testhost_run(guest.vcpu), VCPU_EXIT_KICK);
    open_window();
    CHECK_EQ(testhost_run(guest.vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(guest.vcpu->regs.x[2], 1);

    test_begin("a kick of a vCPU that was put");
    CHECK_EQ(vcpu_put(testhost_percpu(0), guest.vcpu), VCPU_OK);
    kicks = hook_kicks;
    MUST(vcpu_kick(guest.vcpu));
    CHECK_EQ(hook_kicks, kicks);
    testhost_enter_at(guest.vcpu, kick_spin);
    CHECK_EQ(testhost_run(guest.vcpu), VCPU_EXIT_KICK);
    CHECK_EQ(guest.vcpu->regs.x[2], 1);

    test_begin("a kick is kept over vcpu_put");
    MUST(vcpu_kick(guest.vcpu));
    CHECK_EQ(vcpu_put(testhost_percpu(0), guest.vcpu), VCPU_OK);
    open_window();
    CHECK_EQ(testhost_run(guest.vcpu), VCPU_EXIT_KICK);
    CHECK_EQ(guest.vcpu->regs.x[2], 1);

    test_begin("a kick needs a vCPU");
    CHECK_EQ(vcpu_kick(NULL), VCPU_ERR_INVALID);
    guest_free(&guest);
}

void test_kick_without_interrupt(void)
{
    struct guest guest;
    uint64_t count;

    test_begin("without send_kick the guest goes on until its next exit, and then is kicked");
    other_enable(&hooks_without_kick, 0);
    guest_make(&guest, 0, kick_then_call);
    guest_start(&guest);
    CHECK_EQ(vcpu_kick(guest.vcpu), VCPU_OK);
    spend(timer_frequency() / 1000);
    CHECK(guest_moves(&guest));
    CHECK(!other_is_done());
    guest_go(&guest);
    other_finish();
    CHECK_EQ(other.result, VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_complete_call(guest.vcpu, 0), VCPU_OK);
    other_do(job_run);
    CHECK_EQ(other.result, VCPU_EXIT_KICK);
    guest_free(&guest);

    test_begin("an exit that the library answers itself lets the kick out");
    guest_make(&guest, 0, kick_then_psci);
    guest_start(&guest);
    MUST(vcpu_kick(guest.vcpu));
    guest_go(&guest);
    other_finish();
    CHECK_EQ(other.result, VCPU_EXIT_KICK);
    CHECK(guest.vcpu->regs.x[0] >> 16 == 1); /* PSCI's major version: the call was answered */
    count = guest_count(&guest);
    other_do(job_run);
    CHECK_EQ(other.result, VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_exit_imm(&guest.vcpu->exit), KICK_CALL);
    CHECK_EQ(guest_count(&guest), count);
    guest_free(&guest);
    other_disable();
}

void test_kick_of_direct_guest(void)
{
    unsigned kicks = hook_kicks;
    struct guest guest;

    test_begin("a kick sends no interrupt to a guest that owns them; it comes at the next exit");
    other_enable(&hooks, 0);
    guest_make(&guest, VCPU_VM_DIRECT_IRQ, kick_then_psci);
    guest_start(&guest);
    CHECK_EQ(vcpu_kick(guest.vcpu), VCPU_OK);
    CHECK_EQ(hook_kicks, kicks);
    CHECK(guest_moves(&guest));
    guest_go(&guest);
    other_finish();
    CHECK_EQ(other.result, VCPU_EXIT_KICK);
    CHECK(!other.sgi_pending);
    guest_free(&guest);
    other_disable();
}

/* ---- One vCPU, two CPUs ---- */

void test_busy(void)
{
    struct vcpu_percpu *cpu = testhost_percpu(0);
    struct guest guest;

    test_begin("a vCPU that runs on another CPU cannot be run here");
    other_enable(&hooks, 0);
    guest_make(&guest, 0, kick_spin);
    guest_start(&guest);
    CHECK_EQ(testhost_run(guest.vcpu), VCPU_ERR_BUSY);
    CHECK_EQ(vcpu_put(cpu, guest.vcpu), VCPU_ERR_STATE);
    CHECK_EQ(vcpu_destroy(guest.vcpu), VCPU_ERR_BUSY);
    CHECK(guest_moves(&guest));
    MUST(vcpu_kick(guest.vcpu));
    other_finish();
    CHECK_EQ(other.result, VCPU_EXIT_KICK);

    test_begin("nor one whose state is in another CPU's registers, until it is put there");
    CHECK_EQ(testhost_run(guest.vcpu), VCPU_ERR_BUSY);
    /* A kick neither gets around that nor is lost by it. */
    MUST(vcpu_kick(guest.vcpu));
    CHECK_EQ(testhost_run(guest.vcpu), VCPU_ERR_BUSY);
    other_do(job_put);
    CHECK_EQ(other.result, VCPU_OK);
    CHECK_EQ(testhost_run(guest.vcpu), VCPU_EXIT_KICK);
    other_do(job_run);
    CHECK_EQ(other.result, VCPU_ERR_BUSY);
    CHECK_EQ(vcpu_put(cpu, guest.vcpu), VCPU_OK);
    guest_free(&guest);
    other_disable();
}
