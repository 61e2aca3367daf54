/* SPDX-License-Identifier: MIT */
#include "leftovers.h"

#include "cmocka_all.h"

#include <pthread.h>
#include <string.h>

/* With copies of dead frames on the heap there would be nothing to find on the stack. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_stack_use_after_return=0";
}

uint8_t leftovers[1 << 18] __attribute__((aligned(4096)));

/* So far down the stack that the end of the thread overwrites nothing of it. */
static void *run_deep(void *function)
{
    volatile uint8_t above[1 << 16];

    above[0] = 0;
    (*(void (**)(void))function)();
    above[sizeof(above) - 1] = 0;
    return NULL;
}

void leftovers_run(void (*function)(void))
{
    pthread_attr_t attributes;
    pthread_t thread;

    memset(leftovers, 0, sizeof(leftovers));
    assert_int_equal(pthread_attr_init(&attributes), 0);
    assert_int_equal(pthread_attr_setstack(&attributes, leftovers, sizeof(leftovers)), 0);
    assert_int_equal(pthread_create(&thread, &attributes, run_deep, &function), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(pthread_attr_destroy(&attributes), 0);
}

unsigned leftovers_of(const void *secret, size_t size)
{
    const uint8_t *bytes = secret;
    unsigned found = 0;

    for (size_t at = 0; at + 8 <= sizeof(leftovers); at++) {
        for (size_t i = 0; i + 8 <= size; i += 4)
            found += leftovers[at] == bytes[i] && memcmp(leftovers + at, bytes + i, 8) == 0;
    }
    return found;
}
