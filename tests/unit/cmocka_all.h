/* SPDX-License-Identifier: MIT */
/* What cmocka.h wants included before it. */
#ifndef VCPU_TESTS_CMOCKA_ALL_H
#define VCPU_TESTS_CMOCKA_ALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
