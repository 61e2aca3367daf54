/* SPDX-License-Identifier: MIT */
/* The beginning of vcpu.c. */
#if defined(__ARM_NEON) && defined(__aarch64__)
#error "Compile with -mgeneral-regs-only: the FP registers are the guest's."
#endif

/* As src/hw/hidden.h: no GOT. */
#pragma GCC visibility push(hidden)

/* Some static functions are made of a table, used or not; there they are in headers. */
#pragma GCC diagnostic ignored "-Wunused-function"

/* The inline functions of vcpu.h are defined here. A kernel's macro `inline` could prevent that. */
#ifdef VCPU_HOST_TYPES
#include VCPU_HOST_TYPES
#endif
#undef inline
#define VCPU_INLINE extern inline
#include "vcpu.h"

/* What src/ has from stdatomic.h and stdint.h. */
#ifdef VCPU_HOST_TYPES
#ifndef UINT64_C
#define UINT32_C(value) value##u
#define UINT64_C(value) value##ull
#endif
#undef UINT16_MAX
#undef UINT32_MAX
#undef UINT64_MAX
#define UINT16_MAX 0xffff
#define UINT32_MAX 0xffffffff
#define UINT64_MAX 0xffffffffffffffff
#ifndef offsetof
#define offsetof(type, member) __builtin_offsetof(type, member)
#endif
#define memory_order_relaxed       __ATOMIC_RELAXED
#define memory_order_acquire       __ATOMIC_ACQUIRE
#define memory_order_release       __ATOMIC_RELEASE
#define memory_order_acq_rel       __ATOMIC_ACQ_REL
#define memory_order_seq_cst       __ATOMIC_SEQ_CST
#define atomic_thread_fence(order) __atomic_thread_fence(order)
#define atomic_init(object, value) atomic_store_explicit(object, value, memory_order_relaxed)
#define atomic_compare_exchange_strong(object, expected, value)                                    \
    atomic_compare_exchange_strong_explicit(object, expected, value, memory_order_seq_cst,         \
                                            memory_order_seq_cst)
#ifdef __clang__
#define atomic_load_explicit(object, order)             __c11_atomic_load(object, order)
#define atomic_store_explicit(object, value, order)     __c11_atomic_store(object, value, order)
#define atomic_exchange_explicit(object, value, order)  __c11_atomic_exchange(object, value, order)
#define atomic_fetch_add_explicit(object, value, order) __c11_atomic_fetch_add(object, value, order)
#define atomic_fetch_and_explicit(object, value, order) __c11_atomic_fetch_and(object, value, order)
#define atomic_fetch_or_explicit(object, value, order)  __c11_atomic_fetch_or(object, value, order)
#define atomic_compare_exchange_weak_explicit(object, expected, value, good, bad)                  \
    __c11_atomic_compare_exchange_weak(object, expected, value, good, bad)
#define atomic_compare_exchange_strong_explicit(object, expected, value, good, bad)                \
    __c11_atomic_compare_exchange_strong(object, expected, value, good, bad)
#else
#define atomic_load_explicit(object, order)             __atomic_load_n(object, order)
#define atomic_store_explicit(object, value, order)     __atomic_store_n(object, value, order)
#define atomic_exchange_explicit(object, value, order)  __atomic_exchange_n(object, value, order)
#define atomic_fetch_add_explicit(object, value, order) __atomic_fetch_add(object, value, order)
#define atomic_fetch_and_explicit(object, value, order) __atomic_fetch_and(object, value, order)
#define atomic_fetch_or_explicit(object, value, order)  __atomic_fetch_or(object, value, order)
#define atomic_compare_exchange_weak_explicit(object, expected, value, good, bad)                  \
    __atomic_compare_exchange_n(object, expected, value, 1, good, bad)
#define atomic_compare_exchange_strong_explicit(object, expected, value, good, bad)                \
    __atomic_compare_exchange_n(object, expected, value, 0, good, bad)
#endif
#else
#include <stdatomic.h>
#endif
