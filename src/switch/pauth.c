/* SPDX-License-Identifier: MIT */
#include "switch/pauth.h"

#include "hw/sysreg.h"

_Static_assert(EL1_APGAKeyHi_EL1 - EL1_APIAKeyLo_EL1 == PAUTH_KEYS - 1, "the keys are neighbours");

void vcpu_pauth_read(uint64_t keys[PAUTH_KEYS])
{
#define READ(name, op0, op1, crn, crm, op2, vhe, when, reset)                                      \
    if ((when) == EL1_PAUTH)                                                                       \
        keys[EL1_##name - EL1_APIAKeyLo_EL1] = READ_SYSREG_S(op0, op1, crn, crm, op2);
    EL1_TABLE(READ)
#undef READ
}

void vcpu_pauth_write(const uint64_t keys[PAUTH_KEYS])
{
#define WRITE(name, op0, op1, crn, crm, op2, vhe, when, reset)                                     \
    if ((when) == EL1_PAUTH)                                                                       \
        WRITE_SYSREG_S(op0, op1, crn, crm, op2, keys[EL1_##name - EL1_APIAKeyLo_EL1]);
    EL1_TABLE(WRITE)
#undef WRITE
}

void vcpu_pauth_to_guest(struct percpu_state *cpu, const struct vcpu_state *v)
{
    if (cpu->guest_keys || !state_has_row(v, EL1_PAUTH))
        return;
    vcpu_pauth_read(&cpu->host_el1[EL1_APIAKeyLo_EL1]);
    vcpu_pauth_write(&v->el1[EL1_APIAKeyLo_EL1]);
    cpu->guest_keys = true;
}

void vcpu_pauth_to_host(struct percpu_state *cpu)
{
    if (!cpu->guest_keys)
        return;
    vcpu_pauth_read(&cpu->resident->el1[EL1_APIAKeyLo_EL1]);
    vcpu_pauth_write(&cpu->host_el1[EL1_APIAKeyLo_EL1]);
    /* In effect before the host authenticates anything. */
    isb();
    cpu->guest_keys = false;
}
