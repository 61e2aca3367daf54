# SPDX-License-Identifier: MIT
"""With VCPU_BTI a host can guard the library's pages. (Part of options.py.)

Each object is marked as BTI for the linker. Where a branch by a register can arrive there is a landing pad:
at each function that a pointer leads to (the tables of devices, the call of firmware), and at each other one
that a linker's veneer could lead to. Vectors and what an ERET goes to need none, nor does RET.
"""

import os
import re

from check import disassembly, run

INSTRUCTION = re.compile(r"^\s*([0-9a-f]+):\t(\S+)\s*(\S*)")
RELATIVE = re.compile(r"R_AARCH64_RELATIVE\s+\*ABS\*\+0x([0-9a-f]+)")
PAD = ("bti", "c")
# What a branch by a register never leads to.
NO_PAD = {"vectors", "guard_vectors", "owned_vectors", "reenter"} | {f"vector_{slot}" for slot in range(12)}


def problems_of(objdump, nm, ld, archive, prefix, folder):
    linked = os.path.join(folder, "linked")
    # The linker warns of an object that is not marked.
    run(ld, "-pie", "-z", "force-bti", "--fatal-warnings", "--no-dynamic-linker",
        "--unresolved-symbols=ignore-all", "--entry=0", "--whole-archive", archive, "-o", linked)
    at, switches = {}, {}
    for _, function, line in disassembly(objdump, linked):
        if match := INSTRUCTION.match(line):
            at[int(match.group(1), 16)] = function, match.groups()[1:]
            # By x16 or x17 it is a call at a function's end.
            if match.group(2) == "br" and match.group(3) not in ("x16", "x17"):
                switches.setdefault(function, set()).add("br")
            elif match.groups()[1:] == ("bti", "j"):
                switches.setdefault(function, set()).add("bti")
    pointers = {int(address, 16) for address in RELATIVE.findall(run(objdump, "-R", linked))}
    functions = {int(value, 16) for name, kind, value in
                 (line.split()[:3] for line in run(nm, "-P", linked).splitlines())
                 if kind in "Tt" and name.startswith(prefix) and "." not in name and
                 name.removeprefix(prefix) not in NO_PAD}
    if not functions or not pointers & set(at):
        yield "the library has no function, or no pointer to one"
    for address in sorted((pointers & set(at)) | functions):
        function, instruction = at[address]
        if instruction != PAD:
            yield f"{function}: no landing pad but {' '.join(instruction)}"
    for function, found in switches.items():
        if found == {"br"}:
            yield f"{function}: BR, but no landing pad for a jump"
