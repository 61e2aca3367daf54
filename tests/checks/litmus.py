#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The compiled code has the ordering instructions that the litmus programs assume, and no others:
litmus.py OBJDUMP ARCHIVE

 - Each function that a program of tests/litmus names has the ordering instructions (LDAR, STLR, LDAXR,
   STLXR, DMB ISH, ...) that the program has there, one behind the other.
 - A file of the library has no other kind than its functions in the programs, but for those of OTHER.

So neither the code nor a program loses an ordering, or gets a new one, without the other. The programs
have read-modify-writes as pairs of exclusives as well as LSE instructions; the archive here is built
for Armv8.0, so it has exclusives.
"""

import os
import re
import sys

from check import conclude, disassembly

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "litmus"))
# pylint: disable=wrong-import-position
import protocols  # noqa: E402

INSTRUCTION = re.compile(r"^\s*[0-9a-f]+:\t(\S+)\s*(\S*)")
# With LDADD, CAS and such, which a build for Armv8.1 would have.
ATOMIC = re.compile(r"(ldar|ldapr|stlr|lda?xr|stl?xr|lda?xp|stl?xp|cas|swp|ldadd|ldset|ldclr|ldeor|"
                    r"stadd|stset|stclr)(\w*)$")
# DSB NSH and ISB are about this CPU only: for TLB maintenance, and for system registers.
BARRIERS = {("dmb", "ish"): "dmb ish", ("dmb", "ishld"): "dmb ishld", ("dmb", "ishst"): "dmb ishst",
            ("dmb", "sy"): "dmb sy", ("dsb", "ish"): "dsb ish", ("dsb", "sy"): "dsb ish",
            ("dsb", "ishst"): "dsb ishst"}

# In which functions the compilers put one that they do not keep as it is. One "a|b": the first of the
# two that there is.
INSIDE = {
    "run/enter.c:claim": ("run_masked|vcpu_run_slow",),
    "run/enter.c:run_masked": ("vcpu_run_slow",),
    "gic/short.c:post": ("send_sgi", "post_to_others"),
    "gic/short.c:post_either": ("access",),
    "gic/lock.h:gic_lock": ("vcpu_gic_lock",),
    "gic/lock.h:gic_try_lock": ("vcpu_gic_write_quiet",),
    "gic/lock.h:gic_unlock": ("latch",),
    "stage2/vmid.c:take_bit": ("vcpu_vmid_alloc",),
    "debug/host.c:changed": ("vcpu_debug_set",),
    "run/exit_long.c:vcpu_exit_kick": ("vcpu_exit_told",),
}

LOCK = {"ldxr", "stxr", "stlr"}
# By the file's name in the archive: the lock, and words that need no order (docs/ordering.md).
OTHER = {
    "device": LOCK,
    "kick": {"ldxr", "stlxr", "stxr"},  # resync, postpone: for this CPU itself
    "lock": LOCK,
    "exit_long": {"ldxr", "stxr"},
    "model": {"ldaxr", "stxr"},  # open_mail, as take_mail
    "quiet": LOCK,
    "reg": {"ldxr", "stlxr", "stxr"},  # as debug/host.c; GIC_MAIL_REST, of the vCPU itself
    "reset": {"ldxr", "stxr"},
    "serror": {"ldxr", "stxr"},
    "share": LOCK,
    "short": LOCK,
    "source": {"ldxr", "stxr"},  # with the lock
    "targets": LOCK,
    "update": LOCK,
    "vector": {"ldxr", "stxr"},  # CHANGED, for this CPU itself
}
# These have other uses too, and one more only orders more: state_cpu, which many functions have, is a
# load-acquire; DSBs are for TLB and cache maintenance; DMB SY is for errata.
ANYWHERE = {"ldar", "dsb ish", "dsb ishst", "dmb sy"}


def kind_of(line):
    """The kind of ordering instruction in a line of the disassembly; None."""
    match = INSTRUCTION.match(line)
    if not match:
        return None
    if barrier := BARRIERS.get(match.groups()):
        return barrier
    atomic = ATOMIC.match(match.group(1))
    return atomic and (atomic.group(1) if atomic.group(2) in ("", "b", "h") else match.group(1))


def found_in(objdump, archive):
    """For each function, as (file, name), its row of kinds. Several files can have the same name."""
    functions = {}
    for member, name, line in disassembly(objdump, archive):
        if ".S." in member:
            continue
        row = functions.setdefault((member.split(".")[0], name.split(".")[0]), [])
        if kind := kind_of(line):
            row.append(kind)
    return functions


def assumed():
    """For each function of the programs the rows that must be there."""
    functions = {}
    for subject in protocols.SUBJECTS:
        for program in protocols.programs(subject):
            for function, row in program.code():
                functions.setdefault(function, set()).add(row)
    return functions


def file_of(function):
    """The file's name as it is in the archive; None for a header's functions, which can be anywhere."""
    name = os.path.basename(function.split(":")[0])
    return name.split(".")[0] if name.endswith(".c") else None


def has(functions, place, row):
    have, size = functions[place], len(row)
    if any(tuple(have[i:i + size]) == row for i in range(len(have) - size + 1)):
        return True
    # Clang takes common sequences out of functions.
    outlined = {kind for (file, name), kinds in functions.items() for kind in kinds
                if file == place[0] and name.startswith("OUTLINED")}
    return bool(outlined) and set(row) <= outlined.union(have)


def missing(functions, wanted):
    for function, rows in sorted(wanted.items()):
        name, file = function.split(":")[1], file_of(function)
        places = [place for place in functions if place[1] == name and file in (place[0], None)]
        if not places or not file:
            for choice in INSIDE.get(function, ()):
                found = [place for host in choice.split("|") for place in functions
                         if place[1] == host and file in (place[0], None)]
                places += found[:1]
        if not places:
            yield f"{function}, which a litmus program has, is not in the archive"
        for place in places:
            for row in sorted(rows):
                if not has(functions, place, row):
                    yield (f"{function}: a litmus program has {', '.join(row)}; "
                           f"{place[1]} has {', '.join(functions[place]) or 'nothing'}")


def unknown(functions, wanted):
    allowed = {}
    for function, rows in wanted.items():
        for place in (file_of(function), function.split(":")[1], *INSIDE.get(function, ())):
            allowed.setdefault(place, set()).update(*rows)
    for (file, name), kinds in sorted(functions.items()):
        known = ANYWHERE.union(*(where.get(place, set()) for where in (allowed, OTHER)
                                 for place in (file, name)))
        for kind in sorted(set(kinds) - known):
            yield f"{file}.c: {name} has {kind}, which no litmus program has"


if __name__ == "__main__":
    FOUND, WANTED = found_in(*sys.argv[1:]), assumed()
    conclude([*missing(FOUND, WANTED), *unknown(FOUND, WANTED)],
             f"{len(WANTED)} functions are ordered as the litmus programs say")
