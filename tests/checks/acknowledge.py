#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A host that polls its interrupts loses no kick: acknowledge.py OBJDUMP ARCHIVE [PLATFORM]

Without an exception and its return, only a DSB orders the acknowledge of a kick before the read of
the vCPU's token in the next vcpu_run. So one stands behind the call of the interrupt hook in the
library's run, and behind the read of IAR in the mini-host's platform (gic_acknowledge, which is inline).
"""

import re
import sys

from check import conclude, disassembly

INSTRUCTION = re.compile(r"^\s*[0-9a-f]+:\t(\S+)\s*(.*)$")
BARRIER = "dsb sy"


def functions(objdump, archive, names):
    """For each function with such a name, by (member, name), its instructions."""
    found = {}
    for member, name, line in disassembly(objdump, archive):
        if name in names and (match := INSTRUCTION.match(line)):
            found.setdefault((member, name), []).append(" ".join(match.group(1, 2)).strip())
    return found


def hook_problems(objdump, archive):
    calls = 0
    for (_, name), code in functions(objdump, archive, ("hook_irq",)).items():
        for this, following in zip(code, code[1:]):
            if this.startswith("blr"):
                calls += 1
                if following != BARRIER:
                    yield f"{name}: behind the call of the hook stands {following}, not {BARRIER}"
    if calls != 1:
        yield f"{calls} calls of a hook in the run, not 1"


def platform_problems(objdump, platform):
    found = functions(objdump, platform, ("irq_handle",))
    for (member, name), code in found.items():
        if not any("icc_iar1_el1" in instruction for instruction in code):
            yield f"{member}: {name} does not read IAR"
        if BARRIER not in code:
            yield f"{member}: {name} has no {BARRIER} behind the read of IAR"
    if len(found) != 1:
        yield f"{len(found)} functions of the platform take interrupts, not 1"


if __name__ == "__main__":
    PROBLEMS = [*hook_problems(*sys.argv[1:3])]
    if len(sys.argv) > 3:
        PROBLEMS += platform_problems(sys.argv[1], sys.argv[3])
    conclude(PROBLEMS, "a DSB stands behind each acknowledge of an interrupt")
