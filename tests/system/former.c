/* SPDX-License-Identifier: MIT */
/*
 * A guest that looks for what somebody left in its memory before it began: tells how many words are
 * not zero, outside its image and its device tree. Then it fills all of that with a secret.
 */
#include <kit/kit.h>

#define SECRET    UINT64_C(0x7365637265747321)
#define IMAGE_END UINT64_C(0x40400000) /* see guest.ld */
#define FDT_SIZE  UINT64_C(0x200000)   /* the block at the end of the memory that holds it */

static uint64_t look(uint64_t start, uint64_t end)
{
    uint64_t found = 0;

    for (volatile uint64_t *at = (uint64_t *)start; at < (uint64_t *)end; at++) {
        found += *at != 0;
        *at = SECRET;
    }
    return found;
}

int guest_main(uint64_t dtb)
{
    const uint64_t tree = dtb & ~(FDT_SIZE - 1);
    uint64_t base, size, found;

    if (!kit_fdt_memory(dtb, &base, &size))
        return 1;
    /* The image's own blocks begin with what is no part of it: a kernel's text offset. */
    found = look(base, base + 0x80000) + look(IMAGE_END, tree);
    if (tree + FDT_SIZE < base + size)
        found += look(tree + FDT_SIZE, base + size);
    kit_printf("%lu words are not zero.\n", found);
    return 0;
}
