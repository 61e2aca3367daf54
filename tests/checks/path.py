#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Exit and re-entry of a resident vCPU: no TLB maintenance, no DSB, one ISB.
path.py OBJDUMP ARCHIVE

Looks at the functions that every such exit runs. A DSB or ISB behind an ERET is no part of it: it
is there for a CPU that speculates past the ERET, and is never executed.
"""

import re
import sys

from check import conclude, run

PATH = ("vcpu_run", "vcpu_enter", "vcpu_reenter", "exit_sync", "vcpu_exit_sync",
        "vcpu_exit_hypercall")
FUNCTION = re.compile(r"^[0-9a-f]+ <(.+)>:$")
INSTRUCTION = re.compile(r"^\s*[0-9a-f]+:\t(\S+)")


def executed(objdump, archive):
    """For each function of the path its instructions' names, but what follows an ERET."""
    functions, current, dead = {}, None, False
    for line in run(objdump, "-d", "--no-show-raw-insn", archive).splitlines():
        match = FUNCTION.match(line)
        if match:
            name, dead = match.group(1), False
            current = functions.setdefault(name, []) if name in PATH else None
            continue
        match = INSTRUCTION.match(line)
        if match and current is not None and not dead:
            current.append(match.group(1))
            dead = match.group(1) == "eret"
    return functions


def problems_of(functions):
    for name in PATH:
        if not functions.get(name):
            yield f"{name} is not in the archive"
    barriers = 0
    for name, instructions in functions.items():
        for instruction in instructions:
            if instruction in ("dsb", "tlbi", "dc", "ic"):
                yield f"{name} has a {instruction}"
            barriers += instruction == "isb"
    if barriers > 1:
        yield f"{barriers} ISBs on the path, not 1"


if __name__ == "__main__":
    conclude(list(problems_of(executed(*sys.argv[1:]))),
             "exit and re-entry have no TLB maintenance, no DSB, at most one ISB")
