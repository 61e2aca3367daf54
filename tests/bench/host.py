#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the mini-host costs its guests: host.py RUN_SH BUILD KERNEL GIC COMPILER

Each row of the guest (host.c) is within its budget. Under -icount shift=0,sleep=off an instruction is
a nanosecond of virtual time, and the rows are the same at each run.
"""

import os
import re
import subprocess
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../system"))
# pylint: disable-next=wrong-import-position
from session import demand, play

STALL = 400  # seconds: not slow, but stuck

# Instructions, with GCC: on GICv3 and GICv2. 0: the row is not there.
BUDGET = {
    "PSCI_VERSION": (137, 137),
    "unknown call": (161, 161),
    "GICD_TYPER": (152, 152),
    "GICD_IIDR": (176, 171),
    "GICD_CTLR": (153, 153),
    "GICD_ISENABLER1": (168, 168),
    "GICD_PIDR2": (171, 0),
    "GICR_TYPER": (199, 0),
    "GICR_WAKER": (182, 0),
    "GICR_ISENABLER0": (181, 0),
    "write: enable or disable": (290, 292),
    "write: clear": (285, 287),
    "write: priority": (286, 288),
    "UART flags": (255, 250),
    "SGI to itself": (196, 227),
    "virtual timer": (194, 201),
    "SGI to a vCPU in WFI": (822, 843),
    "SGI to a vCPU in WFI, and into WFI": (1389, 1417),
    "SGI to a vCPU that runs": (676, 685),
}
FLOOR = 40  # no exit is cheaper: what is below was not measured


def main(run_sh, build, kernel, gic, compiler):
    command = subprocess.run(
        [run_sh, "--build", build, "--kernel", kernel, "--cpus", "2", "--vcpus", "2", "--gic", gic,
         "--memory", "64", "--dry-run"],
        check=True, text=True, stdout=subprocess.PIPE).stdout.splitlines()
    budgets = {name: both[gic == "2"] * (100 if compiler == "GNU" else 110) // 100
               for name, both in BUDGET.items() if both[gic == "2"]}

    def scene(session):
        demand(session.end(STALL) == 0, "the exit status is not 0")
        rows = {name: int(count) for name, count in
                re.findall(r"^(.+): (\d+) instructions$", session.seen, re.MULTILINE)}
        for name, count in rows.items():
            print(f"{name:34} {count:5} instructions, budget {budgets.get(name)}")
        demand(set(rows) == set(budgets), f"other rows than expected: {set(rows) ^ set(budgets)}")
        over = [name for name, count in rows.items() if not FLOOR < count <= budgets[name]]
        demand(not over, f"over the budget, or not measured: {', '.join(over)}")

    play(command + ["-icount", "shift=0,sleep=off"], 2 * STALL, scene)


if __name__ == "__main__":
    main(*sys.argv[1:])
