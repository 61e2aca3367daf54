#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""No pair of instructions that Cortex-A53 computes wrongly (835769): accumulate.py OBJDUMP ARCHIVE

The pair is a memory access or prefetch and, directly behind it, a 64-bit multiply-accumulate. It is
harmless if the accumulate register is XZR (MUL and its like), or if the multiply-accumulate uses a
register that the access loads. The compilers' -mfix-cortex-a53-835769 puts a NOP between the two.
"""

import re
import sys

from check import conclude, disassembly

INSTRUCTION = re.compile(r"^\s*[0-9a-f]+:\t(\S+)\s*([^/]*)")
ACCUMULATE = re.compile(r"madd|msub|[su]m(?:add|sub)l")
# Also exclusives, acquire and release, atomics, pairs, prefetch, SIMD structures.
MEMORY = re.compile(r"ld|st|prfu?m|cas|swp")
REGISTER = re.compile(r"\b[wx](\d+|zr)\b")


def is_pair(first, second):
    if not MEMORY.match(first[0]) or not ACCUMULATE.fullmatch(second[0]):
        return False
    registers = re.findall(r"\b([wx])(\d+|zr)\b", second[1])
    if len(registers) != 4 or registers[0][0] != "x" or registers[3][1] == "zr":
        return False
    loaded = ()
    if first[0].startswith("ld"):
        # Vectors do not count, nor does what the address is made of.
        loaded = REGISTER.findall(first[1].split("[")[0])
    return not {number for _, number in registers[1:]} & set(loaded)


def problems_of(objdump, archive):
    before, place, count = ("", ""), None, 0
    for member, name, line in disassembly(objdump, archive):
        match = INSTRUCTION.match(line)
        if not match:
            continue
        if place != (member, name):
            before, place = ("", ""), (member, name)
        now = (match.group(1), match.group(2).strip())
        count += MEMORY.match(now[0]) is not None
        if is_pair(before, now):
            yield f"{member}, {name}: {' '.join(before)}; {' '.join(now)}"
        before = now
    if not count:
        yield "the archive has no memory access: is there anything to look at?"


if __name__ == "__main__":
    conclude(list(problems_of(*sys.argv[1:])), "no pair of instructions of erratum 835769")
