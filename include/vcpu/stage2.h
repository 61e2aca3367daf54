/* SPDX-License-Identifier: MIT */
/*
 * Stage-2 translation tables: 4 KiB granule, with pages, and blocks of 2 MiB and 1 GiB. Optional: a
 * host can build its own and give their root to vcpu_set_ept_root.
 *
 * One vcpu_stage2 serves all vCPUs of a VM. Calls that change the same tables must not overlap: the
 * host holds a lock. The guest may run meanwhile, on any CPU. The calls are made at EL2, on any CPU
 * of the Inner Shareable domain. When one returns, no TLB holds an entry that it changed.
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

/* Permissions of the guest, and the memory type. */
enum {
    VCPU_S2_READ = 1u << 0,
    VCPU_S2_WRITE = 1u << 1,
    VCPU_S2_EXECUTE = 1u << 2,
    /* Device-nGnRE, never executable; without it Normal, Inner and Outer Write-Back. */
    VCPU_S2_DEVICE = 1u << 3,
    VCPU_S2_RW = VCPU_S2_READ | VCPU_S2_WRITE,
    VCPU_S2_RWX = VCPU_S2_RW | VCPU_S2_EXECUTE,
};

/*
 * The shape of the tables for a size of IPA: the value of VTCR_EL2, and the alignment of the root
 * that vcpu_set_ept_root checks. For hosts that build their own tables.
 */
struct vcpu_stage2_shape {
    uint64_t vtcr_el2;   /* T0SZ, SL0, PS, granule, cacheability; VS and the RES1 bit as well */
    uint8_t start_level; /* level of the first lookup: 0, 1 or 2 */
    uint8_t root_pages;  /* concatenated tables at it, 1 to 16; the root is aligned to their size */
    uint8_t ipa_bits;
};

/*
 * Fills shape for ipa_bits of IPA on a CPU with these pa_bits and vmid_bits (as in vcpu_features).
 * Any CPU; it touches no register.
 *
 *  VCPU_ERR_INVALID  shape is NULL; ipa_bits is below 32 or above pa_bits; pa_bits is not 32, 36,
 *                    40, 42, 44 or 48; vmid_bits is neither 8 nor 16
 */
int vcpu_stage2_shape(uint8_t ipa_bits, uint8_t pa_bits, uint8_t vmid_bits,
                      struct vcpu_stage2_shape *shape);

/* One set of tables. The struct is the host's memory; the host must not write its members. */
struct vcpu_stage2 {
    const struct vcpu_host *host;
    struct vcpu_stage2_shape shape;
    vcpu_pa_t root;
    uint64_t pages; /* table pages in use, with those of the root */
    uint16_t vmid;
    uint8_t pa_bits;
};

/*
 * Makes empty tables. vmid must be that of the VM that they will serve: it selects the TLB entries
 * that maintenance removes.
 *
 *  VCPU_ERR_INVALID    s2 is NULL; host or one of its memory hooks is NULL; vmid is 0 or has more
 *                      than vmid_bits; ipa_bits, pa_bits or vmid_bits as for vcpu_stage2_shape
 *  VCPU_ERR_NO_MEMORY  no pages
 */
int vcpu_stage2_create(struct vcpu_stage2 *s2, const struct vcpu_host *host, uint8_t ipa_bits,
                       uint8_t pa_bits, uint8_t vmid_bits, uint16_t vmid);

/*
 * Gives all table pages back. No vCPU may use them any more: each vCPU that had this root is put or
 * destroyed, or has run with another root since (vcpu_set_ept_root).
 *
 *  VCPU_ERR_INVALID  s2 is NULL
 */
int vcpu_stage2_destroy(struct vcpu_stage2 *s2);

/* The root, for vcpu_set_ept_root. s2 must not be NULL. */
vcpu_pa_t vcpu_stage2_root(const struct vcpu_stage2 *s2);

/*
 * Maps size bytes at ipa to pa, with the largest entries that alignment allows. On an error nothing
 * has changed.
 *
 *  VCPU_ERR_INVALID    s2 is NULL; ipa, pa or size is not a multiple of 4 KiB; size is 0; the range
 *                      goes beyond the size of IPA or PA; flags has an unknown bit, no permission,
 *                      or DEVICE with EXECUTE
 *  VCPU_ERR_EXISTS     part of the range is mapped
 *  VCPU_ERR_NO_MEMORY  no page for a table
 */
int vcpu_stage2_map(struct vcpu_stage2 *s2, vcpu_ipa_t ipa, vcpu_pa_t pa, uint64_t size,
                    uint32_t flags);

/*
 * Unmaps a range; parts that are not mapped are skipped. Tables that become empty are given back
 * after the TLB maintenance. On an error nothing has changed.
 *
 * A block that lies only partly in the range is split (break-before-make). A vCPU that accesses any
 * part of it at that moment faults. The host then finds the address mapped (vcpu_stage2_query,
 * under its lock) and runs the vCPU again without a completion.
 *
 *  VCPU_ERR_INVALID    s2 is NULL; ipa or size is not a multiple of 4 KiB; size is 0; the range
 *                      goes beyond the size of IPA
 *  VCPU_ERR_NO_MEMORY  no page to split a block at an end of the range
 */
int vcpu_stage2_unmap(struct vcpu_stage2 *s2, vcpu_ipa_t ipa, uint64_t size);

/*
 * Changes the permissions of a mapped range; the memory type stays. Blocks at its ends are split as
 * by vcpu_stage2_unmap; entries in the range change in place. On an error nothing has changed.
 *
 *  VCPU_ERR_INVALID    s2, ipa or size as for vcpu_stage2_unmap; flags has no permission, DEVICE or
 *                      an unknown bit, or EXECUTE for device memory
 *  VCPU_ERR_NOT_FOUND  part of the range is not mapped
 *  VCPU_ERR_NO_MEMORY  as for vcpu_stage2_unmap
 */
int vcpu_stage2_protect(struct vcpu_stage2 *s2, vcpu_ipa_t ipa, uint64_t size, uint32_t flags);

struct vcpu_stage2_mapping {
    vcpu_pa_t pa;  /* of the address that was asked for */
    uint64_t size; /* of the entry that maps it: 4 KiB, 2 MiB or 1 GiB */
    uint32_t flags;
};

/*
 * Finds the mapping at ipa.
 *
 *  VCPU_ERR_INVALID    s2 or mapping is NULL; ipa is beyond the size of IPA
 *  VCPU_ERR_NOT_FOUND  nothing is mapped there
 */
int vcpu_stage2_query(const struct vcpu_stage2 *s2, vcpu_ipa_t ipa,
                      struct vcpu_stage2_mapping *mapping);

#ifdef __cplusplus
}
#endif

#endif
