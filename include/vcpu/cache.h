/* SPDX-License-Identifier: MIT */
/*
 * Cache state of guest memory. Optional: for a host that has no cache maintenance of its own.
 *
 * A guest starts with its MMU and caches off. Unless its VM has VCPU_VM_STAGE2_FWB, it then reads and
 * writes memory past the caches: it does not see data that is only in the caches, and a dirty line
 * can be written back later over its own data. Memory here is what stage 2 maps as Normal
 * Write-Back, in the host's mapping of the same type. Rules for the host:
 *
 *  1. Before memory is mapped for a guest, or before the guest runs for the first time: write all of
 *     it (files, and zeroes elsewhere), then call vcpu_cache_clean for all of it. A part that nobody
 *     cleans can show the guest what was there before.
 *  2. At a reset of the VM, when no vCPU runs any more: write what is to be there, then call
 *     vcpu_cache_clean for all memory. Lines that the guest left dirty must not reach the guest
 *     that boots.
 *  3. When the host writes memory of a guest whose caches may be off: vcpu_cache_clean behind the
 *     write. When it reads what such a guest wrote: vcpu_cache_clean before the read.
 *  4. After new code was written: vcpu_cache_drop_code, behind all calls of vcpu_cache_clean.
 *
 * With VCPU_VM_STAGE2_FWB the guest's accesses go through the caches at all times. Rules 2 and 3 are
 * not needed then, rules 1 and 4 only for code; `fwb` tells vcpu_cache_clean.
 */
#ifndef VCPU_CACHE_H
#define VCPU_CACHE_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Makes what the caches hold of a range, by the host's mapping, what memory holds: cleans and
 * invalidates it to the point of coherency on all CPUs (DC CIVAC). With fwb (all guests that have
 * the memory have VCPU_VM_STAGE2_FWB) it only cleans to the point of unification (DC CVAU), so that
 * guests can execute what was written. No data is lost, beside the range neither.
 *
 * Any CPU, at EL2. Interrupts are not masked. It takes about three instructions for each line of
 * CTR_EL0.DminLine (usually 64 bytes, so 16,384 lines a MiB): a host that must not be away so long
 * gives the range in pieces. With fwb on a CPU with CTR_EL0.IDC it takes only a barrier.
 *
 * What is done follows CTR_EL0 of the CPU. On a machine with unlike CPUs the host makes the calls
 * on a CPU with the shortest lines, IDC = 0 and DIC = 0, and does not move to another CPU in one.
 *
 *  VCPU_ERR_INVALID  start is NULL and size is not 0; the range wraps around
 */
int vcpu_cache_clean(const void *start, size_t size, bool fwb);

/*
 * No CPU executes older code any more from memory that was written and cleaned (IC IALLUIS). On a CPU
 * with CTR_EL0.DIC it takes only barriers. Any CPU, at EL2.
 */
void vcpu_cache_drop_code(void);

#ifdef __cplusplus
}
#endif

#endif
