#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""FP, SIMD and SVE registers appear in the SIMD switch only: registers.py OBJDUMP ARCHIVE

A guest's vectors stay in the CPU between two runs, so one such register anywhere else in the
library would change a guest's state. x18 is the host's, and is looked for as well: assembly may
load and store it with the other registers, and nothing else touches it.
"""

import re
import sys

from check import conclude, disassembly

INSTRUCTION = re.compile(r"^\s*[0-9a-f]+:\t(\S+)\s*(.*)$")
# "28 <vcpu_run+0x28>" of a branch: its hexadecimal number may look like a register (d0, b8).
TARGET = re.compile(r"\b[0-9a-f]+ <[^>]*>")
COMMENT = re.compile(r"//.*$")
VECTOR = re.compile(r"(?<![\w.#])(?:[vqdshbz](?:[12]?[0-9]|3[01])|p(?:[0-9]|1[0-5])|fpcr|fpsr)"
                    r"(?:\.[0-9]*[bhsdq])?(?:/[mz])?(?![\w.])")
PLATFORM = re.compile(r"(?<![\w.#])[wx]18(?!\w)")
SAVED = re.compile(r"(?:ld|st)[pr] ")


def problems_of(objdump, archive):
    instructions = 0
    for member, function, line in disassembly(objdump, archive):
        match = INSTRUCTION.match(line)
        if not match:
            continue
        instructions += 1
        operands = COMMENT.sub("", TARGET.sub("", match.group(2)))
        text = f"{match.group(1)} {operands.strip()}"
        if VECTOR.search(operands) and not member.startswith(("simd.S", "sve.S")):
            yield f"{member}, {function}: FP or SIMD register in \"{text}\""
        if PLATFORM.search(operands) and not (".S." in member and SAVED.match(text)):
            yield f"{member}, {function}: the host's x18 in \"{text}\""
    if instructions == 0:
        yield f"{archive} holds no instruction"


if __name__ == "__main__":
    conclude(list(problems_of(*sys.argv[1:])), "FP and SIMD registers in the SIMD switch only")
