#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A guest resets beside a vCPU that always suspends: suspends.py RUN_SH BUILD KERNEL GIC

Its suspends power down, so that the library puts the vCPU itself. Wherever in that the reset finds
it, the host gives it up and starts the guest again.
"""

import sys

from session import demand, play

RESETS = 150  # as in suspends.c
STALL = 400  # seconds: not slow, but stuck


def main(run_sh, build, kernel, gic):
    def scene(session):
        demand(session.end(STALL) == 0, "the exit status is not 0")
        resets = session.seen.count("mini-host: vm1 resets\n")
        demand(resets == RESETS, f"it was reset {resets} times")

    play([run_sh, "--build", build, "--kernel", kernel, "--memory", "64", "--cpus", "2",
          "--vcpus", "2", "--gic", gic], STALL, scene)


if __name__ == "__main__":
    main(*sys.argv[1:])
