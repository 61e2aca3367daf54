#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every kind of host can link the archive: relocations.py OBJDUMP LD ARCHIVE

A kernel that is linked to a fixed address, one that moves itself, and a module that Linux loads. So
there is no GOT, and each relocation is one that Linux' loader knows. An address stands in .data.rel.ro
only: a host that moves itself applies relative relocations there, and the code needs none. Links of
the whole archive as a shared object and as a position-independent program hold nothing else.
"""

import os
import re
import sys
import tempfile

from check import conclude, run

# What the code and its tables may hold; each is known to the loader, as are others.
RELATIVE = {"R_AARCH64_" + name for name in """
    CALL26 JUMP26 CONDBR19 TSTBR14 PREL32 PREL64 ADR_PREL_LO21 ADR_PREL_PG_HI21 ADD_ABS_LO12_NC
    LDST8_ABS_LO12_NC LDST16_ABS_LO12_NC LDST32_ABS_LO12_NC LDST64_ABS_LO12_NC LDST128_ABS_LO12_NC
""".split()}
ADDRESS = "R_AARCH64_ABS64"
MAY_HOLD_ADDRESSES = re.compile(r"\.data\.rel\.ro(\.|$)")
NOT_LOADED = re.compile(r"\.(debug|comment|note)")

MEMBER = re.compile(r"^(\S+):\s+file format ")
SECTION = re.compile(r"^RELOCATION RECORDS FOR \[(.+)\]:$")
ROW = re.compile(r"^[0-9a-f]+\s+(R_\w+)\s+(\S+)")


def relocations(objdump, option, path):
    """Each relocation as (file, section, kind, symbol)."""
    member, section = path, ""
    for line in run(objdump, option, path).splitlines():
        if match := MEMBER.match(line):
            member = match.group(1)
        elif match := SECTION.match(line):
            section = match.group(1)
        elif match := ROW.match(line):
            yield member, section, *match.groups()


def problems_of_archive(objdump, archive, kinds):
    for member, section, kind, symbol in relocations(objdump, "-r", archive):
        if NOT_LOADED.match(section):
            continue
        kinds[kind] = kinds.get(kind, 0) + 1
        if kind == ADDRESS:
            if not MAY_HOLD_ADDRESSES.match(section):
                yield f"{member}: the address of {symbol} in {section}"
        elif kind not in RELATIVE:
            yield f"{member}: {kind} for {symbol} in {section}"
    if not kinds:
        yield f"{archive} holds no relocation"


def problems_of_link(objdump, ld, archive, folder, *options):
    """The memory functions are the host's: a shared object imports them, a program lacks them here."""
    output = os.path.join(folder, "linked")
    run(ld, *options, "-z", "text", "--no-dynamic-linker", "--unresolved-symbols=ignore-all",
        "--whole-archive", archive, "-o", output)
    found = False
    for _, _, kind, symbol in relocations(objdump, "-R", output):
        found = found or kind == "R_AARCH64_RELATIVE"
        if kind not in ("R_AARCH64_RELATIVE", "R_AARCH64_NONE") and not symbol.startswith("mem"):
            yield f"linked by {options[0]}: {kind} for {symbol}"
    if not found:
        yield f"linked by {options[0]}: no relative relocation"


def main(objdump, ld, archive):
    kinds = {}
    problems = list(problems_of_archive(objdump, archive, kinds))
    if not problems:
        with tempfile.TemporaryDirectory() as folder:
            for option in ("-shared", "-pie"):
                problems += problems_of_link(objdump, ld, archive, folder, option)
    conclude(problems, "left: " + ", ".join(f"{kind} {count}" for kind, count in kinds.items()))


if __name__ == "__main__":
    main(*sys.argv[1:])
