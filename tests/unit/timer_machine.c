/* SPDX-License-Identifier: MIT */
#include "timer_machine.h"

#include "hw/cpu.h"

struct machine machine;

struct vcpu_timer *timer;

/* The library's other parts, as far as a device sees them. */
void vcpu_device_watch(struct vcpu *vcpu)
{
    machine.watched[vcpu_index(vcpu)] = true;
}

uint64_t vcpu_vm_counter_offset(const struct vcpu_vm *vm)
{
    assert_ptr_equal(vm, &machine);
    return machine.offset;
}

uint16_t vcpu_vm_max_vcpus(const struct vcpu_vm *vm)
{
    assert_ptr_equal(vm, &machine);
    return machine.max_vcpus;
}

int vcpu_vm_attach(struct vcpu_vm *vm, const struct vcpu_device_ops *ops, void *ctx)
{
    assert_ptr_equal(vm, &machine);
    if (machine.attach_error)
        return machine.attach_error;
    machine.ops = ops;
    assert_non_null(ctx);
    return VCPU_OK;
}

uint64_t vcpu_wait_deadline(const struct vcpu *vcpu)
{
    return machine.wait_deadline[vcpu_index(vcpu)];
}

/* The CPU. */
uint64_t vcpu_cpu_count(void)
{
    return machine.now;
}

uint64_t vcpu_timer_cpu_virtual_compare(void)
{
    return machine.virtual_compare[fake.here];
}

void set_ppi(void *ctx, struct vcpu *vcpu, uint32_t intid, bool level)
{
    assert_ptr_equal(ctx, &machine);
    assert_true(intid == VCPU_TIMER_VIRTUAL_PPI || intid == VCPU_TIMER_PHYSICAL_PPI);
    machine.level[vcpu_index(vcpu)][intid] = level;
    machine.told[vcpu_index(vcpu)][intid]++;
}

void arm(void *ctx, struct vcpu *vcpu, uint64_t deadline)
{
    assert_ptr_equal(ctx, &machine);
    assert_in_range(vcpu_index(vcpu), 0, VCPUS - 1);
    assert_int_not_equal(machine.armed[fake.here], deadline);
    machine.armed[fake.here] = deadline;
    machine.arms++;
}

struct vcpu_timer_config config = {
    .host = &fake_host, .ctx = &machine, .set_ppi = set_ppi, .arm = arm};

struct vcpu_vm *vm(void)
{
    return (struct vcpu_vm *)&machine;
}

void forget(void)
{
    fake_reset();
    memset(&machine, 0, sizeof(machine));
    for (unsigned v = 0; v < sizeof(machine.vcpu) / sizeof(machine.vcpu[0]); v++)
        machine.vcpu[v].index = (uint16_t)v;
    machine.max_vcpus = VCPUS;
    machine.armed[0] = machine.armed[1] = NEVER;
    machine.wait_deadline[0] = machine.wait_deadline[1] = NEVER;
    machine.virtual_compare[0] = machine.virtual_compare[1] = NEVER;
}

int set_up(void **state)
{
    (void)state;
    forget();
    machine.now = 1000000;
    machine.offset = 400000;
    if (vcpu_timer_create(vm(), &config, &timer))
        return -1;
    for (unsigned i = 0; i < VCPUS; i++)
        machine.ops->reset(timer, &machine.vcpu[i]);
    return 0;
}

int tear_down(void **state)
{
    (void)state;
    return vcpu_timer_destroy(timer);
}

void load(unsigned v)
{
    machine.ops->load(timer, &machine.vcpu[v]);
}

void put(unsigned v)
{
    machine.ops->put(timer, &machine.vcpu[v]);
    machine.virtual_compare[fake.here] = NEVER;
}

void guest_writes(unsigned v, uint32_t encoding, uint64_t value)
{
    assert_true(machine.ops->sysreg(timer, &machine.vcpu[v], encoding, true, &value));
}

uint64_t guest_reads(unsigned v, uint32_t encoding)
{
    uint64_t value = 0;

    assert_true(machine.ops->sysreg(timer, &machine.vcpu[v], encoding, false, &value));
    return value;
}

uint64_t deadline(unsigned v)
{
    return vcpu_timer_deadline(timer, &machine.vcpu[v]);
}

bool has_work(unsigned v)
{
    return machine.ops->has_work(timer, &machine.vcpu[v]);
}

bool physical_level(unsigned v)
{
    return machine.level[v][VCPU_TIMER_PHYSICAL_PPI];
}
