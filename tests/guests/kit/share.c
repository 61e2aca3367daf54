/* SPDX-License-Identifier: MIT */
/*
 * SPIs that any of four CPUs may take, each of them once: GICv2 with four targets, GICv3 with
 * GICD_IROUTER.Interrupt_Routing_Mode.
 *
 * QEMU's own interrupt controllers do not have this (7.2 and 10.0). Its GICv3 says so (GICD_TYPER.No1N)
 * and gives all to one CPU. Its GICv2 gives some edges to several of the targets. There the guest only
 * says what it has found.
 */
#include "check.h"

#include <bare-metal/gic.h>

#define CPUS   4u
#define SPIS   8u /* from FIRST on; nothing is wired to them */
#define FIRST  40u
#define ROUNDS 100u
#define WAKE   1u /* an SGI */

#define GICD_IIDR      0x0008u /* 0: the library's */
#define GICD_TYPER     0x0004u
#define GICD_ITARGETSR 0x0800u
#define GICD_ICFGR     0x0c00u
#define GICD_IROUTER   0x6000u
#define GICC_CTLR      0x0000u
#define IRM            (UINT32_C(1) << 31)
#define NO_1_OF_N      (UINT32_C(1) << 25)

/* What a CPU is to do; and, as soon as it does, what it says. */
enum state { STARTING, SPIN, WAIT, HOLD, CLOSE, OFF };

static int version;
static enum state wanted[CPUS], reached[CPUS];
static unsigned int taken[SPIS], by[CPUS], others;

static void on_irq(struct kit_frame *frame)
{
    uint32_t irq = kit_irq_ack();
    uint32_t intid = KIT_INTID(irq);

    (void)frame;
    /* With GICv2 all targets are interrupted, and all but one come too late. */
    if (intid == KIT_IRQ_NONE)
        return;
    if (intid >= FIRST && intid < FIRST + SPIS) {
        __atomic_add_fetch(&by[kit_cpu_id()], 1, __ATOMIC_ACQ_REL);
        __atomic_add_fetch(&taken[intid - FIRST], 1, __ATOMIC_ACQ_REL);
    } else if (intid != WAKE) {
        __atomic_add_fetch(&others, 1, __ATOMIC_RELAXED);
    }
    kit_irq_end(irq);
}

/* ---- Taking part ---- */

/* The CPU's interface takes interrupts, or none. */
static void set_open(bool open)
{
    if (version == 3)
        kit_msr(icc_igrpen1_el1, open);
    else
        kit_write32(KIT_GICC_BASE + GICC_CTLR, open);
    kit_isb();
}

/* Masked while it is not spinning or waiting. */
static void do_as_wanted(enum state state)
{
    if (state == OFF) {
        kit_cpu_off();
    } else if (state == CLOSE) {
        set_open(false);
    } else {
        set_open(true);
    }
}

static void other_cpu(uint64_t arg)
{
    unsigned int cpu = (unsigned int)arg;
    enum state state = STARTING;

    (void)kit_irq_mask();
    kit_gic_cpu_init();
    kit_irq_enable(WAKE);
    for (;;) {
        enum state want = __atomic_load_n(&wanted[cpu], __ATOMIC_ACQUIRE);

        if (want != state) {
            do_as_wanted(want);
            state = want;
            __atomic_store_n(&reached[cpu], state, __ATOMIC_RELEASE);
        }
        if (state == WAIT)
            kit_wfi(); /* what comes before it ends it, because it is masked */
        else
            kit_yield();
        if (state == SPIN || state == WAIT) {
            kit_irq_unmask();
            kit_isb();
            (void)kit_irq_mask();
        }
    }
}

/* ---- What the first CPU does ---- */

static unsigned int number(const unsigned int *count)
{
    return __atomic_load_n(count, __ATOMIC_ACQUIRE);
}

/* Long enough for anything that is on its way. */
static void settle(void)
{
    kit_delay_us(500);
}

/* For ten minutes: on a busy machine a CPU may stand still while time goes on. */
static bool reaches(const unsigned int *count, unsigned int value)
{
    uint64_t start = kit_counter(), limit = 600 * kit_counter_frequency();

    while (number(count) < value && kit_counter() - start < limit)
        kit_yield();
    return number(count) == value;
}

static void order(unsigned int cpu, enum state state)
{
    __atomic_store_n(&wanted[cpu], state, __ATOMIC_RELEASE);
    kit_sgi_send(cpu, WAKE);
    if (state == OFF) {
        while (kit_psci_affinity_info(kit_cpu_affinity(cpu)) != KIT_PSCI_OFF)
            kit_yield();
        return;
    }
    while (__atomic_load_n(&reached[cpu], __ATOMIC_ACQUIRE) != state)
        kit_yield();
}

static void start_cpu(unsigned int cpu, enum state state)
{
    __atomic_store_n(&reached[cpu], STARTING, __ATOMIC_RELEASE);
    __atomic_store_n(&wanted[cpu], state, __ATOMIC_RELEASE);
    CHECK(kit_cpu_start(cpu, other_cpu, cpu) == 0);
    while (__atomic_load_n(&reached[cpu], __ATOMIC_ACQUIRE) != state)
        kit_yield();
}

/* Makes these pending, of the SPIs from FIRST on. */
static void raise(uint32_t spis)
{
    kit_write32(KIT_GICD_BASE + GICD_ISPENDR + FIRST / 32 * 4, spis << FIRST % 32);
}

static bool is_pending(uint32_t spi)
{
    return (kit_read32(KIT_GICD_BASE + GICD_ISPENDR + FIRST / 32 * 4) >> (FIRST % 32 + spi) & 1) !=
           0;
}

static unsigned int total(void)
{
    unsigned int sum = 0;

    for (unsigned int cpu = 0; cpu < CPUS; cpu++)
        sum += number(&by[cpu]);
    return sum;
}

/* All of them, and once. */
static bool all_come_once(unsigned int count)
{
    bool once = true;

    for (unsigned int spi = 0; spi < SPIS; spi++)
        once = reaches(&taken[spi], count) && once;
    return once;
}

/* ---- The cases ---- */

static void each_comes_once(enum state even, enum state odd)
{
    unsigned int before = number(&taken[0]), sum = total();
    bool once = true;

    kit_printf("each comes once: %u, %u\n", even, odd);
    for (unsigned int cpu = 1; cpu < CPUS; cpu++)
        order(cpu, cpu % 2 ? odd : even);
    for (unsigned int i = 1; i <= ROUNDS && once; i++) {
        raise((1u << SPIS) - 1);
        once = all_come_once(before + i);
    }
    settle();
    CHECK(once);
    CHECK(all_come_once(before + ROUNDS));
    CHECK(total() - sum == SPIS * ROUNDS);
}

/*
 * The second CPU is the only one that takes part, and masks interrupts. It ends to take part: then
 * another one has what it has not taken.
 */
static void it_moves(enum state how, bool another_waits)
{
    unsigned int before = number(&taken[0]), sum = number(&by[1]);

    kit_printf("it moves: %u, %u\n", how, another_waits);
    order(2, CLOSE);
    order(3, CLOSE);
    order(1, HOLD);
    set_open(false);
    for (unsigned int i = 1; i <= 20; i++) {
        raise(1);
        settle();
        CHECK(is_pending(0));
        CHECK(number(&taken[0]) == before + i - 1);
        if (another_waits)
            order(3, WAIT);
        order(1, how);
        if (!another_waits) {
            settle();
            CHECK(number(&taken[0]) == before + i - 1);
            set_open(true);
        }
        CHECK(reaches(&taken[0], before + i));
        settle();
        CHECK(!is_pending(0));
        CHECK(number(&taken[0]) == before + i);
        set_open(false);
        order(3, CLOSE);
        if (how == OFF)
            start_cpu(1, HOLD);
        else
            order(1, HOLD);
    }
    CHECK(number(&by[1]) == sum);
    set_open(true);
    /* The others are as the first case expects them. */
    for (unsigned int spi = 1; spi < SPIS; spi++)
        __atomic_store_n(&taken[spi], number(&taken[0]), __ATOMIC_RELEASE);
}

/* ---- Set-up ---- */

/* Edge-triggered, and any of the CPUs may take them. */
static void share(void)
{
    kit_write32(KIT_GICD_BASE + GICD_ICFGR + FIRST / 16 * 4, 0xaaaa0000);
    for (uint32_t intid = FIRST; intid < FIRST + SPIS; intid++) {
        kit_irq_enable(intid);
        if (version == 2)
            kit_write8(KIT_GICD_BASE + GICD_ITARGETSR + intid, (1u << CPUS) - 1);
        else
            kit_write32(KIT_GICD_BASE + GICD_IROUTER + 8 * intid, IRM);
    }
}

/* Another interrupt controller than the library's. */
static void say_what_it_does(void)
{
    unsigned int most = 0, cpus = 0;

    for (unsigned int i = 1; i <= 200; i++) {
        raise((1u << SPIS) - 1);
        settle();
        for (unsigned int spi = 0; spi < SPIS; spi++)
            if (number(&taken[spi]) > most + i)
                most = number(&taken[spi]) - i;
    }
    for (unsigned int cpu = 0; cpu < CPUS; cpu++)
        cpus += number(&by[cpu]) != 0;
    kit_printf("GICv%d: taken %s, by %s\n", version, most > 0 ? "more than once" : "once",
               cpus > 1 ? "several CPUs" : "one CPU");
    for (unsigned int spi = 0; spi < SPIS; spi++)
        CHECK(number(&taken[spi]) >= 200);
}

static void check_all(void)
{
    if (version == 3)
        CHECK((kit_read32(KIT_GICD_BASE + GICD_IROUTER + 8 * FIRST) & IRM) != 0);
    each_comes_once(SPIN, SPIN);
    each_comes_once(WAIT, WAIT);
    each_comes_once(SPIN, WAIT);
    for (unsigned int another = 0; another < 2; another++) {
        it_moves(CLOSE, another);
        it_moves(OFF, another);
    }
    each_comes_once(WAIT, SPIN);
    for (unsigned int cpu = 0; cpu < CPUS; cpu++)
        kit_printf("CPU %u took %u\n", cpu, number(&by[cpu]));
}

int guest_main(uint64_t dtb)
{
    bool no_1_of_n;

    version = kit_gic_init(dtb);
    kit_set_handler(KIT_IRQ_CURRENT, on_irq);
    for (unsigned int cpu = 1; cpu < CPUS; cpu++)
        start_cpu(cpu, SPIN);
    kit_irq_unmask();
    share();
    no_1_of_n = version == 3 && (kit_read32(KIT_GICD_BASE + GICD_TYPER) & NO_1_OF_N) != 0;
    if (kit_read32(KIT_GICD_BASE + GICD_IIDR) != 0) {
        CHECK(no_1_of_n == (version == 3));
        say_what_it_does();
    } else {
        CHECK(!no_1_of_n);
        check_all();
    }
    CHECK(others == 0);
    (void)kit_irq_mask();
    return check_end("share");
}
