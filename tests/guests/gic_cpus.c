/* SPDX-License-Identifier: MIT */
/*
 * The virtual interrupt controller of a guest of eight CPUs on a machine of two, which its vCPUs
 * share and change; step by step.
 */
#include <stdatomic.h>

#include "gic_vm.h"

#include "arch.h"
#include "gic.h"

extern const char wait_for_signal[], write_cntv_ctl[], write_cntv_cval[];

static const struct gic_vm_config eight = {.vcpus = 8, .spis = 64};

#define SPI 40u

static bool v3(void)
{
    return gic_vm.version == 3;
}

/* The vCPUs, as a set, that take this IAR now, each of them once, and end it. */
static unsigned who_takes(uint32_t iar)
{
    unsigned who = 0;

    for (unsigned v = 0; v < gic_vm.vcpus; v++) {
        uint32_t got = guest_handle(v);

        if (got != SPURIOUS) {
            CHECK_EQ(got, iar);
            who |= 1u << v;
            CHECK_EQ(guest_ack(v), SPURIOUS);
        }
    }
    return who;
}

/* ---- SGIs ---- */

/* The IAR of an SGI from that CPU: version 2 tells. */
static uint32_t sgi_from(unsigned sender, unsigned sgi)
{
    return v3() ? sgi : sender << 10 | sgi;
}

static void sgis_go_to_their_targets(void)
{
    test_begin("an SGI goes to each CPU of its list, and to no other");
    gic_vm_open(&eight);
    for (unsigned sender = 0; sender < 8; sender++) {
        unsigned list = 0xa5 >> (sender & 1) ^ sender;

        guest_send(sender, sender + 1, list);
        CHECK_EQ(who_takes(sgi_from(sender, sender + 1)), list & 0xff);
    }

    test_begin("to all others, and to oneself");
    for (unsigned sender = 0; sender < 8; sender += 3) {
        if (v3())
            ICC_WRITE(sender, sgi1r, UINT64_C(1) << 40 | 9 << 24);
        else
            guest_write(sender, GICD + 0xf00, 4, 1 << 24 | 9);
        CHECK_EQ(who_takes(sgi_from(sender, 9)), 0xff & ~(1u << sender));
        if (v3())
            guest_send(sender, 10, 1u << sender);
        else
            guest_write(sender, GICD + 0xf00, 4, 2 << 24 | 10);
        CHECK_EQ(who_takes(sgi_from(sender, 10)), 1u << sender);
    }
    gic_vm_stop();
}

/* Version 2: an SGI is one interrupt from each of its senders. */
static void sgis_tell_their_senders(void)
{
    unsigned senders = 0;

    test_begin("an SGI comes once from each sender");
    gic_vm_open(&eight);
    for (unsigned sender = 0; sender < 8; sender++)
        guest_send(sender, 4, 1 << 3);
    gic_vm_move(3, 0);
    for (unsigned i = 0; i < 8; i++) {
        uint32_t iar = guest_handle(3);

        CHECK_EQ(iar & 0x3ff, 4);
        CHECK(!(senders >> (iar >> 10) & 1));
        senders |= 1u << (iar >> 10);
    }
    CHECK_EQ(senders, 0xff);
    CHECK_EQ(guest_ack(3), SPURIOUS);
    /* One after the other, with the vCPU in its CPU all the time; the last ones are its own. */
    for (unsigned sender = 0; sender < 3; sender++)
        gic_vm_move(sender, 1);
    for (unsigned i = 0; i < 6; i++) {
        unsigned sender = i < 3 ? i : 3;

        guest_send(sender, 4, 1 << 3);
        CHECK_EQ(guest_handle(3), sender << 10 | 4);
        CHECK_EQ(guest_ack(3), SPURIOUS);
    }
    gic_vm_stop();
}

/* Affinities of more than one level, with the range of 16 that Aff0 is in. */
static const uint64_t affinity[8] = {
    0, 1, 0x11, 0xff, 0x302, 0x50000, 0x700000000, 0xff00020325,
};

static uint64_t affinity_of(unsigned v)
{
    return affinity[v];
}

/* ICC_SGI1R_EL1 for SGI 2 to just that one. */
static uint64_t sgi1r_for(uint64_t mpidr)
{
    return (mpidr >> 32 & 0xff) << 48 | (mpidr >> 16 & 0xff) << 32 | (mpidr >> 8 & 0xff) << 16 |
           (mpidr >> 4 & 0xf) << 44 | 1u << (mpidr & 0xf) | 2 << 24;
}

static void affinities(void)
{
    const struct gic_vm_config config = {.vcpus = 8, .spis = 64, .mpidr = affinity_of};

    test_begin("redistributors tell affinities of all levels; the last one says so");
    gic_vm_open(&config);
    for (unsigned v = 0; v < 8; v++) {
        uint64_t typer = guest_read(0, GICR + v * 0x20000 + 8, 8);

        CHECK_EQ(typer >> 32, (affinity[v] >> 32 << 24) | (affinity[v] & 0xffffff));
        CHECK_EQ(typer >> 8 & 0xffff, v);
        CHECK_EQ(typer >> 4 & 1, v == 7);
    }

    test_begin("SGIs and routes go by affinity, with the range selector");
    for (unsigned v = 0; v < 8; v++) {
        ICC_WRITE(7 - v, sgi1r, sgi1r_for(affinity[v]));
        CHECK_EQ(who_takes(2), 1u << v);
        guest_set_edge(0, SPI, true);
        guest_route(7 - v, SPI, v);
        CHECK_EQ(guest_read(v, GICD + 0x6000 + 8 * SPI, 8), affinity[v]);
        line(0, SPI, true);
        line(0, SPI, false);
        CHECK_EQ(who_takes(SPI), 1u << v);
    }
    /* A range and a list that nobody is in. */
    ICC_WRITE(0, sgi1r, sgi1r_for(0x21));
    ICC_WRITE(0, sgi1r, sgi1r_for(0x100000000));
    CHECK_EQ(who_takes(2), 0);
    gic_vm_stop();
}

/* ---- SPIs ---- */

static void spis_follow_their_route(void)
{
    test_begin("an SPI goes where it is routed, and follows a new route until it is taken");
    gic_vm_open(&eight);
    for (unsigned v = 0; v < 8; v++) {
        guest_route(0, SPI, v);
        line(0, SPI, true);
        CHECK(guest_is_signalled(v));
        guest_route(7, SPI, 7 - v);
        CHECK(!guest_is_signalled(v));
        CHECK(guest_is_signalled(7 - v));
        CHECK_EQ(guest_ack(7 - v), SPI);
        /* Active there: the new route is for the next time. */
        guest_route(v, SPI, v);
        CHECK(!guest_is_signalled(v));
        guest_eoi(7 - v, SPI);
        CHECK(!guest_is_signalled(7 - v));
        CHECK_EQ(guest_ack(v), SPI);
        line(0, SPI, false);
        guest_eoi(v, SPI);
        CHECK_EQ(who_takes(SPI), 0);
    }

    test_begin("the state of what another CPU has is seen");
    guest_route(0, SPI, 1);
    guest_set_edge(0, SPI, true);
    line(0, SPI, true);
    CHECK_EQ(guest_ack(1), SPI);
    (void)guest_bit(0, ISACTIVER, SPI);
    CHECK_EQ(guest_running_priority(1), 0x80); /* it comes to its CPU, and shows what it has */
    CHECK(guest_bit(0, ISACTIVER, SPI));
    guest_set_bit(0, ICACTIVER, SPI);
    guest_set_bit(0, ISPENDR, SPI);
    guest_eoi(1, SPI);
    CHECK_EQ(guest_handle(1), SPI);
    CHECK_EQ(who_takes(SPI), 0);
    gic_vm_stop();
}

/* vCPU 1 is in its CPU, with the SPI in a list register, and has not looked at its notice yet. */
static void rwp_says_when_a_disabled_spi_cannot_come(void)
{
    test_begin("RWP is 1 until a disabled SPI cannot come any more on another CPU");
    gic_vm_open(&eight);
    guest_route(0, SPI, 1);
    line(0, SPI, true);
    CHECK(guest_is_signalled(1));
    CHECK_EQ(guest_read(0, GICD, 4) >> 31, 0);
    guest_set_bit(0, ICENABLER, SPI);
    CHECK_EQ(guest_read(0, GICD, 4) >> 31, 1);
    CHECK(!guest_is_signalled(1));
    CHECK_EQ(guest_read(0, GICD, 4) >> 31, 0);
    CHECK_EQ(guest_ack(1), SPURIOUS);
    gic_vm_stop();
}

/* ---- vCPUs move ---- */

static void active_state_moves(void)
{
    test_begin("active and pending go with the vCPU to another CPU, level and edge");
    gic_vm_open(&eight);
    guest_route(0, SPI, 2);
    guest_route(0, SPI + 1, 2);
    guest_set_edge(0, SPI + 1, true);
    guest_set_priority(0, SPI + 1, 0x40);
    for (unsigned round = 0; round < 4; round++) {
        line(0, SPI, true);
        CHECK_EQ(guest_ack(2), SPI);
        gic_vm_move(2, round % 2);
        CHECK_EQ(guest_ack(2), SPURIOUS);
        line(0, SPI + 1, true);
        line(0, SPI + 1, false);
        gic_vm_move(2, !(round % 2));
        CHECK_EQ(guest_ack(2), SPI + 1);
        line(0, SPI + 1, true);
        line(0, SPI + 1, false);
        gic_vm_move(2, round % 2);
        CHECK_EQ(guest_running_priority(2), 0x40);
        guest_eoi(2, SPI + 1);
        gic_vm_move(2, !(round % 2));
        CHECK_EQ(guest_handle(2), SPI + 1);
        line(0, SPI, false);
        guest_eoi(2, SPI);
        CHECK_EQ(who_takes(SPI), 0);
    }
    gic_vm_stop();
}

/* ---- The timer's interrupt: physical, and each CPU's own ---- */

static void timer(unsigned v, bool on)
{
    guest_do(v, write_cntv_cval, 0, 0); /* long due */
    guest_do(v, write_cntv_ctl, 0, on);
}

/*
 * QEMU's GICv2 looks at a physical interrupt that a guest's end made inactive not before something
 * else happens in its distributor.
 */
static void end_timer(unsigned v)
{
    guest_eoi(v, 27);
    if (!v3())
        gic_enable(27);
}

static void timers_share_a_cpu(void)
{
    const struct gic_vm_config config = {.vcpus = 4, .spis = 0, .timer = true};

    test_begin("a due timer comes, comes again while it is due, and not after");
    gic_vm_open(&config);
    timer(0, true);
    for (unsigned i = 0; i < 3; i++) {
        CHECK(guest_is_signalled(0));
        CHECK_EQ(guest_ack(0), 27);
        CHECK(!guest_is_signalled(0));
        end_timer(0);
    }
    CHECK_EQ(guest_ack(0), 27);
    timer(0, false);
    guest_eoi(0, 27);
    CHECK(!guest_is_signalled(0));

    test_begin("vCPUs that share a CPU have each its timer, pending or active");
    for (unsigned taken = 0; taken < 2; taken++) {
        timer(0, true);
        CHECK(guest_is_signalled(0));
        if (taken)
            CHECK_EQ(guest_ack(0), 27);
        /* On the same CPU: the physical interrupt is not active for what the other has. */
        testhost_woken();
        gic_vm_put(0);
        if (!taken) {
            CHECK(testhost_woken() == NULL); /* the put finds it, and its caller asks */
            CHECK(vcpu_has_work(gic_vm.vcpu[0]));
        }
        timer(2, true);
        CHECK(guest_is_signalled(2));
        CHECK_EQ(guest_ack(2), 27);
        gic_vm_put(2);
        if (!taken)
            CHECK_EQ(guest_ack(0), 27);
        /* Still due, and not ended: it does not come a second time, here or on another CPU. */
        CHECK(!guest_is_signalled(0));
        gic_vm_move(0, 1);
        CHECK(!guest_is_signalled(0));
        timer(0, false);
        guest_eoi(0, 27);
        CHECK(!guest_is_signalled(0));
        gic_vm_move(0, 0);
        CHECK(!guest_is_signalled(0));
        timer(2, false);
        guest_eoi(2, 27);
        CHECK(!guest_is_signalled(2));
    }

    test_begin("and after it was cleared in the distributor it comes again");
    timer(0, true);
    CHECK_EQ(guest_ack(0), 27);
    guest_set_bit(0, ICACTIVER, 27);
    CHECK(!guest_is_signalled(0)); /* its priority is not dropped yet */
    end_timer(0);
    CHECK_EQ(guest_ack(0), 27);
    timer(0, false);
    guest_eoi(0, 27);
    CHECK(!guest_is_signalled(0));
    for (unsigned v = 0; v < 4; v++) {
        timer(v, true);
        CHECK_EQ(guest_ack(v), 27);
        timer(v, false);
        guest_eoi(v, 27);
    }
    gic_vm_stop();
}

/* ---- Interrupts for one that runs elsewhere ---- */

static atomic_bool waits;

static void run_it(void *vcpu)
{
    atomic_store(&waits, true);
    gic_vm_run_to_call(vcpu);
    atomic_store(&waits, false);
}

/* vCPU 1 waits on CPU 1 for an interrupt, in the guest; this CPU brings one about. */
static void reaches_a_running_vcpu(void (*bring)(void), uint32_t iar)
{
    testhost_enter_at(gic_vm.vcpu[1], wait_for_signal);
    gic_vm_begin_on_cpu(1, run_it, gic_vm.vcpu[1]);
    while (!atomic_load(&waits))
        __asm__ volatile("yield");
    for (uint64_t end = timer_now() + timer_frequency() / 500; timer_now() < end;)
        CHECK(atomic_load(&waits));
    bring();
    gic_vm_wait(1);
    CHECK_EQ(guest_handle(1), iar);
}

static void bring_spi(void)
{
    line(0, SPI, true);
}

static void bring_ppi(void)
{
    line(1, 20, true);
}

static void bring_sgi(void)
{
    guest_send(0, 6, 1 << 1);
}

static void bring_sgi_to_all_others(void)
{
    ICC_WRITE(0, sgi1r, UINT64_C(1) << 40 | 6 << 24);
}

static void bring_enable(void)
{
    guest_set_bit(0, ISENABLER, SPI);
}

static void bring_route(void)
{
    guest_route(0, SPI, 1);
}

static void interrupts_reach_a_running_vcpu(void)
{
    test_begin(
        "a line, an SGI, an enable and a route of one CPU reach a vCPU in the guest on another");
    gic_vm_open(&eight);
    guest_set_edge(0, SPI, true);
    guest_set_edge(1, 20, true);
    guest_route(0, SPI, 1);
    reaches_a_running_vcpu(bring_spi, SPI);
    reaches_a_running_vcpu(bring_ppi, 20);
    reaches_a_running_vcpu(bring_sgi, sgi_from(0, 6));
    if (v3())
        reaches_a_running_vcpu(bring_sgi_to_all_others, 6);
    guest_set_bit(0, ICENABLER, SPI);
    guest_set_bit(0, ISPENDR, SPI);
    reaches_a_running_vcpu(bring_enable, SPI);
    guest_route(0, SPI, 0);
    guest_set_pmr(0, 0);
    guest_set_bit(0, ISPENDR, SPI);
    reaches_a_running_vcpu(bring_route, SPI);
    gic_vm_stop();
}

static void waiting_vcpus_have_work(void)
{
    test_begin(
        "a waiting vCPU has work when something comes, wherever it waits, and the host is told");
    gic_vm_open(&eight);
    guest_route(0, SPI, 1);
    for (unsigned resident = 0; resident < 2; resident++) {
        CHECK_EQ(guest_handle(1), SPURIOUS);
        if (!resident)
            gic_vm_put(1);
        CHECK(!vcpu_has_work(gic_vm.vcpu[1]));
        (void)testhost_woken();
        line(0, SPI, true);
        CHECK(vcpu_has_work(gic_vm.vcpu[1]));
        CHECK(testhost_woken() == gic_vm.vcpu[1]);
        CHECK_EQ(guest_ack(1), SPI);
        line(0, SPI, false);
        guest_eoi(1, SPI);
    }
    /* On this CPU, where the list registers are within reach. */
    CHECK_EQ(guest_handle(0), SPURIOUS);
    CHECK(!vcpu_has_work(gic_vm.vcpu[0]));
    (void)testhost_woken();
    line(0, SPI + 1, true);
    CHECK(vcpu_has_work(gic_vm.vcpu[0]));
    CHECK(testhost_woken() == gic_vm.vcpu[0]);
    gic_vm_stop();
}

void host_main(const struct machine *machine)
{
    gic_vm_host(machine);
    sgis_go_to_their_targets();
    if (machine->gic.version == 2)
        sgis_tell_their_senders();
    else
        affinities();
    if (machine->gic.version == 3)
        rwp_says_when_a_disabled_spi_cannot_come();
    spis_follow_their_route();
    active_state_moves();
    timers_share_a_cpu();
    interrupts_reach_a_running_vcpu();
    waiting_vcpus_have_work();
    test_end();
}
