/* SPDX-License-Identifier: MIT */
#include "switch/el2.h"

#include "guest/trap.h"
#include "hw/el2.h"

static bool has_mpamhcr(const struct vcpu_features *has)
{
    return has->mpam && (READ_MPAMIDR_EL1() & MPAMIDR_EL1_HAS_HCR);
}

/* X(member of struct el2_state, does the CPU `has` it, read, write of `value`): in this order. */
/* clang-format off */
#define EL2_TABLE(X)                                                                               \
    X(hcr, true, READ_SYSREG(hcr_el2), WRITE_SYSREG(hcr_el2, value))                               \
    X(cptr, true, READ_SYSREG(cptr_el2), WRITE_SYSREG(cptr_el2, value))                            \
    X(mdcr, true, READ_SYSREG(mdcr_el2), WRITE_SYSREG(mdcr_el2, value))                            \
    X(hstr, true, READ_SYSREG(hstr_el2), WRITE_SYSREG(hstr_el2, value))                            \
    X(cnthctl, true, READ_SYSREG(cnthctl_el2), WRITE_SYSREG(cnthctl_el2, value))                   \
    X(cntvoff, true, READ_SYSREG(cntvoff_el2), WRITE_SYSREG(cntvoff_el2, value))                   \
    X(vtcr, true, READ_SYSREG(vtcr_el2), WRITE_SYSREG(vtcr_el2, value))                            \
    X(vttbr, true, READ_SYSREG(vttbr_el2), WRITE_SYSREG(vttbr_el2, value))                         \
    X(vpidr, true, READ_SYSREG(vpidr_el2), WRITE_SYSREG(vpidr_el2, value))                         \
    X(vmpidr, true, READ_SYSREG(vmpidr_el2), WRITE_SYSREG(vmpidr_el2, value))                      \
    X(mdscr, true, READ_SYSREG(mdscr_el1), WRITE_SYSREG(mdscr_el1, value))                         \
    X(pmuserenr, has->pmu, READ_SYSREG(pmuserenr_el0), WRITE_SYSREG(pmuserenr_el0, value))         \
    X(icc_sre_el1, has->gic_sysregs, READ_ICC_SRE_EL1(), WRITE_ICC_SRE_EL1(value))                 \
    X(icc_sre, has->gic_sysregs, READ_ICC_SRE_EL2(), WRITE_ICC_SRE_EL2(value))                     \
    X(ich_hcr, has->gic_sysregs, READ_ICH_HCR_EL2(), WRITE_ICH_HCR_EL2(value))                     \
    X(hcrx, has->hcx, READ_HCRX_EL2(), WRITE_HCRX_EL2(value))                                      \
    X(mpam2, has->mpam, READ_MPAM2_EL2(), WRITE_MPAM2_EL2(value))                                  \
    X(mpamhcr, has_mpamhcr(has), READ_MPAMHCR_EL2(), WRITE_MPAMHCR_EL2(value))                     \
    X(hfgrtr, has->fgt, READ_HFGRTR_EL2(), WRITE_HFGRTR_EL2(value))                                \
    X(hfgwtr, has->fgt, READ_HFGWTR_EL2(), WRITE_HFGWTR_EL2(value))                                \
    X(hfgitr, has->fgt, READ_HFGITR_EL2(), WRITE_HFGITR_EL2(value))                                \
    X(hdfgrtr, has->fgt, READ_HDFGRTR_EL2(), WRITE_HDFGRTR_EL2(value))                             \
    X(hdfgwtr, has->fgt, READ_HDFGWTR_EL2(), WRITE_HDFGWTR_EL2(value))
/* clang-format on */

/* restrict: conditions that several rows have in common are looked at once. */
void vcpu_el2_read(const struct vcpu_features *restrict has, struct el2_state *restrict s)
{
#define READ(member, there, read, write)                                                           \
    if (there)                                                                                     \
        s->member = read;
    EL2_TABLE(READ)
#undef READ
}

void vcpu_el2_write(const struct vcpu_features *has, const struct el2_state *s)
{
#define WRITE(member, there, read, write)                                                          \
    if (there) {                                                                                   \
        uint64_t value = s->member;                                                                \
                                                                                                   \
        write;                                                                                     \
    }
    EL2_TABLE(WRITE)
#undef WRITE
}

void vcpu_el2_for(const struct percpu_state *cpu, const struct vcpu_state *v, unsigned fit,
                  struct el2_state *el2)
{
    const struct vcpu_vm *vm = v->vm;
    const struct el2_state *host = &cpu->host_el2;

    vcpu_trap_el2(&cpu->features, vm->flags, vm->id, vm->shape.vtcr_el2, vm->counter_offset, el2);
    el2->hcr |= vcpu_trap_unlike(&cpu->features, fit);
    if (host->hcr & HCR_EL2_E2H) {
        vcpu_trap_to_vhe(el2);
        el2->cnthctl |= host->cnthctl & CNTHCTL_EL2_VHE_EL0;
    }
    el2->vttbr = v->vttbr;
    el2->vpidr = vm->id[ID_MIDR_EL1];
    el2->vmpidr = v->mpidr | MPIDR_RES1;
    el2->cnthctl |= host->cnthctl & CNTHCTL_EL2_EVENT_STREAM;
    el2->icc_sre |= host->icc_sre & ~ICC_SRE_EL2_ENABLE;
    el2->mpam2 |= host->mpam2 & (MPAM2_EL2_PARTITION | MPAM2_EL2_MPAMEN);
    el2->mpamhcr |= host->mpamhcr;
    el2->mdcr |= host->mdcr & MDCR_EL2_HOST_COUNTERS;
    if (!(vm->flags & VCPU_VM_PMU)) /* all are the host's, whatever its HPMN is now */
        el2->mdcr = (el2->mdcr & ~MDCR_EL2_HPMN) | (host->mdcr & MDCR_EL2_HPMN);
}

uint64_t vcpu_el2_cptr_to_guest(const struct percpu_state *cpu)
{
    uint64_t cptr = READ_SYSREG(cptr_el2);

    WRITE_SYSREG(cptr_el2, cpu->guest_el2.cptr);
    isb();
    return cptr;
}

void vcpu_el2_cptr_back(uint64_t cptr)
{
    WRITE_SYSREG(cptr_el2, cptr);
    isb(); /* the host's own SVE may have been trapped */
}
