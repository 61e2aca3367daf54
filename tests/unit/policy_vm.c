/* SPDX-License-Identifier: MIT */
#include "policy_vm.h"

const uint64_t max[ID_COUNT] = {
    [AT(1, 0)] = 0x21000131,
    [AT(1, 1)] = 0x00011001,
    [AT(1, 2)] = 0x06000009,
    [AT(1, 4)] = 0x10101105,
    [AT(1, 7)] = 0x02122211,
    [AT(2, 0)] = 0x02101110,
    [AT(2, 5)] = 0x11011121,
    [AT(4, 0)] = 0x1201001121110222,
    [AT(4, 1)] = 0x0000000001000021,
    [AT(4, 4)] = 0x0110110100110021,
    [AT(5, 0)] = 0x0000000010505609,
    [AT(6, 0)] = 0x1221111110212120,
    [AT(6, 1)] = 0x0011111101211012,
    [AT(7, 0)] = 0x0000032310201126,
    [AT(7, 1)] = 0x0000011010211122,
    [AT(7, 2)] = 0x1021011010111011,
    [ID_MIDR_EL1] = 0x000f0510,
    [ID_CTR_EL0] = 0x80038003,
    [ID_CLIDR_EL1] = 0x0a200023,
    [ID_DCZID_EL0] = 4,
    [ID_CNTFRQ_EL0] = 62500000,
    [ID_CCSIDR_EL1(0)] = 0x000000ff0000001a,
    [ID_CCSIDR_EL1(1)] = 0x000000ff00000012,
    [ID_CCSIDR_EL1(2)] = 0x000007ff0000007a,
};

struct vcpu_vm *vm;

void make_vm(const uint64_t host[ID_COUNT], unsigned with)
{
    memset(vm, 0, sizeof(*vm));
    vm->features = (struct vcpu_features){.sve = true, .pauth = true};
    vcpu_id_for_guest(host, with, vm->id);
    vm->sve_vq = 4;
}

int set_up(void **state)
{
    (void)state;
    vm = malloc(sizeof(*vm));
    if (!vm)
        return -1;
    make_vm(max, ALL);
    return 0;
}

int tear_down(void **state)
{
    (void)state;
    free(vm);
    return 0;
}

void sets(uint32_t encoding, uint64_t value)
{
    assert_int_equal(vcpu_vm_set_id(vm, encoding, value), VCPU_OK);
}

void refuses(uint32_t encoding, uint64_t value, int error)
{
    struct vcpu_vm before;

    memcpy(&before, vm, sizeof(before));
    assert_int_equal(vcpu_vm_set_id(vm, encoding, value), error);
    assert_memory_equal(vm, &before, sizeof(before));
}

void is(uint32_t encoding, uint64_t expected)
{
    assert_int_equal(vcpu_vm_id(vm, encoding), expected);
}

unsigned fit_with(unsigned index, uint64_t value)
{
    uint64_t other[ID_COUNT];

    memcpy(other, max, sizeof(other));
    other[index] = value;
    return vcpu_id_fit(other, vm->id);
}

void random_host(uint64_t *seed, uint64_t host[ID_COUNT])
{
    memcpy(host, max, ID_COUNT * sizeof(host[0]));
    for (unsigned i = 0; i < 40; i++) {
        unsigned reg = (unsigned)(random64(seed) % 56), shift = random64(seed) % 16 * 4;

        host[reg] &= ~(UINT64_C(15) << shift);
        host[reg] |= (random64(seed) & 15) << shift;
    }
    /* As the Arm ARM has it: two comparators of each kind, EL0 and EL1, and AdvSIMD is as FP. */
    host[AT(5, 0)] |= 0x101000;
    host[AT(4, 0)] &= ~UINT64_C(0xff00ff);
    host[AT(4, 0)] |= random64(seed) % 2 ? 0x12 : 0x11;
    host[AT(4, 0)] |= (random64(seed) % 2) * 0x110000;
}

void check_dependent_fields(void)
{
    uint64_t pfr0 = vm->id[AT(4, 0)], isar1 = vm->id[AT(6, 1)], isar2 = vm->id[AT(6, 2)];
    uint64_t dfr0 = vm->id[AT(5, 0)], aarch32 = 0;

    assert_int_equal(pfr0 >> 16 & 15, pfr0 >> 20 & 15);
    if (!(pfr0 >> 32 & 15))
        assert_int_equal(vm->id[AT(4, 4)], 0);
    if ((pfr0 >> 56 & 15) != 1)
        assert_int_equal(vm->id[AT(4, 1)] >> 32 & 15, 0);
    if (!(isar1 & 0xff0) && !(isar2 & 0xf000))
        assert_int_equal((isar1 & 0xff000000) | (isar2 & 0x0f000f00), 0);
    for (unsigned reg = 0; reg < AT(4, 0); reg++)
        aarch32 |= vm->id[reg];
    if ((pfr0 & 15) != 2)
        assert_int_equal(aarch32, 0);
    assert_true((dfr0 >> 28 & 15) <= (dfr0 >> 12 & 15));
}
