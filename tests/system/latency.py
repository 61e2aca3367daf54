#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How late a guest's timer is, beside three busy vCPUs: latency.py RUN_SH BUILD KERNEL GIC CPUS

The guest waits, so it has been entitled to its slice for longer than the busy ones, and takes the CPU
of one of them at once. Only when it has used up a slice, of many short turns, it is behind all others
once, and waits for a slice of each (mini-host/sched.h). Under -icount shift=0,sleep=off, where an
instruction is a nanosecond.
"""

import subprocess
import sys

from overhead import ICOUNT
from session import demand, play

BUSY = 3
SLICE = 5_000_000  # nanoseconds: SLICES_A_SECOND of mini-host/cpu.c
SWITCH = 20_000  # from one vCPU to the other and into its interrupt handler: LATE of latency.c
OFTEN = 100  # one of so many may be later: the guest uses some 6,000 instructions each time
STALL = 900  # seconds: not slow, but stuck


def main(run_sh, build, kernel, gic, cpus):
    command = subprocess.run(
        [run_sh, "--build", build, "--kernel", kernel, "--gic", gic, "--cpus", cpus, "--memory", "64",
         "--dry-run", "--vm", "--name", "busy", "--vcpus", str(BUSY), "--append", "busy",
         "--vm", "--name", "cyclic", "--vcpus", "1", "--append", "measure"],
        check=True, text=True, stdout=subprocess.PIPE).stdout.splitlines()

    def scene(session):
        found = session.expect(r"^\[cyclic\] (\d+) timers: (\d+) ns late at the least, (\d+) on average, "
                               r"(\d+) at the most, (\d+) more than \d+\.$", STALL)
        print(f"{cpus} CPUs, {found.group(1)} timers: minimum {found.group(2)}, average {found.group(3)}, "
              f"maximum {found.group(4)} ns, {found.group(5)} late")
        demand(int(found.group(5)) * OFTEN <= int(found.group(1)), "too many are late")
        demand(int(found.group(4)) <= BUSY * SLICE + SWITCH, "one is too late")
        session.type("\x01x")
        demand(session.end(STALL) == 0, "the exit status is not 0")

    play(command + ICOUNT, 2 * STALL, scene)


if __name__ == "__main__":
    main(*sys.argv[1:])
