/* SPDX-License-Identifier: MIT */
/*
 * What the compiler calls before each access to memory with -fsanitize=thread, in the place of that
 * sanitizer's library. GCC and Clang call the same functions.
 */
#include <string.h>

#include "schedule.h"

#define PLAIN(name, write)                                                                         \
    void __tsan_##name(void *address);                                                             \
    void __tsan_##name(void *address)                                                              \
    {                                                                                              \
        schedule_access(address, write);                                                           \
    }
#define PLAIN_OF(size)                                                                             \
    PLAIN(read##size, false)                                                                       \
    PLAIN(write##size, true)                                                                       \
    PLAIN(unaligned_read##size, false)                                                             \
    PLAIN(unaligned_write##size, true)
PLAIN_OF(1)
PLAIN_OF(2)
PLAIN_OF(4)
PLAIN_OF(8)
PLAIN_OF(16)

#define RANGE(name, write)                                                                         \
    void __tsan_##name(void *address, size_t size);                                                \
    void __tsan_##name(void *address, size_t size)                                                 \
    {                                                                                              \
        (void)size;                                                                                \
        schedule_access(address, write);                                                           \
    }
RANGE(read_range, false)
RANGE(write_range, true)

/* Newer versions of Clang call these in the place of the C library's. */
void *__tsan_memcpy(void *to, const void *from, size_t size);
void *__tsan_memcpy(void *to, const void *from, size_t size)
{
    schedule_access(from, false);
    schedule_access(to, true);
    return memcpy(to, from, size);
}

void *__tsan_memmove(void *to, const void *from, size_t size);
void *__tsan_memmove(void *to, const void *from, size_t size)
{
    schedule_access(from, false);
    schedule_access(to, true);
    return memmove(to, from, size);
}

void *__tsan_memset(void *to, int byte, size_t size);
void *__tsan_memset(void *to, int byte, size_t size)
{
    schedule_access(to, true);
    return memset(to, byte, size);
}

/* No CPU changes within the operation, so it need not be atomic here. `order` is not looked at. */
#define UPDATE(bits, name, new_value)                                                              \
    uint##bits##_t __tsan_atomic##bits##_##name(volatile uint##bits##_t *address,                  \
                                                uint##bits##_t value, int order);                  \
    uint##bits##_t __tsan_atomic##bits##_##name(volatile uint##bits##_t *address,                  \
                                                uint##bits##_t value, int order)                   \
    {                                                                                              \
        uint##bits##_t old;                                                                        \
                                                                                                   \
        (void)order;                                                                               \
        schedule_access(address, true);                                                            \
        old = *address;                                                                            \
        *address = (uint##bits##_t)(new_value);                                                    \
        return old;                                                                                \
    }

/*
 * A compare-and-swap in a loop, a weak one, may fail without a reason, as an exclusive store does.
 * Clang calls exchange_val for either kind.
 */
#define COMPARE(bits, name, may_fail)                                                              \
    int __tsan_atomic##bits##_compare_exchange_##name(volatile uint##bits##_t *address,            \
                                                      uint##bits##_t *expected,                    \
                                                      uint##bits##_t value, int order, int other); \
    int __tsan_atomic##bits##_compare_exchange_##name(volatile uint##bits##_t *address,            \
                                                      uint##bits##_t *expected,                    \
                                                      uint##bits##_t value, int order, int other)  \
    {                                                                                              \
        (void)order;                                                                               \
        (void)other;                                                                               \
        schedule_access(address, true);                                                            \
        if (*address != *expected || ((may_fail) && schedule_chance(8))) {                         \
            *expected = *address;                                                                  \
            return 0;                                                                              \
        }                                                                                          \
        *address = value;                                                                          \
        return 1;                                                                                  \
    }

#define ATOMIC(bits)                                                                               \
    uint##bits##_t __tsan_atomic##bits##_load(const volatile uint##bits##_t *address, int order);  \
    uint##bits##_t __tsan_atomic##bits##_load(const volatile uint##bits##_t *address, int order)   \
    {                                                                                              \
        (void)order;                                                                               \
        schedule_access(address, false);                                                           \
        return *address;                                                                           \
    }                                                                                              \
    void __tsan_atomic##bits##_store(volatile uint##bits##_t *address, uint##bits##_t value,       \
                                     int order);                                                   \
    void __tsan_atomic##bits##_store(volatile uint##bits##_t *address, uint##bits##_t value,       \
                                     int order)                                                    \
    {                                                                                              \
        (void)order;                                                                               \
        schedule_access(address, true);                                                            \
        *address = value;                                                                          \
    }                                                                                              \
    UPDATE(bits, exchange, value)                                                                  \
    UPDATE(bits, fetch_add, old + value)                                                           \
    UPDATE(bits, fetch_sub, old - value)                                                           \
    UPDATE(bits, fetch_and, old &value)                                                            \
    UPDATE(bits, fetch_or, old | value)                                                            \
    UPDATE(bits, fetch_xor, old ^ value)                                                           \
    COMPARE(bits, strong, false)                                                                   \
    COMPARE(bits, weak, true)                                                                      \
    uint##bits##_t __tsan_atomic##bits##_compare_exchange_val(                                     \
        volatile uint##bits##_t *address, uint##bits##_t expected, uint##bits##_t value,           \
        int order, int other);                                                                     \
    uint##bits##_t __tsan_atomic##bits##_compare_exchange_val(                                     \
        volatile uint##bits##_t *address, uint##bits##_t expected, uint##bits##_t value,           \
        int order, int other)                                                                      \
    {                                                                                              \
        __tsan_atomic##bits##_compare_exchange_strong(address, &expected, value, order, other);    \
        return expected;                                                                           \
    }
ATOMIC(8)
ATOMIC(16)
ATOMIC(32)
ATOMIC(64)

void __tsan_atomic_thread_fence(int order);
void __tsan_atomic_thread_fence(int order)
{
    (void)order;
}

void __tsan_init(void);
void __tsan_init(void)
{
}

void __tsan_func_entry(void *from);
void __tsan_func_entry(void *from)
{
    (void)from;
}

void __tsan_func_exit(void);
void __tsan_func_exit(void)
{
}
