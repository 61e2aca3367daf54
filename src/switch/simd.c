/* SPDX-License-Identifier: MIT */
#include "switch/simd.h"

#include "guest/trap.h"
#include "hw/el2.h"
#include "state/sve.h"

void vcpu_simd_load(struct percpu_state *cpu, const struct vcpu_state *v)
{
    if (!v->sve.z) {
        vcpu_simd_restore(&v->simd);
        return;
    }
    cpu->host_zcr = READ_ZCR_EL2();
    WRITE_ZCR_EL2(v->vm->sve_vq - 1u);
    isb();
    vcpu_sve_restore(v->sve.z, &v->simd);
}

void vcpu_simd_unload(const struct percpu_state *cpu, struct vcpu_state *v)
{
    if (!v->sve.z) {
        vcpu_simd_save(&v->simd);
        return;
    }
    vcpu_sve_save(v->sve.z, &v->simd);
    WRITE_ZCR_EL2(cpu->host_zcr);
    isb();
}

/* ZCR_EL2.LEN requests a length, and selects the longest that exists up to it. */
uint16_t vcpu_simd_sve_lengths(void)
{
    uint64_t daif = daif_mask_all(), hcr = READ_SYSREG(hcr_el2), cptr = READ_SYSREG(cptr_el2), zcr;
    uint16_t lengths = 0;

    WRITE_SYSREG(cptr_el2, vcpu_trap_cptr_open(hcr, cptr));
    isb();
    zcr = READ_ZCR_EL2();
    for (unsigned vq = SVE_MAX_VQ; vq > 0; vq--) {
        WRITE_ZCR_EL2(vq - 1u);
        isb();
        lengths |= (uint16_t)BIT(vcpu_sve_vector_bytes() / 16 - 1);
    }
    WRITE_ZCR_EL2(zcr);
    WRITE_SYSREG(cptr_el2, cptr);
    isb();
    daif_restore(daif);
    return lengths;
}
