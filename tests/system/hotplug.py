#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Linux takes a CPU off and on again, over and over: hotplug.py RUN_SH BUILD GIC CPU ROUNDS

Nothing is typed meanwhile: an interrupt of the console's would get a CPU going again that waits for
an interrupt which was forgotten.
"""

import sys

from linux import CPU1, LIMITS, PROMPT, SECONDS, has_no_complaints, ready, shell
from session import demand, machine, play

STALL = 240  # seconds without a round: not slow, but stuck


def main(run_sh, build, gic, cpu, rounds):
    def scene(session):
        ready(session)
        session.type(f"for i in $(seq {rounds}); do echo 0 >{CPU1} && echo 1 >{CPU1} &&"
                     " echo round $((i * 2)); done\n")
        for number in range(1, int(rounds) + 1):
            session.expect(rf"^round {2 * number}$", STALL)
        session.expect(PROMPT, SECONDS)
        demand(shell(session, "nproc").strip() == "2", "CPU 1 is not on at the end")
        has_no_complaints(session)
        session.type("poweroff\n")
        demand(session.end(STALL) == 0, "the exit status is not 0")

    play([run_sh, "--build", build, "--cpus", "2", "--vcpus", "2", "--gic", gic, *machine(cpu),
          "--append", LIMITS], 3000, scene)


if __name__ == "__main__":
    main(*sys.argv[1:])
