#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sequences that errata of CPUs ask for: errata.py OBJDUMP ARCHIVE

Cortex-A77 1508412: a DMB SY before and behind each read of PAR_EL1. Cortex-A57 832075: the virtual
CPU interface of a GICv2, which is Device memory, is read by load-acquire only.
"""

import re
import sys

from check import conclude, disassembly

INSTRUCTION = re.compile(r"^\s*[0-9a-f]+:\t(\S+)\s*([^/<]*)")
DEVICE = "gich_hw.c"
# GICH_LR twice, HCR, VMCR, APR, MISR, VTR.
DEVICE_READS = 7


def instructions(objdump, archive):
    """(member, function, "name operands") of each instruction, in order."""
    for member, function, line in disassembly(objdump, archive):
        match = INSTRUCTION.match(line)
        if match:
            yield member, function, f"{match.group(1)} {match.group(2)}".strip()


def problems_of(found):
    reads = acquires = 0
    for at, (member, function, text) in enumerate(found):
        if member.startswith(DEVICE) and text.startswith("ldar"):
            acquires += 1
        if not (text.startswith("mrs") and text.endswith("par_el1")):
            continue
        reads += 1
        around = [found[at + step][1:] for step in (-1, 1) if 0 <= at + step < len(found)]
        if around != [(function, "dmb sy")] * 2:
            yield f"{member}, {function}: no DMB SY before and behind the read of PAR_EL1"
    if reads == 0:
        yield "PAR_EL1 is not read: is there anything to look at?"
    if acquires < DEVICE_READS:
        yield f"{DEVICE} has {acquires} load-acquires of Device memory, not {DEVICE_READS}"


if __name__ == "__main__":
    conclude(list(problems_of(list(instructions(*sys.argv[1:])))),
             "PAR_EL1 is read between DMBs, Device memory by load-acquire")
