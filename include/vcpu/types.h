/* SPDX-License-Identifier: MIT */
/*
 * The types that all headers use. A kernel that is built without the compiler's headers (-nostdinc) gives
 * its own: it defines VCPU_HOST_TYPES as the header that has them, in the compiler's command,
 *
 *     -DVCPU_HOST_TYPES='"linux/types.h"'
 *
 * (in quotation marks, because the word linux is a macro in GNU dialects, which is replaced between < and >
 * that come from a macro). That header defines int8_t to int64_t, uint8_t to uint64_t, uintptr_t, size_t,
 * NULL, and for C also bool, true and false. The widths must be those of the AArch64 ABI, because the archive
 * was compiled with it.
 */
#ifndef VCPU_TYPES_H
#define VCPU_TYPES_H

#include <vcpu/prefix.h>

#ifdef VCPU_HOST_TYPES
#include VCPU_HOST_TYPES
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#endif

/*
 * An inline function that the archive has as well: no other definition of it is ever made, whatever
 * `inline` means in the host's C (gnu89 and later), in C++, or to a kernel that defines it as a macro.
 */
#ifndef VCPU_INLINE
#define VCPU_INLINE extern __inline__ __attribute__((__gnu_inline__))
#endif

#endif
