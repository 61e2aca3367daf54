#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A guest that tries everything, beside one that must not notice: hostile.py RUN_SH BUILD KERNEL GIC CPU SEED [WORD...]

Under -icount shift=0,sleep=off, where an instruction is a nanosecond and a run is the same each time
for one seed and one build. The witness has its memory and its slices of the CPU as if the other one
computed quietly, and the host says nothing of its own.
"""

import os
import re
import subprocess
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../system"))
# pylint: disable=wrong-import-position
from overhead import ICOUNT
from session import demand, machine, play

VCPUS = 3  # of the hostile guest, on one CPU
MILLISECONDS = 250  # of the witness
SLICE = 5_000_000  # nanoseconds: SLICES_A_SECOND of mini-host/cpu.c
PIECE = 24_000  # instructions with interrupts masked, at a vCPU's turn: of a start, at the most
ATTEMPTS = 100  # much less than there are
LINES = 200  # the host's about what the guest did
STALL = 900  # seconds: not slow, but stuck


def main(run_sh, build, kernel, gic, cpu, seed, *words):
    command = subprocess.run(
        [run_sh, "--build", build, "--kernel", kernel, "--gic", gic, "--cpus", "1", "--memory", "64",
         *machine(cpu), "--dry-run",
         "--vm", "--name", "witness", "--vcpus", "1", "--append", f"watch for={MILLISECONDS}",
         "--vm", "--name", "hostile", "--vcpus", str(VCPUS),
         "--append", " ".join((f"seed={seed} vcpus={VCPUS} round=40 rounds=1000", *words))],
        check=True, text=True, stdout=subprocess.PIPE).stdout.splitlines()

    def scene(session):
        found = session.expect(r"^\[witness\] the longest gap: (\d+) ns; (\d+) words are wrong\.$",
                               STALL)
        session.expect(r"^mini-host: witness powered off$", STALL)
        rounds = re.findall(r"^\[hostile\] round \d+: (\d+) attempts\.$", session.seen, re.MULTILINE)
        print(f"gap {found.group(1)} ns, {len(rounds)} rounds, {sum(map(int, rounds))} attempts")
        demand(found.group(2) == "0", "somebody wrote to the witness's memory")
        demand(int(found.group(1)) <= VCPUS * (SLICE + PIECE), "the witness waited too long")
        demand(sum(map(int, rounds)) >= ATTEMPTS, "there were hardly any attempts")
        demand(not re.search(r"^host: (?!VHE$)", session.seen, re.MULTILINE), "the host complains")
        demand(len(re.findall(r"^mini-host: hostile: ", session.seen, re.MULTILINE)) < LINES,
               "the host says too much")
        session.type("\x01x")
        demand(session.end(STALL) == 0, "the exit status is not 0")

    play(command + ICOUNT, 2 * STALL, scene)


if __name__ == "__main__":
    main(*sys.argv[1:])
