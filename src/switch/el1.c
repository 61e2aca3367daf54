/* SPDX-License-Identifier: MIT */
#include "switch/el1.h"

#include "hw/el1.h"
#include "switch/el2.h"
#include "switch/pauth.h"

/*
 * The rows of the table in groups. Not among them are the pointer authentication keys, which
 * switch/pauth.c moves. A row of the first two has another name on a VHE host, and each vCPU has it:
 * for the size of the code their values are in general registers between CPU and memory, as many as
 * there are.
 */
enum el1_group { GROUP_ONE, GROUP_TWO, GROUP_SHARED, GROUP_OPTIONAL, GROUP_NONE };

static inline enum el1_group el1_group(enum el1_index row, bool shared, uint32_t when)
{
    if (when == EL1_PAUTH)
        return GROUP_NONE;
    if (shared)
        return GROUP_SHARED;
    if (when != EL1_ALWAYS)
        return GROUP_OPTIONAL;
    return row <= EL1_FAR_EL1 ? GROUP_ONE : GROUP_TWO;
}

/* Of vcpu_el1_start. */
static inline bool el1_is_started(enum el1_index row)
{
    return row == EL1_SCTLR_EL1 || row == EL1_TCR_EL1 || row == EL1_CNTV_CTL_EL0 ||
           row == EL1_CNTP_CTL_EL0;
}

#define IN_GROUP(name, op1, vhe, when, of) (el1_group(EL1_##name, (op1) == (vhe), when) == (of))

/* Inline, so that each use has only the instructions of its own rows. */
static inline __attribute__((always_inline)) void save_group(uint64_t *el1, bool vhe_host,
                                                             enum el1_group group)
{
    uint64_t value[EL1_COUNT];

#define READ_VHE(name, op0, op1, crn, crm, op2, vhe, when, reset)                                  \
    if (IN_GROUP(name, op1, vhe, when, group))                                                     \
        value[EL1_##name] = READ_SYSREG_S(op0, vhe, crn, crm, op2);
#define READ_PLAIN(name, op0, op1, crn, crm, op2, vhe, when, reset)                                \
    if (IN_GROUP(name, op1, vhe, when, group))                                                     \
        value[EL1_##name] = READ_SYSREG_S(op0, op1, crn, crm, op2);
#define STORE(name, op0, op1, crn, crm, op2, vhe, when, reset)                                     \
    if (IN_GROUP(name, op1, vhe, when, group))                                                     \
        el1[EL1_##name] = value[EL1_##name];
    if (vhe_host) {
        EL1_TABLE(READ_VHE)
    } else {
        EL1_TABLE(READ_PLAIN)
    }
    EL1_TABLE(STORE)
#undef READ_VHE
#undef READ_PLAIN
#undef STORE
}

static inline __attribute__((always_inline)) void restore_group(const uint64_t *el1, bool vhe_host,
                                                                enum el1_group group)
{
    uint64_t value[EL1_COUNT];

#define LOAD(name, op0, op1, crn, crm, op2, vhe, when, reset)                                      \
    if (IN_GROUP(name, op1, vhe, when, group) && !el1_is_started(EL1_##name))                      \
        value[EL1_##name] = el1[EL1_##name];
#define WRITE_VHE(name, op0, op1, crn, crm, op2, vhe, when, reset)                                 \
    if (IN_GROUP(name, op1, vhe, when, group) && !el1_is_started(EL1_##name))                      \
        WRITE_SYSREG_S(op0, vhe, crn, crm, op2, value[EL1_##name]);
#define WRITE_PLAIN(name, op0, op1, crn, crm, op2, vhe, when, reset)                               \
    if (IN_GROUP(name, op1, vhe, when, group) && !el1_is_started(EL1_##name))                      \
        WRITE_SYSREG_S(op0, op1, crn, crm, op2, value[EL1_##name]);
    EL1_TABLE(LOAD)
    if (vhe_host) {
        EL1_TABLE(WRITE_VHE)
    } else {
        EL1_TABLE(WRITE_PLAIN)
    }
#undef LOAD
#undef WRITE_VHE
#undef WRITE_PLAIN
}

void vcpu_el1_save(const struct vcpu_state *v, uint64_t el1[EL1_COUNT])
{
    const uint32_t has = v->vm->when;
    const bool vhe_host = el2_is_vhe();

    save_group(el1, vhe_host, GROUP_ONE);
    save_group(el1, vhe_host, GROUP_TWO);
#define SAVE(name, op0, op1, crn, crm, op2, vhe, when, reset)                                      \
    if (IN_GROUP(name, op1, vhe, when, GROUP_SHARED) && (has & (when)) == (when))                  \
        el1[EL1_##name] =                                                                          \
            EL1_##name == EL1_PAR_EL1 ? read_par_el1() : READ_SYSREG_S(op0, op1, crn, crm, op2);   \
    if (IN_GROUP(name, op1, vhe, when, GROUP_OPTIONAL) && (has & (when)) == (when))                \
        el1[EL1_##name] = vhe_host ? READ_SYSREG_S(op0, vhe, crn, crm, op2)                        \
                                   : READ_SYSREG_S(op0, op1, crn, crm, op2);
    EL1_TABLE(SAVE)
#undef SAVE
}

void vcpu_el1_restore(const struct vcpu_state *v, const uint64_t el1[EL1_COUNT])
{
    const uint32_t has = v->vm->when;
    const bool vhe_host = el2_is_vhe();

    restore_group(el1, vhe_host, GROUP_ONE);
    restore_group(el1, vhe_host, GROUP_TWO);
#define RESTORE(name, op0, op1, crn, crm, op2, vhe, when, reset)                                   \
    if (IN_GROUP(name, op1, vhe, when, GROUP_SHARED) && (has & (when)) == (when))                  \
        WRITE_SYSREG_S(op0, op1, crn, crm, op2, el1[EL1_##name]);                                  \
    if (IN_GROUP(name, op1, vhe, when, GROUP_OPTIONAL) && !el1_is_started(EL1_##name) &&           \
        (has & (when)) == (when)) {                                                                \
        if (vhe_host)                                                                              \
            WRITE_SYSREG_S(op0, vhe, crn, crm, op2, el1[EL1_##name]);                              \
        else                                                                                       \
            WRITE_SYSREG_S(op0, op1, crn, crm, op2, el1[EL1_##name]);                              \
    }
    EL1_TABLE(RESTORE)
#undef RESTORE
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

/* Stores v->el1; or, if there is an `el1`, fetches into it. */
static void access(const struct vcpu_state *v, uint64_t *el1)
{
    const struct percpu_state *cpu = state_cpu(v);
    uint64_t cptr;

    if (!cpu)
        return;
    cptr = vcpu_el2_cptr_to_guest(cpu);
    if (el1) {
        vcpu_el1_save(v, el1);
    } else {
        vcpu_el1_stop(v);
        vcpu_el1_restore(v, v->el1);
        vcpu_el1_start(v, v->el1);
    }
    vcpu_el2_cptr_back(cptr);
    if (!cpu->guest_keys)
        return;
    if (el1)
        vcpu_pauth_read(&el1[EL1_APIAKeyLo_EL1]);
    else
        vcpu_pauth_write(&v->el1[EL1_APIAKeyLo_EL1]);
}

void vcpu_el1_fetch(struct vcpu_state *v)
{
    access(v, v->el1);
}

void vcpu_el1_store(const struct vcpu_state *v)
{
    access(v, NULL);
}
