/* SPDX-License-Identifier: MIT */
#include "reg_vcpu.h"

struct vcpu_vm vm;
struct vcpu_state v;
uint8_t z[32 * 256 + 17 * 32];

bool elsewhere, masked;
uint64_t called;
unsigned fetches, stores, takes;

bool vcpu_hold(const struct vcpu_state *state, uint64_t *daif)
{
    (void)state;
    *daif = 0;
    masked = !elsewhere;
    return !elsewhere;
}

void vcpu_el1_fetch(struct vcpu_state *state)
{
    (void)state;
    fetches++;
}

void vcpu_el1_store(const struct vcpu_state *state)
{
    (void)state;
    stores++;
}

bool vcpu_switch_leave(const struct vcpu_state *state)
{
    (void)state;
    return !elsewhere;
}

uint64_t *vcpu_vector_take(struct vcpu_state *state, unsigned *stride)
{
    *stride = 2;
    takes++;
    return state->simd.v[0];
}

void vcpu_vector_give_back(struct vcpu_state *state)
{
    (void)state;
    takes--;
}

void vcpu_call_out(struct vcpu_state *state, uint64_t bit)
{
    (void)state;
    called |= bit;
}

void vcpu_power_cancel(struct vcpu_state *state)
{
    (void)state;
}

uint64_t vcpu_cpu_mask(void)
{
    uint64_t was = masked;

    masked = true;
    return was;
}

void vcpu_cpu_restore(uint64_t daif)
{
    masked = daif;
}

uint64_t device_value;
bool device_was_masked;

int device_reg(void *ctx, struct vcpu *vcpu, uint32_t encoding, enum vcpu_reg_op op,
               uint64_t *value)
{
    (void)ctx;
    assert_ptr_equal(vcpu, &v.pub);
    device_was_masked = masked;
    if (encoding != DEVICE_REG)
        return VCPU_ERR_NOT_FOUND;
    if (op == VCPU_REG_OP_GET)
        *value = device_value;
    else if (*value & B(7))
        return VCPU_ERR_INVALID;
    if (op == VCPU_REG_OP_SET)
        device_value = *value;
    return VCPU_OK;
}

uint32_t device_reg_at(void *ctx, const struct vcpu *vcpu, unsigned n)
{
    (void)ctx;
    (void)vcpu;
    return n == 0 ? DEVICE_REG : 0;
}

const struct vcpu_device_ops without_registers;
const struct vcpu_device_ops device = {.reg = device_reg, .reg_at = device_reg_at};

void make(uint32_t when, uint8_t vq)
{
    vm = (struct vcpu_vm){.when = when, .sve_vq = vq, .features.fp = true, .devices = 2};
    vm.id[ID_AA64PFR0_EL1] = 2; /* AArch32 at EL0 */
    vm.id[ID_AA64DFR0_EL1] = 6 | 3 << 12 | 1 << 20;
    vm.device[0].ops = &without_registers;
    vm.device[1].ops = &device;
    v = (struct vcpu_state){.vm = &vm, .mpidr = 0x102};
    v.sve.z = vq ? z : NULL;
    v.pub.regs.pstate = 0x3c5;
    atomic_init(&v.token, TOKEN_ABSENT);
    elsewhere = masked = false;
    called = fetches = stores = takes = 0;
    device_value = 0;
}

int setup(void **state)
{
    (void)state;
    make(0, 0);
    return 0;
}

uint64_t get(uint32_t id)
{
    uint64_t value = 0xdead;

    assert_int_equal(vcpu_get_reg(&v.pub, id, &value), VCPU_OK);
    return value;
}

int set(uint32_t id, uint64_t value)
{
    return vcpu_set_reg(&v.pub, id, value);
}

uint32_t ids[MAX_IDS];

struct vcpu_state copy;

struct vcpu_reg_value saved[MAX_IDS];

size_t save(void)
{
    size_t count = MAX_IDS;

    assert_int_equal(vcpu_save(&v.pub, saved, &count), VCPU_OK);
    return count;
}
