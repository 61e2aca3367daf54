/* SPDX-License-Identifier: MIT */
/* The virtual interrupt controller on hardware, step by step: what a guest of one CPU sees. */
#include "gic_vm.h"

#include "arch.h"

static const struct gic_vm_config one = {.vcpus = 1, .spis = 96};

#define PPI 20u
#define SPI 40u

static bool v3(void)
{
    return gic_vm.version == 3;
}

/* Nothing is signalled, and nothing can be taken. */
static void check_idle(unsigned v)
{
    CHECK(!guest_is_signalled(v));
    CHECK_EQ(guest_ack(v), SPURIOUS);
}

/* ---- Registers, as drivers use them ---- */

static void driver_finds_a_distributor(void)
{
    test_begin("a driver finds its distributor");
    gic_vm_start(&one);
    if (v3()) {
        CHECK_EQ(guest_read(0, GICD + 0xffe8, 4) >> 4 & 0xf, 3); /* PIDR2.ArchRev */
        CHECK_EQ(guest_read(0, GICD + 4, 4) >> 19 & 0x1f, 9);    /* TYPER.IDbits: 10 */
        guest_write(0, GICD, 4, 0);
        CHECK_EQ(guest_read(0, GICD, 4) >> 31, 0); /* CTLR.RWP */
        guest_write(0, GICD, 4, 0x12);             /* ARE, EnableGrp1 */
        CHECK_EQ(guest_read(0, GICD, 4), 0x52);    /* and DS */
        CHECK_EQ(ICC_READ(0, sre) & 1, 1);
    } else {
        CHECK_EQ(guest_read(0, GICD + 0xfe8, 4) >> 4 & 0xf, 2);
        CHECK_EQ(guest_read(0, GICD + 4, 4) >> 5 & 7, 0); /* TYPER.CPUNumber: 1 */
        guest_write(0, GICD, 4, 1);
        CHECK_EQ(guest_read(0, GICD, 4), 1);
    }
    CHECK_EQ(guest_read(0, GICD + 4, 4) & 0x1f, 3); /* TYPER.ITLinesNumber: 128 */
    guest_write(0, GICD + 0x400 + SPI, 1, 0xff);
    CHECK_EQ(guest_read(0, GICD + 0x400 + SPI, 4), 0xf8);
    /* Widths that the registers have not. */
    guest_write(0, GICD + 0x400 + SPI, 2, 0);
    CHECK_EQ(guest_read(0, GICD + 0x400 + SPI, 1), 0xf8);
    CHECK_EQ(guest_read(0, GICD + 0x400 + SPI, 2), 0);
    gic_vm_stop();
}

static void driver_wakes_a_redistributor(void)
{
    test_begin("a driver finds its redistributor and wakes it");
    gic_vm_start(&one);
    CHECK_EQ(guest_read(0, GICR + 8, 8), 1 << 4); /* TYPER: affinity 0, Last */
    CHECK_EQ(guest_read(0, GICR + 8, 4), 1 << 4);
    CHECK_EQ(guest_read(0, GICR + 12, 4), 0);
    CHECK_EQ(guest_read(0, GICR + 0xffe8, 4) >> 4 & 0xf, 3);
    CHECK_EQ(guest_read(0, GICR + 0x14, 4), 6); /* WAKER: ProcessorSleep, ChildrenAsleep */
    guest_write(0, GICR + 0x14, 4, 4);
    CHECK_EQ(guest_read(0, GICR + 0x14, 4), 0);
    CHECK_EQ(guest_read(0, GICR, 4) >> 3 & 1, 0); /* CTLR.RWP */
    gic_vm_stop();
}

/* How many bits of priority there are, as drivers find out, and that they agree everywhere. */
static void interface_is_the_hardwares(void)
{
    uint64_t priority_bits;

    test_begin("the CPU interface has as many bits of priority as the distributor");
    gic_vm_open(&one);
    if (v3()) {
        priority_bits = (ICC_READ(0, ctlr) >> 8 & 7) + 1;
        ICC_WRITE(0, pmr, 0xff);
        CHECK_EQ(ICC_READ(0, pmr), 0xff & ~(0xffu >> priority_bits));
        CHECK(priority_bits >= 5);
        CHECK_EQ(ICC_READ(0, hppir1), SPURIOUS);
    }
    CHECK_EQ(guest_running_priority(0) | 7, 0xff);
    check_idle(0);
    gic_vm_stop();
}

/* ---- One interrupt ---- */

static void sgi_to_oneself(void)
{
    test_begin("an SGI to oneself comes, once");
    gic_vm_open(&one);
    check_idle(0);
    for (unsigned sgi = 0; sgi < 16; sgi += 5) {
        guest_send(0, sgi, 1);
        CHECK(guest_is_signalled(0));
        CHECK_EQ(guest_ack(0), sgi);
        check_idle(0);
        CHECK(guest_bit(0, ISACTIVER, sgi));
        guest_eoi(0, sgi);
        CHECK(!guest_bit(0, ISACTIVER, sgi));
        check_idle(0);
    }

    test_begin("sent twice before it is taken it comes once, and once more while it is active");
    guest_send(0, 3, 1);
    guest_send(0, 3, 1);
    CHECK_EQ(guest_ack(0), 3);
    guest_send(0, 3, 1);
    check_idle(0);
    CHECK(guest_bit(0, ISPENDR, 3));
    guest_eoi(0, 3);
    CHECK_EQ(guest_handle(0), 3);
    check_idle(0);
    gic_vm_stop();
}

static void levels(void)
{
    test_begin("a level comes back after its end while it is high, and goes with it");
    gic_vm_open(&one);
    for (uint32_t intid = PPI; intid <= SPI; intid += SPI - PPI) {
        line(0, intid, true);
        CHECK(guest_is_signalled(0));
        for (unsigned i = 0; i < 3; i++) {
            CHECK_EQ(guest_ack(0), intid);
            check_idle(0);
            guest_eoi(0, intid);
        }
        CHECK_EQ(guest_ack(0), intid);
        line(0, intid, false);
        guest_eoi(0, intid);
        check_idle(0);
        line(0, intid, true);
        line(0, intid, false);
        check_idle(0);
        CHECK(!guest_bit(0, ISPENDR, intid));
    }
    gic_vm_stop();
}

static void edges(void)
{
    test_begin("an edge comes once, however long the line is high");
    gic_vm_open(&one);
    for (uint32_t intid = PPI; intid <= SPI; intid += SPI - PPI) {
        guest_set_edge(0, intid, true);
        line(0, intid, true);
        line(0, intid, true);
        CHECK_EQ(guest_handle(0), intid);
        check_idle(0);
        line(0, intid, false);
        check_idle(0);
        /* Two while it is active are one. */
        line(0, intid, true);
        CHECK_EQ(guest_ack(0), intid);
        for (unsigned i = 0; i < 2; i++) {
            line(0, intid, false);
            line(0, intid, true);
        }
        check_idle(0);
        guest_eoi(0, intid);
        CHECK_EQ(guest_handle(0), intid);
        check_idle(0);
        /* It stays pending when the line falls. */
        line(0, intid, false);
        line(0, intid, true);
        line(0, intid, false);
        CHECK_EQ(guest_handle(0), intid);
        check_idle(0);
    }
    gic_vm_stop();
}

static void state_is_written(void)
{
    test_begin("the guest sets and clears pending, active and enable");
    gic_vm_open(&one);
    for (uint32_t intid = PPI; intid <= SPI; intid += SPI - PPI) {
        guest_set_bit(0, ISPENDR, intid);
        CHECK(guest_bit(0, ISPENDR, intid));
        CHECK(guest_is_signalled(0));
        guest_set_bit(0, ICPENDR, intid);
        CHECK(!guest_bit(0, ICPENDR, intid));
        check_idle(0);
        /* Of a level that is high the clear has no effect. */
        line(0, intid, true);
        guest_set_bit(0, ICPENDR, intid);
        CHECK(guest_bit(0, ISPENDR, intid));
        CHECK_EQ(guest_ack(0), intid);
        line(0, intid, false);
        guest_eoi(0, intid);

        guest_set_bit(0, ISACTIVER, intid);
        guest_set_bit(0, ISPENDR, intid);
        CHECK(guest_bit(0, ISACTIVER, intid));
        check_idle(0);
        guest_set_bit(0, ICACTIVER, intid);
        CHECK(!guest_bit(0, ISACTIVER, intid));
        CHECK_EQ(guest_handle(0), intid);

        guest_set_bit(0, ICENABLER, intid);
        CHECK(!guest_bit(0, ISENABLER, intid));
        guest_set_bit(0, ISPENDR, intid);
        check_idle(0);
        guest_set_bit(0, ISENABLER, intid);
        CHECK_EQ(guest_handle(0), intid);
        /* Disabled when it is in a list register already. */
        guest_set_bit(0, ISPENDR, intid);
        CHECK(guest_is_signalled(0));
        guest_set_bit(0, ICENABLER, intid);
        check_idle(0);
        CHECK(guest_bit(0, ISPENDR, intid));
        guest_set_bit(0, ISENABLER, intid);
        CHECK_EQ(guest_handle(0), intid);
        check_idle(0);
    }

    test_begin("the distributor forwards nothing while its group is disabled");
    line(0, SPI, true);
    guest_write(0, GICD, 4, 0);
    check_idle(0);
    guest_write(0, GICD, 4, v3() ? 2 : 1);
    CHECK_EQ(guest_ack(0), SPI);
    line(0, SPI, false);
    guest_eoi(0, SPI);
    gic_vm_stop();
}

/* ---- Priorities ---- */

static void priorities(void)
{
    test_begin("one of higher priority preempts, another waits");
    gic_vm_open(&one);
    for (unsigned i = 0; i < 4; i++)
        guest_set_edge(0, SPI + i, true);
    guest_set_priority(0, SPI, 0xa0);
    guest_set_priority(0, SPI + 1, 0x80);
    guest_set_priority(0, SPI + 2, 0x80);
    guest_set_priority(0, SPI + 3, 0x20);
    line(0, SPI, true);
    CHECK_EQ(guest_ack(0), SPI);
    CHECK_EQ(guest_running_priority(0), 0xa0);
    line(0, SPI + 1, true);
    CHECK_EQ(guest_ack(0), SPI + 1);
    CHECK_EQ(guest_running_priority(0), 0x80);
    line(0, SPI + 2, true);
    check_idle(0);
    line(0, SPI + 3, true);
    CHECK_EQ(guest_ack(0), SPI + 3);
    CHECK_EQ(guest_running_priority(0), 0x20);
    guest_eoi(0, SPI + 3);
    check_idle(0);
    guest_eoi(0, SPI + 1);
    CHECK_EQ(guest_running_priority(0), 0xa0);
    CHECK_EQ(guest_ack(0), SPI + 2);
    guest_eoi(0, SPI + 2);
    guest_eoi(0, SPI);
    CHECK_EQ(guest_running_priority(0) | 7, 0xff);
    check_idle(0);

    test_begin("the binary point says what is higher");
    guest_set_bpr(0, v3() ? 6 : 5); /* groups of 0x40 */
    guest_set_priority(0, SPI, 0xa0);
    guest_set_priority(0, SPI + 1, 0x80);
    guest_set_priority(0, SPI + 2, 0x78);
    for (unsigned i = 0; i < 3; i++)
        line(0, SPI + i, false);
    line(0, SPI, true);
    CHECK_EQ(guest_ack(0), SPI);
    CHECK_EQ(guest_running_priority(0), 0x80);
    line(0, SPI + 1, true);
    check_idle(0);
    line(0, SPI + 2, true);
    CHECK_EQ(guest_ack(0), SPI + 2);
    CHECK_EQ(guest_running_priority(0), 0x40);
    guest_eoi(0, SPI + 2);
    guest_eoi(0, SPI);
    CHECK_EQ(guest_handle(0), SPI + 1);
    check_idle(0);

    test_begin("what the priority mask does not let through waits, and is no reason to go on");
    guest_set_priority(0, SPI, 0x80);
    guest_set_pmr(0, 0x80);
    line(0, SPI, false);
    line(0, SPI, true);
    check_idle(0);
    CHECK(!vcpu_has_work(gic_vm.vcpu[0]));
    gic_vm_put(0);
    CHECK(!vcpu_has_work(gic_vm.vcpu[0]));
    guest_set_pmr(0, 0x88);
    CHECK(vcpu_has_work(gic_vm.vcpu[0]));
    gic_vm_put(0);
    CHECK(vcpu_has_work(gic_vm.vcpu[0]));
    CHECK_EQ(guest_handle(0), SPI);
    CHECK(!vcpu_has_work(gic_vm.vcpu[0]));
    gic_vm_stop();
}

/* ---- More than there are list registers ---- */

#define MANY 60u

static void more_pending_than_list_registers(void)
{
    uint32_t last = 0;
    bool taken[32 + 96] = {false};

    test_begin("more pending than list registers: all come, once, the highest priority first");
    gic_vm_open(&one);
    for (unsigned i = 0; i < MANY; i++) {
        guest_set_edge(0, SPI + i, true);
        guest_set_priority(0, SPI + i, i * 7 % 31 << 3);
    }
    guest_set_pmr(0, 0);
    for (unsigned i = 0; i < MANY; i++)
        line(0, SPI + i, true);
    check_idle(0);
    guest_set_pmr(0, 0xff);
    for (unsigned i = 0; i < MANY; i++) {
        uint32_t intid = guest_handle(0);

        CHECK(intid >= SPI && intid < SPI + MANY);
        if (intid < SPI || intid >= SPI + MANY)
            break;
        CHECK(!taken[intid]);
        CHECK(((intid - SPI) * 7 % 31 << 3) >= last);
        taken[intid] = true;
        last = (intid - SPI) * 7 % 31 << 3;
    }
    check_idle(0);

    test_begin("so it is with levels, which come back in their turn");
    for (unsigned i = 0; i < MANY; i++) {
        guest_set_edge(0, SPI + i, false);
        guest_set_priority(0, SPI + i, i << 1 & 0xf8);
        line(0, SPI + i, true);
    }
    for (unsigned i = 0; i < MANY; i++) {
        uint32_t intid = guest_ack(0);

        CHECK_EQ((intid - SPI) << 1 & 0xf8, i << 1 & 0xf8);
        guest_eoi(0, intid); /* still high: it is the first again */
        intid = guest_ack(0);
        CHECK_EQ((intid - SPI) << 1 & 0xf8, i << 1 & 0xf8);
        line(0, intid, false);
        guest_eoi(0, intid);
    }
    check_idle(0);
    gic_vm_stop();
}

/* Nested as deep as there are priorities in use, and ended in the reverse order. */
static void more_active_than_list_registers(void)
{
    enum { DEPTH = 16 };
    /* Which of them rise once more while they are active. */
    static const uint32_t again[] = {0, (1u << DEPTH) - 1, 1u << 0};

    test_begin("more active than list registers: each end is the right one's");
    gic_vm_open(&one);
    for (unsigned i = 0; i < DEPTH; i++) {
        guest_set_edge(0, SPI + i, true);
        guest_set_priority(0, SPI + i, 0xf0 - 8 * i);
    }
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < DEPTH; i++) {
            line(0, SPI + i, false);
            line(0, SPI + i, true);
            CHECK_EQ(guest_ack(0), SPI + i);
            if (again[round] >> i & 1) {
                line(0, SPI + i, false);
                line(0, SPI + i, true);
                gic_vm_put(0);
            }
        }
        check_idle(0);
        for (unsigned i = DEPTH; i-- > 0;) {
            CHECK_EQ(guest_running_priority(0), 0xf0 - 8 * i);
            /* A look brings the list registers up to date: not in each round. */
            if (round == 0)
                CHECK(guest_bit(0, ISACTIVER, SPI + i));
            guest_eoi(0, SPI + i);
            if (round == 0)
                CHECK(!guest_bit(0, ISACTIVER, SPI + i));
            if (again[round] >> i & 1)
                CHECK_EQ(guest_handle(0), SPI + i);
            check_idle(0);
        }
        CHECK_EQ(guest_running_priority(0) | 7, 0xff);
    }
    gic_vm_stop();
}

/* ---- Two halves of an end ---- */

static void ends_in_two_halves(bool told)
{
    struct gic_vm_config config = one;
    /* Without an exit for DIR, what is active keeps its list register. */
    unsigned count = told ? 8 : 3;

    test_begin(told ? "with EOImode 1 an interrupt ends by DIR, in any order"
                    : "so it does without an exit for DIR, up to the number of list registers");
    config.told = told;
    gic_vm_open(&config);
    guest_set_eoimode(0, true);
    for (unsigned i = 0; i < count; i++) {
        line(0, SPI + i, true);
        CHECK_EQ(guest_ack(0), SPI + i);
        guest_eoi(0, SPI + i);
        CHECK_EQ(guest_running_priority(0) | 7, 0xff);
        check_idle(0);
        CHECK(guest_bit(0, ISACTIVER, SPI + i));
    }
    for (unsigned i = 0; i < count; i++) {
        uint32_t intid = SPI + (i * 5 + 1) % count;

        guest_dir(0, intid);
        CHECK(!guest_bit(0, ISACTIVER, intid));
        /* It was high all the time. */
        CHECK_EQ(guest_ack(0), intid);
        line(0, intid, false);
        guest_eoi(0, intid);
        guest_dir(0, intid);
        check_idle(0);
    }
    gic_vm_stop();
}

/* ---- Over a time in no CPU ---- */

static void state_is_kept_out_of_the_cpu(void)
{
    test_begin("pending, active and running priority are kept while the vCPU is in no CPU");
    gic_vm_open(&one);
    guest_set_edge(0, SPI, true);
    guest_set_priority(0, SPI, 0x60);
    guest_set_priority(0, PPI, 0x40);
    line(0, SPI, true);
    CHECK_EQ(guest_ack(0), SPI);
    line(0, PPI, true);
    gic_vm_put(0);
    CHECK_EQ(guest_running_priority(0), 0x60);
    CHECK_EQ(guest_ack(0), PPI);
    gic_vm_put(0);
    CHECK_EQ(guest_running_priority(0), 0x40);
    check_idle(0);
    gic_vm_put(0);
    line(0, PPI, false);
    line(0, SPI, false);
    line(0, SPI, true);
    guest_eoi(0, PPI);
    check_idle(0);
    gic_vm_put(0);
    guest_eoi(0, SPI);
    gic_vm_put(0);
    CHECK_EQ(guest_handle(0), SPI);
    check_idle(0);

    test_begin("a vCPU that waits in no CPU has work when something comes for it");
    gic_vm_put(0);
    CHECK(!vcpu_has_work(gic_vm.vcpu[0]));
    line(0, PPI, true);
    CHECK(vcpu_has_work(gic_vm.vcpu[0]));
    CHECK_EQ(guest_ack(0), PPI);
    line(0, PPI, false);
    guest_eoi(0, PPI);
    check_idle(0);
    CHECK(!vcpu_has_work(gic_vm.vcpu[0]));
    gic_vm_stop();
}

void host_main(const struct machine *machine)
{
    gic_vm_host(machine);
    driver_finds_a_distributor();
    if (machine->gic.version == 3)
        driver_wakes_a_redistributor();
    interface_is_the_hardwares();
    sgi_to_oneself();
    levels();
    edges();
    state_is_written();
    priorities();
    more_pending_than_list_registers();
    more_active_than_list_registers();
    ends_in_two_halves(true);
    if (machine->gic.version == 2)
        ends_in_two_halves(false);
    state_is_kept_out_of_the_cpu();
    test_end();
}
