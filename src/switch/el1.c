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

/* Of vcpu_el1_start. */
static inline bool el1_is_started(enum el1_index row)
{
    return row == EL1_SCTLR_EL1 || row == EL1_TCR_EL1 || row == EL1_CNTV_CTL_EL0 ||
           row == EL1_CNTP_CTL_EL0;
}

/* Inline, so that each use has only the instructions of its own rows. */
static inline __attribute__((always_inline)) void el1_save_by(const struct vcpu_state *v,
                                                              uint64_t *el1, enum el1_name by)
{
#define SAVE(name, op0, op1, crn, crm, op2, vhe, when, reset)                                      \
    if (el1_moves(v, when, (op1) == (vhe), by))                                                    \
        el1[EL1_##name] = EL1_##name == EL1_PAR_EL1 ? read_par_el1()                               \
                          : by == NAME_VHE          ? READ_SYSREG_S(op0, vhe, crn, crm, op2)       \
                                                    : READ_SYSREG_S(op0, op1, crn, crm, op2);
    EL1_TABLE(SAVE)
#undef SAVE
}

static inline __attribute__((always_inline)) void
el1_restore_by(const struct vcpu_state *v, const uint64_t *el1, enum el1_name by)
{
#define RESTORE(name, op0, op1, crn, crm, op2, vhe, when, reset)                                   \
    if (!el1_is_started(EL1_##name) && el1_moves(v, when, (op1) == (vhe), by)) {                   \
        if (by == NAME_VHE)                                                                        \
            WRITE_SYSREG_S(op0, vhe, crn, crm, op2, el1[EL1_##name]);                              \
        else                                                                                       \
            WRITE_SYSREG_S(op0, op1, crn, crm, op2, el1[EL1_##name]);                              \
    }
    EL1_TABLE(RESTORE)
#undef RESTORE
}

void vcpu_el1_save(const struct vcpu_state *v, uint64_t el1[EL1_COUNT])
{
    el1_save_by(v, el1, NAME_SHARED);
    if (el2_is_vhe())
        el1_save_by(v, el1, NAME_VHE);
    else
        el1_save_by(v, el1, NAME_PLAIN);
}

void vcpu_el1_restore(const struct vcpu_state *v, const uint64_t el1[EL1_COUNT])
{
    el1_restore_by(v, el1, NAME_SHARED);
    if (el2_is_vhe())
        el1_restore_by(v, el1, NAME_VHE);
    else
        el1_restore_by(v, el1, NAME_PLAIN);
}

static void set_timers(const struct vcpu_state *v, uint64_t cntv_ctl, uint64_t cntp_ctl)
{
    write_cntv_ctl_el0(cntv_ctl);
    if (state_has_row(v, EL1_DIRECT_TIMER))
        write_cntp_ctl_el0(cntp_ctl);
}

void vcpu_el1_stop(const struct vcpu_state *v)
{
    set_timers(v, 0, 0);
    write_tcr_el1(TCR_EL1_EPD0 | TCR_EL1_EPD1);
    isb();
    write_sctlr_el1(SCTLR_EL1_RES1 | SCTLR_EL1_M);
    isb();
}

void vcpu_el1_start(const struct vcpu_state *v, const uint64_t el1[EL1_COUNT])
{
    write_sctlr_el1(el1[EL1_SCTLR_EL1]);
    /* In effect before anything starts: the owner's SCTLR_EL1.M, TTBRs and compare values. */
    isb();
    write_tcr_el1(el1[EL1_TCR_EL1]);
    set_timers(v, el1[EL1_CNTV_CTL_EL0], el1[EL1_CNTP_CTL_EL0]);
}

void vcpu_el1_fetch(struct vcpu_state *v)
{
    const struct percpu_state *cpu = state_cpu(v);
    uint64_t cptr;

    if (!cpu)
        return;
    cptr = vcpu_el2_cptr_to_guest(cpu);
    vcpu_el1_save(v, v->el1);
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
    vcpu_el1_stop(v);
    vcpu_el1_restore(v, v->el1);
    vcpu_el1_start(v, v->el1);
    vcpu_el2_cptr_back(cptr);
    if (cpu->guest_keys)
        vcpu_pauth_write(&v->el1[EL1_APIAKeyLo_EL1]);
}
