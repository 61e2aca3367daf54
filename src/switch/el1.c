/* SPDX-License-Identifier: MIT */
#include "switch/el1.h"

#include "hw/el1.h"
#include "switch/el2.h"
#include "switch/pauth.h"

/*
 * The name by which a register is accessed: its only one, or that on a host with E2H = 0, or that
 * on a VHE host.
 */
enum el1_name { NAME_SHARED, NAME_PLAIN, NAME_VHE };

/*
 * Does this row have such a name? Without the pointer authentication keys, which switch/pauth.c
 * moves.
 */
static inline bool el1_moves(const struct vcpu_state *v, uint32_t when, bool shared,
                             enum el1_name name)
{
    return shared == (name == NAME_SHARED) && when != EL1_PAUTH && state_has_row(v, when);
}

/* Inline, so that each use has only the instructions of its own rows. */
static inline __attribute__((always_inline)) void el1_save_by(struct vcpu_state *v,
                                                              enum el1_name by)
{
#define SAVE(name, op0, op1, crn, crm, op2, vhe, when, reset)                                      \
    if (el1_moves(v, when, (op1) == (vhe), by))                                                    \
        v->el1[EL1_##name] = EL1_##name == EL1_PAR_EL1 ? read_par_el1()                            \
                             : by == NAME_VHE          ? READ_SYSREG_S(op0, vhe, crn, crm, op2)    \
                                                       : READ_SYSREG_S(op0, op1, crn, crm, op2);
    EL1_TABLE(SAVE)
#undef SAVE
}

/* The same, without TCR_EL1, which enables table walks: see vcpu_el1_stop_walks. */
static inline __attribute__((always_inline)) void el1_restore_by(const struct vcpu_state *v,
                                                                 enum el1_name by)
{
#define RESTORE(name, op0, op1, crn, crm, op2, vhe, when, reset)                                   \
    if (EL1_##name != EL1_TCR_EL1 && el1_moves(v, when, (op1) == (vhe), by)) {                     \
        if (by == NAME_VHE)                                                                        \
            WRITE_SYSREG_S(op0, vhe, crn, crm, op2, v->el1[EL1_##name]);                           \
        else                                                                                       \
            WRITE_SYSREG_S(op0, op1, crn, crm, op2, v->el1[EL1_##name]);                           \
    }
    EL1_TABLE(RESTORE)
#undef RESTORE
}

void vcpu_el1_save(struct vcpu_state *v)
{
    el1_save_by(v, NAME_SHARED);
    if (el2_is_vhe())
        el1_save_by(v, NAME_VHE);
    else
        el1_save_by(v, NAME_PLAIN);
}

void vcpu_el1_restore(const struct vcpu_state *v)
{
    el1_restore_by(v, NAME_SHARED);
    if (el2_is_vhe())
        el1_restore_by(v, NAME_VHE);
    else
        el1_restore_by(v, NAME_PLAIN);
}

void vcpu_el1_fetch(struct vcpu_state *v)
{
    const struct percpu_state *cpu = state_cpu(v);
    uint64_t cptr;

    if (!cpu)
        return;
    cptr = vcpu_el2_cptr_to_guest(cpu);
    vcpu_el1_save(v);
    vcpu_el2_cptr_back(cptr);
    if (cpu->guest_keys)
        vcpu_pauth_read(&v->el1[EL1_APIAKeyLo_EL1]);
}

void vcpu_el1_store(const struct vcpu_state *v)
{
    const struct percpu_state *cpu = state_cpu(v);
    uint64_t cptr;

    if (!cpu)
        return;
    cptr = vcpu_el2_cptr_to_guest(cpu);
    vcpu_el1_restore(v);
    write_tcr_el1(v->el1[EL1_TCR_EL1]);
    vcpu_el2_cptr_back(cptr);
    if (cpu->guest_keys)
        vcpu_pauth_write(&v->el1[EL1_APIAKeyLo_EL1]);
}

void vcpu_el1_stop_walks(void)
{
    write_tcr_el1(TCR_EL1_EPD0 | TCR_EL1_EPD1);
    isb();
    write_sctlr_el1(SCTLR_EL1_RES1 | SCTLR_EL1_M);
    isb();
}
