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
    leaf.execute = (descriptor >> 53 & 3) == 0;

    assert_int_equal(leaf.out % leaf.size, 0);
    assert_int_equal(descriptor >> 10 & 1, 1);    /* AF */
    assert_int_equal(descriptor >> 53 & 1, 0);    /* XN[0], which only FEAT_XNX has */
    assert_int_equal(descriptor >> 55, 0);        /* no bit that a feature might take */
    assert_int_equal(descriptor >> 48 & 0x1f, 0); /* no address above 48 bits, DBM, Contiguous */
    assert_int_equal(descriptor >> 11 & 1, 0);
    switch (descriptor >> 2 & 15) {
    case 1: /* Device-nGnRE */
        leaf.device = true;
        break;
    case 15: /* Normal, Inner and Outer Write-Back; Inner Shareable */
        assert_int_equal(descriptor >> 8 & 3, 3);
        break;
    default:
        fail_msg("memory attributes of descriptor %#llx", (unsigned long long)descriptor);
    }
    return leaf;
}
