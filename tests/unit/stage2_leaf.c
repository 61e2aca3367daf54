/* SPDX-License-Identifier: MIT */
/* A page or block descriptor as the CPU reads it. */
#include "cmocka_all.h"

#include "stage2_machine.h"

struct machine_leaf machine_decode(uint64_t descriptor, int level, uint64_t ipa)
{
    struct machine_leaf leaf = {.valid = true, .level = level};

    leaf.size = UINT64_C(1) << (39 - 9 * level);
    leaf.base = ipa & ~(leaf.size - 1);
    leaf.out = descriptor & UINT64_C(0x0000fffffffff000);
    leaf.read = descriptor >> 6 & 1;
    leaf.write = descriptor >> 7 & 1;
    leaf.execute_el0 = (descriptor >> 53 & 3) == 0 || (descriptor >> 53 & 3) == 1;
    leaf.execute_el1 = (descriptor >> 53 & 3) == 0 || (descriptor >> 53 & 3) == 3;
    leaf.execute = leaf.execute_el0 && leaf.execute_el1;

    assert_int_equal(leaf.out % leaf.size, 0);
    assert_int_equal(descriptor >> 10 & 1, 1);               /* AF */
    assert_true(machine.xnx || (descriptor >> 53 & 1) == 0); /* XN[0], which only FEAT_XNX has */
    assert_int_equal(descriptor >> 55, 0);                   /* no bit that a feature might take */
    assert_int_equal(descriptor >> 48 & 0x1f, 0); /* no address above 48 bits, DBM, Contiguous */
    assert_int_equal(descriptor >> 11 & 1, 0);
    switch ((descriptor >> 2 & 15) | (machine.fwb ? 16u : 0)) {
    case 0: /* Device-nGnRnE, Device-nGnRE, Normal Non-cacheable: the same with and without FWB */
    case 16:
        leaf.type = 'N';
        break;
    case 1:
    case 17:
        leaf.type = 'E';
        break;
    case 5:
    case 21:
        leaf.type = 'n';
        break;
    case 15: /* Normal, Inner and Outer Write-Back; with FWB whatever stage 1 says */
    case 22:
        leaf.type = 'w';
        leaf.outer = (descriptor >> 8 & 3) == 2;
        assert_true(leaf.outer || (descriptor >> 8 & 3) == 3);
        break;
    default:
        fail_msg("memory attributes of descriptor %#llx", (unsigned long long)descriptor);
    }
    leaf.device = leaf.type == 'N' || leaf.type == 'E';
    leaf.outer |= leaf.type != 'w';
    return leaf;
}
