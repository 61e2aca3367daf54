/* SPDX-License-Identifier: MIT */
/* An exception that nobody handles, in the middle of a line: the console's lock is held. */
#include <kit/kit.h>

int guest_main(uint64_t dtb)
{
    (void)dtb;
    kit_printf("%s\n", (const char *)UINT64_C(0x4000000000));
    return 0;
}
