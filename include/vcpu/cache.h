/* SPDX-License-Identifier: MIT */
/*
 * Cache state of guest memory. Optional: for a host that has no cache maintenance of its own.
 *
 * A guest starts with its MMU and caches off. Unless its VM has VCPU_VM_STAGE2_FWB, its accesses
 * then go to memory and not to the caches. It does not see data that is only in the caches, and a
 * dirty line can be written over its own data later. The rules below are for memory that stage 2
 * maps as Normal Write-Back. The host has the same memory mapped as Normal Write-Back, too.
 *
 *  1. Before the guest runs for the first time, or before more memory is mapped for it: write all
 *     of the memory (files, and zeroes elsewhere), then call vcpu_cache_clean for all of it. In a
 *     part that is not cleaned the guest can read what was there before: a secret of another guest,
 *     or of another operating system before a warm restart of the machine.
 *  2. At a reset of the VM, when no vCPU runs any more: write the memory that the guest starts
 *     with, then call vcpu_cache_clean for all memory of the VM. Otherwise lines that the guest
 *     left dirty can be written over the memory of the guest that starts. The rest of the memory
 *     can keep its contents, as in a real machine: they are the guest's own.
 *  3. When the host writes memory of a guest whose caches may be off: vcpu_cache_clean after the
 *     write. When the host reads what such a guest wrote: vcpu_cache_clean before each read. The
 *     caches can be filled again at any time, even if nobody reads, with what is in memory then: so
 *     one call is good for what the guest had written before it. It has barriers on both sides; a
 *     host with maintenance of its own executes DSB SY, DC CIVAC, DSB SY, and then reads.
 *  4. After new code was written: vcpu_cache_drop_code, after all calls of vcpu_cache_clean.
 *
 * Rules 1 and 2 take millions of instructions, and a guest decides when it resets. So the host does
 * them in pieces and takes interrupts and lets other vCPUs run between two of them.
 *
 * With VCPU_VM_STAGE2_FWB the guest's accesses go through the caches at all times. The host then
 * calls vcpu_cache_clean with fwb = true, and only for code that it has written; rule 4 stays.
 */
#ifndef VCPU_CACHE_H
#define VCPU_CACHE_H

#include <vcpu/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Cleans and invalidates a range of the host's virtual addresses to the point of coherency, on all
 * CPUs (DC CIVAC). With fwb it only cleans to the point of unification (DC CVAU), so that guests
 * can execute what was written; fwb requires that each guest that has the memory has
 * VCPU_VM_STAGE2_FWB. No data is lost, in the range or in the lines that it shares with others.
 *
 * Any CPU, at EL2. Interrupts are not masked. It takes about five instructions for each line of
 * CTR_EL0.DminLine (usually 64 bytes, so 16,384 lines a MiB), and 100 for the call. For a shorter
 * time the host gives a large range in several calls. With fwb on a CPU with CTR_EL0.IDC it takes
 * only a barrier.
 *
 * The call uses CTR_EL0 of its CPU. On a machine with unlike CPUs the host calls it on a CPU with
 * the shortest lines, IDC = 0 and DIC = 0, and does not move to another CPU during the call.
 *
 *  VCPU_ERR_INVALID  start is NULL and size is not 0; the range wraps around
 */
int vcpu_cache_clean(const void *start, size_t size, bool fwb);

/*
 * Empties the instruction caches of all CPUs (IC IALLUIS): no CPU executes old code from memory
 * that was written and cleaned. On a CPU with CTR_EL0.DIC it takes only barriers. Any CPU, at EL2;
 * for unlike CPUs see vcpu_cache_clean.
 */
void vcpu_cache_drop_code(void);

#ifdef __cplusplus
}
#endif

#endif
