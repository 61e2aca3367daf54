#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How late a guest's timer is, beside three busy vCPUs: latency.py RUN_SH BUILD KERNEL GIC CPUS

Under -icount shift=0,sleep=off, where an instruction is a nanosecond.
"""

import subprocess
import sys

from overhead import ICOUNT
from session import demand, play

BUSY = 3
SLICE = 5_000_000  # nanoseconds: SLICES_A_SECOND of mini-host/cpu.c
SWITCH = 10_000  # from one vCPU to the other and into its interrupt handler
STALL = 900  # seconds: not slow, but stuck


def main(run_sh, build, kernel, gic, cpus):
    command = subprocess.run(
        [run_sh, "--build", build, "--kernel", kernel, "--gic", gic, "--cpus", cpus, "--memory", "64",
         "--dry-run", "--vm", "--name", "busy", "--vcpus", str(BUSY), "--append", "busy",
         "--vm", "--name", "cyclic", "--vcpus", "1", "--append", "measure"],
        check=True, text=True, stdout=subprocess.PIPE).stdout.splitlines()

    def scene(session):
        found = session.expect(r"^\[cyclic\] (\d+) timers: (\d+) ns late at the least, (\d+) on average, "
                               r"(\d+) at the most\.$", STALL)
        print(f"{cpus} CPUs, {found.group(1)} timers: minimum {found.group(2)}, average {found.group(3)}, "
              f"maximum {found.group(4)} ns")
        demand(int(found.group(4)) <= BUSY * SLICE + SWITCH, "too late")
        session.type("\x01x")
        demand(session.end(STALL) == 0, "the exit status is not 0")

    play(command + ICOUNT, 2 * STALL, scene)


if __name__ == "__main__":
    main(*sys.argv[1:])
