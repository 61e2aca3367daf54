#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the archive defines and needs: symbols.py NM ARCHIVE

Only names of vcpu_ are defined, whatever their visibility: a hidden one would still collide with a
host's own. Beside them only the four memory functions are needed.
"""

import sys

from check import conclude, run

NEEDED = {"memcmp", "memcpy", "memmove", "memset"}


def problems_of(nm, archive):
    defined, needed = {}, {}
    member = "?"
    for line in run(nm, "-g", "-P", "-A", archive).splitlines():
        # ARCHIVE[MEMBER]: NAME TYPE [VALUE SIZE]
        place, name, kind = line.split()[:3]
        member = place[place.rindex("[") + 1:place.rindex("]")]
        (needed if kind in "Uvw" else defined).setdefault(name, member)
    if not defined:
        yield f"{archive} defines nothing"
    for name, member in sorted(defined.items()):
        if not name.startswith("vcpu_"):
            yield f"{member} defines {name}, which is no vcpu_ name"
    for name, member in sorted(needed.items()):
        if name not in defined and name not in NEEDED:
            yield f"{member} needs {name}, which no host promises"


if __name__ == "__main__":
    conclude(list(problems_of(*sys.argv[1:])), "only vcpu_ defined, only memory functions needed")
