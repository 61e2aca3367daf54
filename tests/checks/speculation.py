#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Behind each BR and ERET of the assembly stands a barrier: speculation.py OBJDUMP ARCHIVE

A CPU may speculate past an instruction that always leaves: straight on, with the guest's registers
or EL2's in it. SB, or a DSB and an ISB, ends that. Both are never executed.

RET is not looked at, nor is what the compiler makes: it has an option for barriers there,
-mharden-sls=all.
"""

import re
import sys

from check import conclude, disassembly

INSTRUCTION = re.compile(r"^\s*[0-9a-f]+:\t(\S+)")
LEAVES = re.compile(r"(?:br|eret)(?:a[ab]z?)?$")


def instructions(objdump, archive):
    """(member, function, name) of each instruction of assembly, in order."""
    for member, function, line in disassembly(objdump, archive):
        match = INSTRUCTION.match(line)
        if match and ".S." in member:
            yield member, function, match.group(1)


def problems_of(found):
    leaves = 0
    for at, (member, function, name) in enumerate(found):
        if name == ".word":
            yield f"{member}, {function}: code that is marked as data"
        if not LEAVES.match(name):
            continue
        leaves += 1
        behind = [after for of, _, after in found[at + 1:at + 3] if of == member]
        if behind[:1] != ["sb"] and behind != ["dsb", "isb"]:
            yield f"{member}, {function}: no barrier behind {name}"
    if leaves == 0:
        yield "no BR and no ERET: is there anything to look at?"


if __name__ == "__main__":
    conclude(list(problems_of(list(instructions(*sys.argv[1:])))),
             "a barrier stands behind each BR and ERET of the assembly")
