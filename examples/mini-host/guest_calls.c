/* SPDX-License-Identifier: MIT */
#include "guest_calls.h"

#include "seeds.h"

/* Each vCPU has a key of its own, and runs on one CPU at a time: no lock, and no wait for others. */
static bool on_entropy(void *ctx, struct vcpu *vcpu, void *bytes, size_t size)
{
    struct guest_vcpu *self = vcpu_user(vcpu);

    (void)ctx;
    entropy_draw(&self->random, bytes, size);
    return true;
}

void guest_calls_sow(struct guest_vcpu *vcpu)
{
    seeds_draw_bytes(vcpu->random.key, sizeof(vcpu->random.key));
}

int guest_calls_set(struct guest *guest, const struct vcpu_percpu *cpu)
{
    guest->this_cpu = cpu;
    guest->calls = (struct vcpu_calls){
        .entropy = seeds_are_there() ? on_entropy : NULL,
        /* Random UUIDs: of this source of random numbers, and of this host. */
        .trng_uuid = {0x3d1fc56e, 0x8a4b4e2c, 0x2f6b97b1, 0x90d4e573},
        .vendor_uid = {0x6be3704a, 0x41d7135c, 0x98c2f08e, 0x5a27bd16},
        /* One speaks for all, because QEMU's CPUs are alike. Where they are not: all of them. */
        .cpus = &guest->this_cpu,
        .cpu_count = 1,
    };
    return vcpu_vm_set_calls(guest->vm, &guest->calls);
}
