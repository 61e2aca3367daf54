/* SPDX-License-Identifier: MIT */
/*
 * Forwarded levels follow their sources: the virtual timer's, and that of a device of the machine's,
 * its clock, which the guest has. The guest lowers the source without an exit of its own.
 */
#include <vcpu/timer.h>

#include "gic.h"
#include "gic_vm.h"
#include "irq.h"

extern const char set_timer[];

/* The clock where the guest has it, and its registers. */
#define RTC     UINT64_C(0x09010000)
#define RTCDR   (RTC + 0x00)
#define RTCMR   (RTC + 0x04)
#define RTCIMSC (RTC + 0x10)
#define RTCRIS  (RTC + 0x14)

#define TIMER_PPI 27u
#define RTC_SPI   34u

#define CNTV_CTL_ENABLE 1u

static const struct machine *machine;

static uint32_t rtc_physical(void)
{
    return GIC_FIRST_SPI + machine->rtc.spi;
}

static bool is_asserted(void *ctx, uint16_t physical)
{
    (void)ctx;
    return physical == machine->virtual_timer_intid ? vcpu_timer_asserts()
                                                    : gic_is_pending(physical);
}

static void on_rtc(void)
{
    MUST(vcpu_gic_set_line(gic_vm.gic, RTC_SPI, true));
}

static void give_devices(void)
{
    MUST(vcpu_stage2_map(&gic_vm.vm.s2, vcpu_ipa(RTC), vcpu_pa(machine->rtc.registers.base), 0x1000,
                         VCPU_S2_RW | VCPU_S2_DEVICE));
    MUST(vcpu_gic_map_hw(gic_vm.gic, RTC_SPI, (uint16_t)rtc_physical()));
    MUST(vcpu_gic_follow(gic_vm.gic, is_asserted));
}

/* ---- The sources, which vCPU 0 has ---- */

static void raise_timer(void)
{
    guest_do(0, set_timer, 0, CNTV_CTL_ENABLE);
}

static void lower_timer(void)
{
    guest_do(0, set_timer, 0, 0);
}

/* It compares for equality: if a second ends between the two, once more. */
static void raise_rtc(void)
{
    guest_write(0, RTCIMSC, 4, 1);
    while ((guest_read(0, RTCRIS, 4) & 1) == 0)
        guest_write(0, RTCMR, 4, guest_read(0, RTCDR, 4));
}

static void lower_rtc(void)
{
    guest_write(0, RTCIMSC, 4, 0);
}

static const struct source {
    uint32_t intid;
    void (*raise)(void), (*lower)(void);
} sources[] = {{TIMER_PPI, raise_timer, lower_timer}, {RTC_SPI, raise_rtc, lower_rtc}};

static void raise_and_see(const struct source *source)
{
    source->raise();
    CHECK(TEST_WAIT_FOR(guest_bit(0, ISPENDR, source->intid)));
}

/* It is over, and the next one comes. */
static void check_over(const struct source *source)
{
    CHECK(!guest_is_signalled(0));
    CHECK_EQ(guest_ack(0), SPURIOUS);
    CHECK(!guest_bit(0, ISPENDR, source->intid));
    source->raise();
    CHECK(TEST_WAIT_FOR(guest_is_signalled(0)));
    CHECK_EQ(guest_ack(0), source->intid);
    CHECK(guest_bit(0, ISPENDR, source->intid));
    CHECK(guest_bit(0, ISACTIVER, source->intid));
    source->lower();
    CHECK(!guest_bit(0, ISPENDR, source->intid));
    CHECK(guest_bit(0, ISACTIVER, source->intid));
    guest_eoi(0, source->intid);
    CHECK(!guest_bit(0, ISACTIVER, source->intid));
    CHECK_EQ(guest_ack(0), SPURIOUS);
}

/* ---- Who looks ---- */

static void guest_looks(const struct source *source)
{
    raise_and_see(source);
    CHECK(guest_is_signalled(0));
    source->lower();
    CHECK(!guest_bit(0, ISPENDR, source->intid));
    check_over(source);
}

static void guest_enables(const struct source *source)
{
    guest_set_bit(0, ICENABLER, source->intid);
    raise_and_see(source);
    source->lower();
    guest_set_bit(0, ISENABLER, source->intid);
    check_over(source);
    raise_and_see(source);
    source->lower();
    guest_set_bit(0, ICENABLER, source->intid);
    guest_set_bit(0, ISENABLER, source->intid);
    check_over(source);
}

static void host_looks(const struct source *source)
{
    raise_and_see(source);
    CHECK(guest_is_signalled(0));
    CHECK_EQ(vcpu_gic_maintenance(gic_vm.gic, gic_vm.vcpu[0]), VCPU_OK);
    CHECK(guest_is_signalled(0));
    source->lower();
    CHECK_EQ(vcpu_gic_maintenance(gic_vm.gic, gic_vm.vcpu[0]), VCPU_OK);
    check_over(source);
}

/* It goes on once, and waits from then on. */
static void wait_looks(const struct source *source)
{
    raise_and_see(source);
    CHECK(guest_is_signalled(0));
    CHECK(vcpu_has_work(gic_vm.vcpu[0]));
    source->lower();
    vcpu_has_work(gic_vm.vcpu[0]);
    vcpu_device_notify(gic_vm.vcpu[0]);
    CHECK(!guest_is_signalled(0));
    CHECK(!vcpu_has_work(gic_vm.vcpu[0]));
    check_over(source);
}

static void put_looks(const struct source *source)
{
    raise_and_see(source);
    source->lower();
    gic_vm_put(0);
    CHECK(!vcpu_has_work(gic_vm.vcpu[0]));
    check_over(source);
}

/* In version 2 a CPU's timer is nobody else's to look at. */
static void another_vcpu_looks(const struct source *source)
{
    uint64_t word = guest_frame(0, source->intid) + ISPENDR + source->intid / 32 * 4;
    uint32_t bit = UINT32_C(1) << source->intid % 32;

    if (gic_vm.version == 2 && source->intid == TIMER_PPI)
        return;
    raise_and_see(source);
    CHECK(guest_read(1, word, 4) & bit);
    source->lower();
    /* vCPU 0 looks at its own timer itself, after a notice. */
    guest_read(1, word, 4);
    CHECK(!guest_is_signalled(0));
    CHECK(!(guest_read(1, word, 4) & bit));
    check_over(source);
}

static void software_sets(const struct source *source)
{
    guest_set_bit(0, ISPENDR, source->intid);
    CHECK(guest_bit(0, ISPENDR, source->intid));
    gic_vm_put(0);
    CHECK(guest_is_signalled(0));
    CHECK_EQ(guest_handle(0), source->intid);
    CHECK(!guest_bit(0, ISPENDR, source->intid));
    guest_set_bit(0, ISPENDR, source->intid);
    guest_set_bit(0, ICPENDR, source->intid);
    check_over(source);
}

/* The timer goes with its vCPU; the clock's interrupts are taken on the first CPU. */
static void moved(const struct source *source)
{
    raise_and_see(source);
    gic_vm_move(0, 1);
    CHECK(guest_is_signalled(0));
    source->lower();
    CHECK(!guest_bit(0, ISPENDR, source->intid));
    CHECK(!guest_is_signalled(0));
    if (source->intid == TIMER_PPI)
        check_over(source);
    gic_vm_move(0, 0);
    check_over(source);
}

static void each(const char *name, void (*check)(const struct source *source))
{
    test_begin(name);
    for (unsigned i = 0; i < 2; i++)
        check(&sources[i]);
}

void host_main(const struct machine *m)
{
    static const struct gic_vm_config config = {
        .vcpus = 2, .spis = 32, .timer = true, .attach = give_devices};

    machine = m;
    gic_vm_host(m);
    irq_register_handover(rtc_physical(), on_rtc);
    gic_vm_open(&config);
    guest_route(0, RTC_SPI, 0);
    guest_write(0, RTCIMSC, 4, 0);
    gic_enable(rtc_physical());
    each("the guest reads the pending state after its source fell", guest_looks);
    each("the guest writes the enable bits", guest_enables);
    each("the host brings the list registers up to date", host_looks);
    each("the host asks whether a vCPU that waits has work", wait_looks);
    each("the vCPU is put", put_looks);
    each("another vCPU reads the pending state", another_vcpu_looks);
    each("what the guest made pending by ISPENDR has no source", software_sets);
    each("the vCPU goes to another CPU", moved);
    gic_vm_stop();
    test_end();
}
