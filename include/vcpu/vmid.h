/* SPDX-License-Identifier: MIT */
/*
 * An allocator of VMIDs, in the host's memory. Optional: a host can number its VMs itself.
 *
 * It never allocates VMID 0. vcpu_vmid_free removes the VMID's TLB entries on all CPUs of the Inner
 * Shareable domain, and only then can the VMID be allocated again.
 */
#ifndef VCPU_VMID_H
#define VCPU_VMID_H

#include <vcpu/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A pool of VMIDs, one for the machine. The host must not use its members. */
struct vcpu_vmid_pool {
    /* For the library only. */
    uint64_t used[65536 / 64];
    uint32_t limit; /* VMIDs below this exist */
    uint32_t next;
};

/*
 * Makes the pool. vmid_bits is the smallest in all CPUs' vcpu_features. Before any other CPU uses
 * the pool.
 *
 *  VCPU_ERR_INVALID  pool is NULL; vmid_bits is neither 8 nor 16
 */
int vcpu_vmid_pool_init(struct vcpu_vmid_pool *pool, uint8_t vmid_bits);

/*
 * Allocates a VMID. Any CPU, no lock.
 *
 *  VCPU_ERR_INVALID  pool or vmid is NULL
 *  VCPU_ERR_NO_VMID  none is free
 */
int vcpu_vmid_alloc(struct vcpu_vmid_pool *pool, uint16_t *vmid);

/*
 * Frees a VMID, after a TLBI VMALLS12E1IS for it. Any CPU, at EL2, while no vCPU with this VMID
 * runs.
 *
 *  VCPU_ERR_INVALID    pool is NULL; vmid is 0 or out of range
 *  VCPU_ERR_NOT_FOUND  vmid is not allocated
 */
int vcpu_vmid_free(struct vcpu_vmid_pool *pool, uint16_t vmid);

#ifdef __cplusplus
}
#endif

#endif
