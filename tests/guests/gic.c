/* SPDX-License-Identifier: MIT */
/* A guest of one or two CPUs with the virtual interrupt controller, step by step. */
#include "gic_vm.h"

static const struct gic_vm_config one = {.vcpus = 1, .spis = 96};

static void first_proof(void)
{
    test_begin("an SGI to oneself comes, once");
    gic_vm_open(&one);
    CHECK(!guest_is_signalled(0));
    guest_send(0, 5, 1);
    CHECK(guest_is_signalled(0));
    CHECK_EQ(guest_ack(0), 5);
    CHECK_EQ(guest_ack(0), SPURIOUS);
    guest_eoi(0, 5);
    CHECK_EQ(guest_ack(0), SPURIOUS);

    test_begin("a level comes back after its end while it is high");
    for (uint32_t intid = 20; intid <= 40; intid += 20) {
        line(0, intid, true);
        for (unsigned i = 0; i < 3; i++) {
            CHECK_EQ(guest_ack(0), intid);
            CHECK_EQ(guest_ack(0), SPURIOUS);
            guest_eoi(0, intid);
        }
        CHECK_EQ(guest_ack(0), intid);
        line(0, intid, false);
        guest_eoi(0, intid);
        CHECK(!guest_is_signalled(0));
        CHECK_EQ(guest_ack(0), SPURIOUS);
    }
    gic_vm_stop();
}

void host_main(const struct machine *machine)
{
    gic_vm_host(machine);
    first_proof();
    test_end();
}
