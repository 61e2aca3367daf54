/* SPDX-License-Identifier: MIT */
/*
 * Physical and intermediate physical addresses (IPA) are two types, so that one in the place of the
 * other does not compile. Each is one 64-bit register in the C ABI.
 */
#ifndef VCPU_ADDR_H
#define VCPU_ADDR_H

#include <vcpu/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A physical address of the host. */
typedef struct vcpu_pa {
    uint64_t value; /* the address */
} vcpu_pa_t;

/* An intermediate physical address: a physical address as the guest sees it. */
typedef struct vcpu_ipa {
    uint64_t value; /* the address */
} vcpu_ipa_t;

/* No address: alloc_pages returns it if there is no memory. It is not page-aligned. */
#define VCPU_PA_NONE_VALUE 0xffffffffffffffff

/* A number as a physical address. */
static inline vcpu_pa_t vcpu_pa(uint64_t value)
{
    vcpu_pa_t pa = {value};
    return pa;
}

/* A number as an intermediate physical address. */
static inline vcpu_ipa_t vcpu_ipa(uint64_t value)
{
    vcpu_ipa_t ipa = {value};
    return ipa;
}

/* Is this no address (VCPU_PA_NONE_VALUE)? */
static inline bool vcpu_pa_is_none(vcpu_pa_t pa)
{
    return pa.value == VCPU_PA_NONE_VALUE;
}

#ifdef __cplusplus
}
#endif

#endif
