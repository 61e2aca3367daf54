#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guests that begin anew in the middle of everything: again.py RUN_SH BUILD KERNEL CPUS GIC

Eight of them at once, on fewer CPUs than they have vCPUs. Nobody's reset is another's, and what the
mini-host says about one that ends is in one piece: with so many some end at the same moment.
"""

import re
import sys

from session import demand, play

BOOTS = 10  # as in again.c
TABLE_END = "Under QEMU's -icount"


def tables(seen):
    """For each guest that powered off the lines from there on to the end of its table."""
    found = []
    for line in seen.splitlines():
        if line.endswith(" powered off"):
            found.append([])
        if found and not line.startswith("["):
            found[-1].append(line)
    return found


def main(run_sh, build, kernel, cpus, gic):
    names = [f"vm{number}" for number in range(1, 9)]

    def scene(session):
        demand(session.end(200) == 0, "the exit status is not 0")
        for name in names:
            # A line that another guest's comes in front of is there twice.
            boots = list(dict.fromkeys(
                re.findall(rf"^\[{name}\] boot (\d+)\.$", session.seen, re.MULTILINE)))
            demand(boots == [str(i + 1) for i in range(BOOTS)], f"{name} began as {boots}")
            resets = session.seen.count(f"mini-host: {name} resets\n")
            demand(resets == BOOTS - 1, f"{name} was reset {resets} times")
        demand(len(tables(session.seen)) == len(names), "not each of the guests powered off")
        for table in tables(session.seen):
            text = "\n".join(table)
            for part in (r"^system-off +1 ", r"^all +\d+ ", rf"^{TABLE_END}"):
                demand(len(re.findall(part, text, re.MULTILINE)) == 1,
                       f"tables of exits are mixed up: {part}")
            # One refused and one carried out at each boot, and the last one only refused.
            demand(re.search(rf"^system-reset +{2 * BOOTS - 1} ", text, re.MULTILINE),
                   "the resets are not all in the table")

    play([run_sh, "--build", build, "--kernel", kernel, "--memory", "64", "--cpus", cpus,
          "--vcpus", "3", "--gic", gic, "--times"] + ["--vm"] * len(names), 220, scene)


if __name__ == "__main__":
    main(*sys.argv[1:])
