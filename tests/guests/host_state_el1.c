/* SPDX-License-Identifier: MIT */
#include "host_state_el1.h"

#include <stddef.h>

#include "arch.h"
#include "host_state_el2.h"

/* ID_AA64PFR1_EL1.SME, ID_AA64PFR0_EL1.RAS */
#define has_sme (arch_read(id_aa64pfr1_el1) >> 24 & 0xf)
/* CSV2 of 2 or more; no CPU of QEMU has CSV2_frac. */
#define has_scxtnum (arch_read(id_aa64pfr0_el1) >> 57 & 7)
#define has_ras     (arch_read(id_aa64pfr0_el1) >> 28 & 0xf)

#define EL1_NAME(name, present, plain, vhe) #name,

static const char *const names[EL1_REGISTERS_COUNT] = {EL1_REGISTERS(EL1_NAME)};

struct el1 el1_read(void)
{
    struct el1 el1 = {{0}};

#define READ(name, present, plain, vhe)                                                            \
    if (present)                                                                                   \
        el1.value[HOST_##name] = is_vhe ? arch_read(vhe) : arch_read(plain);
    EL1_REGISTERS(READ)
#undef READ
    return el1;
}

static void el1_write(const struct el1 *el1)
{
#define WRITE(name, present, plain, vhe)                                                           \
    if (!(present))                                                                                \
        ;                                                                                          \
    else if (is_vhe)                                                                               \
        arch_write(vhe, el1->value[HOST_##name]);                                                  \
    else                                                                                           \
        arch_write(plain, el1->value[HOST_##name]);
    EL1_REGISTERS(WRITE)
#undef WRITE
    arch_isb();
}

void el1_make_unusual(void)
{
    struct el1 el1;

    for (size_t i = 0; i < EL1_REGISTERS_COUNT; i++)
        el1.value[i] = UINT64_C(0x40570000e1) + (i << 12);
    el1.value[HOST_SCTLR_EL1] = 0x30d00838; /* RES1, CP15BEN, SA0, SA; M, C and I are 0 */
    el1.value[HOST_TCR_EL1] = 0x00803519;
    el1.value[HOST_CPACR_EL1] = 0x00100000;
    el1.value[HOST_CNTKCTL_EL1] = 0x2a;
    el1.value[HOST_CNTV_CVAL_EL0] = el1.value[HOST_CNTP_CVAL_EL0] = UINT64_MAX >> 2;
    el1.value[HOST_CNTV_CTL_EL0] = el1.value[HOST_CNTP_CTL_EL0] = 1;
    el1.value[HOST_CSSELR_EL1] = 2;
    el1.value[HOST_VDISR_EL2] = 0x5;
    el1.value[HOST_VSESR_EL2] = 0x6;
    el1_write(&el1);
}

void check_el1_same(const struct el1 *got, const struct el1 *want)
{
    for (size_t i = 0; i < EL1_REGISTERS_COUNT; i++)
        check_same(names[i], got->value[i], want->value[i]);
}

void el1_set_virtual_timer(uint64_t cval, uint64_t ctl)
{
    struct el1 el1 = el1_read();

    el1.value[HOST_CNTV_CVAL_EL0] = cval;
    el1.value[HOST_CNTV_CTL_EL0] = ctl;
    el1_write(&el1);
}
