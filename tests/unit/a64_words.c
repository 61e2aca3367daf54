/* SPDX-License-Identifier: MIT */
/*
 * Tells a64_oracle.py what the library makes of words: reads them from its standard input, four
 * bytes each in the order of this machine, and prints a line of numbers for each.
 */
#include <stdio.h>

#include "emulate/a64.h"

int main(void)
{
    uint32_t word;

    while (fread(&word, sizeof(word), 1, stdin) == 1) {
        struct vcpu_load_store i = {0};
        int refusal = (int)vcpu_a64_classify(word, &i);

        printf("%d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d\n", refusal, i.kind, i.index,
               i.size, i.count, i.rt, i.rt2, i.rs, i.rn, i.operation, i.option, i.shift, i.vector,
               i.is_signed, i.wide, i.offset);
    }
    return 0;
}
