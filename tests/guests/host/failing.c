/* SPDX-License-Identifier: MIT */
/* A test host that fails as its command line says. selftest.py looks at what comes of it. */
#include "string.h"
#include "testhost.h"

static void other_cpu(unsigned index)
{
    (void)index;
    testhost_serve();
}

static void fail_check(void)
{
    CHECK(false);
}

void host_main(const struct machine *machine)
{
    const char *how = machine->bootargs;

    if (!smp_start(other_cpu))
        test_fail("the other CPU does not start");
    CHECK(strcmp(how, "before") != 0);
    if (strcmp(how, "no-subject") == 0)
        test_end();
    test_begin("a subject");
    if (strcmp(how, "on-other") == 0)
        testhost_on_other(fail_check);
    if (strcmp(how, "why") == 0)
        test_fail("for a reason");
    if (strcmp(how, "no-check") != 0)
        CHECK_EQ(test_holds(strcmp(how, "held") != 0), true);
    test_begin("the last subject");
    CHECK_EQ(strcmp(how, "last") == 0, 0);
    CHECK(true);
    if (strcmp(how, "no-end") != 0)
        test_end();
}
