#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The assembly is good for COFF as well, for hosts that are UEFI applications: coff.py ROOT CLANG

Without a warning, with Clang, which alone can do it. Vectors are aligned as VBAR_EL2 wants them. The C code
is compiled for COFF by one_file.py.
"""

import glob
import os
import re
import struct
import sys
import tempfile

from check import conclude, run

TARGETS = ("aarch64-unknown-windows-gnu", "aarch64-unknown-windows-msvc")
OPTIONS = ("-Wall", "-Wextra", "-Werror")
VECTORS = re.compile(r"^\s*\.balign\s+0x800\b", re.MULTILINE)
ALIGNED = 0x800
# Relocations of branches, and their immediates: IMAGE_REL_ARM64_BRANCH26, BRANCH19, BRANCH14.
BRANCHES = {0x3: 0x03ffffff, 0xf: 0x00ffffe0, 0x10: 0x0007ffe0}


def alignments(path):
    """The alignment of each section of a COFF object."""
    with open(path, "rb") as file:
        data = file.read()
    machine, count, *_, optional, _ = struct.unpack_from("<HHIIIHH", data)
    if machine != 0xaa64:
        sys.exit(f"{path} is no COFF object for AArch64")
    for index in range(count):
        flags, = struct.unpack_from("<I", data, 20 + optional + 40 * index + 36)
        yield 1 << max((flags >> 20 & 15) - 1, 0)


def sums(path):
    """
    The branches of a COFF object to a symbol of another section plus an offset. Linkers add the target
    to what is in the instruction, or do not, so there must be nothing in it.
    """
    with open(path, "rb") as file:
        data = file.read()
    count, optional = struct.unpack_from("<H", data, 2)[0], struct.unpack_from("<H", data, 16)[0]
    for index in range(count):
        raw, relocations = struct.unpack_from("<II", data, 20 + optional + 40 * index + 20)
        number, = struct.unpack_from("<H", data, 20 + optional + 40 * index + 32)
        for entry in range(number):
            at, _, kind = struct.unpack_from("<IIH", data, relocations + 10 * entry)
            if kind not in BRANCHES:
                continue
            word, = struct.unpack_from("<I", data, raw + at)
            if word & BRANCHES[kind]:
                yield at


def problems_of(root, clang):
    assembly = sorted(glob.glob(os.path.join(root, "asm", "*.S")))
    if not assembly:
        yield f"{root} holds no assembly"
    with tempfile.TemporaryDirectory() as folder:
        output = os.path.join(folder, "object.o")
        for target in TARGETS:
            for path in assembly:
                run(clang, f"--target={target}", *OPTIONS, f"-I{root}/asm", "-c", path, "-o", output)
                for at in sums(output):
                    yield f"{path} for {target}: a branch to a sum at {at:#x}"
                with open(path, encoding="utf-8") as file:
                    aligned = bool(VECTORS.search(file.read()))
                if aligned != (max(alignments(output)) == ALIGNED):
                    yield f"{path} for {target}: sections are aligned to {max(alignments(output))}"


if __name__ == "__main__":
    conclude(list(problems_of(*sys.argv[1:])), "the assembly is good for COFF")
