#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A guest that does nothing but reset takes turns as any other: turns.py RUN_SH BUILD KERNEL GIC

A start takes millions of instructions: all of the guest's memory is written or cleaned. Another
guest on the same CPU waits for a slice of it and not longer. Under -icount shift=0,sleep=off, where
an instruction is a nanosecond.
"""

import re
import subprocess
import sys

from overhead import ICOUNT
from session import demand, play

RESETS = 80  # as in turns.c
SLICE = 5_000_000  # nanoseconds: SLICES_A_SECOND of mini-host/cpu.c
PIECE = 10_000  # instructions between two looks at who else is ready (guest_start.h),
SWITCH = 6_000  # from one vCPU to the other and into its interrupt handler,
LONGEST = 24_000  # and with interrupts unmasked, in vcpu_vm_create
# The file of the second one is there by run.sh; but copying must not take longer from anywhere.
ODD = ("0x4a200000", "0x4a200001")
STALL = 400  # seconds: not slow, but stuck


def main(run_sh, build, kernel, gic):
    command = subprocess.run(
        [run_sh, "--build", build, "--kernel", kernel, "--cpus", "1", "--vcpus", "1", "--gic", gic,
         "--memory", "128", "--dry-run", "--vm", "--name", "witness", "--append", "watch",
         "--vm", "--name", "again", "--append", "reset"],
        check=True, text=True, stdout=subprocess.PIPE).stdout.replace(*ODD).splitlines()

    def scene(session):
        found = session.expect(
            r"^\[witness\] the longest gap: (\d+) ns; the latest tick: (\d+) ns\.$", STALL)
        before = session.seen[:session.at].count("mini-host: again resets\n")
        demand(session.end(STALL) == 0, "the exit status is not 0")
        resets = session.seen.count("mini-host: again resets\n")
        print(f"gap {found.group(1)} ns, tick {found.group(2)} ns late, {before} of {resets} resets")
        demand(resets == RESETS, f"it was reset {resets} times")
        gap, tick = map(int, found.groups())
        demand(gap > SLICE / 4, "there was nobody to wait for")
        demand(gap <= SLICE + PIECE + SWITCH, f"somebody waited for {gap} ns")
        demand(tick <= LONGEST + SWITCH, f"a timer was {tick} ns late, although its guest only waits")
        demand(10 <= before < resets, "the other one was not resetting all the time")
        pieces = re.findall(r"^\d+ pieces of work to start took \d+ ns each, and the longest (\d+) ns$",
                            session.seen, re.MULTILINE)
        print(f"longest pieces: {pieces} ns")
        demand(len(pieces) == 2 and all(int(piece) <= LONGEST for piece in pieces),
               f"a piece of a start takes {pieces} instructions")

    play(command + ICOUNT, 2 * STALL, scene)


if __name__ == "__main__":
    main(*sys.argv[1:])
