/* SPDX-License-Identifier: MIT */
/*
 * Message-signalled interrupts: from a guest's driver by the distributor or by a GICv2m frame, and
 * from a device that the host emulates; to the vCPU that sends, and to one on another CPU.
 */
#include "gic_vm.h"

#define V2M   UINT64_C(0x08020000)
#define EDGE  40u
#define LEVEL 41u
#define FIRST 48u
#define COUNT 4u

static struct vcpu_gic_v2m v2m;

static void attach_frame(void)
{
    v2m = (struct vcpu_gic_v2m){
        .gic = gic_vm.gic, .frame = vcpu_ipa(V2M), .first = FIRST, .count = COUNT};
    MUST(vcpu_gic_v2m_attach(gic_vm.vm.vm, &v2m));
}

static const struct gic_vm_config two = {.vcpus = 2, .spis = 96, .attach = attach_frame};

static void check_idle(unsigned v)
{
    CHECK(!guest_is_signalled(v));
    CHECK_EQ(guest_ack(v), SPURIOUS);
}

/* Sent by the guest's vCPU 0, or by the host on the first CPU. */
static void by_register(uint32_t intid)
{
    guest_write(0, GICD + VCPU_GIC_V3_SETSPI, 4, intid);
}

static void by_halfword(uint32_t intid)
{
    guest_write(0, GICD + VCPU_GIC_V3_SETSPI, 2, intid);
}

static void by_frame(uint32_t intid)
{
    guest_write(0, V2M + VCPU_GIC_V2M_SETSPI, 4, intid);
}

static void by_host(uint32_t intid)
{
    MUST(vcpu_gic_msi(gic_vm.gic, intid, true));
}

static void edges_come_once(const char *what, void (*send)(uint32_t), uint32_t intid)
{
    test_begin(what);
    guest_set_edge(0, intid, true);
    for (unsigned v = 0; v < 2; v++) {
        guest_route(0, intid, v);
        check_idle(!v); /* runs, and lets it go */
        check_idle(v);
        send(intid);
        send(intid);
        CHECK(guest_bit(0, ISPENDR, intid));
        CHECK_EQ(guest_handle(v), intid);
        check_idle(v);
        send(intid);
        CHECK_EQ(guest_ack(v), intid);
        send(intid); /* active and pending */
        guest_eoi(v, intid);
        CHECK_EQ(guest_handle(v), intid);
        check_idle(v);
        check_idle(!v);
    }
}

static void levels_stay(void)
{
    test_begin("a level stays until the message that clears it");
    guest_route(0, LEVEL, 1);
    by_register(LEVEL);
    CHECK_EQ(guest_handle(1), LEVEL);
    CHECK_EQ(guest_ack(1), LEVEL);
    guest_write(0, GICD + VCPU_GIC_V3_SETSPI + 8, 4, LEVEL);
    guest_eoi(1, LEVEL);
    check_idle(1);
}

static void others_are_ignored(void)
{
    test_begin("a frame has its SPIs and no others");
    CHECK_EQ(guest_read(0, V2M + 8, 4), FIRST << 16 | COUNT);
    guest_set_edge(0, EDGE, true);
    guest_route(0, EDGE, 0);
    by_frame(EDGE);
    by_frame(FIRST + COUNT);
    by_frame(0);
    check_idle(0);
    check_idle(1);
}

static void waiting_vcpus_have_work(void)
{
    test_begin("a message is a reason to go on for a vCPU that is in no CPU");
    guest_route(0, EDGE, 1);
    gic_vm_put(1);
    CHECK(!vcpu_has_work(gic_vm.vcpu[1]));
    by_host(EDGE);
    CHECK(vcpu_has_work(gic_vm.vcpu[1]));
    CHECK_EQ(guest_handle(1), EDGE);
}

void host_main(const struct machine *machine)
{
    gic_vm_host(machine);
    gic_vm_open(&two);
    if (gic_vm.version == 3) {
        CHECK(guest_read(0, GICD + 4, 4) >> 16 & 1); /* GICD_TYPER.MBIS */
        edges_come_once("a message by GICD_SETSPI_NSR comes once", by_register, EDGE);
        edges_come_once("so does one by a halfword", by_halfword, EDGE);
        levels_stay();
    }
    edges_come_once("a message by a GICv2m frame comes once", by_frame, FIRST + 1);
    edges_come_once("a message of the host comes once", by_host, EDGE);
    others_are_ignored();
    waiting_vcpus_have_work();
    gic_vm_stop();
    test_end();
}
