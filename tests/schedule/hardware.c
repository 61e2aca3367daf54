/* SPDX-License-Identifier: MIT */
/* What the code under test has of hw/ and of the world switch, as far as these guests need it. */
#include "machine.h"

#include <string.h>

#include "arm/el2.h"
#include "cpu/fit.h"
#include "guest/trap.h"
#include "hw/cpu.h"
#include "hw/smc.h"
#include "hw/sysreg.h"
#include "run/decide.h"
#include "switch/debug.h"
#include "switch/el1.h"
#include "switch/el2.h"
#include "switch/pauth.h"
#include "switch/simd.h"

/* ---- hw/ ---- */

uint64_t vcpu_cpu_id(void)
{
    return UINT64_C(0x80000000) | schedule_cpu();
}

uint64_t vcpu_cpu_mask(void)
{
    bool before = sim_here()->masked;

    sim_here()->masked = true;
    return before;
}

void vcpu_cpu_restore(uint64_t daif)
{
    sim_here()->masked = daif;
}

bool vcpu_cpu_is_interrupted(void)
{
    const struct sim_cpu *cpu = sim_here();
    bool interrupted = sim_interrupted(cpu);

    /* An SGI to several is left then, by a kick. */
    if (interrupted)
        sim.of[cpu->block->resident->pub.index].may_leave = true;
    return interrupted;
}

/* No vCPU of this test waits for a count. */
uint64_t vcpu_cpu_count(void)
{
    return 0;
}

void vcpu_cpu_relax(void)
{
    schedule_relax();
}

uint64_t machine_sysreg(const char *name)
{
    if (!strcmp(name, "mpidr_el1"))
        return vcpu_cpu_id();
    if (!strcmp(name, "far_el2"))
        return sim_here()->far;
    if (!strcmp(name, "hpfar_el2"))
        return sim_here()->hpfar;
    return 0;
}

/* ---- The world switch ---- */

void vcpu_el1_save(const struct vcpu_state *v, uint64_t el1[EL1_COUNT])
{
    (void)v;
    el1[EL1_TPIDR_EL1] = sim_here()->el1;
}

void vcpu_el1_stop(const struct vcpu_state *v)
{
    (void)v;
    sim_here()->el1 = UINT64_C(0xdead);
}

void vcpu_el1_restore(const struct vcpu_state *v, const uint64_t el1[EL1_COUNT])
{
    (void)v;
    sim_here()->el1 = el1[EL1_TPIDR_EL1];
}

void vcpu_el1_start(const struct vcpu_state *v, const uint64_t el1[EL1_COUNT])
{
    (void)v;
    (void)el1;
}

void vcpu_el2_read(const struct vcpu_features *has, struct el2_state *s)
{
    (void)has;
    (void)s;
}

void vcpu_el2_write(const struct vcpu_features *has, const struct el2_state *s)
{
    (void)has;
    (void)s;
}

void vcpu_el2_for(const struct percpu_state *cpu, const struct vcpu_state *v, unsigned fit,
                  struct el2_state *el2)
{
    (void)cpu;
    (void)v;
    (void)fit;
    el2->hcr = HCR_EL2_IMO | HCR_EL2_FMO;
}

uint64_t vcpu_el2_cptr_to_guest(const struct percpu_state *cpu)
{
    (void)cpu;
    return 0;
}

void vcpu_el2_cptr_back(uint64_t cptr)
{
    (void)cptr;
}

void vcpu_simd_load(struct percpu_state *cpu, const struct vcpu_state *v)
{
    (void)cpu;
    (void)v;
}

void vcpu_simd_unload(const struct percpu_state *cpu, struct vcpu_state *v)
{
    (void)cpu;
    (void)v;
}

void vcpu_simd_save_host(uint64_t regs[10])
{
    (void)regs;
}

void vcpu_simd_restore_host(const uint64_t regs[10])
{
    (void)regs;
}

void vcpu_pauth_to_guest(struct percpu_state *cpu, const struct vcpu_state *v)
{
    (void)cpu;
    (void)v;
}

void vcpu_pauth_to_host(struct percpu_state *cpu)
{
    (void)cpu;
}

void vcpu_debug_enter(struct percpu_state *cpu, struct vcpu_state *v)
{
    (void)cpu;
    (void)v;
}

void vcpu_debug_leave(struct percpu_state *cpu, struct vcpu_state *v)
{
    (void)cpu;
    (void)v;
}

void vcpu_debug_renew(struct vcpu_state *v)
{
    (void)v;
}

unsigned vcpu_fit(const struct percpu_state *cpu, struct vcpu_vm *vm)
{
    (void)cpu;
    (void)vm;
    return 1;
}

enum trap_sharing vcpu_trap_sharing(const struct vcpu_features *features,
                                    const struct el2_state *guest, const struct el2_state *host,
                                    bool host_fp, bool host_reads_cntvct)
{
    (void)features;
    (void)guest;
    (void)host;
    (void)host_fp;
    (void)host_reads_cntvct;
    return sim.config.put_each_run ? TRAP_SHARE_NOTHING : TRAP_SHARE_ALL;
}

/* ---- Exits that these guests do not have ---- */

static _Noreturn void unexpected(const char *what)
{
    schedule_fail("an exit for %s", what);
}

int vcpu_inject_undefined(struct vcpu *vcpu)
{
    (void)vcpu;
    unexpected("an undefined instruction");
}

int vcpu_inject_sync(struct vcpu *vcpu, uint64_t esr, uint64_t far)
{
    (void)vcpu;
    (void)esr;
    (void)far;
    unexpected("the guest's own exception");
}

enum outcome vcpu_decide_sysreg(struct vcpu_state *v)
{
    (void)v;
    unexpected("a system register of no device");
}

enum outcome vcpu_decide_cp15(struct vcpu_state *v)
{
    (void)v;
    unexpected("coprocessor 15");
}

enum outcome vcpu_decide_fault(struct vcpu_state *v)
{
    (void)v;
    unexpected("a fault");
}

enum outcome vcpu_decide_debug(struct vcpu_state *v)
{
    (void)v;
    unexpected("a debug exception");
}

void vcpu_smc(uint64_t x[31])
{
    (void)x;
    unexpected("an SMC");
}
