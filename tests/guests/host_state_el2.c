/* SPDX-License-Identifier: MIT */
/* The host's EL2: its unusual values, and the checks that they are still there. */
#include "host_state_el2.h"

#include <stddef.h>

#include "arch.h"
#include "testhost.h"

/* ---- The registers ---- */

#define HCR_FMO  (UINT64_C(1) << 3)
#define HCR_IMO  (UINT64_C(1) << 4)
#define HCR_AMO  (UINT64_C(1) << 5)
#define HCR_TWI  (UINT64_C(1) << 13)
#define HCR_TVM  (UINT64_C(1) << 26)
#define HCR_TRVM (UINT64_C(1) << 30)

#define HCR_ROUTING (HCR_FMO | HCR_IMO | HCR_AMO)

#define CPTR_TFP   (UINT64_C(1) << 10)
#define CPTR_TCPAC (UINT64_C(1) << 31)
/* With E2H = 1 it has CPACR_EL1's layout. */
#define CPTR_VHE_FPEN (UINT64_C(3) << 20)

#define MDCR_TPMCR (UINT64_C(1) << 5)
#define MDCR_TDRA  (UINT64_C(1) << 11)

#define CNTHCTL_EVENT_STREAM UINT64_C(0xfc)
/* EL0PCTEN, EL0VCTEN, EL0VTEN, EL0PTEN: with E2H = 1, what the host's own EL0 may have. */
#define CNTHCTL_VHE_EL0 UINT64_C(0x303)

#define ICH_HCR_TC (UINT64_C(1) << 10)

/* Registers of EL2 that may not be there. */
#define ICH_HCR_EL2    s3_4_c12_c11_0
#define ICC_SRE_EL2    s3_4_c12_c9_5
#define HCRX_EL2       s3_4_c1_c2_2
#define TTBR1_EL2      s3_4_c2_c0_1 /* FEAT_VHE, as the next */
#define CONTEXTIDR_EL2 s3_4_c13_c0_1

#define EL2_NAME(name, present, reg) #reg,
#define EL2_READ(name, present, reg) arch_read_if(present, reg),
#define arch_read_if(present, reg)   ((present) ? arch_read(reg) : 0)
#define arch_write_if(present, reg, value)                                                         \
    do {                                                                                           \
        if (present)                                                                               \
            arch_write(reg, value);                                                                \
    } while (0)

static const char *const el2_names[EL2_COUNT] = {EL2_REGISTERS(EL2_NAME)};

static bool has_gic_sysregs, has_hcx, has_vhe;

bool is_vhe;

void el2_find(void)
{
    has_gic_sysregs = arch_read(id_aa64pfr0_el1) >> 24 & 0xf;
    has_hcx = arch_read(id_aa64mmfr1_el1) >> 40 & 0xf;
    has_vhe = arch_has_vhe();
    is_vhe = arch_is_vhe();
}

struct el2 el2_read(void)
{
    return (struct el2){{EL2_REGISTERS(EL2_READ)}};
}

bool puts_each_run(const struct mode *mode)
{
    return mode->other_count && !is_vhe && !(mode->percpu_flags & VCPU_PERCPU_HOST_CNTPCT);
}

static uint64_t unusual_cptr(const struct mode *mode)
{
    uint64_t cptr = arch_read(cptr_el2) | CPTR_TCPAC;

    if (is_vhe)
        return mode->traps_fp ? cptr & ~CPTR_VHE_FPEN : cptr | CPTR_VHE_FPEN;
    return mode->traps_fp ? cptr | CPTR_TFP : cptr & ~CPTR_TFP;
}

void el2_make_unusual(const struct mode *mode)
{
    uint64_t routing = mode->polls ? 0 : HCR_FMO | HCR_IMO | HCR_AMO;
    uint64_t hcr = arch_read(hcr_el2) & ~(HCR_ROUTING | ARCH_HCR_TGE);

    if (is_vhe || mode->tge)
        routing |= ARCH_HCR_TGE;
    arch_write(hcr_el2, hcr | routing | HCR_TWI | HCR_TVM | HCR_TRVM);
    arch_write(cptr_el2, unusual_cptr(mode));
    arch_write(mdcr_el2, arch_read(mdcr_el2) | MDCR_TPMCR | MDCR_TDRA);
    arch_write(hstr_el2, 0x2aa5);
    arch_write(cnthctl_el2, 0x5f); /* the event stream on, at bit 5 */
    arch_write(cntvoff_el2, HOST_CNTVOFF);
    arch_write(vttbr_el2, UINT64_C(0x00ab000055555000));
    arch_write(vtcr_el2, 0x80003559);
    arch_write(vpidr_el2, 0x410fabc1);
    arch_write(vmpidr_el2, UINT64_C(0x1280345678));
    arch_write(mdscr_el1, 0x1000); /* TDCC: EL0's debug channel traps */
    arch_write_if(has_gic_sysregs, ICH_HCR_EL2, ICH_HCR_TC);
    arch_write_if(has_hcx, HCRX_EL2, 0x1);
    /* What has a namesake at EL1: a restore by the wrong name would go here. */
    arch_write(amair_el2, 0x55);
    arch_write(afsr0_el2, 0xaf5);
    arch_write(afsr1_el2, 0xaf51);
    arch_write_if(has_vhe, TTBR1_EL2, UINT64_C(0x77776000));
    arch_write_if(has_vhe, CONTEXTIDR_EL2, 0xc0de1d);
    arch_isb();
}

/* ---- Checks that say where they failed, once ---- */

struct place at;

void check_same(const char *what, uint64_t got, uint64_t want)
{
    if (got == want)
        return;
    if (!at.failed)
        console_print("guest %s, run %u, DAIF 0x%lx:\n", at.guest, at.run, at.daif);
    at.failed = true;
    test_check_eq(got, want, what, __FILE__, __LINE__);
}

void check_el2_same(const struct el2 *got, const struct el2 *want)
{
    for (unsigned i = 0; i < EL2_COUNT; i++)
        check_same(el2_names[i], got->value[i], want->value[i]);
}

void check_el2_shared(const struct mode *mode, const struct el2 *got, const struct el2 *want)
{
    const struct {
        enum el2_index index;
        uint64_t mask;
    } shared[] = {
        {EL2_HCR, HCR_ROUTING | ARCH_HCR_TGE | ARCH_HCR_E2H},
        {EL2_CPTR, is_vhe ? CPTR_VHE_FPEN : CPTR_TFP},
        {EL2_CNTHCTL, CNTHCTL_EVENT_STREAM | (is_vhe ? CNTHCTL_VHE_EL0 : 0)},
        {EL2_VBAR, UINT64_MAX},
        {EL2_TPIDR, UINT64_MAX},
        {EL2_SCTLR, UINT64_MAX},
        {EL2_TCR, UINT64_MAX},
        {EL2_TTBR0, UINT64_MAX},
        {EL2_MAIR, UINT64_MAX},
        {EL2_AMAIR, UINT64_MAX},
        {EL2_AFSR0, UINT64_MAX},
        {EL2_AFSR1, UINT64_MAX},
        {EL2_TTBR1, UINT64_MAX},
        {EL2_CONTEXTIDR, UINT64_MAX},
        {EL2_CNTHP_CVAL, UINT64_MAX},
    };

    if (puts_each_run(mode))
        check_el2_same(got, want);
    for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++)
        check_same(el2_names[shared[i].index], got->value[shared[i].index] & shared[i].mask,
                   want->value[shared[i].index] & shared[i].mask);
}
