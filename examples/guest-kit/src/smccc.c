/* SPDX-License-Identifier: MIT */
/* PSCI and SMCCC calls that need no more than x0-x3. */
#include <kit/smccc.h>

#include <kit/arch.h>
#include <kit/console.h>

#define SMCCC_1_0 0x10000u

static enum kit_conduit conduit;

void kit_set_conduit(enum kit_conduit c)
{
    conduit = c;
}

uint64_t kit_smccc(uint64_t function, uint64_t x1, uint64_t x2, uint64_t x3)
{
    struct kit_call call = {{function, x1, x2, x3}};

    if (conduit == KIT_CONDUIT_SMC)
        kit_smc(&call);
    else
        kit_hvc(&call);
    return call.x[0];
}

uint32_t kit_psci_version(void)
{
    return (uint32_t)kit_smccc(KIT_PSCI_VERSION, 0, 0, 0);
}

uint32_t kit_smccc_version(void)
{
    int32_t version = (int32_t)kit_smccc(KIT_SMCCC_VERSION, 0, 0, 0);

    /* The call came with 1.1: who does not know it keeps to 1.0. */
    return version < 0 ? SMCCC_1_0 : (uint32_t)version;
}

int64_t kit_psci_affinity_info(uint64_t mpidr)
{
    return (int64_t)kit_smccc(KIT_PSCI_AFFINITY_INFO_64, mpidr, 0, 0);
}

/* Neither call returns, unless there is nobody that knows it. */
static _Noreturn void end(uint64_t function)
{
    kit_smccc(function, 0, 0, 0);
    kit_emergency_printf("guest-kit: PSCI call 0x%lx came back: stopped\n", function);
    (void)kit_irq_mask();
    for (;;)
        kit_wfi();
}

void kit_poweroff(void)
{
    end(KIT_PSCI_SYSTEM_OFF);
}

void kit_reset(void)
{
    end(KIT_PSCI_SYSTEM_RESET);
}
