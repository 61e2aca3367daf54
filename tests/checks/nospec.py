#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A guest's index is used behind a clamp, not only behind a check: nospec.py OBJDUMP ARCHIVE

Each function of the table, with those of its file that it calls, has the instructions of
NOSPEC_INDEX (hw/nospec.h): a mask by the flags and CSDB, or an AND that the compiler did not drop.
And no switch by what a guest chose is a table of branches, whose bound could be mispredicted.
"""

import re
import sys

from check import conclude, disassembly

MASKED = r"\tcmp\t.*\n.*\t(?:ngc\t\w+, [wx]zr|sbc\t\w+, [wx]zr, [wx]zr)\n.*\t(?:csdb|hint\t#0x14)\b"


def low_bits(count):
    """Keeps the low bits of a register, perhaps shifted to a place in an array."""
    return (rf"\tand\t\w+, \w+, #{(1 << count) - 1:#x}\b|\tubfx\t\w+, \w+, #0, #{count}\b|"
            rf"\tubfiz\t\w+, \w+, #\d+, #{count}\b")


# What a guest chooses there, and how it is clamped.
CLAMPS = {
    "vcpu_gic_access": ("a redistributor", MASKED),
    "vcpu_gic_write_quiet": ("a bank of interrupts", MASKED),
    "vcpu_gic_read": ("a bank of interrupts", MASKED),
    "vcpu_gic_write": ("a bank of interrupts", MASKED),
    "vcpu_gic_mmio": ("a bank of interrupts", MASKED),
    "v2m_mmio": ("an SPI", MASKED),
    "vcpu_gic_write_dir": ("the INTID of DIR", MASKED),
    "vcpu_gic_requeue": ("the vCPU of a route", MASKED),
    "vcpu_gic_move_line": ("the vCPU of a route", MASKED),
    "vcpu_gic_sysreg": ("the target of an SGI", MASKED),
    "vcpu_cache_access": ("CSSELR_EL1", MASKED),
    "vcpu_sysreg_emulate": ("an ID register", MASKED),
    "vcpu_pmu_access": ("an event counter", low_bits(6)),
}

# Their tables are by the library's own numbers: a list register, a kind of register, a comparator.
BRANCHING = {"read", "write", "vcpu_gic_read", "vcpu_gic_write", "vcpu_debug_exchange"}

# A static function may be named by its section.
CALL = re.compile(r"R_AARCH64_(?:CALL26|JUMP26)\s+(?:\.text\.)?([\w.]+)")
# A branch to the sum of an address and what a table has.
TABLE = re.compile(r"\tadd\t(\w+), \w+, (?:[wx]\d+|\w+, (?:[su]xt[bhwx]|lsl).*)\n.*\tbr\t\1\b")


def functions_of(objdump, archive):
    """For each function, as (member of the archive, name), its text."""
    functions = {}
    for member, name, line in disassembly(objdump, archive, "-r"):
        functions.setdefault((member, name), []).append(line.split("//")[0].rstrip())
    return {key: "\n".join(lines) for key, lines in functions.items()}


def with_called(functions, key):
    """The text of a function, and of those in its member that it calls."""
    todo, seen = [key], {}
    while todo:
        key = todo.pop()
        if key in functions and key not in seen:
            seen[key] = functions[key]
            todo += [(key[0], name) for name in CALL.findall(functions[key])]
    return "\n".join(seen.values())


def problems_of(functions):
    places = {name: (member, name) for member, name in functions}
    for name, (what, clamp) in CLAMPS.items():
        if name not in places:
            yield f"{name} is not in the archive"
        elif not re.search(clamp, with_called(functions, places[name])):
            yield f"{name} does not clamp {what}"
    for member, name in functions:
        if name not in BRANCHING and TABLE.search(functions[member, name]):
            yield f"{name} of {member} has a table of branches"


if __name__ == "__main__":
    conclude(list(problems_of(functions_of(*sys.argv[1:]))),
             f"{len(CLAMPS)} functions clamp what a guest chooses, and none has a table of branches")
