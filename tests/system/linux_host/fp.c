/* SPDX-License-Identifier: MIT */
/*
 * A program of the host beside guests: its vector registers, FPCR and TPIDR_EL0 are its own. fp SECONDS says
 * "fp: kept N times", or what was lost.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct registers {
    uint64_t v[64], tpidr_el0, fpcr;
};

/* What goes in is in the registers for long, and comes out. TPIDR_EL0 is the C library's again after it. */
static void pass(const struct registers *in, struct registers *out)
{
    uint64_t libc;

    __asm__ volatile(
        "mrs %[libc], tpidr_el0\n"
        "msr tpidr_el0, %[thread]\n"
        "msr fpcr, %[fpcr]\n"
        "mov x9, %[in]\n"
        ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,"
        "27,28,29,30,31\n"
        "ldr q\\n, [x9], #16\n"
        ".endr\n"
        "mov x9, #0x30000\n"
        "1: subs x9, x9, #1\n"
        "b.ne 1b\n"
        "mov x9, %[out]\n"
        ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,"
        "27,28,29,30,31\n"
        "str q\\n, [x9], #16\n"
        ".endr\n"
        "mrs x9, tpidr_el0\n"
        "msr tpidr_el0, %[libc]\n"
        "str x9, [%[out], #512]\n"
        "mrs x9, fpcr\n"
        "str x9, [%[out], #520]\n"
        "msr fpcr, xzr\n"
        : [libc] "=&r"(libc)
        : [in] "r"(in), [out] "r"(out), [thread] "r"(in->tpidr_el0), [fpcr] "r"(in->fpcr)
        : "x9", "memory", "cc", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10",
          "v11", "v12", "v13", "v14", "v15", "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23",
          "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31");
}

int main(int argc, char **argv)
{
    time_t end = time(NULL) + (argc > 1 ? atoi(argv[1]) : 1);
    uint64_t seed = (uint64_t)getpid() * 0x9e3779b97f4a7c15;
    unsigned long turns = 0;

    for (; time(NULL) < end; turns++) {
        struct registers in, out;

        for (unsigned i = 0; i < 64; i++)
            in.v[i] = seed * (i + 1) + turns;
        in.tpidr_el0 = seed + turns;
        in.fpcr = (turns & 3) << 22; /* RMode */
        pass(&in, &out);
        if (memcmp(&in, &out, sizeof(in)) != 0) {
            printf("fp: %s lost in turn %lu\n",
                   memcmp(in.v, out.v, sizeof(in.v)) != 0 ? "vector registers"
                   : in.tpidr_el0 != out.tpidr_el0        ? "TPIDR_EL0"
                                                          : "FPCR",
                   turns);
            return 1;
        }
    }
    printf("fp: kept %lu times\n", turns);
    return 0;
}
