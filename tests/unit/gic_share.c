/* SPDX-License-Identifier: MIT */
#include "gic_share.h"

unsigned version;

void share(uint32_t intid, unsigned targets)
{
    if (version == 3)
        machine_write(0, ROUTER(intid), 8, IRM);
    else
        machine_write(0, GICD_BASE + 0x800 + intid, 1, targets);
}

void route_to(uint32_t intid, unsigned v)
{
    if (version == 3)
        machine_write(0, ROUTER(intid), 8, v);
    else
        machine_write(0, GICD_BASE + 0x800 + intid, 1, 1u << v);
}

void begin_with(unsigned vcpus, bool shares)
{
    struct machine_config config = {.version = (uint8_t)version,
                                    .vcpus = (uint16_t)vcpus,
                                    .spis = 64,
                                    .lrs = 4,
                                    .tdir = version == 3,
                                    .shares = shares};

    start_with(&config);
    for (unsigned word = 0; word < 4; word++) /* all edges */
        machine_write(0, GICD_BASE + 0xc08 + 4 * word, 4, 0xaaaaaaaa);
    for (unsigned i = 0; i < MANY; i++)
        share(SPI + i, (1u << vcpus) - 1);
    machine_settle();
}

void begin(void)
{
    begin_with(VCPUS, true);
}

void raise(uint32_t intid)
{
    fake.here = 0;
    vcpu_gic_set_line(machine.gic, intid, true);
    vcpu_gic_set_line(machine.gic, intid, false);
}

void raise_all(void)
{
    for (unsigned i = 0; i < MANY; i++)
        raise(SPI + i);
    machine_settle();
}

void takes_all(unsigned v)
{
    uint64_t taken = 0;

    for (unsigned i = 0; i < MANY; i++) {
        uint32_t iar = handle(v);

        assert_in_range(iar, SPI, SPI + MANY - 1);
        assert_false(taken >> iar & 1);
        taken |= UINT64_C(1) << iar;
        machine_settle();
    }
    assert_int_equal(handle(v), SPURIOUS);
}

unsigned taker(uint32_t intid)
{
    unsigned who = NOBODY;

    machine_settle();
    for (unsigned v = 0; v < machine.config.vcpus; v++) {
        uint32_t iar = machine.on[v] == NOWHERE ? SPURIOUS : handle(v);

        if (iar == SPURIOUS)
            continue;
        assert_int_equal(iar, intid);
        assert_int_equal(who, NOBODY);
        who = v;
    }
    return who;
}

void wait(unsigned v)
{
    machine.vcpu[v].exit.reason = VCPU_EXIT_WFI;
    assert_false(machine_has_work(v));
}

void put_all_but(unsigned v)
{
    for (unsigned other = 0; other < VCPUS; other++)
        if (other != v && machine.on[other] != NOWHERE)
            machine_put(other);
}

void turn_off(unsigned v)
{
    machine.vcpu[v].exit.reason = VCPU_EXIT_CPU_DOWN;
    if (machine.on[v] != NOWHERE)
        machine_put(v);
    machine.off[v] = true;
}

void turn_on(unsigned v, unsigned cpu)
{
    machine.ops->reset(machine.ctx, &machine.vcpu[v]);
    machine.off[v] = false;
    machine.vcpu[v].exit.reason = VCPU_EXIT_IRQ;
    machine_load(v, cpu);
}
