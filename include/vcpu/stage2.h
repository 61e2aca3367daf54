/* SPDX-License-Identifier: MIT */
/*
 * Stage-2 translation tables: 4 KiB granule, pages and blocks of 2 MiB and 1 GiB. Optional: a host
 * may build its own and give vcpu_set_ept_root their root.
 *
 * One vcpu_stage2 serves all vCPUs of a VM. Calls that change the same tables must not run at the
 * same time (the host holds its lock); the guest may run meanwhile, on any CPU. They are made at
 * EL2, on any CPU of the Inner Shareable domain, and have removed what TLBs held when they return.
 */
#ifndef VCPU_STAGE2_H
#define VCPU_STAGE2_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/addr.h>
#include <vcpu/host.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What the guest may do, and how the memory behaves. */
enum {
    VCPU_S2_READ = 1u << 0,
    VCPU_S2_WRITE = 1u << 1,
    VCPU_S2_EXECUTE = 1u << 2,
    /* Device-nGnRE instead of Normal, Inner and Outer Write-Back; never executable. */
    VCPU_S2_DEVICE = 1u << 3,
    VCPU_S2_RW = VCPU_S2_READ | VCPU_S2_WRITE,
    VCPU_S2_RWX = VCPU_S2_RW | VCPU_S2_EXECUTE,
};

/*
 * The shape of the tables for a size of IPA: what VTCR_EL2 must say, and what vcpu_set_ept_root
 * checks. Of use to hosts with tables of their own.
 */
struct vcpu_stage2_shape {
    uint64_t vtcr_el2;   /* T0SZ, SL0, PS, granule, cacheability; VS and the RES1 bit as well */
    uint8_t start_level; /* of the first lookup: 0, 1 or 2 */
    uint8_t root_pages;  /* concatenated tables there: 1 to 16; the root is aligned to them all */
    uint8_t ipa_bits;
};

/*
 * Fills shape for ipa_bits of IPA on a CPU with pa_bits of physical address (as in vcpu_features)
 * and vmid_bits. Pure: any CPU. VCPU_ERR_INVALID: NULL, ipa_bits below 32 or above pa_bits,
 * pa_bits none of 32, 36, 40, 42, 44, 48, or vmid_bits neither 8 nor 16.
 */
int vcpu_stage2_shape(uint8_t ipa_bits, uint8_t pa_bits, uint8_t vmid_bits,
                      struct vcpu_stage2_shape *shape);

/* One set of tables, in the host's memory. Its contents are the library's. */
struct vcpu_stage2 {
    const struct vcpu_host *host;
    struct vcpu_stage2_shape shape;
    vcpu_pa_t root;
    uint64_t pages; /* table pages in use, the root's included */
    uint16_t vmid;
    uint8_t pa_bits;
};

/*
 * Makes empty tables. vmid must be that of the VM that they will serve: it selects what TLB
 * maintenance removes.
 *  VCPU_ERR_INVALID    as vcpu_stage2_shape; a pointer or a memory hook is NULL; vmid is 0 or not
 *                      of vmid_bits
 *  VCPU_ERR_NO_MEMORY  no pages
 */
int vcpu_stage2_create(struct vcpu_stage2 *s2, const struct vcpu_host *host, uint8_t ipa_bits,
                       uint8_t pa_bits, uint8_t vmid_bits, uint16_t vmid);

/* Gives all table pages back. No vCPU may use them any more. VCPU_ERR_INVALID: NULL. */
int vcpu_stage2_destroy(struct vcpu_stage2 *s2);

/* What vcpu_set_ept_root takes. */
vcpu_pa_t vcpu_stage2_root(const struct vcpu_stage2 *s2);

/*
 * Maps size bytes at ipa to pa, with the largest entries that alignment allows. Where something is
 * mapped already it is left alone and the call fails with nothing changed.
 *  VCPU_ERR_INVALID    NULL; ipa, pa or size not a multiple of 4 KiB, size 0, or beyond the sizes
 *                      of IPA and PA; unknown flags, no permission at all, DEVICE with EXECUTE
 *  VCPU_ERR_EXISTS     part of it is mapped
 *  VCPU_ERR_NO_MEMORY  no page for a table; nothing stays mapped of this call
 */
int vcpu_stage2_map(struct vcpu_stage2 *s2, vcpu_ipa_t ipa, vcpu_pa_t pa, uint64_t size,
                    uint32_t flags);

/*
 * Unmaps; what is not mapped is passed over. A block that is cut is split (break-before-make): a
 * vCPU that touches any part of it in that moment faults, and the host, finding the address mapped
 * (vcpu_stage2_query under its lock), runs it again without completing the exit. Tables that
 * become empty are given back after the TLB maintenance.
 *  VCPU_ERR_INVALID    as above
 *  VCPU_ERR_NO_MEMORY  no page to split a block at an end of the range; nothing is changed
 */
int vcpu_stage2_unmap(struct vcpu_stage2 *s2, vcpu_ipa_t ipa, uint64_t size);

/*
 * Gives a mapped range other permissions; the memory type stays. Holes are an error. Blocks are
 * split as by unmap; entries that lie in the range change in place.
 *  VCPU_ERR_INVALID    as above, DEVICE in flags, or EXECUTE for device memory
 *  VCPU_ERR_NOT_FOUND  part of it is not mapped; nothing is changed
 *  VCPU_ERR_NO_MEMORY  as for unmap
 */
int vcpu_stage2_protect(struct vcpu_stage2 *s2, vcpu_ipa_t ipa, uint64_t size, uint32_t flags);

struct vcpu_stage2_mapping {
    vcpu_pa_t pa;  /* of the very address asked for */
    uint64_t size; /* of the entry that maps it: 4 KiB, 2 MiB or 1 GiB */
    uint32_t flags;
};

/* What is at ipa. VCPU_ERR_INVALID: NULL, beyond the IPA size. VCPU_ERR_NOT_FOUND: nothing. */
int vcpu_stage2_query(const struct vcpu_stage2 *s2, vcpu_ipa_t ipa,
                      struct vcpu_stage2_mapping *mapping);

#ifdef __cplusplus
}
#endif

#endif
