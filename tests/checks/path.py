#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Exit and re-entry of a resident vCPU: no TLB maintenance, no DSB, one ISB; and no memory function.
path.py OBJDUMP ARCHIVE

Looks at the functions that every such exit runs. A DSB or ISB behind an ERET is no part of it: it
is there for a CPU that speculates past the ERET, and is never executed.

The host's memory functions may use FP/SIMD registers, which are the guest's in an exit: nothing that
vcpu_exit_sync or vcpu_exit_watched reaches calls them, however deep.
"""

import re
import sys

from check import conclude, disassembly

ENTRY = ("vcpu_run", "vcpu_enter", "vcpu_reenter")
# Each with the C function that it calls. go_on leads from their end to vcpu_reenter.
WAYS_OUT = (("exit_hypercall",), ("exit_call", "vcpu_exit_call"), ("exit_mmio", "vcpu_exit_mmio"),
            ("exit_sync", "vcpu_exit_sync"), ("exit_interrupt",),
            ("exit_watched", "vcpu_exit_watched"))
PATH = {*ENTRY, *(name for way in WAYS_OUT for name in way)}
EXITS = ("vcpu_exit_call", "vcpu_exit_mmio", "vcpu_exit_sync", "vcpu_exit_watched")
MEMORY = {"memset", "memcpy", "memmove", "memcmp"}
CALL = re.compile(r"R_AARCH64_(?:CALL26|JUMP26|ABS64|ADR_PREL_PG_HI21|ADD_ABS_LO12_NC)\s+([\w.]+)")
INSTRUCTION = re.compile(r"^\s*[0-9a-f]+:\t(\S+)")


def executed(objdump, archive):
    """For each function of the path its instructions' names, but what follows an ERET."""
    functions = {}
    for _, name, line in disassembly(objdump, archive):
        if name not in PATH:
            continue
        names = functions.setdefault(name, [])
        match = INSTRUCTION.match(line)
        if match and names[-1:] != ["eret"]:
            names.append(match.group(1))
    return functions


def calls(objdump, archive):
    """For each function, as (member of the archive, name), the names that it refers to."""
    graph = {}
    for member, name, line in disassembly(objdump, archive, "-r"):
        names = graph.setdefault((member, name), set())
        match = CALL.search(line)
        if match:
            # A static function may be named by its section.
            names.add(match.group(1).removeprefix(".text."))
    return graph


def memory_problems(graph):
    # Other members see what has a name of the library's only: the compiler's OUTLINED_FUNCTION_0
    # may be in each of them.
    members = {name: member for member, name in graph if name.startswith("vcpu_")}
    todo = [(members.get(name), name) for name in EXITS]
    seen = set()
    while todo:
        function = todo.pop()
        if function in seen:
            continue
        seen.add(function)
        for callee in graph.get(function, ()):
            if callee in MEMORY:
                yield f"{function[1]}, which an exit reaches, calls {callee}"
            member = function[0] if (function[0], callee) in graph else members.get(callee)
            todo.append((member, callee))
    if len(seen) < 10:
        yield f"only {len(seen)} functions behind an exit were found"


def problems_of(functions):
    for name in PATH:
        if not functions.get(name):
            yield f"{name} is not in the archive"
    barriers = {name: instructions.count("isb") for name, instructions in functions.items()}
    for name, instructions in functions.items():
        for instruction in instructions:
            if instruction in ("dsb", "tlbi", "dc", "ic"):
                yield f"{name} has a {instruction}"
    for way in WAYS_OUT:
        count = sum(barriers.get(name, 0) for name in (*ENTRY, *way))
        if count > 1:
            yield f"{count} ISBs on the way through {way[0]}, not 1"


if __name__ == "__main__":
    conclude([*problems_of(executed(*sys.argv[1:])), *memory_problems(calls(*sys.argv[1:]))],
             "exit and re-entry have no TLB maintenance, no DSB, at most one ISB, no mem functions")
