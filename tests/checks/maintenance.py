#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""TLB maintenance is complete, on CPUs with errata as well: maintenance.py OBJDUMP ARCHIVE

TLBI of all CPUs (IS) is TLBI and DSB ISH, both twice, one behind the other. (CVE-2025-10263 and its
like: the first DSB does not wait for all accesses through the removed entries.) TLBI IPAS2E1IS is
never the last of a sequence and so needs no second one; the unit tests of stage 2 hold that.

What cleans a range (DC CIVAC) has DSB SY before and behind it, and no weaker one; IC IALLUIS, with
DSB ISH and ISB.

TLBI VMALLE1 of one CPU, between two vCPUs, goes with IC IALLU; DSB NSH and ISB follow. So they do
behind every other TLBI of one CPU.
"""

import re
import sys

from check import conclude, disassembly

INSTRUCTION = re.compile(r"^\s*[0-9a-f]+:\t(\S+)(?:\s+([^/]*))?")
MIDDLE = "ipas2e1is"
# What a compiler may put between two instructions of one CPU's maintenance.
PLAIN = re.compile(r"(?!(?:tlbi|ic|dc|at|dsb|dmb|isb|msr|b|bl|blr|br|e?ret|cbn?z|tbn?z)\b)")


def functions_of(objdump, archive):
    """For each function, as (member of the archive, name), its instructions as text."""
    functions = {}
    for member, name, line in disassembly(objdump, archive):
        code = functions.setdefault((member, name), [])
        if match := INSTRUCTION.match(line):
            code.append(" ".join(part.strip() for part in match.groups("")).strip())
    return functions


def plainly(code):
    return [line for line in code if not PLAIN.match(line)]


def problems_of(functions):
    broadcast = local = cleans = 0
    for (member, name), code in functions.items():
        place = f"{member}, {name}"
        at = 0
        while at < len(code):
            instruction = code[at]
            at += 1
            if instruction.startswith("dc civac"):
                cleans += 1
                barriers = [line for line in code if line.startswith("dsb")]
                # The one behind may stand before in memory, with a branch to it.
                if (set(barriers) != {"dsb sy"} or len(barriers) < 2 or "dsb sy" not in code[:at]):
                    yield f"{place}: no DSB SY, or a weaker one, before or behind {instruction}"
            if instruction == "ic ialluis" and plainly(code[at:])[:2] != ["dsb ish", "isb"]:
                yield f"{place}: no DSB ISH and ISB behind {instruction}"
            if not instruction.startswith("tlbi "):
                continue
            operation = instruction.split()[1].rstrip(",")
            if operation == MIDDLE:
                continue
            if operation.endswith(("is", "os")):
                broadcast += 1
                if code[at:at + 3] != ["dsb ish", instruction, "dsb ish"]:
                    yield f"{place}: {instruction} and DSB ISH are not there twice"
                else:
                    at += 3
                continue
            local += 1
            want = ["dsb nsh", "isb"]
            if operation == "vmalle1":
                want.insert(0, "ic iallu")
            if plainly(code[at:])[:len(want)] != want:
                yield f"{place}: {'; '.join(want)} must be behind {instruction}"
    if not broadcast or not local or not cleans:
        yield "the archive has no TLBI of all CPUs, or none of one CPU, or no DC CIVAC"


if __name__ == "__main__":
    conclude(list(problems_of(functions_of(*sys.argv[1:]))),
             "each TLBI of all CPUs is there twice; it, and what cleans caches, is complete")
