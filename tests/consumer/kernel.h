/* SPDX-License-Identifier: MIT */
/* What a kernel with headers of its own has, for VCPU_HOST_TYPES; and macros as Linux has them. */
#ifndef KERNEL_H
#define KERNEL_H

typedef __INT8_TYPE__ int8_t;
typedef __INT16_TYPE__ int16_t;
typedef __INT32_TYPE__ int32_t;
typedef __INT64_TYPE__ int64_t;
typedef __UINT8_TYPE__ uint8_t;
typedef __UINT16_TYPE__ uint16_t;
typedef __UINT32_TYPE__ uint32_t;
typedef __UINT64_TYPE__ uint64_t;
typedef __UINTPTR_TYPE__ uintptr_t;
typedef __SIZE_TYPE__ size_t;

#ifdef __cplusplus
#define NULL 0
#else
#define NULL ((void *)0)
typedef _Bool bool;
enum { false, true };
#define inline inline __attribute__((__gnu_inline__)) __attribute__((__unused__))
#define __inline__ inline
#define __inline inline
#define noinline __attribute__((__noinline__))
#define noreturn __attribute__((__noreturn__))
#endif

#endif
