/* SPDX-License-Identifier: MIT */
/* guest_main fails: the machine is reset. */
#include <kit/kit.h>

int guest_main(uint64_t dtb)
{
    (void)dtb;
    return 3;
}
