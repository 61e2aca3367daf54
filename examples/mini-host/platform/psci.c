/* SPDX-License-Identifier: MIT */
#include "psci.h"

#define PSCI_CPU_ON_64    UINT32_C(0xc4000003)
#define PSCI_SYSTEM_OFF   UINT32_C(0x84000008)
#define PSCI_SYSTEM_RESET UINT32_C(0x84000009)

static bool conduit_smc;

void psci_init(bool smc)
{
    conduit_smc = smc;
}

/* SMCCC: x0-x3 carry arguments and results, x4-x17 may be lost (1.0 and 1.1 alike). */
static int32_t call(uint32_t function, uint64_t a1, uint64_t a2, uint64_t a3)
{
    register uint64_t x0 __asm__("x0") = function;
    register uint64_t x1 __asm__("x1") = a1;
    register uint64_t x2 __asm__("x2") = a2;
    register uint64_t x3 __asm__("x3") = a3;

#define CALL_CLOBBERS                                                                              \
    "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17",    \
        "memory"
    if (conduit_smc)
        __asm__ volatile("smc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)::CALL_CLOBBERS);
    else
        __asm__ volatile("hvc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)::CALL_CLOBBERS);
    return (int32_t)x0; /* the results are 32 bits wide, also of the 64-bit calls */
}

int32_t psci_cpu_on(uint64_t mpidr, uint64_t entry, uint64_t context)
{
    return call(PSCI_CPU_ON_64, mpidr, entry, context);
}

void psci_system_off(void)
{
    call(PSCI_SYSTEM_OFF, 0, 0, 0);
}

void psci_system_reset(void)
{
    call(PSCI_SYSTEM_RESET, 0, 0, 0);
}
