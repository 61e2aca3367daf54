/* SPDX-License-Identifier: MIT */
/*
 * Stage-2 translation tables: 4 KiB granule, with pages, and blocks of 2 MiB and 1 GiB. Optional: a
 * host can build its own and give their root to vcpu_set_ept_root.
 *
 * One vcpu_stage2 serves all vCPUs of a VM. Calls that change the same tables must not overlap: the
 * host holds a lock. The guest may run meanwhile, on any CPU. The calls are made at EL2, on any CPU
 * of the Inner Shareable domain. When one returns, no TLB holds an entry that it changed.
 *
 * Memory that is mapped must be in the state that its type needs: see vcpu/cache.h.
 */
#ifndef VCPU_STAGE2_H
#define VCPU_STAGE2_H

#include <vcpu/addr.h>
#include <vcpu/host.h>
#include <vcpu/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Permissions of the guest, and the memory type. At most one flag about execution, and at most one
 * about the type and its shareability.
 *
 * Without a flag about the type, memory is Normal, Inner and Outer Write-Back, Inner Shareable. The
 * guest's stage 1 can make a type stricter, but not weaker. With VCPU_S2_HAS_FWB it cannot change
 * Write-Back at all. Device and Non-cacheable memory are Outer Shareable.
 *
 * All mappings of a page, of guests and of the host, must have the same type. Otherwise they can
 * see different contents, and a write can be lost (mismatched memory attributes). So a page that is
 * Device or Non-cacheable for the guest must not be in the host's mapping of RAM.
 */
enum {
    VCPU_S2_READ = 1u << 0,            /* loads */
    VCPU_S2_WRITE = 1u << 1,           /* stores */
    VCPU_S2_EXECUTE = 1u << 2,         /* at EL1 and EL0 */
    VCPU_S2_DEVICE = 1u << 3,          /* Device-nGnRE, never executable */
    VCPU_S2_DEVICE_nGnRnE = 1u << 4,   /* never executable */
    VCPU_S2_NONCACHEABLE = 1u << 5,    /* Normal, Inner and Outer Non-cacheable */
    VCPU_S2_OUTER_SHAREABLE = 1u << 6, /* Normal Write-Back as above, but Outer Shareable */
    /* Executable at one level only. With VCPU_S2_HAS_XNX. */
    VCPU_S2_EXECUTE_EL0 = 1u << 7,
    VCPU_S2_EXECUTE_EL1 = 1u << 8,

    /* What most memory has: of data, and of any use. */
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
    uint8_t ipa_bits;    /* the size of IPA */
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
    const struct vcpu_host *host;   /* for its memory hooks */
    struct vcpu_stage2_shape shape; /* of these tables */
    vcpu_pa_t root;                 /* vcpu_stage2_root returns it */
    uint32_t features;              /* VCPU_S2_HAS_* */
    uint64_t pages;                 /* table pages in use, with those of the root */
    uint16_t vmid;                  /* of the VM */
    uint8_t pa_bits;                /* the size of PA */
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

struct vcpu_vm;

/*
 * Makes empty tables for this VM: vcpu_stage2_create with its host, VMID and sizes, and
 * vcpu_stage2_set_features with its features. With other sizes than the VM's the first access of the guest
 * would be a fault. Any CPU.
 *
 *  VCPU_ERR_INVALID    vm or s2 is NULL
 *  VCPU_ERR_NO_MEMORY  no pages
 */
int vcpu_vm_stage2_create(const struct vcpu_vm *vm, struct vcpu_stage2 *s2);

/* Features of the CPUs that the tables serve. */
enum {
    /*
     * FEAT_S2FWB: HCR_EL2.FWB is 1 for the VM (VCPU_VM_STAGE2_FWB). The descriptor of Write-Back
     * memory is another one then. The memory is Write-Back for the guest whatever its stage 1 says,
     * also while its MMU or caches are off.
     */
    VCPU_S2_HAS_FWB = 1u << 0,
    VCPU_S2_HAS_XNX = 1u << 1, /* FEAT_XNX: VCPU_S2_EXECUTE_EL0 and VCPU_S2_EXECUTE_EL1 work */
};

/*
 * Sets the features that the tables use: the result of vcpu_vm_stage2_features for the VM. Tables
 * use none until this call, so a VM with VCPU_VM_STAGE2_FWB needs it. The library does not check
 * that the tables and the VM agree about FWB; if they do not, memory has the wrong type.
 *
 *  VCPU_ERR_INVALID  s2 is NULL; features has an unknown bit
 *  VCPU_ERR_STATE    something is mapped
 */
int vcpu_stage2_set_features(struct vcpu_stage2 *s2, uint32_t features);

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
 *                      two flags about execution, two about the type, a device type with one about
 *                      execution, or EXECUTE_EL0 or EXECUTE_EL1 without VCPU_S2_HAS_XNX
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
 *  VCPU_ERR_INVALID    s2, ipa or size as for vcpu_stage2_unmap; permissions as for
 *                      vcpu_stage2_map; flags has anything but permissions, or one about execution
 *                      for device memory
 *  VCPU_ERR_NOT_FOUND  part of the range is not mapped
 *  VCPU_ERR_NO_MEMORY  as for vcpu_stage2_unmap
 */
int vcpu_stage2_protect(struct vcpu_stage2 *s2, vcpu_ipa_t ipa, uint64_t size, uint32_t flags);

/* What vcpu_stage2_query finds. */
struct vcpu_stage2_mapping {
    vcpu_pa_t pa;   /* of the address that was asked for */
    uint64_t size;  /* of the entry that maps it: 4 KiB, 2 MiB or 1 GiB */
    uint32_t flags; /* of vcpu_stage2_map, or of vcpu_stage2_protect since */
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
