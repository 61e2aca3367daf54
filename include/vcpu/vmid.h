/* SPDX-License-Identifier: MIT */
/*
 * An allocator of VMIDs, in the host's memory. Optional: a host may number its VMs itself.
 *
 * VMID 0 is never handed out. A VMID that comes back is handed out again only after the TLB entries
 * it tagged are gone: vcpu_vmid_free removes them on all CPUs of the Inner Shareable domain.
 */
#ifndef VCPU_VMID_H
#define VCPU_VMID_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One for the machine. Its contents are the library's. */
struct vcpu_vmid_pool {
    uint64_t used[65536 / 64];
    uint32_t limit; /* VMIDs below this exist */
    uint32_t next;
};

/*
 * vmid_bits: the smallest of all CPUs' features, 8 or 16. Before any other CPU uses the pool.
 * VCPU_ERR_INVALID: NULL or other bits.
 */
int vcpu_vmid_pool_init(struct vcpu_vmid_pool *pool, uint8_t vmid_bits);

/*
 * Takes a free VMID. Any CPU, no lock. VCPU_ERR_INVALID: NULL. VCPU_ERR_NO_VMID: none is free.
 */
int vcpu_vmid_alloc(struct vcpu_vmid_pool *pool, uint16_t *vmid);

/*
 * Gives one back, after a TLBI VMALLS12E1IS for it. At EL2 with no vCPU of it running anywhere.
 * VCPU_ERR_INVALID: NULL or out of range. VCPU_ERR_NOT_FOUND: it was not taken.
 */
int vcpu_vmid_free(struct vcpu_vmid_pool *pool, uint16_t vmid);

#ifdef __cplusplus
}
#endif

#endif
