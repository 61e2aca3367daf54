/* SPDX-License-Identifier: MIT */
#include "checks.h"

#include <stddef.h>

#include <vcpu/error.h>

#include "console.h"
#include "exit.h"

static const char *subject;         /* NULL: before the first one */
static _Atomic unsigned ran, wrong; /* its checks, and those of them that failed */
static unsigned passed, failed;

bool test_holds(bool ok)
{
    ran++;
    if (!ok)
        wrong++;
    return ok;
}

void test_check(bool ok, const char *what, const char *file, int line)
{
    if (!ok)
        console_print("FAIL %s:%u: not so: %s\n", file, (unsigned)line, what);
    test_holds(ok);
}

void test_check_eq(uint64_t got, uint64_t want, const char *what, const char *file, int line)
{
    if (got != want)
        console_print("FAIL %s:%u: %s is 0x%lx, not 0x%lx\n", file, (unsigned)line, what, got,
                      want);
    test_holds(got == want);
}

void test_must(int error, const char *what, const char *file, int line)
{
    if (error >= 0)
        return;
    wrong++;
    console_print("FAIL %s:%u: %s: %s\n", file, (unsigned)line, what, vcpu_error_string(error));
}

void test_fail(const char *why)
{
    console_print("FAIL %s\n", why);
    test_holds(false);
}

/* Before the first subject there need not be a check. */
static void finish(void)
{
    if (wrong) {
        failed++;
        console_print("FAIL %s (%u of %u checks failed)\n",
                      subject ? subject : "before the first subject", wrong, ran);
    } else if (subject && !ran) {
        failed++;
        console_print("FAIL %s (no check ran)\n", subject);
    } else if (subject) {
        passed++;
        console_print("ok   %s (%u checks)\n", subject, ran);
    }
    ran = 0;
    wrong = 0;
}

void test_begin(const char *name)
{
    finish();
    subject = name;
}

_Noreturn void test_end(void)
{
    finish();
    console_print("%u passed, %u failed\n", passed, failed);
    if (failed || !passed)
        exit_failure();
    exit_success();
}
