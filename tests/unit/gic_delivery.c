/* SPDX-License-Identifier: MIT */
#include "gic_delivery.h"

void open_all(void)
{
    for (unsigned v = 0; v < machine.config.vcpus && v < MACHINE_CPUS; v++) {
        uint64_t own = machine.config.version == 3 ? SGIS(v) : GICD_BASE;

        machine_load(v, v);
        machine_set_vmcr(v, 0xf8000003);
        machine_write(v, own + 0x80, 4, 0xffffffff);
        machine_write(v, own + 0x100, 4, 0xffffffff);
    }
    for (unsigned n = 1; n <= (machine.config.spis + 31u) / 32; n++) {
        machine_write(0, GICD_BASE + 0x80 + 4 * n, 4, 0xffffffff);
        machine_write(0, GICD_BASE + 0x100 + 4 * n, 4, 0xffffffff);
        for (unsigned i = 0; i < 8 && machine.config.version == 2; i++)
            machine_write(0, GICD_BASE + 0x800 + 32 * n + 4 * i, 4, 0x01010101);
    }
    machine_write(0, GICD_BASE, 4, 3);
    machine_settle();
}

void start_with(const struct machine_config *config)
{
    machine_start(config);
    open_all();
}

void start(unsigned version, unsigned vcpus, unsigned lrs, uint64_t (*mpidr)(unsigned))
{
    struct machine_config config = {.version = (uint8_t)version,
                                    .vcpus = (uint16_t)vcpus,
                                    .spis = 64,
                                    .lrs = (uint8_t)lrs,
                                    .tdir = version == 3,
                                    .mpidr = mpidr};

    start_with(&config);
}

uint32_t handle(unsigned v)
{
    uint32_t iar = machine_ack(v);

    if (iar != SPURIOUS)
        machine_eoi(v, iar);
    return iar;
}

void nest(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        machine_write(0, GICD_BASE + 0x400 + 32 + i, 1, (30 - i) << 3);
        vcpu_gic_set_line(machine.gic, 32 + i, true);
        machine_settle();
        assert_int_equal(machine_ack(0), 32 + i);
        vcpu_gic_set_line(machine.gic, 32 + i, false);
        machine_settle();
    }
}

uint32_t who_has(uint32_t sgi)
{
    uint32_t who = 0;

    machine_settle();
    for (unsigned v = 0; v < machine.config.vcpus; v++) {
        uint32_t iar = handle(v);

        if (iar == SPURIOUS)
            continue;
        assert_int_equal(iar, sgi);
        assert_int_equal(handle(v), SPURIOUS);
        who |= 1u << v;
    }
    return who;
}

bool forwards;

void pass_on(unsigned v, uint32_t physical, uint32_t intid)
{
    fake.here = machine.on[v];
    *machine_physical(fake.here, physical) = 1;
    if (intid < 32 && forwards)
        assert_int_equal(vcpu_gic_forward(machine.gic, &machine.vcpu[v], intid), VCPU_OK);
    else if (intid < 32)
        assert_int_equal(vcpu_gic_set_ppi(machine.gic, &machine.vcpu[v], intid, true), VCPU_OK);
    else
        assert_int_equal(vcpu_gic_set_line(machine.gic, intid, true), VCPU_OK);
}
