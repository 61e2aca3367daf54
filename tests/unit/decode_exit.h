/* SPDX-License-Identifier: MIT */
/* An exception as the CPU reports it, decoded, for the tests of what comes of each syndrome. */
#ifndef DECODE_EXIT_H
#define DECODE_EXIT_H

#include "cmocka_all.h"

#include <string.h>

#include "decode/exception.h"

#define FAR   UINT64_C(0xffff00000abcd123)
#define HPFAR UINT64_C(0x0000000000090000) /* FIPA = 0x9000 << 12 */

/* With the registers x0, x1, ... as first, first + step, ... */
static inline struct vcpu_exit decode_exit(uint64_t esr, uint64_t first, uint64_t step)
{
    struct vcpu_regs regs = {.pc = 0xbad, .pstate = 0xbad};
    struct vcpu_exit exit;

    for (unsigned n = 0; n < 31; n++)
        regs.x[n] = first + step * n;
    memset(&exit, 0xa5, sizeof(exit));
    vcpu_decode_exception(esr, FAR, HPFAR, &regs, &exit);
    assert_int_equal(exit.esr_el2, esr);
    return exit;
}

#endif
